/**
 * What AWS charges, in US dollars: list prices of US East (N. Virginia), without free tiers, as known in November 2025 and not looked up
 * since. Check them on the pages named before you rely on a figure.
 */
export const PRICES = {
  /** Lambda on arm64, a GB-second and a request: https://aws.amazon.com/lambda/pricing/ */
  lambdaGbSecond: 0.000_013_333_4,
  lambdaRequest: 0.2 / 1e6,
  /** DynamoDB on demand, a read of 4 KB and a write of 1 KB: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  tableRead: 0.125 / 1e6,
  tableWrite: 0.625 / 1e6,
  /** CloudWatch, a month of a standard alarm and of a custom metric, an API request, a GB of log:
   * https://aws.amazon.com/cloudwatch/pricing/ */
  alarmMonth: 0.1,
  metricMonth: 0.3,
  cloudwatchRequest: 0.01 / 1000,
  logGb: 0.5,
  /** EventBridge, an event of one's own: https://aws.amazon.com/eventbridge/pricing/ */
  busEvent: 1 / 1e6,
} as const;

export const SWEEPS_A_MONTH = (60 * 24 * 365) / 12;
export const DAYS_A_MONTH = 365 / 12;
