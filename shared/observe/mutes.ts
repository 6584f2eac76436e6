/**
 * Which alarms are muted now. DescribeAlarms does not say: only the mute rules do, and they are read only before a
 * move that may rest on an alarm.
 */
import { ListAlarmMuteRulesCommand } from "@aws-sdk/client-cloudwatch";
import type { AlarmSeen } from "../core/model.ts";
import { caughtFailure } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { together } from "./together.ts";

const PAGES = 3;

/**
 * The same alarms, with `muted` said of those in ALARM. Where the rules could not be read it is not said, and the
 * alarm counts: a mute that can't be seen must not hold a failover up. Throws only what is our own bug.
 */
export async function withMutes(
  world: World,
  alarms: Readonly<Record<string, AlarmSeen>>,
): Promise<Record<string, AlarmSeen>> {
  const told = await together(
    Object.values(alarms).map(async (alarm): Promise<AlarmSeen> => {
      if (alarm.state !== "ALARM" || alarm.suppressed) return alarm;
      const muted = await isMuted(world, alarm.name);
      return muted === undefined ? alarm : { ...alarm, muted };
    }),
  );
  return Object.fromEntries(told.map((alarm) => [alarm.name, alarm]));
}

async function isMuted(world: World, name: string): Promise<boolean | undefined> {
  try {
    let NextToken: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const command = new ListAlarmMuteRulesCommand({ AlarmName: name, Statuses: ["ACTIVE"], NextToken });
      const answer = await ask(world, (options) => world.cloudwatch.send(command, options));
      if ((answer.AlarmMuteRuleSummaries ?? []).some((rule) => rule.Status === "ACTIVE")) return true;
      NextToken = answer.NextToken;
      if (NextToken === undefined || NextToken === "") return false;
    }
    return undefined;
  } catch (caught) {
    const error = caughtFailure(caught);
    world.log("warn", "mute rules could not be read", { alarm: name, error: error.message });
    return undefined;
  }
}
