import type { CompositeAlarm, DescribeAlarmsOutput, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, test } from "vitest";
import type { AwsError } from "../../local/aws-error.ts";
import { CloudWatch, type CloudWatchOptions } from "../../local/cloudwatch/cloudwatch.ts";
import { Journal } from "../../local/journal.ts";
import { seeded } from "../../local/random.ts";

const START = Date.UTC(2026, 0, 5, 10, 0, 0);
const MINUTE = 60_000;
const PLACE = { account: "123456789012", region: "us-east-1" };
const STATUS_ALARM = {
  AlarmName: "status",
  AlarmDescription: "the checks of i-1",
  Namespace: "AWS/EC2",
  MetricName: "StatusCheckFailed",
  Dimensions: [{ Name: "InstanceId", Value: "i-1" }],
  Statistic: "Maximum",
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
};

let failed: number | undefined;
let journal: Journal;
let cloudwatch: CloudWatch;

function make(options: Partial<CloudWatchOptions> = {}): CloudWatch {
  journal = new Journal();
  const sources = () =>
    failed === undefined
      ? []
      : [
          {
            namespace: "AWS/EC2",
            name: "StatusCheckFailed",
            dimensions: { InstanceId: "i-1" },
            value: failed,
            cause: "check",
          },
        ];
  const made = new CloudWatch({ ...PLACE, random: seeded(1), journal, sources, ...options });
  made.evaluate(START);
  return made;
}

function alarm(name: string, now: number): (MetricAlarm & CompositeAlarm) | undefined {
  const input = { AlarmNames: [name], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] };
  const found = cloudwatch.call("DescribeAlarms", input, now) as DescribeAlarmsOutput;
  return found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0];
}

function stateChanges() {
  return cloudwatch.drainEvents().filter((event) => event.detailType === "CloudWatch Alarm State Change");
}

function refusal(operation: string, input: unknown): { code: string; status: number } {
  try {
    cloudwatch.call(operation, input, START);
  } catch (error) {
    const { code, status } = error as AwsError;
    return { code, status };
  }
  return { code: "none", status: 200 };
}

beforeEach(() => {
  failed = 0;
  cloudwatch = make();
});

