/**
 * A drill: sets a real alarm and follows the real path. It writes itself into the record first, and then only watches:
 * the alarm's event starts a look, as after a failure, and that look moves the group.
 */
import type { Config } from "./config.ts";
import { drillReason } from "./core/drill.ts";
import type { Drill } from "./core/model.ts";
import { giveBack, setAlarm } from "./drill/alarm.ts";
import type { Back, SwitchBack } from "./drill/back.ts";
import { begin, foresee } from "./drill/begin.ts";
import { ending, giveUp } from "./drill/ending.ts";
import { drillReport } from "./drill/report.ts";
import { caughtFailure } from "./errors.ts";
import { observeInterfaces } from "./observe.ts";
import { type Answer, answerOf, Refused, type Report } from "./report.ts";
import type { DrillRequest } from "./requests/drill.ts";
import type { World } from "./world.ts";

export interface DrillTools {
  /** Asks `failover`; throws `Failure` where that can't be asked, or does not answer. */
  readonly back: (input: SwitchBack) => Promise<Back>;
  readonly tell: (report: Report) => void;
}

/**
 * Begins a drill, waits for its end, and answers its report; with `plan`, what it would do. Throws `Refused` where it may
 * not begin, and where it ends otherwise than with the move; `Failure` where the table or CloudWatch does not answer.
 */
export async function drill(
  asked: DrillRequest,
  config: Config,
  world: World,
  tools: DrillTools,
): Promise<Answer> {
  if (asked.plan) return await foresee(asked, config, world);
  try {
    const ended = await rehearse(asked, config, world);
    const report = drillReport(asked.group, ended, await observeInterfaces(world, asked.group));
    if (report.outcome !== "moved" && report.outcome !== "in-progress") throw new Refused(report);
    // The look that moved the group has told of it.
    world.log("info", report.message, { drill: report });
    return await withWayBack(asked, ended, answerOf(report), tools);
  } catch (error) {
    if (error instanceof Refused) tools.tell(error.report);
    throw error;
  }
}

/** The drill from its beginning to its end. */
async function rehearse(asked: DrillRequest, config: Config, world: World): Promise<Drill> {
  const { group } = asked;
  const begun = await begin(asked, config, world);
  try {
    await setAlarm(world, begun.alarm, "ALARM", drillReason(group.name, begun)).catch(async (caught) => {
      await giveUp(group, config, begun, world, caughtFailure(caught).message);
      throw caught;
    });
    return await ending(group, config, begun, world);
  } finally {
    // Also where nobody knows whether it was set.
    await giveBack(world, begun);
  }
}

/** What the way back came to stands beside what the drill has shown: that stays true whatever becomes of it. */
async function withWayBack(
  { group, andBack, by }: DrillRequest,
  { from, end }: Drill,
  answer: Answer,
  { back }: DrillTools,
): Promise<Answer & { readonly back?: Back }> {
  if (!andBack || end?.outcome !== "moved") return answer;
  try {
    return { ...answer, back: await back({ group: group.name, to: from, by, reason: "back after a drill" }) };
  } catch (caught) {
    const { name, message } = caughtFailure(caught);
    const what = `${message}. Whether the group was switched back, status tells.`;
    return { ...answer, back: { errorType: name, errorMessage: what } };
  }
}
