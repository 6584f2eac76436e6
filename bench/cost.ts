/** (b) Calls, writes and dollars: of a move, and of a month in which nothing happens. Counted while the real code runs. */
import { seeded } from "../local/random.ts";
import { Fleet, groupsOf, MINUTE } from "../tests/fleet/fleet.ts";
import { CONTENDERS } from "./contenders.ts";
import { latencies } from "./latency.ts";
import { type Move, oneMove } from "./one-move.ts";
import { percentile, table } from "./percentiles.ts";
import { DAYS_A_MONTH, PRICES, SWEEPS_A_MONTH } from "./prices.ts";

type Counted = Readonly<Record<string, number>>;

/** serverless.yml */
const MEMORY_GB = 0.5;
/** Of an invocation: its metrics, and Lambda's own START, END and REPORT. Assumed. */
const LOG_BYTES = 2_000;
/** Metrics of a month in which every group is healthy (shared/metrics.ts). */
const IDLE_METRICS = 5;
/** The stack makes one on the status checks of each member. */
const ALARMS_A_GROUP = 2;

export interface MoveCost {
  readonly changes: number;
  readonly reads: number;
  readonly cloudwatch: number;
  readonly tableReads: number;
  readonly tableWrites: number;
  readonly busEvents: number;
  readonly dollars: number;
}

export interface IdleCost {
  readonly groups: number;
  /** Of one sweep. */
  readonly calls: Counted;
  readonly sweepMs: number;
  /** Of a month. */
  readonly dollars: { readonly alarms: number; readonly metrics: number; readonly rest: number };
}

/** The median of each count, over seeded moves. */
export async function measureMoves(from: number, count: number): Promise<MoveCost> {
  const [ours] = CONTENDERS;
  if (ours === undefined) throw new Error("nobody moves");
  const moves: Move[] = [];
  for (let seed = from; seed < from + count; seed += 1) moves.push(await oneMove(ours, seed));
  const costs = moves.map(costOf);
  const median = (of: (cost: MoveCost) => number): number => percentile(costs.map(of), 50);
  return {
    changes: median((cost) => cost.changes),
    reads: median((cost) => cost.reads),
    cloudwatch: median((cost) => cost.cloudwatch),
    tableReads: median((cost) => cost.tableReads),
    tableWrites: median((cost) => cost.tableWrites),
    busEvents: median((cost) => cost.busEvents),
    dollars: median((cost) => cost.dollars),
  };
}

function costOf({ calls, lastedMs, recordBytes }: Move): MoveCost {
  const of = (pattern: RegExp): number => sum(calls, pattern);
  const tableWrites = of(/^(Update|Put)$/);
  const tableReads = of(/^(Get|BatchGet)$/);
  const cloudwatch = of(/Alarm/);
  const busEvents = of(/^PutEvents$/);
  const dollars =
    lambda(lastedMs) +
    tableWrites * Math.ceil(recordBytes / 1_024) * PRICES.tableWrite +
    tableReads * Math.ceil(recordBytes / 4_096) * PRICES.tableRead +
    cloudwatch * PRICES.cloudwatchRequest +
    busEvents * PRICES.busEvent;
  const reads = of(/^Describe(Network|Instance)/);
  return { changes: of(/^(Attach|Detach)/), reads, cloudwatch, tableReads, tableWrites, busEvents, dollars };
}

/** A quiet sweep of so many groups, sixty an hour for a month, and the doctor's look at each of them once a day. */
export async function measureIdle(groups: number): Promise<IdleCost> {
  const fleet = new Fleet(groupsOf(groups), { latency: latencies(seeded(groups)) });
  const { swept, tookMs } = await fleet.sweep();
  const calls = fleet.counted();
  if (swept?.because.healthy !== groups) throw new Error("the sweep was not quiet");
  const sweep = lambda(tookMs) + groups * PRICES.tableRead + requests(calls);
  const rest = SWEEPS_A_MONTH * sweep + DAYS_A_MONTH * groups * (await examination());
  return {
    groups,
    calls,
    sweepMs: tookMs,
    dollars: {
      alarms: groups * ALARMS_A_GROUP * PRICES.alarmMonth,
      metrics: IDLE_METRICS * PRICES.metricMonth,
      rest,
    },
  };
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
  const writes = sum(calls, /^(Update|Put)$/) * PRICES.tableWrite;
  return lambda(ms) + writes + sum(calls, /^Get$/) * PRICES.tableRead + requests(calls);
}

/** Of one invocation. */
function lambda(milliseconds: number): number {
  const log = (LOG_BYTES / 1024 ** 3) * PRICES.logGb;
  return PRICES.lambdaRequest + (milliseconds / 1000) * MEMORY_GB * PRICES.lambdaGbSecond + log;
}

function requests(calls: Counted): number {
  return sum(calls, /Alarm/) * PRICES.cloudwatchRequest;
}

function sum(calls: Counted, pattern: RegExp): number {
  return Object.entries(calls).reduce((all, [name, times]) => all + (pattern.test(name) ? times : 0), 0);
}

export function costInWords(move: MoveCost, idle: readonly IdleCost[]): string {
  const dollars = (value: number): string => `$${value.toFixed(2)}`;
  const rows = idle.map((one) => {
    const { alarms, metrics, rest } = one.dollars;
    const writes = sum(one.calls, /^(Update|Put|Attach|Detach|Modify|Invoke)/);
    return [
      String(one.groups),
      String(sum(one.calls, /./)),
      String(writes),
      `${(one.sweepMs / 1000).toFixed(1)} s`,
      dollars(alarms),
      dollars(metrics),
      dollars(rest),
      dollars(alarms + metrics + rest),
    ];
  });
  return [
    `a move, median: ${move.changes} changes and ${move.reads} reads of EC2, ${move.cloudwatch} of CloudWatch, ${move.tableReads} reads and ${move.tableWrites} writes of the table, ${move.busEvents} events; $${move.dollars.toFixed(6)}`,
    table(
      ["groups", "calls a sweep", "writes", "it takes", "alarms", "metrics", "the rest", "a month"],
      rows,
    ),
  ].join("\n\n");
}
