/** Alarms as the cloud keeps them: read from PutMetricAlarm and PutCompositeAlarm, shown by DescribeAlarms. */
import type {
  MetricDataQuery,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import type { Comparison, Rule, StateValue, TreatMissing } from "./evaluation.ts";
import { compileMath, type Formula } from "./math.ts";
import type { MetricName } from "./metrics.ts";
import { type AlarmRule, parseRule } from "./rule.ts";

export interface State {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData?: string;
  /** When the state or its reason was last written, epoch milliseconds. */
  readonly updatedAt: number;
  /** When the value last changed. */
  readonly transitionedAt: number;
  /** When it last went out of ALARM. */
  readonly clearedAt?: number;
}

/** One query of an alarm: a statistic of a metric, or an expression over other queries. */
export interface Query {
  readonly id: string;
  readonly label?: string;
  readonly returnData: boolean;
  readonly metric?: {
    readonly name: MetricName;
    readonly stat: string;
    readonly period: number;
    readonly unit?: string;
  };
  readonly expression?: { readonly text: string; readonly formula: Formula };
}

interface Common {
  readonly name: string;
  readonly arn: string;
  readonly configuredAt: number;
  actionsEnabled: boolean;
  state: State;
  /** The journal entry of the last transition. */
  journal?: string;
}

export interface MetricAlarm extends Common {
  readonly kind: "metric";
  readonly input: PutMetricAlarmInput;
  readonly rule: Rule;
  readonly queries: readonly Query[];
  /** Seconds, as configured. */
  readonly period: number;
}

export interface CompositeAlarm extends Common {
  readonly kind: "composite";
  readonly input: PutCompositeAlarmInput;
  readonly rule: AlarmRule;
}

export type Alarm = MetricAlarm | CompositeAlarm;
export type Suppressed = { readonly by: "Alarm" | "WaitPeriod" | "ExtensionPeriod"; readonly reason: string };

/** The state that a new alarm begins in. */
function initialState(now: number): State {
  const reason = "Unchecked: Initial alarm creation";
  return { value: "INSUFFICIENT_DATA", reason, updatedAt: now, transitionedAt: now };
}

/** A metric alarm from PutMetricAlarm's input; `before` is the alarm of that name, whose state stays. Throws AwsError. */
export function metricAlarm(
  input: PutMetricAlarmInput,
  place: { arn: string; now: number; id: string; before?: Alarm },
): MetricAlarm {
  const queries = queriesOf(input, place.id);
  const of = positive("EvaluationPeriods", input.EvaluationPeriods);
  const need = input.DatapointsToAlarm ?? of;
  if (need < 1 || need > of) {
    throw invalid("DatapointsToAlarm must be between 1 and EvaluationPeriods.", "ValidationError");
  }
  if (input.Threshold === undefined) throw missing("Threshold");
  const rule: Rule = {
    of,
    need,
    threshold: input.Threshold,
    comparison: comparisonOf(input.ComparisonOperator),
    treatMissing: treatMissingOf(input.TreatMissingData),
  };
  const returned = queries.find((query) => query.returnData);
  const period =
    returned?.metric?.period ?? queries.find((query) => query.metric !== undefined)?.metric?.period ?? 60;
  return { kind: "metric", input, rule, queries, period, ...common(input, place) };
}

/** A composite alarm from PutCompositeAlarm's input. Throws ValidationError. */
export function compositeAlarm(
  input: PutCompositeAlarmInput,
  place: { arn: string; now: number; before?: Alarm },
): CompositeAlarm {
  return { kind: "composite", input, rule: parseRule(input.AlarmRule ?? ""), ...common(input, place) };
}

function common(
  input: { AlarmName?: string | undefined; ActionsEnabled?: boolean | undefined },
  place: { arn: string; now: number; before?: Alarm },
): Common {
  return {
    name: input.AlarmName ?? "",
    arn: place.arn,
    configuredAt: place.now,
    actionsEnabled: input.ActionsEnabled ?? true,
    state: place.before?.state ?? initialState(place.now),
    ...(place.before?.journal === undefined ? {} : { journal: place.before.journal }),
  };
}

function queriesOf(input: PutMetricAlarmInput, id: string): Query[] {
  if (input.Metrics !== undefined && input.Metrics.length > 0) {
    if (input.MetricName !== undefined) {
      throw invalid("MetricName and Metrics can't be specified together.", "InvalidParameterCombination");
    }
    const queries = input.Metrics.map((query) => queryOf(query, input.Metrics ?? []));
    if (queries.filter((query) => query.returnData).length !== 1) {
      throw invalid("Exactly one element of the metrics list should return data.", "ValidationError");
    }
    return queries;
  }
  if (input.MetricName === undefined) throw missing("MetricName");
  if (input.Namespace === undefined) throw missing("Namespace");
  const stat = input.Statistic ?? input.ExtendedStatistic;
  if (stat === undefined) throw missing("Statistic");
  const name = metricName(input.Namespace, input.MetricName, input.Dimensions);
  const unit = input.Unit === undefined ? {} : { unit: input.Unit };
  return [{ id, returnData: true, metric: { name, stat, period: periodOf(input.Period), ...unit } }];
}

function queryOf(query: MetricDataQuery, all: readonly MetricDataQuery[]): Query {
  const shown = {
    id: query.Id ?? "",
    returnData: query.ReturnData ?? true,
    ...(query.Label === undefined ? {} : { label: query.Label }),
  };
  if (query.Expression !== undefined) {
    const formula = compileMath(
      query.Expression,
      all.map((other) => other.Id ?? ""),
    );
    return { ...shown, expression: { text: query.Expression, formula } };
  }
  const { Metric, Stat, Unit } = query.MetricStat ?? {};
  if (Metric?.Namespace === undefined || Metric.MetricName === undefined || Stat === undefined) {
    throw missing("MetricStat");
  }
  const name = metricName(Metric.Namespace, Metric.MetricName, Metric.Dimensions);
  const period = periodOf(query.MetricStat?.Period ?? query.Period);
  return { ...shown, metric: { name, stat: Stat, period, ...(Unit === undefined ? {} : { unit: Unit }) } };
}

/** A metric's name out of the API's list of dimensions. */
export function metricName(
  namespace: string,
  name: string,
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined,
): MetricName {
  const pairs = (dimensions ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""] as const);
  return { namespace, name, dimensions: Object.fromEntries(pairs) };
}

