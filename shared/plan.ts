/** A plan: what a move would do, and proof that it may. */
import type { Situation } from "./core/decide.ts";
import type { Decision, Hold } from "./core/model.ts";
import type { Permission } from "./core/permission.ts";
import { plannedSteps } from "./core/plan.ts";
import type { MoveStep } from "./core/steps.ts";
import { together } from "./observe/together.ts";
import { attachPermission, detachPermission, fencePermissions, keepPermission } from "./permissions.ts";
import { planIdOf } from "./plan/id.ts";
import type { World } from "./world.ts";

export interface Plan {
  /** Carries out this very plan: the input `planId` of `failover`. Only of a move that would be a new one. */
  readonly planId?: string;
  readonly steps: readonly PlannedStep[];
  readonly permissions: readonly Permission[];
}

/** One call of EC2, with what it is about. */
export interface PlannedStep {
  readonly call: "DetachNetworkInterface" | "AttachNetworkInterface";
  readonly interface: string;
  readonly attachmentId?: string;
  readonly instance?: string;
  readonly deviceIndex?: number;
  readonly force?: boolean;
}

/** The plan of a decision to move. Asks EC2 nothing but dry runs. */
export async function planOf(
  situation: Situation,
  decision: Exclude<Decision, Hold>,
  world: World,
): Promise<Plan> {
  const steps = plannedSteps(situation, decision);
  const [ofSteps, others] = await together([
    together(steps.map((step) => permissionOf(step, world))),
    otherPermissions(situation, decision, world),
  ]);
  return {
    ...(decision.kind === "move" ? { planId: planIdOf(situation, decision) } : {}),
    steps: steps.map(inCalls),
    permissions: [...ofSteps, ...others],
  };
}

function inCalls(step: MoveStep): PlannedStep {
  if (step.do === "detach") {
    const { attachmentId, force } = step;
    return { call: "DetachNetworkInterface", interface: step.eni, attachmentId, force };
  }
  const { instance, deviceIndex } = step;
  return { call: "AttachNetworkInterface", interface: step.eni, instance, deviceIndex };
}

async function permissionOf(step: MoveStep, world: World): Promise<Permission> {
  return step.do === "detach"
    ? await detachPermission(world, step.attachmentId)
    : await attachPermission(world, step);
}

/** The calls that a move may need beside its steps: upkeep of what is attached, and the fence. */
async function otherPermissions(
  { group, observation }: Situation,
  decision: Exclude<Decision, Hold>,
  world: World,
): Promise<readonly Permission[]> {
  const from = decision.kind === "move" ? decision.from : decision.intent.from;
  const upkeep = group.interfaces.flatMap(({ eni }) => {
    const seen = observation.interfaces[eni];
    if (seen === undefined || !("attachmentId" in seen)) return [];
    return [keepPermission(world, eni, seen.attachmentId)];
  });
  const fenced = group.members.filter(({ name }) => name === from);
  const [kept, fences] = await together([
    together(upkeep),
    together(fenced.map((member) => fencePermissions(world, group, member))),
  ]);
  return [...kept, ...fences.flat()];
}
