/**
 * Which alarms are muted now. DescribeAlarms does not say: only the mute rules do, and they are read only before a
 * move that may rest on an alarm.
 */
import { ListAlarmMuteRulesCommand } from "@aws-sdk/client-cloudwatch";
import type { NotRead } from "../core/examined.ts";
import type { AlarmSeen } from "../core/model.ts";
import { caughtFailure, inShort } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { together } from "./together.ts";

const PAGES = 3;

/**
 * The same alarms, with `muted` said of those asked for: those in ALARM, unless others are. Where the rules could not be
 * read it is not said, and the alarm counts: a mute that can't be seen must not hold a failover up. Throws only what is
 * our own bug.
 */
export async function withMutes(
  world: World,
  alarms: Readonly<Record<string, AlarmSeen>>,
  asked: (alarm: AlarmSeen) => boolean = ({ state }) => state === "ALARM",
): Promise<Record<string, AlarmSeen>> {
  const told = await together(
    Object.values(alarms).map(async (alarm): Promise<AlarmSeen> => {
      if (!asked(alarm) || alarm.suppressed) return alarm;
      const rules = await readMutes(world, alarm.name);
      return "unread" in rules ? alarm : { ...alarm, muted: rules.length > 0 };
    }),
  );
  return Object.fromEntries(told.map((alarm) => [alarm.name, alarm]));
}

/** The names of the rules that mute an alarm now. Throws only what is our own bug. */
export async function readMutes(world: World, name: string): Promise<readonly string[] | NotRead> {
  const active: string[] = [];
  try {
    let NextToken: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const command = new ListAlarmMuteRulesCommand({ AlarmName: name, Statuses: ["ACTIVE"], NextToken });
      const answer = await ask(world, (options) => world.cloudwatch.send(command, options));
      const rules = (answer.AlarmMuteRuleSummaries ?? []).filter((rule) => rule.Status === "ACTIVE");
      active.push(
        ...rules.map((rule) => rule.AlarmMuteRuleArn?.split(":").at(-1) ?? "a rule without a name"),
      );
      NextToken = answer.NextToken;
      if (active.length > 0 || NextToken === undefined || NextToken === "") return active;
    }
    return { unread: `CloudWatch answered on more than ${PAGES} pages` };
  } catch (caught) {
    const error = caughtFailure(caught);
    world.log("warn", "mute rules could not be read", { alarm: name, error: error.message });
    return { unread: inShort(error) };
  }
}
