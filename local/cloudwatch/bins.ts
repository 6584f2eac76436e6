/** The datapoints of an alarm over its evaluation range: one bin a period, metric math included. */
import type { MetricAlarm, Query } from "./alarm.ts";
import { type Bin, evaluationRange } from "./evaluation.ts";
import { type Metrics, type Sample, statistic } from "./metrics.ts";

/** Functions run, and queues fill, at AWS's own speed, and so do the alarms on them, however fast failures are detected. */
const AT_WALL_SPEED = new Set(["AWS/Lambda", "AWS/SQS", "EniFailover"]);

/**
 * The whole periods before `at`, oldest first. Periods end at a full minute (at full ten seconds for periods under a
 * minute), not at multiples of the period: a five-minute alarm evaluated at 17:04 looks at 16:59 to 17:04. None: it is too
 * early to judge.
 */
export function binsOf(alarm: MetricAlarm, metrics: Metrics, at: number, detection: number): Bin[] {
  const unhurried = alarm.queries.some(({ metric }) => AT_WALL_SPEED.has(metric?.name.namespace ?? ""));
  const speed = unhurried ? 1 : detection;
  const unit = ((alarm.period < 60 ? 10 : 60) * 1000) / speed;
  const period = (alarm.period * 1000) / speed;
  const last = Math.floor(at / unit) * unit;
  // Nothing was measured before there was a stack: the first whole period of an alarm on it has to pass.
  if (unhurried && last < alarm.configuredAt + period) return [];
  const bins: Bin[] = [];
  for (let back = evaluationRange(alarm.rule.of); back > 0; back -= 1) {
    const start = last - back * period;
    bins.push(binOf(alarm, metrics, start, start + period));
  }
  return bins;
}

function binOf(alarm: MetricAlarm, metrics: Metrics, start: number, end: number): Bin {
  let latest: Sample | undefined;
  const byId = (id: string) => alarm.queries.find((query) => query.id === id);
  // Expressions that name each other in a ring end in "missing", at the depth that no honest chain reaches.
  const read = (query: Query | undefined, depth: number): number | undefined => {
    if (query?.metric !== undefined) {
      const samples = metrics.between(query.metric.name, start, end, query.metric.unit);
      const newest = samples.at(-1);
      if (newest?.cause !== undefined && newest.at >= (latest?.at ?? 0)) latest = newest;
      return statistic(samples, query.metric.stat);
    }
    return query?.expression?.formula({
      metrics: alarm.queries.filter((other) => other.metric !== undefined).map((other) => other.id),
      value: (id) => (depth > alarm.queries.length ? undefined : read(byId(id), depth + 1)),
    });
  };
  const value = read(
    alarm.queries.find((query) => query.returnData),
    0,
  );
  return { start, value, ...(latest?.cause === undefined ? {} : { cause: latest.cause }) };
}
