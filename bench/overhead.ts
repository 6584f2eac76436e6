/** (a) What each contender adds to what EC2 itself takes, over the same seeded moves. */
import { CONTENDERS } from "./contenders.ts";
import { type Move, oneMove, type Phases } from "./one-move.ts";
import { milliseconds, type Percentiles, percentile, percentiles, table } from "./percentiles.ts";

export interface Overhead {
  readonly contender: string;
  /** Over the floor of the same move. */
  readonly ratio: Percentiles;
  readonly addedMs: Percentiles;
  readonly inUseMs: Percentiles;
  readonly phases: Readonly<Record<keyof Phases, Percentiles>>;
  /** EC2 and CloudWatch calls of the median move. */
  readonly calls: number;
  readonly gaveUp: number;
  readonly moves: readonly Move[];
}

export interface Seeds {
  readonly from: number;
  readonly count: number;
}

const PHASES = ["decide", "detach", "gap", "attach", "notice"] as const satisfies readonly (keyof Phases)[];

/** Every contender on every seed. */
export async function measureOverhead({ from, count }: Seeds): Promise<readonly Overhead[]> {
  const results: Overhead[] = [];
  for (const contender of CONTENDERS) {
    const moves: Move[] = [];
    for (let seed = from; seed < from + count; seed += 1) moves.push(await oneMove(contender, seed));
    results.push({ contender: contender.name, ...summary(moves), moves });
  }
  return results;
}

function summary(moves: readonly Move[]): Omit<Overhead, "contender" | "moves"> {
  const ofPhase = (phase: keyof Phases): Percentiles =>
    percentiles(moves.map((move) => move.phases?.[phase] ?? Infinity));
  return {
    ratio: percentiles(moves.map((move) => move.inUseMs / move.floorMs)),
    addedMs: percentiles(moves.map((move) => move.inUseMs - move.floorMs)),
    inUseMs: percentiles(moves.map((move) => move.inUseMs)),
    phases: Object.fromEntries(PHASES.map((phase) => [phase, ofPhase(phase)])) as Overhead["phases"],
    calls: percentile(moves.map(callsOf), 50),
    gaveUp: moves.filter((move) => move.phases === undefined).length,
  };
}

function callsOf({ calls }: Move): number {
  const ofAws = Object.entries(calls).filter(([operation]) =>
    /^(Describe|List|Detach|Attach)/.test(operation),
  );
  return ofAws.reduce((sum, [, times]) => sum + times, 0);
}

/** The tables, in Markdown. */
export function overheadInWords(results: readonly Overhead[]): string {
  const floor = percentiles((results[0]?.moves ?? []).map((move) => move.floorMs));
  const ratio = (value: number): string => value.toFixed(2);
  const pair = ({ p50, p99 }: Percentiles): string => `${milliseconds(p50)} / ${milliseconds(p99)}`;
  const rows = results.map(({ contender, ...one }) => [
    contender,
    ratio(one.ratio.p50),
    ratio(one.ratio.p99),
    milliseconds(one.addedMs.p50),
    milliseconds(one.addedMs.p99),
    milliseconds(one.inUseMs.p50),
    milliseconds(one.inUseMs.p99),
    String(one.calls),
    String(one.gaveUp),
  ]);
  const head = ["", "ratio p50", "p99", "added ms p50", "p99", "in use ms p50", "p99", "calls", "gave up"];
  const phases = results.map(({ contender, phases: of }) => [
    contender,
    ...PHASES.map((one) => pair(of[one])),
  ]);
  const phaseHead = ["ms, p50 / p99", ...PHASES];
  return [
    `floor: ${milliseconds(floor.p50)} ms at the median, ${milliseconds(floor.p99)} ms at p99`,
    table(head, rows),
    table(phaseHead, phases),
  ].join("\n\n");
}
