/**
 * What AWS charges, in US dollars: list prices of US East (N. Virginia), November 2026, without free tiers. Check them on the
 * pages named, for your Region, before you rely on a figure.
 */
export const PRICES = {
  /** Lambda on arm64, a GB-second and a request: https://aws.amazon.com/lambda/pricing/ */
  lambdaGbSecond: 0.000_013_333_4,
  lambdaRequest: 0.2 / 1e6,
  /** X-Ray, a trace that is recorded: https://aws.amazon.com/xray/pricing/ */
  trace: 5 / 1e6,
  /** DynamoDB on demand, a strongly consistent read of 4 KB and a write of 1 KB: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  tableRead: 0.125 / 1e6,
  tableWrite: 0.625 / 1e6,
  /** CloudWatch, a month of a metric in a standard alarm and of a custom metric, an API request, a GB of log:
   * https://aws.amazon.com/cloudwatch/pricing/ */
  alarmedMetric: 0.1,
  metric: 0.3,
  cloudwatchRequest: 0.01 / 1000,
  logGb: 0.5,
  /** EventBridge, an event of one's own: https://aws.amazon.com/eventbridge/pricing/ */
  busEvent: 1 / 1e6,
} as const;

export const DAYS_A_MONTH = 365 / 12;
export const HOURS_A_MONTH = 24 * DAYS_A_MONTH;
export const SWEEPS_A_MONTH = 60 * HOURS_A_MONTH;

/** serverless.yml */
const MEMORY_GB = 0.5;

/** The time of invocations, and what each costs beside. */
export function lambda(milliseconds: number): number {
  return (milliseconds / 1000) * MEMORY_GB * PRICES.lambdaGbSecond;
}

export function log(bytes: number): number {
  return (bytes / 1e9) * PRICES.logGb;
}
