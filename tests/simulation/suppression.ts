/**
 * Alarms with a suppressor, as composite alarms may have: while that is in ALARM, as during somebody's maintenance, they
 * are no evidence, nor while it is waited for, nor for a while after it.
 */
import type { CloudWatch } from "../../local/cloudwatch/cloudwatch.ts";
import { between } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { pick, streamOf } from "./swarm.ts";

export interface Suppression {
  readonly kind: "suppress";
  readonly alarm: string;
  readonly on: boolean;
}

/** The alarms of one group in three that has any are composite. */
export function compositesOf(group: Group): readonly string[] {
  return streamOf({ composite: group })() < 1 / 3 ? group.alarms : [];
}

/** The metric alarm that a composite one is made of. */
export function childOf(alarm: string): string {
  return `${alarm}-itself`;
}

export function suppressorOf(alarm: string): string {
  return `${alarm}-quiet`;
}

/** Puts the composite alarm; what it is made of, and its suppressor, are there already. */
export function putComposite(cloudwatch: CloudWatch, AlarmName: string, now: number): void {
  const random = streamOf({ suppressed: AlarmName });
  cloudwatch.call(
    "PutCompositeAlarm",
    {
      AlarmName,
      AlarmRule: `ALARM("${childOf(AlarmName)}")`,
      ActionsSuppressor: suppressorOf(AlarmName),
      ActionsSuppressorWaitPeriod: between(random, 0, 20),
      ActionsSuppressorExtensionPeriod: between(random, 0, 40),
    },
    now,
  );
}

/** Once in most runs that have such an alarm. */
export function drawSuppressions(group: Group, safetyMs: number): { after: number; mishap: Suppression }[] {
  const composites = compositesOf(group);
  const random = streamOf({ suppressions: group, safetyMs });
  if (composites.length === 0 || random() < 0.3) return [];
  const alarm = pick(random, composites);
  const after = Math.round(random() * 0.7 * safetyMs);
  const until = after + between(random, 30, 300) * 1_000;
  return [
    { after, mishap: { kind: "suppress", alarm, on: true } },
    { after: until, mishap: { kind: "suppress", alarm, on: false } },
  ];
}
