/**
 * CloudWatch Alarm State Change: metric, metric-math and composite alarms.
 *
 * An alarm concerns every group that names it, by exact name. What it measures is not looked at: a composite alarm
 * measures nothing, and an alarm on another instance's metric is still this group's if the group says so. A muted or
 * suppressed alarm sends its event all the same, and is a trigger like any other: what it counts as is read anew.
 * Source: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import * as v from "valibot";
import { readInput } from "../bad-request.ts";
import { must } from "../check.ts";
import type { Config } from "../config.ts";
import { drillIn } from "../core/drill.ts";
import { type Concern, epoch, groupsInWords, ignored, type Reader, Timestamp } from "./trigger.ts";

const State = v.picklist(["OK", "ALARM", "INSUFFICIENT_DATA"]);

const AlarmEvent = v.object({
  detail: v.pipe(
    v.object({
      alarmName: v.pipe(
        v.string(),
        v.minLength(1),
        must("the name of an alarm", { example: "nat-a-no-traffic" }),
      ),
      state: v.pipe(
        v.object({
          value: State,
          reason: v.exactOptional(v.string()),
          timestamp: v.exactOptional(Timestamp),
          actionsSuppressedBy: v.exactOptional(v.string()),
        }),
        must("the state of the alarm", { example: { value: "ALARM" } }),
      ),
      muteDetail: v.exactOptional(v.unknown()),
    }),
    must("the detail of an alarm", { remedy: "give the event as EventBridge sends it" }),
  ),
});

/** Reads a change of an alarm's state. Only ALARM is a reason to look: the sweep sees what has ended. */
export const alarmChange: Reader = (event, envelope, config) => {
  const { detail } = readInput(AlarmEvent, event, "not an alarm state change");
  const { alarmName, state } = detail;
  const at = state.timestamp === undefined ? envelope.at : epoch(state.timestamp);
  const concerns = concernsOfAlarm(alarmName, config);
  const changed = `alarm ${alarmName} is in ${state.value}`;
  if (concerns.length === 0) return ignored({ ...envelope, at }, alarmName, `${changed}; no group names it`);
  if (state.value !== "ALARM") {
    return ignored(
      { ...envelope, at },
      alarmName,
      `${changed}: nothing to look at in ${groupsInWords(concerns)}`,
    );
  }
  const muted = detail.muteDetail === undefined ? "" : " (muted)";
  const suppressed = state.actionsSuppressedBy === undefined ? "" : " (its actions are suppressed)";
  const drill = drillIn(state.reason);
  const rehearsed = drill === undefined ? "" : ` (set by drill ${drill})`;
  const message = `${changed}${muted}${suppressed}${rehearsed}: looking at ${groupsInWords(concerns)}`;
  const trigger = { id: envelope.id, kind: "alarm", at, subject: alarmName, message, concerns } as const;
  return drill === undefined ? trigger : { ...trigger, drill };
};

function concernsOfAlarm(name: string, config: Config): readonly Concern[] {
  return Object.values(config.groups).flatMap((group) => [
    ...(group.alarms.includes(name) ? [{ group: group.name }] : []),
    ...group.members
      .filter((member) => member.alarms.includes(name) || member.statusAlarm === name)
      .map((member) => ({ group: group.name, member: member.name })),
  ]);
}
