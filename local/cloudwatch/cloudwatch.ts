/**
 * The embedded cloud's CloudWatch. Time is an argument of everything: `evaluate(now)` applies what is due and
 * `drainEvents()` hands over what came of it.
 *
 * `speed` makes *detection* faster than wall time: all periods are divided by it. Timestamps stay wall time, and what
 * is said (the period in a reason, say) stays as configured.
 */
import type * as Sdk from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import type { Journal } from "../journal.ts";
import { uuid } from "../random.ts";
import type { Access, Place, Service } from "../service.ts";
import { type Alarm, compositeAlarm, type MetricAlarm, metricAlarm } from "./alarm.ts";
import { binsOf } from "./bins.ts";
import { Board } from "./board.ts";
import { describeAlarms, describeHistory, describeMuteRule, listMuteRules } from "./describe.ts";
import { judge, type StateValue } from "./evaluation.ts";
import type { AlarmEvent } from "./events.ts";
import { type Datapoint, type MetricName, Metrics, type Sample, sampleOf } from "./metrics.ts";
import { muteRule } from "./mute.ts";
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from "./readings.ts";
import { reasonDataFor, reasonFor } from "./reason.ts";
import { saidState } from "./set-state.ts";

export interface CloudWatchOptions extends Place {
  readonly journal?: Journal;
  /** Detection runs this many times faster than wall time; 1 is real. */
  readonly speed?: number;
  /** What AWS services publish: asked once a (sped-up) minute, for the minute that has just ended. */
  readonly sources?: (now: number) => readonly Datapoint[];
}

/** What an operation is given beside its input. */
interface Call {
  readonly now: number;
  /** The journal entry of the call. */
  readonly cause: string | undefined;
}

const TICK = 10_000;
const TICKS_A_MINUTE = 6;
/** After a long pause (a laptop that slept) no more than an hour is caught up on. */
const CATCH_UP = 360;

export class CloudWatch implements Service {
  readonly #board: Board;
  readonly #metrics = new Metrics();
  readonly #options: CloudWatchOptions;
  readonly #speed: number;
  /** The ten-second tick (divided by speed) that was applied last. */
  #tick: number | undefined;

  constructor(options: CloudWatchOptions) {
    this.#options = options;
    this.#speed = options.speed ?? 1;
    this.#board = new Board(options.journal, this.#speed);
  }

  /** `cause` is the journal entry of the call that came over the wire, where there is one. */
  call(operation: string, input: unknown, now: number, cause?: string): unknown {
    const operations: Readonly<Record<string, (input: never, call: Call) => unknown>> = this.#operations;
    if (!Object.hasOwn(operations, operation)) {
      throw new AwsError("InvalidAction", `Could not find operation ${operation} for version 2010-08-01`);
    }
    return operations[operation]?.((input ?? {}) as never, { now, cause }) ?? {};
  }

