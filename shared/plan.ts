/** A plan: what a move would do, and proof that it may. */
import type { Situation } from "./core/decide.ts";
import type { Decision, Hold } from "./core/model.ts";
import { plannedSteps } from "./core/plan.ts";
import type { MoveStep } from "./core/steps.ts";
import { type Failure, isPermission } from "./errors.ts";
import { mayAttach, mayDetach, mayKeepOnTermination, mayStop } from "./execute.ts";
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

/** What EC2's own DryRun says of one call. */
export interface Permission {
  readonly call: string;
  readonly on: string;
  /**
   * `unproven`: EC2 answered with something that is neither yes nor a refusal of permission. An attach is, while the
   * interface is in use: EC2 does not document whether it looks at that or at the permission first.
   */
  readonly verdict: "allowed" | "denied" | "unproven";
  /** EC2's code, where the verdict is not `allowed`. */
  readonly code?: string;
}

/** The plan of a decision to move. Asks EC2 nothing but dry runs. */
export async function planOf(
  situation: Situation,
  decision: Exclude<Decision, Hold>,
  world: World,
): Promise<Plan> {
  const steps = plannedSteps(situation, decision);
  const permissions = await Promise.all([
    ...steps.map((step) => permissionOf(step, world)),
    ...otherPermissions(situation, decision, world),
  ]);
  return {
    ...(decision.kind === "move" ? { planId: planIdOf(situation, decision) } : {}),
    steps: steps.map(inCalls),
    permissions,
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
  if (step.do === "detach") {
    return verdictOf("DetachNetworkInterface", step.attachmentId, await mayDetach(world, step.attachmentId));
  }
  const on = `${step.eni} to ${step.instance}`;
  return verdictOf("AttachNetworkInterface", on, await mayAttach(world, step));
}

/** The calls that a move may need beside its steps: upkeep of what is attached, and the fence. */
function otherPermissions(
  { group, observation }: Situation,
  decision: Exclude<Decision, Hold>,
  world: World,
): readonly Promise<Permission>[] {
  const from = decision.kind === "move" ? decision.from : decision.intent.from;
  const upkeep = group.interfaces.flatMap(({ eni }) => {
    const seen = observation.interfaces[eni];
    if (seen === undefined || !("attachmentId" in seen)) return [];
    return [
      mayKeepOnTermination(world, eni, seen.attachmentId).then((answer) =>
        verdictOf("ModifyNetworkInterfaceAttribute", eni, answer),
      ),
    ];
  });
  const fenced = group.policy.fence.kind === "stop" ? group.members.filter(({ name }) => name === from) : [];
  const stops = fenced.map(async ({ instance }) =>
    verdictOf("StopInstances", instance, await mayStop(world, instance)),
  );
  return [...upkeep, ...stops];
}

function verdictOf(call: string, on: string, answer: "allowed" | Failure): Permission {
  if (answer === "allowed") return { call, on, verdict: "allowed" };
  return { call, on, verdict: isPermission(answer.code) ? "denied" : "unproven", code: answer.code };
}
