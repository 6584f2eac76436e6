/** CloudWatch's request rates, per account and Region. Source: "CloudWatch service quotas" in its guide. */
import { AwsError } from "../aws-error.ts";

/** Requests a second. */
const RATES: Readonly<Record<string, number>> = {
  DescribeAlarms: 9,
  DescribeAlarmsForMetric: 9,
  DescribeAlarmHistory: 20,
  PutMetricAlarm: 3,
  PutCompositeAlarm: 3,
  SetAlarmState: 3,
  DeleteAlarms: 3,
  PutMetricData: 500,
  GetMetricData: 500,
  GetMetricStatistics: 400,
};

/** The guide gives rates but no bucket sizes: three seconds' worth, and never so few that a small stack can't deploy. */
const SECONDS_OF_BURST = 3;
const LEAST_BURST = 20;

export class RateLimits {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** Takes one request of `operation`; throws Throttling (400) where the rate is used up. */
  take(operation: string, now: number): void {
    const rate = RATES[operation];
    if (rate === undefined) return;
    const size = Math.max(LEAST_BURST, rate * SECONDS_OF_BURST);
    const bucket = this.#buckets.get(operation) ?? { tokens: size, at: now };
    this.#buckets.set(operation, bucket);
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    if (bucket.tokens < 1) throw new AwsError("Throttling", "Rate exceeded");
    bucket.tokens -= 1;
  }
}