describe("metric alarms", () => {
  test("a new alarm begins without data and is OK once enough good datapoints came", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    expect(alarm("status", START)).toMatchObject({
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Unchecked: Initial alarm creation",
      AlarmArn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:status",
    });
    cloudwatch.evaluate(START + MINUTE);
    expect(alarm("status", START)?.StateValue).toBe("OK");
  });

  test("two failed minutes make it ALARM, one does not", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    for (let minute = 1; minute <= 3; minute += 1) cloudwatch.evaluate(START + minute * MINUTE);
    failed = 1;
    cloudwatch.evaluate(START + 4 * MINUTE);
    expect(alarm("status", START)?.StateValue).toBe("OK");
    cloudwatch.evaluate(START + 5 * MINUTE - 1);
    expect(alarm("status", START)?.StateValue).toBe("OK");
    cloudwatch.evaluate(START + 5 * MINUTE);
    expect(alarm("status", START)).toMatchObject({
      StateValue: "ALARM",
      StateTransitionedTimestamp: new Date(START + 5 * MINUTE),
    });
  });

  test("its event carries states, reasons and configuration as EventBridge shows them", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    cloudwatch.evaluate(START + MINUTE);
    stateChanges();
    failed = 1;
    cloudwatch.evaluate(START + 2 * MINUTE);
    cloudwatch.evaluate(START + 3 * MINUTE);
    const [event] = stateChanges();
    expect(event).toMatchObject({
      at: START + 3 * MINUTE,
      resources: ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:status"],
      detail: {
        alarmName: "status",
        configuration: {
          description: "the checks of i-1",
          metrics: [
            {
              metricStat: {
                metric: {
                  dimensions: { InstanceId: "i-1" },
                  name: "StatusCheckFailed",
                  namespace: "AWS/EC2",
                },
                period: 60,
                stat: "Maximum",
              },
              returnData: true,
            },
          ],
        },
        previousState: { value: "OK", timestamp: "2026-01-05T10:01:00.000+0000" },
        state: {
          value: "ALARM",
          timestamp: "2026-01-05T10:03:00.000+0000",
          reason:
            "Threshold Crossed: 2 out of the last 2 datapoints [1.0 (05/01/26 10:01:00), 1.0 (05/01/26 10:02:00)] were " +
            "greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
        },
      },
    });
    const state = event?.detail.state as { reasonData: string };
    expect(JSON.parse(state.reasonData)).toEqual({
      version: "1.0",
      queryDate: "2026-01-05T10:03:00.000+0000",
      startDate: "2026-01-05T10:01:00.000+0000",
      statistic: "Maximum",
      period: 60,
      recentDatapoints: [1, 1],
      threshold: 1,
    });
    expect(event?.detail).not.toHaveProperty("muteDetail");
    expect(stateChanges()).toEqual([]);
  });

  test("the journal leads from the alarm to its datapoint and on to the status check", () => {
    failed = 1;
    cloudwatch.call("PutMetricAlarm", { ...STATUS_ALARM, EvaluationPeriods: 1 }, START);
    cloudwatch.evaluate(START + MINUTE);
    const [event] = stateChanges();
    const chain = journal.chain(event?.journal ?? "");
    expect(chain.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "alarm status",
      "metric StatusCheckFailed",
    ]);
    expect(chain[1]).toMatchObject({ cause: "check", detail: { value: 1, alarm: "status" } });
  });

  test("with speed 20, two failed minutes are over in six seconds and timestamps stay wall time", () => {
    cloudwatch = make({ speed: 20 });
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    for (let second = 1; second <= 9; second += 1) cloudwatch.evaluate(START + second * 1000);
    failed = 1;
    cloudwatch.evaluate(START + 12_000);
    expect(alarm("status", START)?.StateValue).toBe("OK");
    cloudwatch.evaluate(START + 15_000);
    expect(alarm("status", START)).toMatchObject({ StateValue: "ALARM", Period: 60 });
    expect(stateChanges().at(-1)?.at).toBe(START + 15_000);
  });

  test("a ten-second alarm is evaluated every ten seconds, on samples that were put", () => {
    const fast = {
      ...STATUS_ALARM,
      AlarmName: "fast",
      Namespace: "App",
      MetricName: "Beat",
      Period: 10,
      EvaluationPeriods: 3,
    };
    cloudwatch.call("PutMetricAlarm", { ...fast, ComparisonOperator: "LessThanThreshold" }, START);
    const put = (at: number, Value: number) =>
      cloudwatch.call(
        "PutMetricData",
        {
          Namespace: "App",
          MetricData: [{ MetricName: "Beat", Dimensions: fast.Dimensions, Value, Timestamp: new Date(at) }],
        },
        at,
        "put",
      );
    const seen: (string | undefined)[] = [];
    for (let tick = 0; tick < 5; tick += 1) {
      put(START + tick * 10_000, tick < 2 ? 1 : 0);
      cloudwatch.evaluate(START + (tick + 1) * 10_000);
      seen.push(alarm("fast", START)?.StateValue);
    }
    expect(seen).toEqual(["OK", "OK", "OK", "OK", "ALARM"]);
    expect(journal.entries.at(-2)).toMatchObject({ kind: "metric", cause: "put" });
  });

  test("a metric math alarm sums its metrics, and its event shows every query", () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: "Net", MetricName, Dimensions: [] }, Period: 60, Stat: "Maximum" },
      ReturnData: false,
    });
    const { AlarmName, EvaluationPeriods, ComparisonOperator } = { ...STATUS_ALARM, EvaluationPeriods: 1 };
    const Metrics = [
      { Id: "e1", Expression: "SUM(METRICS())", Label: "Total", ReturnData: true },
      metric("m1", "In"),
      metric("m2", "Out"),
    ];
    const input = { AlarmName, EvaluationPeriods, ComparisonOperator, Threshold: 10, Metrics };
    cloudwatch.call("PutMetricAlarm", input, START);
    for (const [MetricName, Value] of [
      ["In", 6],
      ["Out", 5],
    ] as const) {
      const MetricData = [{ MetricName, Value, Timestamp: new Date(START + 1000) }];
      cloudwatch.call("PutMetricData", { Namespace: "Net", MetricData }, START);
    }
    cloudwatch.evaluate(START + MINUTE);
    const [event] = stateChanges();
    expect(event?.detail).toMatchObject({
      state: { value: "ALARM", reason: expect.stringContaining("[11.0 (05/01/26 10:00:00)]") },
      configuration: {
        metrics: [{ id: "e1", expression: "SUM(METRICS())", label: "Total", returnData: true }, {}, {}],
      },
    });
    const state = event?.detail.state as { reasonData: string };
    expect(JSON.parse(state.reasonData)).not.toHaveProperty("statistic");
  });

  test("putting it again changes the configuration and keeps the state", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    cloudwatch.evaluate(START + MINUTE);
    cloudwatch.call("PutMetricAlarm", { ...STATUS_ALARM, Threshold: 5 }, START + MINUTE);
    expect(alarm("status", START)).toMatchObject({ StateValue: "OK", Threshold: 5 });
  });
});