function periodOf(period: number | undefined): number {
  if (period === undefined) throw missing("Period");
  if (period === 10 || period === 20 || period === 30 || (period > 0 && period % 60 === 0)) return period;
  throw invalid(
    "Metric list contains an invalid period: it must be 10, 20, 30 or a multiple of 60.",
    "ValidationError",
  );
}

const COMPARISONS = new Set<string>([
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
]);

function comparisonOf(operator: string | undefined): Comparison {
  if (operator === undefined) throw missing("ComparisonOperator");
  if (!COMPARISONS.has(operator)) {
    throw invalid(
      `Value '${operator}' at 'comparisonOperator' is not evaluated by this cloud.`,
      "ValidationError",
    );
  }
  return operator as Comparison;
}

function treatMissingOf(value: string | undefined): TreatMissing {
  const treat = value ?? "missing";
  if (treat === "missing" || treat === "ignore" || treat === "breaching" || treat === "notBreaching")
    return treat;
  throw invalid(`Option ${treat} is not supported for treating missing data.`, "ValidationError");
}

function positive(name: string, value: number | undefined): number {
  if (value === undefined) throw missing(name);
  if (!Number.isInteger(value) || value < 1)
    throw invalid(`${name} must be a positive integer.`, "ValidationError");
  return value;
}

function missing(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
}

function invalid(message: string, code: string): AwsError {
  return new AwsError(code, message);
}
