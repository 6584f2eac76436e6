/** (b) Calls, writes and dollars of a move, and of a month in which nothing happens: counted while the real code runs. */
import { CONTENDERS } from "./contenders.ts";
import { type Idle, idleInWords } from "./idle.ts";
import { metricsOf } from "./metrics-of.ts";
import { type Move, oneMove } from "./one-move.ts";
import { percentile } from "./percentiles.ts";
import { HOURS_A_MONTH, lambda, log, PRICES } from "./prices.ts";

export type Counted = Readonly<Record<string, number>>;

/** Of an invocation that moves something. Assumed: ten times a quiet one's. */
const LOG_BYTES = 20_000;

export interface MoveCost {
  readonly changes: number;
  readonly reads: number;
  readonly cloudwatch: number;
  readonly tableReads: number;
  readonly tableWrites: number;
  readonly busEvents: number;
  readonly metrics: number;
  readonly dollars: number;
}

/** The median of each count, over seeded moves. */
export async function measureMoves(from: number, count: number): Promise<MoveCost> {
  const [ours] = CONTENDERS;
  if (ours === undefined) throw new Error("nobody moves");
  const costs: MoveCost[] = [];
  for (let seed = from; seed < from + count; seed += 1) costs.push(costOf(await oneMove(ours, seed)));
  const median = (key: keyof MoveCost): number =>
    percentile(
      costs.map((cost) => cost[key]),
      50,
    );
  return {
    changes: median("changes"),
    reads: median("reads"),
    cloudwatch: median("cloudwatch"),
    tableReads: median("tableReads"),
    tableWrites: median("tableWrites"),
    busEvents: median("busEvents"),
    metrics: median("metrics"),
    dollars: median("dollars"),
  };
}

function costOf({ calls, lastedMs, recordBytes, reports }: Move): MoveCost {
  const counts = {
    changes: sum(calls, /^(Attach|Detach)/),
    reads: sum(calls, /^Describe(Network|Instance)/),
    cloudwatch: sum(calls, /Alarm/),
    tableReads: sum(calls, /^(Get|BatchGet)$/),
    tableWrites: sum(calls, /^(Update|Put)$/),
    busEvents: sum(calls, /^PutEvents$/),
    metrics: metricsOf(reports),
  };
  const dollars =
    PRICES.lambdaRequest +
    PRICES.trace +
    lambda(lastedMs) +
    log(LOG_BYTES) +
    counts.tableWrites * Math.ceil(recordBytes / 1_024) * PRICES.tableWrite +
    counts.tableReads * Math.ceil(recordBytes / 4_096) * PRICES.tableRead +
    counts.cloudwatch * PRICES.cloudwatchRequest +
    counts.busEvents * PRICES.busEvent +
    // A metric is paid for by the hour in which it is written.
    (counts.metrics / HOURS_A_MONTH) * PRICES.metric;
  return { ...counts, dollars };
}

/** How often the operations that match were called. */
export function sum(calls: Counted, pattern: RegExp): number {
  return Object.entries(calls).reduce((all, [name, times]) => all + (pattern.test(name) ? times : 0), 0);
}

export function costInWords(move: MoveCost, idle: readonly Idle[]): string {
  return [idleInWords(idle), moveInWords(move)].join("\n\n");
}

function moveInWords(move: MoveCost): string {
  const { changes, reads, cloudwatch, tableReads, tableWrites, busEvents, metrics, dollars } = move;
  return [
    `A move, at the median: ${changes} changes and ${reads} reads of EC2, ${cloudwatch} reads of CloudWatch, ${tableReads} read and`,
    `${tableWrites} writes of the table, ${busEvents} events, ${metrics} metrics for an hour; $${dollars.toFixed(4)}.`,
  ].join("\n");
}
