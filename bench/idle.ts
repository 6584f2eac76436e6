/** A month in which nothing happens, by what is paid for: what the stack makes is counted in what makes it. */
import { statusAlarms } from "../deploy/resources/alarms.ts";
import { controllerAlarms } from "../deploy/resources/controller-alarms.ts";
import type { Resources } from "../deploy/resources/template.ts";
import { seeded } from "../local/random.ts";
import type { Config } from "../shared/config.ts";
import { Fleet, groupsOf, MINUTE } from "../tests/fleet/fleet.ts";
import { type Counted, sum } from "./cost.ts";
import { latencies } from "./latency.ts";
import { metricsOf } from "./metrics-of.ts";
import { table } from "./percentiles.ts";
import { DAYS_A_MONTH, lambda, log, PRICES, SWEEPS_A_MONTH } from "./prices.ts";

/** Of a quiet sweep: its metrics, and Lambda's own START, END and REPORT. Assumed. */
const LOG_BYTES = 2_000;
const PLACE = { stack: "eni-failover-prod" };
const CHANGES = /^(Update|Put|Attach|Detach|Modify|Stop)/;

/** What is paid for, in dollars a month. */
const ITEMS = {
  checks: "alarms on status checks, 2 a group; $0.10 each",
  controller: "the controller's own alarms, on ELEVEN metrics; $0.10 a metric",
  metrics: "its FIVE metrics while all is well; $0.30 each",
  sweeps: "43,800 sweeps of 512 MB on arm64; $0.0000133334 a GB-second",
  invocations: "their invocations; $0.20 a million",
  traces: "their traces; $5.00 a million",
  logs: "their log, 2 KB each; $0.50 a GB",
  reads: "reads of the table, one strongly consistent a group and sweep; $0.125 a million",
  alarmReads: "DescribeAlarms, where members name alarms of their own; $0.01 a thousand",
  doctor: "the doctor's daily look at each group",
} as const;

export interface Idle {
  readonly groups: number;
  /** Of one sweep. */
  readonly calls: Counted;
  readonly sweepMs: number;
  readonly alarmedMetrics: number;
  readonly metrics: number;
  readonly dollars: Readonly<Record<keyof typeof ITEMS, number>>;
}

/** A quiet sweep of so many groups, sixty an hour for a month, and the doctor's look at each of them once a day. */
export async function measureIdle(groups: number): Promise<Idle> {
  const fleet = new Fleet(groupsOf(groups), { latency: latencies(seeded(groups)) });
  const { swept, tookMs } = await fleet.sweep();
  if (swept?.because.healthy !== groups) throw new Error("the sweep was not quiet");
  const calls = fleet.counted();
  const reports = fleet.told.map(({ report }) => report);
  const metrics = metricsOf(reports, true);
  const alarmedMetrics = metricsIn(controllerAlarms(fleet.config, PLACE));
  const sweeps = (each: number): number => SWEEPS_A_MONTH * each;
  const dollars = {
    checks: metricsIn(statusAlarms(alarmed(fleet.config), PLACE)) * PRICES.alarmedMetric,
    controller: alarmedMetrics * PRICES.alarmedMetric,
    metrics: metrics * PRICES.metric,
    sweeps: sweeps(lambda(tookMs)),
    invocations: sweeps(PRICES.lambdaRequest),
    traces: sweeps(PRICES.trace),
    logs: sweeps(log(LOG_BYTES)),
    reads: sweeps(groups * PRICES.tableRead),
    alarmReads: sweeps(sum(calls, /Alarm/) * PRICES.cloudwatchRequest),
    doctor: DAYS_A_MONTH * groups * (await examination()),
  };
  return { groups, calls, sweepMs: tookMs, alarmedMetrics, metrics, dollars };
}

/** The default: an alarm on the status checks of every member. */
const alarmed = (config: Config): Config => ({
  ...config,
  statusAlarm: { ...config.statusAlarm, enabled: true },
});

/** An alarm is paid for by the metrics that it looks at. */
function metricsIn(alarms: Resources): number {
  return Object.values(alarms).reduce((all, { Properties: { Metrics = [{ MetricStat: {} }] } }) => {
    const looked = Metrics as readonly { readonly MetricStat?: object }[];
    return all + looked.filter(({ MetricStat }) => MetricStat !== undefined).length;
  }, 0);
}

/** What the doctor's look at one group costs. */
async function examination(): Promise<number> {
  const fleet = new Fleet(groupsOf(1), { latency: latencies(seeded(1)) });
  fleet.hasDoctor = true;
  await fleet.sweep();
  fleet.counted();
  await fleet.pass(5 * MINUTE);
  const calls = fleet.counted();
  const ms = fleet.ran.find(({ by }) => by.startsWith("doctor"))?.ms;
  if (ms === undefined) throw new Error("the doctor was not asked");
  return (
    lambda(ms) +
    PRICES.lambdaRequest +
    PRICES.trace +
    log(LOG_BYTES) +
    sum(calls, /^(Update|Put)$/) * PRICES.tableWrite +
    sum(calls, /^Get$/) * PRICES.tableRead +
    sum(calls, /Alarm/) * PRICES.cloudwatchRequest
  );
}

const count = (value: number): string => value.toLocaleString("en");

export function idleInWords(idle: readonly Idle[]): string {
  return [sweepsInWords(idle), dollarsInWords(idle)].join("\n\n");
}

function sweepsInWords(idle: readonly Idle[]): string {
  const rows = idle.map(({ groups, calls, sweepMs }) => [
    count(groups),
    String(sum(calls, /^Describe/)),
    String(sum(calls, /Get$/)),
    String(sum(calls, CHANGES)),
    `${(sweepMs / 1000).toFixed(1)} s`,
  ]);
  return table(["groups", "reads of EC2 and CloudWatch", "of the table", "writes", "it takes"], rows);
}

/** The table of docs/deployment.md. */
export function dollarsInWords(idle: readonly Idle[]): string {
  const [first] = idle;
  const words = { ELEVEN: first?.alarmedMetrics, FIVE: first?.metrics };
  const named = (name: string): string =>
    name.replace(/ELEVEN|FIVE/, (word) => String(words[word as keyof typeof words]));
  const rows = Object.entries(ITEMS).map(([item, name]) => [
    named(name),
    ...idle.map(({ dollars }) => dollars[item as keyof typeof ITEMS].toFixed(2)),
  ]);
  const total = idle.map(({ dollars }) => Object.values(dollars).reduce((all, one) => all + one, 0));
  const last = ["**a month**", ...total.map((all) => `**${all.toFixed(2)}**`)];
  return table(["dollars a month; groups:", ...idle.map(({ groups }) => count(groups))], [...rows, last]);
}
