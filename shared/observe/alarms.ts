/** The alarms that a group's configuration names, as CloudWatch has them now: never as an event told. */
import type { AlarmType, CompositeAlarm, LogAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { drillIn } from "../core/drill.ts";
import type { AlarmSeen } from "../core/model.ts";
import { caughtFailure, Failure, inShort } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

/** DescribeAlarms takes at most 100 names, and answers at most 100 alarms on a page. */
export const NAMES = 100;
const PAGES = 10;

export interface Alarms {
  /** By name; one that does not exist is absent. */
  readonly alarms: Readonly<Record<string, AlarmSeen>>;
  /** Why some could not be read. */
  readonly unread?: string;
}

/** Without types CloudWatch answers metric alarms alone. */
const ALL: readonly AlarmType[] = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];

/** The alarms of `names`, of these types; no names, no call. Throws only what is our own bug. */
export async function readAlarms(
  world: World,
  names: readonly string[],
  types: readonly AlarmType[] = ALL,
): Promise<Alarms> {
  const parts = await together(portions(names, NAMES).map((some) => readSome(world, some, types)));
  const unread = parts.find((part) => part.unread !== undefined)?.unread;
  const alarms = Object.assign({}, ...parts.map((part) => part.alarms));
  return unread === undefined ? { alarms } : { alarms, unread };
}

async function readSome(
  world: World,
  names: readonly string[],
  types: readonly AlarmType[],
): Promise<Alarms> {
  try {
    const wanted = new Set(names);
    const found = (await describe(world, names, types)).filter((alarm) => wanted.has(alarm.name));
    return { alarms: Object.fromEntries(found.map((alarm) => [alarm.name, alarm])) };
  } catch (caught) {
    const error = caughtFailure(caught);
    world.log("warn", "alarms could not be read", { names, error: error.message });
    return { alarms: {}, unread: inShort(error) };
  }
}

async function describe(
  world: World,
  names: readonly string[],
  types: readonly AlarmType[],
): Promise<AlarmSeen[]> {
  const found: AlarmSeen[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const command = new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: [...types],
      MaxRecords: NAMES,
      NextToken,
    });
    const answer = await ask(world, (options) => world.cloudwatch.send(command, options));
    found.push(...(answer.MetricAlarms ?? []).flatMap(metricAlarm));
    found.push(...(answer.CompositeAlarms ?? []).flatMap(compositeAlarm));
    found.push(...(answer.LogAlarms ?? []).flatMap(logAlarm));
    NextToken = answer.NextToken;
    if (NextToken === undefined || NextToken === "") return found;
  }
  throw new Failure("look-again", "TooManyPages", "read", `CloudWatch answered on more than ${PAGES} pages`);
}

function metricAlarm(alarm: MetricAlarm): AlarmSeen[] {
  return alarmOf(alarm, { suppressed: false, ...lookingAt(alarm) });
}

/** "Actions are suppressed by": the alarm's own suppressor is in ALARM, or in one of its waiting periods. */
function compositeAlarm(alarm: CompositeAlarm): AlarmSeen[] {
  const rule = alarm.AlarmRule === undefined ? {} : { rule: alarm.AlarmRule };
  return alarmOf(alarm, {
    suppressed: alarm.ActionsSuppressedBy !== undefined,
    onStatusChecks: false,
    ...rule,
  });
}

function logAlarm(alarm: LogAlarm): AlarmSeen[] {
  return alarmOf(alarm, { suppressed: false, onStatusChecks: false });
}

function alarmOf(
  alarm: MetricAlarm | CompositeAlarm | LogAlarm,
  traits: Pick<AlarmSeen, "suppressed" | "onStatusChecks" | "onApplicationCheck" | "rule">,
): AlarmSeen[] {
  const { AlarmName: name, StateValue: state } = alarm;
  const drill = drillIn(alarm.StateReason);
  if (name === undefined || state === undefined) return [];
  // The time of update also changes when only the reason does; without any time it is older than any arrival.
  const transitioned = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  const by = drill === undefined ? {} : { drill };
  const disabled = alarm.ActionsEnabled === false ? { actionsDisabled: true as const } : {};
  return [{ name, state, transitionedAt: transitioned?.getTime() ?? 0, ...disabled, ...traits, ...by }];
}

/** What it looks at, by one metric or by metric math all of whose metrics are EC2's checks of the one kind. */
function lookingAt(alarm: MetricAlarm): Pick<AlarmSeen, "onStatusChecks" | "onApplicationCheck"> {
  const ofMath = (alarm.Metrics ?? []).flatMap((query) => query.MetricStat?.Metric ?? []);
  const metrics = ofMath.length > 0 ? ofMath : [alarm];
  const names = metrics.map(({ Namespace, MetricName }) =>
    Namespace === "AWS/EC2" ? (MetricName ?? "") : "",
  );
  if (names.every((name) => name.startsWith(APPLICATION))) {
    return { onStatusChecks: false, onApplicationCheck: true };
  }
  const ofInstance = (name: string) => name.startsWith("StatusCheckFailed") && !name.startsWith(APPLICATION);
  return { onStatusChecks: names.every(ofInstance) };
}

const APPLICATION = "StatusCheckFailed_Application";
