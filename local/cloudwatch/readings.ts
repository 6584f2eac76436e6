/** PutMetricData and the operations that read metrics back. */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDatum,
  PutMetricDataInput,
} from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import { metricName } from "./alarm.ts";
import { compileMath } from "./math.ts";
import { type MetricName, type Metrics, type Sample, sampleOf, statistic } from "./metrics.ts";

const WEEKS_BACK = 14 * 24 * 3_600_000;
const HOURS_AHEAD = 2 * 3_600_000;

/** PutMetricData. `cause` is the journal entry of the call. */
export function putMetricData(
  metrics: Metrics,
  input: PutMetricDataInput,
  now: number,
  cause: string | undefined,
): void {
  const namespace = input.Namespace ?? "";
  if (namespace.startsWith("AWS/")) {
    const message = "The value AWS/ for parameter Namespace is invalid.";
    throw new AwsError("InvalidParameterValue", message);
  }
  for (const datum of input.MetricData ?? []) {
    if (datum.MetricName === undefined) {
      throw new AwsError("MissingParameter", "The parameter MetricData.member.1.MetricName is required.");
    }
    const at = datum.Timestamp?.getTime() ?? now;
    if (at < now - WEEKS_BACK || at > now + HOURS_AHEAD) {
      const message = "The parameter MetricData.member.1.Timestamp must be a valid time within two weeks.";
      throw new AwsError("InvalidParameterValue", message);
    }
    const metric = metricName(namespace, datum.MetricName, datum.Dimensions);
    for (const sample of samplesOf(datum, at, cause)) metrics.add(metric, sample);
  }
}

/** ListMetrics, by namespace, name and dimensions (with or without values). */
export function listMetrics(metrics: Metrics, input: ListMetricsInput): ListMetricsOutput {
  const found = metrics
    .list()
    .filter((metric) => input.Namespace === undefined || metric.namespace === input.Namespace)
    .filter((metric) => input.MetricName === undefined || metric.name === input.MetricName)
    .filter((metric) =>
      (input.Dimensions ?? []).every(({ Name, Value }) => {
        const value = metric.dimensions[Name ?? ""];
        return value !== undefined && (Value === undefined || Value === value);
      }),
    );
  return {
    Metrics: found.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
  };
}

/** GetMetricStatistics: periods in seconds of wall time, whatever the cloud's detection speed. */
export function getMetricStatistics(
  metrics: Metrics,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput {
  const metric = metricName(input.Namespace ?? "", input.MetricName ?? "", input.Dimensions);
  const Datapoints = periods(input).flatMap(({ start, end }) => {
    const samples = metrics.between(metric, start, end, input.Unit);
    if (samples.length === 0) return [];
    const values = (input.Statistics ?? []).map((name) => [name, statistic(samples, name)]);
    return [{ Timestamp: new Date(start), Unit: input.Unit ?? "None", ...Object.fromEntries(values) }];
  });
  return { Label: input.MetricName ?? "", Datapoints };
}

/** GetMetricData, with the metric math that alarms have. Newest first unless asked otherwise. */
export function getMetricData(metrics: Metrics, input: GetMetricDataInput): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  const ids = queries.map((query) => query.Id ?? "");
  const own = queries.filter((query) => query.MetricStat !== undefined).map((query) => query.Id ?? "");
  const length = queries.find((query) => query.MetricStat !== undefined)?.MetricStat?.Period ?? 60;
  const read = (id: string, start: number, end: number, depth = 0): number | undefined => {
    const query = queries.find((candidate) => candidate.Id === id);
    const { Metric, Stat, Unit } = query?.MetricStat ?? {};
    if (Metric !== undefined) {
      const name: MetricName = metricName(Metric.Namespace ?? "", Metric.MetricName ?? "", Metric.Dimensions);
      return statistic(metrics.between(name, start, end, Unit), Stat ?? "Average");
    }
    const formula = compileMath(
      query?.Expression ?? "",
      ids.filter((other) => other !== id),
    );
    return formula({
      metrics: own,
      value: (other) => (depth > ids.length ? undefined : read(other, start, end, depth + 1)),
    });
  };
  const results = queries
    .filter((query) => query.ReturnData !== false)
    .map((query) => {
      const period = { ...input, Period: query.MetricStat?.Period ?? query.Period ?? length };
      const points = periods(period).flatMap(({ start, end }) => {
        const value = read(query.Id ?? "", start, end);
        return value === undefined ? [] : [{ start, value }];
      });
      if (input.ScanBy !== "TimestampAscending") points.reverse();
      return {
        Id: query.Id ?? "",
        Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id ?? "",
        Timestamps: points.map(({ start }) => new Date(start)),
        Values: points.map(({ value }) => value),
        StatusCode: "Complete" as const,
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

function periods(input: {
  StartTime?: Date | undefined;
  EndTime?: Date | undefined;
  Period?: number | undefined;
}) {
  const length = (input.Period ?? 60) * 1000;
  const from = Math.floor((input.StartTime?.getTime() ?? 0) / length) * length;
  const to = input.EndTime?.getTime() ?? 0;
  if ((to - from) / length > 100_000)
    throw new AwsError("ValidationError", "Too many datapoints are asked for.");
  const found: { start: number; end: number }[] = [];
  for (let start = from; start < to; start += length) found.push({ start, end: start + length });
  return found;
}

function samplesOf(datum: MetricDatum, at: number, cause: string | undefined): Sample[] {
  const { StatisticValues: set, Values, Counts, Value, Unit } = datum;
  if (set !== undefined) {
    const whole = {
      count: set.SampleCount ?? 0,
      sum: set.Sum ?? 0,
      minimum: set.Minimum ?? 0,
      maximum: set.Maximum ?? 0,
    };
    return [{ ...sampleOf(0, at, cause, Unit), ...whole }];
  }
  if (Values !== undefined) {
    return Values.map((value, index) => {
      const count = Counts?.[index] ?? 1;
      return { ...sampleOf(value, at, cause, Unit), count, sum: value * count };
    });
  }
  if (Value === undefined) {
    throw new AwsError("MissingParameter", "The parameter MetricData.member.1.Value is required.");
  }
  return [sampleOf(Value, at, cause, Unit)];
}