describe("SetAlarmState", () => {
  test("is a transition with the call as its cause, and the next evaluation takes it back", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    cloudwatch.evaluate(START + MINUTE);
    stateChanges();
    const input = { AlarmName: "status", StateValue: "ALARM", StateReason: "drill" };
    cloudwatch.call("SetAlarmState", input, START + 70_000, "call-1");
    expect(alarm("status", START)).toMatchObject({ StateValue: "ALARM", StateReason: "drill" });
    expect(journal.entries.at(-1)).toMatchObject({
      kind: "alarm",
      cause: "call-1",
      detail: { from: "OK", to: "ALARM" },
    });
    cloudwatch.evaluate(START + 2 * MINUTE);
    expect(alarm("status", START)?.StateValue).toBe("OK");
    expect(stateChanges().map((event) => (event.detail.state as { value: string }).value)).toEqual([
      "ALARM",
      "OK",
    ]);
  });

  test("to the state it is in sends no event and moves no transition time", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    cloudwatch.evaluate(START + MINUTE);
    stateChanges();
    cloudwatch.call(
      "SetAlarmState",
      { AlarmName: "status", StateValue: "OK", StateReason: "again" },
      START + 70_000,
    );
    expect(stateChanges()).toEqual([]);
    expect(alarm("status", START)).toMatchObject({
      StateReason: "again",
      StateTransitionedTimestamp: new Date(START + MINUTE),
      StateUpdatedTimestamp: new Date(START + 70_000),
    });
  });
});

