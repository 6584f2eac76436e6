/** Goal: CloudWatch answers the same at the `send` front, which the simulation uses, and on the wire. */
import {
  DeleteAlarmMuteRuleCommand,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetAlarmMuteRuleCommand,
  GetMetricDataCommand,
  ListAlarmMuteRulesCommand,
  PutAlarmMuteRuleCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Fronts, START, startFronts } from "./fronts.ts";
import { ONE, SCENE, TWO } from "./fronts-scene.ts";

const CHECKED = "one: status & <checks>";
const OWN = "app-errors";
const BOTH = "either";

let fronts: Fronts;
const ask = (command: { readonly input: object }) => fronts.ask({ service: "cloudwatch", command });
const codeOf = (answer: Answer) => ("error" in answer ? answer.error : "ok");

beforeAll(async () => {
  fronts = await startFronts({ scene: SCENE });
  const threshold = {
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    Statistic: "Maximum",
  } as const;
  const Dimensions = [{ Name: "InstanceId", Value: ONE }];
  const status = { Namespace: "AWS/EC2", MetricName: "StatusCheckFailed", Dimensions };
  const window = { Period: 60, EvaluationPeriods: 2, DatapointsToAlarm: 2 };
  const AlarmActions = ["arn:aws:sns:eu-west-1:123456789012:pager"];
  const alarm = {
    AlarmName: CHECKED,
    AlarmDescription: "a & b",
    AlarmActions,
    ...status,
    ...window,
    ...threshold,
  };
  await ask(new PutMetricAlarmCommand(alarm));
  const own = { Namespace: "App", MetricName: "errors", Period: 10, EvaluationPeriods: 1 };
  await ask(new PutMetricAlarmCommand({ AlarmName: OWN, ...own, ...threshold, TreatMissingData: "ignore" }));
  const AlarmRule = `ALARM("${CHECKED}") OR ALARM(${OWN})`;
  await ask(new PutCompositeAlarmCommand({ AlarmName: BOTH, AlarmRule }));
});
afterAll(() => fronts.stop());

describe("reading alarms", () => {
  it.each<[object, number | string]>([
    [
      {
        AlarmNames: [CHECKED, OWN, BOTH, "absent"],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm", "LogAlarm"],
      },
      3,
    ],
    [{ AlarmNames: [CHECKED, OWN, BOTH] }, 2],
    [{ AlarmTypes: ["CompositeAlarm"] }, 1],
    [{ AlarmNamePrefix: "one:" }, 1],
    [{ AlarmNames: [OWN], AlarmNamePrefix: "a" }, "InvalidParameterCombinationException"],
    [{ AlarmNames: [] }, 2],
    [{ StateValue: "ALARM" }, 0],
    [{ ActionPrefix: "arn:aws:sns:" }, 1],
    [{ ChildrenOfAlarmName: BOTH }, 2],
    [{ ParentsOfAlarmName: OWN }, 1],
    [{ MaxRecords: 0 }, "ValidationException"],
    [{ MaxRecords: 1, NextToken: "nonsense" }, "InvalidNextToken"],
    [{ AlarmNames: Array(101).fill("x") }, "ValidationException"],
  ])("%j", async (input, expected) => {
    const answer = await ask(new DescribeAlarmsCommand(input));
    const { MetricAlarms = [], CompositeAlarms = [] } = "output" in answer ? (answer.output as Lists) : {};
    expect("error" in answer ? answer.error : MetricAlarms.length + CompositeAlarms.length).toBe(expected);
  });

  it("page by page, until there is no token", async () => {
    const first = await ask(new DescribeAlarmsCommand({ MaxRecords: 1 }));
    const NextToken = "output" in first ? (first.output.NextToken as string) : "";
    const second = await ask(new DescribeAlarmsCommand({ MaxRecords: 1, NextToken }));
    expect("output" in second && second.output.NextToken).toBeFalsy();
  });
});

interface Lists {
  readonly MetricAlarms?: readonly unknown[];
  readonly CompositeAlarms?: readonly unknown[];
}

it("alarms change as the metrics do, and tell the same history", async () => {
  const AlarmTypes: ["MetricAlarm", "CompositeAlarm"] = ["MetricAlarm", "CompositeAlarm"];
  const look = () => ask(new DescribeAlarmsCommand({ AlarmTypes }));
  await fronts.pass(300_000);
  expect(JSON.stringify(await look())).toContain(`"StateValue":"OK"`);
  fronts.break({ kind: "impair", instance: ONE, check: "system" });
  await fronts.pass(300_000);
  expect(JSON.stringify(await look())).toContain(`"StateValue":"ALARM"`);
  const MetricData = [{ MetricName: "errors", Value: 1.5, Timestamp: new Date(fronts.now()) }];
  await ask(new PutMetricDataCommand({ Namespace: "App", MetricData }));
  await fronts.pass(20_000);
  await look();
  fronts.break({ kind: "heal", instance: ONE });
  await fronts.pass(300_000);
  await look();
  await ask(new DescribeAlarmHistoryCommand({ AlarmName: CHECKED, HistoryItemType: "StateUpdate" }));
  const Metric = { Namespace: "App", MetricName: "errors" };
  const MetricDataQueries = [{ Id: "m1", MetricStat: { Metric, Period: 60, Stat: "Maximum" } }];
  const [StartTime, EndTime] = [new Date(START), new Date(fronts.now())];
  await ask(new GetMetricDataCommand({ MetricDataQueries, StartTime, EndTime }));
});

