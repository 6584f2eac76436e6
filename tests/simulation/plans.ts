/** Plans: an operator asks what a failover would do, which does nothing, and a while later has that very plan carried out. */
import { between } from "../../local/random.ts";
import type { Config } from "../../shared/config.ts";
import type { Group } from "../../shared/core/model.ts";
import type { Report } from "../../shared/report.ts";
import type { Invoke } from "./doings.ts";
import { failover } from "./orders.ts";
import type { Scheduler } from "./scheduler.ts";
import type { OnCall, OnClaim, OnWrite } from "./seen.ts";
import { pick, streamOf } from "./swarm.ts";

export interface Planning {
  readonly kind: "plan";
  readonly group: string;
  readonly to?: string;
  readonly force: boolean;
  /** So long after the plan was made it is carried out. */
  readonly seconds: number;
}

const PLAN = "failover plan";
const AS_PLANNED = "failover as planned";

/** For one group in five; most often a while passes, in which the world may change. */
export function drawPlans(group: Group, safetyMs: number): { after: number; mishap: Planning }[] {
  const random = streamOf({ plans: group, safetyMs });
  if (random() < 4 / 5) return [];
  const after = Math.round(random() * 0.8 * safetyMs);
  const to = random() < 0.5 ? { to: pick(random, group.members).name } : {};
  const seconds = random() < 0.3 ? between(random, 1, 10) : between(random, 20, 180);
  return [{ after, mishap: { kind: "plan", group: group.name, force: random() < 0.2, seconds, ...to } }];
}

/** Makes the plan, and has it carried out if there is one. */
export function makePlan(
  { kind: _, seconds, ...asked }: Planning,
  parts: { config: Config; scheduler: Scheduler; invoke: Invoke },
): void {
  const { scheduler, invoke } = parts;
  invoke(PLAN, async (world, tell) => {
    const report = await failover({ ...asked, plan: true }, parts.config, world);
    tell(report);
    const planId = report.plan?.planId;
    if (planId === undefined) return;
    scheduler.after(seconds * 1000, () => {
      invoke(`${AS_PLANNED} ${JSON.stringify(promisedBy(report))}`, async (later, tellLater) => {
        tellLater(await failover({ group: asked.group, planId }, parts.config, later));
      });
    });
  });
}

interface Promised {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The attachments that are to be detached. */
  readonly detaches: readonly (string | undefined)[];
}

function promisedBy({ from, to, plan }: Report): Promised {
  const detaches = plan?.steps.filter(({ call }) => call === "DetachNetworkInterface") ?? [];
  return { from, to, detaches: detaches.map(({ attachmentId }) => attachmentId) };
}

export const plansDoNothing: OnCall = (_, __, { started }) => started !== PLAN;

export const plansWriteNothing: OnWrite = (_, __, { started }) => started !== PLAN;

/** From whom, to whom, and by which attachments: as the operator has read it, or not at all. */
export const plansAreKept: OnClaim = ({ intent }, _, { started }) => {
  if (!started.startsWith(AS_PLANNED)) return true;
  const { from, to, detaches }: Promised = JSON.parse(started.slice(AS_PLANNED.length));
  const sources = Object.values(intent.sources);
  const named = detaches.every((id) => id !== undefined && sources.includes(id));
  return intent.from === from && intent.to === to && named;
};