describe("composite alarms", () => {
  const set = (AlarmName: string, StateValue: string, now: number) =>
    cloudwatch.call("SetAlarmState", { AlarmName, StateValue, StateReason: "test" }, now);

  beforeEach(() => {
    for (const AlarmName of ["one", "two", "maintenance"]) {
      cloudwatch.call("PutMetricAlarm", { ...STATUS_ALARM, AlarmName }, START);
      set(AlarmName, "OK", START);
    }
    const rule = {
      AlarmName: "both",
      AlarmRule: "ALARM(one) AND ALARM(two)",
      ActionsSuppressor: "maintenance",
    };
    const periods = { ActionsSuppressorWaitPeriod: 120, ActionsSuppressorExtensionPeriod: 180 };
    cloudwatch.call("PutCompositeAlarm", { ...rule, ...periods }, START);
    stateChanges();
  });

  test("follow their children at once, without metrics or an instance in the event", () => {
    expect(alarm("both", START)?.StateValue).toBe("OK");
    set("one", "ALARM", START + 1000);
    expect(stateChanges()).toHaveLength(1);
    set("two", "ALARM", START + 2000);
    const event = stateChanges().at(-1);
    const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:two";
    expect(event?.detail).toMatchObject({
      alarmName: "both",
      state: {
        value: "ALARM",
        actionsSuppressedBy: "WaitPeriod",
        actionsSuppressedReason: "Actions suppressed by WaitPeriod",
        reason: `${arn} transitioned to ALARM at Monday 05 January, 2026 10:00:02 UTC`,
        reasonData: `{"triggeringAlarms":[{"arn":"${arn}","state":{"value":"ALARM","timestamp":"2026-01-05T10:00:02.000+0000"}}]}`,
      },
      configuration: { alarmRule: "ALARM(one) AND ALARM(two)", actionsSuppressor: "maintenance" },
    });
    expect(event?.detail.configuration).not.toHaveProperty("metrics");
    expect(journal.chain(event?.journal ?? "").map((entry) => entry.subject)).toEqual(["both", "two"]);
  });

  test("are suppressed while they wait, by their suppressor, and for its extension", () => {
    set("one", "ALARM", START);
    set("two", "ALARM", START);
    const by = (now: number) => alarm("both", now)?.ActionsSuppressedBy;
    expect(by(START + 119_000)).toBe("WaitPeriod");
    expect(by(START + 121_000)).toBeUndefined();
    set("maintenance", "ALARM", START + 130_000);
    expect(by(START + 131_000)).toBe("Alarm");
    set("maintenance", "OK", START + 140_000);
    expect(by(START + 141_000)).toBe("ExtensionPeriod");
    expect(by(START + 321_000)).toBeUndefined();
  });

  test.each(["OK", "INSUFFICIENT_DATA"] as const)(
    "are suppressed after a suppressor that went from ALARM to %s",
    (to) => {
      const by = (now: number) => alarm("both", now)?.ActionsSuppressedBy;
      set("maintenance", "ALARM", START + 10_000);
      set("maintenance", to, START + 20_000);
      set("maintenance", "OK", START + 30_000);
      expect([by(START + 199_000), by(START + 201_000)]).toEqual(["ExtensionPeriod", undefined]);
    },
  );

  test("are not suppressed after a suppressor that was not in ALARM", () => {
    set("maintenance", "INSUFFICIENT_DATA", START + 10_000);
    set("maintenance", "OK", START + 20_000);
    expect(alarm("both", START + 21_000)?.ActionsSuppressedBy).toBeUndefined();
  });

  test("name their children and are named as parents", () => {
    const names = (input: object) => {
      const found = cloudwatch.call("DescribeAlarms", input, START) as DescribeAlarmsOutput;
      return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])].map((each) => each.AlarmName);
    };
    expect(names({ ChildrenOfAlarmName: "both" })).toEqual(["one", "two"]);
    expect(names({ ParentsOfAlarmName: "two" })).toEqual(["both"]);
    expect(names({ AlarmNames: ["both"] })).toEqual([]);
    expect(names({ AlarmNames: ["both"], AlarmTypes: ["CompositeAlarm"] })).toEqual(["both"]);
    expect(names({ AlarmNamePrefix: "ma" })).toEqual(["maintenance"]);
    expect(names({ StateValue: "ALARM" })).toEqual([]);
  });
});

describe("mute rules", () => {
  const rule = (Expression: string, Duration: string, Timezone?: string) => ({
    Name: "night",
    Rule: { Schedule: { Expression, Duration, ...(Timezone === undefined ? {} : { Timezone }) } },
    MuteTargets: { AlarmNames: ["status"] },
  });
  const status = (now: number) => {
    const input = { AlarmName: "status" };
    const found = cloudwatch.call("ListAlarmMuteRules", input, now) as {
      AlarmMuteRuleSummaries: { Status: string }[];
    };
    return found.AlarmMuteRuleSummaries[0]?.Status;
  };
  const hour = 60 * MINUTE;

  test("a muted alarm still sends its event, with the window that mutes it", () => {
    cloudwatch.call("PutMetricAlarm", STATUS_ALARM, START);
    cloudwatch.call("PutAlarmMuteRule", rule("at(2026-01-05T09:30)", "PT1H"), START);
    cloudwatch.call("SetAlarmState", { AlarmName: "status", StateValue: "ALARM", StateReason: "x" }, START);
    expect(stateChanges()[0]?.detail.muteDetail).toEqual({
      mutedByArn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:night",
      muteWindowStart: "2026-01-05T09:30:00.000+0000",
      muteWindowEnd: "2026-01-05T10:30:00.000+0000",
    });
  });

  test.each([
    ["at(2026-01-05T10:30)", "PT1H", undefined, ["SCHEDULED", "ACTIVE", "EXPIRED"]],
    ["cron(30 10 * * *)", "PT1H", undefined, ["SCHEDULED", "ACTIVE", "SCHEDULED"]],
    ["cron(0 9-10 * * MON)", "PT90M", undefined, ["ACTIVE", "ACTIVE", "SCHEDULED"]],
    ["cron(0 11 * * SUN,TUE)", "P1D", undefined, ["ACTIVE", "SCHEDULED", "SCHEDULED"]],
    ["cron(30 19 * JAN *)", "PT1H", "Asia/Tokyo", ["SCHEDULED", "ACTIVE", "SCHEDULED"]],
  ])("%s for %s (%s): at 10, 11 and 12 o'clock %s", (expression, duration, zone, want) => {
    cloudwatch.call("PutAlarmMuteRule", rule(expression, duration, zone), START);
    expect([0, 1, 2].map((hours) => status(START + hours * hour))).toEqual(want);
  });

  test.each([
    ["cron(61 * * * *)", "PT1H"],
    ["rate(1 hour)", "PT1H"],
    ["at(2026-01-05T10:30)", "1h"],
    ["at(2026-01-05T10:30)", "P16D"],
  ])("%s for %s is refused", (expression, duration) => {
    expect(refusal("PutAlarmMuteRule", rule(expression, duration)).code).toBe("ValidationError");
  });
});

