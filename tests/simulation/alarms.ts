/** The alarms of a run: on the instances' checks, on something of the user's, and composite; some are muted, or suppressed. */
import type { CloudWatch } from "../../local/cloudwatch/cloudwatch.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import { childOf, compositesOf, putComposite, suppressorOf } from "./suppression.ts";

const MINUTE = 60_000;

/** One datapoint over zero is enough, or two minutes of it. */
const ABOVE_ZERO = { Statistic: "Maximum", Threshold: 0, ComparisonOperator: "GreaterThanThreshold" };

export class Alarms {
  readonly #cloudwatch: CloudWatch;
  /** Composite alarms: each has a suppressor. */
  readonly composites = new Set<string>();
  /** Alarms that were muted, and until when. */
  readonly #mutes: { readonly alarm: string; readonly until: number }[] = [];
  #suppressed = "";
  #suppressions = 0;

  constructor(cloudwatch: CloudWatch) {
    this.#cloudwatch = cloudwatch;
  }

  /** Puts the alarms that are a member's own. */
  addMember({ instance, alarms, statusAlarm }: Member, now: number): void {
    if (statusAlarm !== undefined) this.#putStatusAlarm(statusAlarm, instance, now);
    for (const name of alarms) this.#putCustomAlarm(name, now);
  }

  /** Puts the alarms of a whole group; `drawn`: they may be composite. */
  addGroup(group: Group, drawn: boolean, now: number): void {
    const composites = drawn ? compositesOf(group) : [];
    for (const name of group.alarms) {
      if (composites.includes(name)) this.#putComposite(name, now);
      else this.#putCustomAlarm(name, now);
    }
  }

  #putStatusAlarm(AlarmName: string, instance: string, now: number): void {
    const measured = {
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed",
      Dimensions: [{ Name: "InstanceId", Value: instance }],
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
    };
    this.#cloudwatch.call("PutMetricAlarm", { AlarmName, ...measured, ...ABOVE_ZERO }, now);
  }

  /** An alarm on something of the user's: it follows what `report` says, and what it does not hear it ignores. */
  #putCustomAlarm(AlarmName: string, now: number): void {
    const measured = { Namespace: "App", MetricName: AlarmName, Period: 10, EvaluationPeriods: 1 };
    const missing = { TreatMissingData: "ignore" };
    this.#cloudwatch.call("PutMetricAlarm", { AlarmName, ...measured, ...ABOVE_ZERO, ...missing }, now);
    this.report(AlarmName, 0, now);
  }

  #putComposite(name: string, now: number): void {
    this.composites.add(name);
    this.#putCustomAlarm(childOf(name), now);
    this.#putCustomAlarm(suppressorOf(name), now);
    putComposite(this.#cloudwatch, name, now);
  }

  /** The user's own metric behind a custom alarm, or behind what a composite one is made of: 0 is well. */
  report(alarm: string, value: number, now: number): void {
    const MetricName = this.composites.has(alarm) ? childOf(alarm) : alarm;
    const MetricData = [{ MetricName, Value: value, Timestamp: new Date(now) }];
    this.#cloudwatch.call("PutMetricData", { Namespace: "App", MetricData }, now);
  }

  /** In ALARM by a drill, and not because anything failed. */
  isDrilled(alarm: string): boolean {
    const set = this.#cloudwatch.cameToStateTruth(alarm)?.reason.startsWith("Drill ") === true;
    return set && this.#cloudwatch.stateTruth(alarm) === "ALARM";
  }

  /** Mutes an alarm from the whole minute on, for so many. */
  mute(alarm: string, minutes: number, now: number): void {
    const start = Math.floor(now / MINUTE) * MINUTE;
    this.#mutes.push({ alarm, until: start + minutes * MINUTE });
    const Expression = `at(${new Date(start).toISOString().slice(0, 16)})`;
    const Schedule = { Expression, Duration: `PT${minutes}M` };
    const named = { Name: `mute-${this.#mutes.length}`, MuteTargets: { AlarmNames: [alarm] } };
    this.#cloudwatch.call("PutAlarmMuteRule", { ...named, Rule: { Schedule } }, now);
  }

  isMuted(alarm: string, now: number): boolean {
    return this.#mutes.some((mute) => mute.alarm === alarm && now < mute.until);
  }

  /** What a look reads of the alarm says that its actions are suppressed. */
  isSuppressed(alarm: string, now: number): boolean {
    return this.composites.has(alarm) && this.#cloudwatch.isSuppressedTruth(alarm, now);
  }

  /** Grows whenever an alarm changes its state, is muted or suppressed, or ceases to be. */
  changes(now: number): number {
    const mutes = this.#mutes.length + this.#mutes.filter(({ until }) => until <= now).length;
    const suppressed = [...this.composites].filter((name) => this.isSuppressed(name, now)).join();
    if (suppressed !== this.#suppressed) this.#suppressions += 1;
    this.#suppressed = suppressed;
    return this.#cloudwatch.transitions + mutes + this.#suppressions;
  }
}