it("states set by hand, and actions switched, are refused or shown alike", async () => {
  const set = (AlarmName: string, StateValue: string, more: object = {}) =>
    new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "by <hand>", ...more } as never);
  const codes = [
    await ask(set(OWN, "ALARM", { StateReasonData: '{"a":1}' })),
    await ask(set(OWN, "BROKEN")),
    await ask(set("absent", "ALARM")),
    await ask(set(OWN, "OK", { StateReasonData: "{" })),
    await ask(new DisableAlarmActionsCommand({ AlarmNames: [OWN] })),
    await ask(new DescribeAlarmsCommand({ AlarmNames: [OWN] })),
    await ask(new EnableAlarmActionsCommand({ AlarmNames: [OWN, "absent"] })),
    await ask(new PutMetricAlarmCommand({ AlarmName: "half", EvaluationPeriods: 1 } as never)),
    await ask(new PutCompositeAlarmCommand({ AlarmName: "bad", AlarmRule: "ALARM(" })),
    await ask(new PutCompositeAlarmCommand({ AlarmName: "bad", AlarmRule: "ALARM(absent)" })),
    await ask(new DeleteAlarmsCommand({ AlarmNames: ["absent"] })),
    await ask(new DescribeAlarmsCommand({})),
  ].map(codeOf);
  expect(codes).toMatchInlineSnapshot(`
    [
      "ok",
      "ValidationException",
      "ResourceNotFound",
      "InvalidFormatFault",
      "ok",
      "ok",
      "ResourceNotFound",
      "MissingRequiredParameterException",
      "ValidationException",
      "ok",
      "ResourceNotFound",
      "ok",
    ]
  `);
});

it("mute rules are listed by alarm and by status, alike", async () => {
  const rule = (Name: string, Expression: string, AlarmNames: string[], more: object = {}) =>
    new PutAlarmMuteRuleCommand({
      Name,
      Rule: { Schedule: { Expression, Duration: "PT1H" } },
      MuteTargets: { AlarmNames },
      ...more,
    });
  const minute = new Date(fronts.now()).toISOString().slice(0, 16);
  const ExpireDate = new Date(fronts.now() + 86_400_000 + 345);
  const codes = [
    await ask(rule("now", `at(${minute})`, [OWN, CHECKED], { Description: "a & b", ExpireDate })),
    await ask(rule("nightly", "cron(0 3 * * *)", [OWN])),
    await ask(rule("nonsense", "whenever", [OWN])),
    await ask(new ListAlarmMuteRulesCommand({ AlarmName: OWN, Statuses: ["ACTIVE"] })),
    await ask(new ListAlarmMuteRulesCommand({ AlarmName: OWN })),
    await ask(new ListAlarmMuteRulesCommand({ AlarmName: "absent" })),
    await ask(new ListAlarmMuteRulesCommand({ MaxRecords: 1 })),
    await ask(new ListAlarmMuteRulesCommand({ NextToken: "nonsense" })),
    await ask(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: "now" })),
    await ask(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: "absent" })),
    await ask(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: "now" })),
    await ask(new ListAlarmMuteRulesCommand({})),
  ].map(codeOf);
  expect(codes).toMatchInlineSnapshot(`
    [
      "ok",
      "ok",
      "ValidationException",
      "ok",
      "ok",
      "ok",
      "ok",
      "InvalidNextToken",
      "ok",
      "ResourceNotFoundException",
      "ok",
      "ok",
    ]
  `);
});

it("a suppressed composite alarm says so, alike", async () => {
  const rule = { AlarmRule: `ALARM(${OWN})`, ActionsSuppressor: CHECKED };
  const waits = { ActionsSuppressorWaitPeriod: 60, ActionsSuppressorExtensionPeriod: 60 };
  await ask(new PutCompositeAlarmCommand({ AlarmName: "quiet", ...rule, ...waits }));
  const state = { StateValue: "ALARM", StateReason: "drill" } as const;
  await ask(new SetAlarmStateCommand({ AlarmName: OWN, ...state }));
  await ask(new SetAlarmStateCommand({ AlarmName: CHECKED, ...state }));
  const read = new DescribeAlarmsCommand({ AlarmNames: ["quiet"], AlarmTypes: ["CompositeAlarm"] });
  expect(JSON.stringify(await ask(read))).toContain("ActionsSuppressedBy");
  await fronts.pass(30_000);
  await ask(read);
  fronts.break({ kind: "terminate", instance: TWO });
  await fronts.pass(300_000);
  await ask(read);
});