describe("refusals and pages", () => {
  test.each([
    ["SetAlarmState", { AlarmName: "none", StateValue: "OK", StateReason: "x" }, "ResourceNotFound", 404],
    ["DeleteAlarms", { AlarmNames: ["none"] }, "ResourceNotFound", 404],
    ["PutMetricAlarm", { ...STATUS_ALARM, Period: 45 }, "ValidationError", 400],
    ["PutMetricAlarm", { ...STATUS_ALARM, DatapointsToAlarm: 3 }, "ValidationError", 400],
    ["PutMetricAlarm", { ...STATUS_ALARM, Threshold: undefined }, "MissingParameter", 400],
    ["PutCompositeAlarm", { AlarmName: "c", AlarmRule: "ALARM(" }, "ValidationError", 400],
    ["PutMetricData", { Namespace: "AWS/EC2", MetricData: [] }, "InvalidParameterValue", 400],
    [
      "DescribeAlarms",
      { AlarmNames: Array.from({ length: 101 }, (_, i) => `a${i}`) },
      "ValidationError",
      400,
    ],
    ["DescribeAlarms", { NextToken: "nonsense" }, "InvalidNextToken", 400],
    ["DescribeAlarms", { MaxRecords: 0 }, "ValidationError", 400],
    ["MakeCoffee", {}, "InvalidAction", 400],
    ["toString", {}, "InvalidAction", 400],
  ])("%s %j: %s %i", (operation, input, code, status) => {
    expect(refusal(operation, input)).toEqual({ code, status });
  });

  test("pages hold fifty alarms unless asked otherwise, and every alarm comes once", () => {
    for (let index = 0; index < 120; index += 1) {
      cloudwatch.call("PutMetricAlarm", { ...STATUS_ALARM, AlarmName: `a${index}` }, START);
    }
    const names: (string | undefined)[] = [];
    const sizes: (number | undefined)[] = [];
    for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
      const input = token === undefined ? {} : { NextToken: token };
      const page = cloudwatch.call("DescribeAlarms", input, START) as DescribeAlarmsOutput;
      sizes.push(page.MetricAlarms?.length);
      names.push(...(page.MetricAlarms ?? []).map((each) => each.AlarmName));
      token = page.NextToken;
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(new Set(names).size).toBe(120);
  });

  test("the permission asked for is on the alarms named, and on everything for composite alarms", () => {
    const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:";
    const asked = (operation: string, input: object) =>
      cloudwatch.access(operation, input).map((each) => each.resource);
    expect(asked("DescribeAlarms", { AlarmNames: ["a", "b"] })).toEqual([`${arn}a`, `${arn}b`]);
    expect(asked("DescribeAlarms", { AlarmNames: ["a"], AlarmTypes: ["CompositeAlarm"] })).toEqual(["*"]);
    expect(asked("DescribeAlarms", {})).toEqual([`${arn}*`]);
    expect(asked("SetAlarmState", { AlarmName: "a" })).toEqual([`${arn}a`]);
    expect(cloudwatch.access("PutMetricData", { Namespace: "N" })[0]?.keys).toEqual({
      "cloudwatch:namespace": ["N"],
    });
  });
});
