/** From one event to a look at every group that it concerns. */
import type { Config } from "./config.ts";
import { announceLeaving } from "./leaving.ts";
import { worldFor } from "./observe/merged.ts";
import { reconcile } from "./reconcile.ts";
import type { Answer, Report } from "./report.ts";
import { answerOf } from "./report.ts";
import { surgeRule } from "./surge.ts";
import { throwAll } from "./sweep.ts";
import type { Trigger } from "./triggers.ts";
import { parseEvent } from "./triggers.ts";
import { hearVerdicts } from "./verdicts.ts";
import type { World } from "./world.ts";

export interface Handled {
  readonly event: string;
  readonly kind: Trigger["kind"];
  /** What the event was, or why it concerns nobody. */
  readonly message: string;
  readonly reports: readonly Answer[];
}

/** Looks at the groups that an event concerns, side by side. Throws when a look failed, so that Lambda tries again. */
export async function onHealthEvent(
  event: unknown,
  config: Config,
  world: World,
  tell: (report: Report, trigger: string) => void,
): Promise<Handled> {
  const trigger = parseEvent(event, config);
  const { id, kind, message } = trigger;
  world.log("info", message, { event: id, kind, subject: trigger.subject });
  if (trigger.verdicts !== undefined) {
    const heard = await hearVerdicts(trigger.verdicts, config, world, (report) => tell(report, id));
    return { event: id, kind, message, reports: heard };
  }
  const errors: unknown[] = [];
  const surge = surgeRule(config);
  const reading = worldFor(trigger.concerns.length, world);
  const looks = trigger.concerns.map(async ({ group: name, member }) => {
    const group = config.groups[name];
    if (group === undefined) return [];
    try {
      const { leaving, drill } = trigger;
      if (leaving !== undefined && member !== undefined) {
        await announceLeaving(world, name, member, { why: leaving.why, at: leaving.at });
      }
      const look = { trigger: id, historyDays: config.historyDays, surge, drill, moveLikely: true };
      const report = await reconcile(group, look, reading);
      tell(report, id);
      return [answerOf(report)];
    } catch (error) {
      world.log("error", "a look failed", { group: name, error });
      errors.push(error);
      return [];
    }
  });
  const reports = (await Promise.all(looks)).flat();
  throwAll(errors, looks.length);
  return { event: id, kind, message, reports };
}
