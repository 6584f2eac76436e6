/** Composite alarms: the state their rule calls for, the reason AWS gives, and when their actions are suppressed. */
import type { Alarm, CompositeAlarm, Suppressed } from "./alarm.ts";
import type { StateValue } from "./evaluation.ts";
import { stamp } from "./reason.ts";
import { alarmsOf, holds, nameOf } from "./rule.ts";

export type Alarms = ReadonlyMap<string, Alarm>;

/** ALARM when the rule holds, else OK. A composite alarm is never INSUFFICIENT_DATA once it has been evaluated. */
export function compositeState(alarm: CompositeAlarm, alarms: Alarms): StateValue {
  return holds(alarm.rule, (name) => alarms.get(name)?.state.value) ? "ALARM" : "OK";
}

/** The reason and reason data of a transition that `child` caused; without a child, the alarm's creation. */
export function compositeReason(
  alarm: CompositeAlarm,
  alarms: Alarms,
  child: Alarm | undefined,
  value: StateValue,
): { readonly reason: string; readonly reasonData: string } {
  const children = child === undefined ? alarmsOf(alarm.rule).map((name) => alarms.get(name)) : [child];
  const triggeringAlarms = children
    .filter((known) => known !== undefined)
    .map(({ arn, state }) => ({
      arn,
      state: { value: state.value, timestamp: stamp(state.transitionedAt) },
    }));
  const reason =
    child === undefined
      ? `${alarm.arn} was created and its alarm rule evaluates to ${value}`
      : `${child.arn} transitioned to ${child.state.value} at ${longDate(child.state.transitionedAt)}`;
  return { reason, reasonData: JSON.stringify({ triggeringAlarms }) };
}

/**
 * Whether the alarm's actions are suppressed: by the suppressor in ALARM, while still waiting for it after the alarm
 * went off, or for an extension after it went out of ALARM, to whatever state. `speed` divides the two periods, as it
 * does all detection.
 */
export function suppression(
  alarm: Alarm,
  alarms: Alarms,
  now: number,
  speed: number,
): Suppressed | undefined {
  if (alarm.kind !== "composite") return undefined;
  const { ActionsSuppressor, ActionsSuppressorWaitPeriod, ActionsSuppressorExtensionPeriod } = alarm.input;
  if (ActionsSuppressor === undefined) return undefined;
  const suppressor = alarms.get(nameOf(ActionsSuppressor));
  const within = (since: number, seconds: number | undefined) =>
    now < since + ((seconds ?? 0) * 1000) / speed;
  if (suppressor?.state.value === "ALARM") {
    return { by: "Alarm", reason: `Actions suppressed by ${nameOf(ActionsSuppressor)}` };
  }
  if (alarm.state.value === "ALARM" && within(alarm.state.transitionedAt, ActionsSuppressorWaitPeriod)) {
    return { by: "WaitPeriod", reason: "Actions suppressed by WaitPeriod" };
  }
  const cleared = suppressor?.state.clearedAt;
  if (
    cleared !== undefined &&
    cleared > alarm.configuredAt &&
    within(cleared, ActionsSuppressorExtensionPeriod)
  ) {
    return { by: "ExtensionPeriod", reason: "Actions suppressed by ExtensionPeriod" };
  }
  return undefined;
}

/** `Friday 22 July, 2022 15:57:45 UTC` */
function longDate(at: number): string {
  const date = new Date(at);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(date);
  const day = `${part({ weekday: "long" })} ${part({ day: "2-digit" })} ${part({ month: "long" })}`;
  return `${day}, ${part({ year: "numeric" })} ${date.toISOString().slice(11, 19)} UTC`;
}
