/**
 * Metrics: samples by name and dimensions, and the statistics of them over a period.
 *
 * A sample is a statistic set (count, sum, minimum, maximum); a plain value is a set of one. Each may carry the
 * journal entry that caused it, so that an alarm can say what made it change.
 */

/** What a metric is found by. Two metrics with the same name and other dimensions are two metrics. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly unit?: string;
  /** The journal entry that this sample follows from. */
  readonly cause?: string;
}

/** A plain value at a time, as a source of metrics gives it. */
export interface Datapoint extends MetricName {
  readonly value: number;
  readonly cause?: string;
}

/** Per metric; older ones are forgotten. Enough for a day of ten-second samples. */
const KEPT = 8_640;

/** One value as a sample. */
export function sampleOf(value: number, at: number, cause?: string, unit?: string): Sample {
  const sample = { at, count: 1, sum: value, minimum: value, maximum: value };
  return { ...sample, ...(unit === undefined ? {} : { unit }), ...(cause === undefined ? {} : { cause }) };
}

export class Metrics {
  readonly #series = new Map<string, { readonly metric: MetricName; readonly samples: Sample[] }>();

  /** Keeps a sample, in time order even when it arrives late. */
  add(metric: MetricName, sample: Sample): void {
    const key = keyOf(metric);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { metric, samples: [] };
      this.#series.set(key, series);
    }
    let place = series.samples.length;
    while (place > 0 && (series.samples[place - 1]?.at ?? 0) > sample.at) place -= 1;
    series.samples.splice(place, 0, sample);
    if (series.samples.length > KEPT) series.samples.shift();
  }

  /** Samples with `from` ≤ time < `to`; of one unit where one is named. */
  between(metric: MetricName, from: number, to: number, unit?: string): Sample[] {
    const samples = this.#series.get(keyOf(metric))?.samples ?? [];
    const found: Sample[] = [];
    for (let place = samples.length - 1; place >= 0; place -= 1) {
      const sample = samples[place];
      if (sample === undefined || sample.at < from) break;
      if (sample.at < to && (unit === undefined || (sample.unit ?? "None") === unit)) found.unshift(sample);
    }
    return found;
  }

  /** Every metric that has a sample. */
  list(): MetricName[] {
    return [...this.#series.values()].map((series) => series.metric);
  }
}

/** Average, Sum, Minimum, Maximum, SampleCount or a percentile (`p99.9`); undefined when there is no sample. */
export function statistic(samples: readonly Sample[], name: string): number | undefined {
  if (samples.length === 0) return undefined;
  const count = samples.reduce((total, sample) => total + sample.count, 0);
  const sum = samples.reduce((total, sample) => total + sample.sum, 0);
  switch (name) {
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Average":
      return count === 0 ? undefined : sum / count;
    case "Minimum":
      return Math.min(...samples.map((sample) => sample.minimum));
    case "Maximum":
      return Math.max(...samples.map((sample) => sample.maximum));
    default:
      return percentile(samples, Number(name.slice(1)));
  }
}

/** Nearest rank, each statistic set standing for its average: CloudWatch itself refuses percentiles of most sets. */
function percentile(samples: readonly Sample[], percent: number): number | undefined {
  const values = samples.map((sample) => sample.sum / sample.count).sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)];
}

/** An alarm asks for the same metric for as long as it lives, and most of the work of asking is the key. */
const keys = new WeakMap<MetricName, string>();

function keyOf(metric: MetricName): string {
  const known = keys.get(metric);
  if (known !== undefined) return known;
  const key = makeKey(metric);
  keys.set(metric, key);
  return key;
}

function makeKey(metric: MetricName): string {
  let key = `${metric.namespace}\n${metric.name}`;
  for (const name of Object.keys(metric.dimensions).sort()) key += `\n${name}\n${metric.dimensions[name]}`;
  return key;
}
