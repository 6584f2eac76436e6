/** The reading operations on alarms and mute rules: filters, alarm types, pages. */
import type {
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  GetAlarmMuteRuleOutput,
  ListAlarmMuteRulesInput,
  ListAlarmMuteRulesOutput,
} from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import type { Alarm } from "./alarm.ts";
import type { Board } from "./board.ts";
import { type MuteRule, muteStatus } from "./mute.ts";
import { alarmsOf } from "./rule.ts";
import { describe } from "./shape.ts";

/** DescribeAlarms. Only metric alarms unless composite alarms are asked for; at most 100 names, and 50 a page. */
export function describeAlarms(board: Board, input: DescribeAlarmsInput, now: number): DescribeAlarmsOutput {
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, MaxRecords } = input;
  if ((AlarmNames?.length ?? 0) > 100) {
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '[${AlarmNames?.join(", ")}]' at 'alarmNames' failed to satisfy ` +
        "constraint: Member must have length less than or equal to 100",
    );
  }
  if (AlarmNames !== undefined && AlarmNames.length > 0 && AlarmNamePrefix !== undefined) {
    const message = "AlarmNames and AlarmNamePrefix can't be specified together";
    throw new AwsError("InvalidParameterCombination", message);
  }
  const kinds = new Set((AlarmTypes ?? []).length === 0 ? ["MetricAlarm"] : AlarmTypes);
  const family = familyOf(board, input);
  const found = [...board.alarms.values()]
    .filter(
      (alarm) =>
        family !== undefined || kinds.has(alarm.kind === "metric" ? "MetricAlarm" : "CompositeAlarm"),
    )
    .filter((alarm) => matches(alarm, input) && (family === undefined || family.has(alarm.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, NextToken } = pageOf(
    found,
    MaxRecords ?? (AlarmNames === undefined ? 50 : 100),
    input.NextToken,
  );
  const shown = (kind: Alarm["kind"]) =>
    page.filter((alarm) => alarm.kind === kind).map((alarm) => describe(alarm, board.suppressed(alarm, now)));
  return {
    MetricAlarms: shown("metric"),
    CompositeAlarms: shown("composite"),
    ...(NextToken === undefined ? {} : { NextToken }),
  };
}

/** DescribeAlarmHistory, newest first unless asked otherwise. */
export function describeHistory(board: Board, input: DescribeAlarmHistoryInput): DescribeAlarmHistoryOutput {
  const items = board.history.filter(
    (item) =>
      (input.AlarmName === undefined || item.AlarmName === input.AlarmName) &&
      (input.HistoryItemType === undefined || item.HistoryItemType === input.HistoryItemType) &&
      (input.StartDate === undefined || (item.Timestamp?.getTime() ?? 0) >= input.StartDate.getTime()) &&
      (input.EndDate === undefined || (item.Timestamp?.getTime() ?? 0) <= input.EndDate.getTime()),
  );
  if (input.ScanBy !== "TimestampAscending") items.reverse();
  const { page, NextToken } = pageOf(items, input.MaxRecords ?? 100, input.NextToken);
  return { AlarmHistoryItems: page, ...(NextToken === undefined ? {} : { NextToken }) };
}

/** ListAlarmMuteRules: by the alarm they mute, and by status. */
export function listMuteRules(
  board: Board,
  input: ListAlarmMuteRulesInput,
  now: number,
): ListAlarmMuteRulesOutput {
  const { AlarmName, Statuses } = input;
  const found = [...board.mutes.values()].filter(
    (rule) =>
      (AlarmName === undefined || rule.input.MuteTargets?.AlarmNames?.includes(AlarmName) === true) &&
      (Statuses === undefined || Statuses.length === 0 || Statuses.includes(muteStatus(rule, now))),
  );
  const { page, NextToken } = pageOf(found, input.MaxRecords ?? 50, input.NextToken);
  const AlarmMuteRuleSummaries = page.map((rule) => ({
    AlarmMuteRuleArn: rule.arn,
    ...(rule.input.ExpireDate === undefined ? {} : { ExpireDate: rule.input.ExpireDate }),
    Status: muteStatus(rule, now),
    MuteType: muteType(rule),
    LastUpdatedTimestamp: new Date(rule.updatedAt),
  }));
  return { AlarmMuteRuleSummaries, ...(NextToken === undefined ? {} : { NextToken }) };
}

/** GetAlarmMuteRule's shape of a rule. */
export function describeMuteRule(rule: MuteRule, now: number): GetAlarmMuteRuleOutput {
  const { Tags: _tags, ...input } = rule.input;
  return {
    ...input,
    AlarmMuteRuleArn: rule.arn,
    Status: muteStatus(rule, now),
    MuteType: muteType(rule),
    LastUpdatedTimestamp: new Date(rule.updatedAt),
  };
}

function muteType(rule: MuteRule): string {
  return rule.schedule.kind === "at" ? "ONE_TIME" : "RECURRING";
}

function matches(alarm: Alarm, input: DescribeAlarmsInput): boolean {
  const { AlarmNames, AlarmNamePrefix, StateValue, ActionPrefix } = input;
  if (AlarmNames !== undefined && AlarmNames.length > 0 && !AlarmNames.includes(alarm.name)) return false;
  if (AlarmNamePrefix !== undefined && !alarm.name.startsWith(AlarmNamePrefix)) return false;
  if (StateValue !== undefined && alarm.state.value !== StateValue) return false;
  if (ActionPrefix === undefined) return true;
  const { OKActions, AlarmActions, InsufficientDataActions } = alarm.input;
  const actions = [...(OKActions ?? []), ...(AlarmActions ?? []), ...(InsufficientDataActions ?? [])];
  return actions.some((action) => action.startsWith(ActionPrefix));
}

/** The alarms that ChildrenOfAlarmName or ParentsOfAlarmName asks for; undefined where neither is given. */
function familyOf(board: Board, input: DescribeAlarmsInput): ReadonlySet<string> | undefined {
  const { ChildrenOfAlarmName, ParentsOfAlarmName } = input;
  const childrenOf = (alarm: Alarm | undefined) => (alarm?.kind === "composite" ? alarmsOf(alarm.rule) : []);
  if (ChildrenOfAlarmName !== undefined) return new Set(childrenOf(board.alarms.get(ChildrenOfAlarmName)));
  if (ParentsOfAlarmName === undefined) return undefined;
  const parents = [...board.alarms.values()].filter((alarm) =>
    childrenOf(alarm).includes(ParentsOfAlarmName),
  );
  return new Set(parents.map((alarm) => alarm.name));
}

/** A page of `all`, and the token for the next. Tokens are positions; a foreign one is InvalidNextToken. */
function pageOf<T>(
  all: readonly T[],
  size: number,
  token: string | undefined,
): { page: T[]; NextToken: string | undefined } {
  if (size < 1 || size > 100) {
    throw new AwsError(
      "ValidationError",
      `Value '${size}' at 'maxRecords' failed to satisfy constraint: 1 to 100`,
    );
  }
  const start =
    token === undefined ? 0 : Number(/^p(\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1]);
  if (Number.isNaN(start)) throw new AwsError("InvalidNextToken", "The next token specified is invalid.");
  const end = start + size;
  const NextToken = end < all.length ? Buffer.from(`p${end}`).toString("base64") : undefined;
  return { page: all.slice(start, end), NextToken };
}