  access(operation: string, input: unknown): readonly Access[] {
    const { AlarmName, AlarmNames, AlarmTypes, Namespace } = (input ?? {}) as Readonly<
      Partial<
        Record<"AlarmName" | "Namespace", string> & Record<"AlarmNames" | "AlarmTypes", readonly string[]>
      >
    >;
    const ask = (resource: string, keys: Access["keys"] = {}) => ({
      action: `cloudwatch:${operation}`,
      resource,
      keys,
    });
    if (operation === "PutMetricData") return [ask("*", { "cloudwatch:namespace": [Namespace ?? ""] })];
    if (operation === "DescribeAlarms") {
      // "Composite alarms are only returned if the permission is on *": CloudWatch's API reference.
      if (AlarmTypes?.includes("CompositeAlarm")) return [ask("*")];
      return (AlarmNames === undefined || AlarmNames.length === 0 ? ["*"] : AlarmNames).map((name) =>
        ask(this.#arn(name)),
      );
    }
    const names = AlarmName === undefined ? (AlarmNames ?? []) : [AlarmName];
    return names.length === 0 ? [ask("*")] : names.map((name) => ask(this.#arn(name)));
  }

  /** Applies every tick that has come due since the last call: sources are read, alarms are evaluated. */
  evaluate(now: number): void {
    const length = TICK / this.#speed;
    const current = Math.floor(now / length);
    const last = Math.max(this.#tick ?? current, current - CATCH_UP);
    this.#tick = current;
    for (let tick = last + 1; tick <= current; tick += 1) {
      const wholeMinute = tick % TICKS_A_MINUTE === 0;
      if (wholeMinute) this.#readSources(tick * length);
      for (const alarm of this.#board.alarms.values()) {
        if (alarm.kind === "metric" && (wholeMinute || alarm.period < 60))
          this.#evaluateAlarm(alarm, tick * length);
      }
    }
  }

  /** The state an alarm is in, for those who check the model's users; undefined when there is no such alarm. */
  stateTruth(name: string): StateValue | undefined {
    return this.#board.alarms.get(name)?.state.value;
  }

  /** Why it is in that state, and since when. */
  cameToStateTruth(name: string): { readonly reason: string; readonly transitionedAt: number } | undefined {
    return this.#board.alarms.get(name)?.state;
  }

  /** Whether its actions are suppressed now. */
  isSuppressedTruth(name: string, now: number): boolean {
    const alarm = this.#board.alarms.get(name);
    return alarm !== undefined && this.#board.suppressed(alarm, now) !== undefined;
  }

  /** Grows whenever an alarm comes, goes or changes its state. */
  get transitions(): number {
    return this.#board.transitions;
  }

  /** Keeps what has been measured, by whatever service. */
  measure(measured: readonly (readonly [MetricName, Sample])[]): void {
    for (const [metric, sample] of measured) this.#metrics.add(metric, sample);
  }

  /** The events since the last drain, in order. */
  drainEvents(): AlarmEvent[] {
    return this.#board.drainEvents();
  }

  #readSources(at: number): void {
    const started = at - (TICK * TICKS_A_MINUTE) / this.#speed;
    for (const datapoint of this.#options.sources?.(at) ?? []) {
      this.#metrics.add(datapoint, sampleOf(datapoint.value, started, datapoint.cause, "Count"));
    }
  }

  #evaluateAlarm(alarm: MetricAlarm, at: number): void {
    const bins = binsOf(alarm, this.#metrics, at, this.#speed);
    if (bins.length === 0) return;
    const before = alarm.state.value;
    const verdict = judge(alarm.rule, bins, before);
    if (verdict.state === before) return;
    const newest = verdict.judged.at(-1);
    const metric = alarm.queries.find((query) => query.metric !== undefined)?.metric;
    const cause =
      newest === undefined
        ? undefined
        : this.#options.journal?.add({
            kind: "metric",
            cause: newest.cause,
            at,
            subject: metric?.name.name ?? alarm.name,
            detail: { ...metric?.name, value: newest.value, timestamp: newest.start, alarm: alarm.name },
          });
    const statistic = alarm.queries.length === 1 && metric !== undefined ? { statistic: metric.stat } : {};
    this.#board.change(alarm, {
      value: verdict.state,
      reason: reasonFor(alarm.rule, verdict, before),
      reasonData: reasonDataFor(alarm.rule, verdict, { at, period: alarm.period, ...statistic }),
      at,
      cause,
    });
  }

  readonly #operations = {
    PutMetricAlarm: (input: Sdk.PutMetricAlarmInput, { now, cause }: Call) => {
      const place = { ...this.#place(input.AlarmName), now, id: uuid(this.#options.random) };
      this.#board.put(metricAlarm(input, place), now, cause);
    },
    PutCompositeAlarm: (input: Sdk.PutCompositeAlarmInput, { now, cause }: Call) => {
      this.#board.put(compositeAlarm(input, { ...this.#place(input.AlarmName), now }), now, cause);
    },
    DeleteAlarms: (input: Sdk.DeleteAlarmsInput, { now, cause }: Call) => {
      this.#board.delete(input.AlarmNames ?? [], now, cause);
    },
    DescribeAlarms: (input: Sdk.DescribeAlarmsInput, { now }: Call) =>
      describeAlarms(this.#board, input, now),
    DescribeAlarmHistory: (input: Sdk.DescribeAlarmHistoryInput) => describeHistory(this.#board, input),
    SetAlarmState: (input: Sdk.SetAlarmStateInput, { now, cause }: Call) =>
      this.#setAlarmState(input, now, cause),
    EnableAlarmActions: (input: Sdk.EnableAlarmActionsInput) => this.#setActions(input.AlarmNames, true),
    DisableAlarmActions: (input: Sdk.DisableAlarmActionsInput) => this.#setActions(input.AlarmNames, false),
    PutMetricData: (input: Sdk.PutMetricDataInput, { now, cause }: Call) =>
      putMetricData(this.#metrics, input, now, cause),
    ListMetrics: (input: Sdk.ListMetricsInput) => listMetrics(this.#metrics, input),
    GetMetricStatistics: (input: Sdk.GetMetricStatisticsInput) => getMetricStatistics(this.#metrics, input),
    GetMetricData: (input: Sdk.GetMetricDataInput) => getMetricData(this.#metrics, input),
    PutAlarmMuteRule: (input: Sdk.PutAlarmMuteRuleInput, { now }: Call) => {
      const { account, region } = this.#options;
      const arn = `arn:aws:cloudwatch:${region}:${account}:alarm-mute-rule:${input.Name}`;
      this.#board.mutes.set(input.Name ?? "", muteRule(arn, input, now));
    },
    DeleteAlarmMuteRule: (input: Sdk.DeleteAlarmMuteRuleInput) => {
      this.#board.mutes.delete(input.AlarmMuteRuleName ?? "");
    },
    GetAlarmMuteRule: (input: Sdk.GetAlarmMuteRuleInput, { now }: Call) => {
      const rule = this.#board.mutes.get(input.AlarmMuteRuleName ?? "");
      if (rule === undefined) {
        const message = `Alarm mute rule ${input.AlarmMuteRuleName} does not exist`;
        throw new AwsError("ResourceNotFoundException", message, 404);
      }
      return describeMuteRule(rule, now);
    },
    ListAlarmMuteRules: (input: Sdk.ListAlarmMuteRulesInput, { now }: Call) =>
      listMuteRules(this.#board, input, now),
    ListTagsForResource: (input: Sdk.ListTagsForResourceInput) => {
      const tagged = [...this.#board.alarms.values()].find((alarm) => alarm.arn === input.ResourceARN);
      return { Tags: tagged?.input.Tags ?? [] };
    },
  };

  #setAlarmState(input: Sdk.SetAlarmStateInput, now: number, cause: string | undefined): void {
    const said = saidState(input);
    this.#board.change(this.#board.alarm(input.AlarmName ?? ""), { ...said, at: now, cause });
  }

  #setActions(names: readonly string[] | undefined, enabled: boolean): void {
    for (const alarm of (names ?? []).map((name) => this.#board.alarm(name))) alarm.actionsEnabled = enabled;
  }

  #place(name: string | undefined): { arn: string; before?: Alarm } {
    const before = this.#board.alarms.get(name ?? "");
    return { arn: this.#arn(name ?? ""), ...(before === undefined ? {} : { before }) };
  }

  #arn(name: string): string {
    return `arn:aws:cloudwatch:${this.#options.region}:${this.#options.account}:alarm:${name}`;
  }
}
