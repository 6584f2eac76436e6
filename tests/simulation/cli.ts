/**
 * `npm run simulate -- --seeds 1000 [--base N] [--workers N] [--until-broken]`: a batch, with a summary of what was
 * reached. `npm run simulate -- --seed N`: one seed, with a readable trace.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { runBatch } from "./batch.ts";
import { runSeed } from "./run.ts";
import { EXPECTED } from "./sometimes.ts";
import { describe, hashOf } from "./trace.ts";
import type { Summary } from "./worker.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    base: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    "until-broken": { type: "boolean", default: false },
  },
});

/** From this many seeds on, everything that is expected must be reached. */
const ENOUGH_SEEDS = 5_000;

if (values.seed !== undefined) await one(Number(values.seed));
else {
  const base = values.base === undefined ? Math.floor(Math.random() * 1_000_000_000) : Number(values.base);
  await batch({ base, seeds: Number(values.seeds), workers: Number(values.workers) });
}

async function one(seed: number): Promise<void> {
  const result = await runSeed(seed);
  for (const event of result.events) {
    const at = new Date(event.at).toISOString().slice(11, 23);
    console.log(`${at}  ${event.by.padEnd(14)} ${event.kind.padEnd(9)} ${describe(event)}`);
  }
  console.log(`\nfaults   ${JSON.stringify(result.drawn)}`);
  for (const { name, interfaces, members, policy } of result.scenario.groups) {
    console.log(
      `${name}  ${interfaces.length} interfaces, ${members.length} members, ${JSON.stringify(policy)}`,
    );
  }
  const [hash, again] = [hashOf(result.events), hashOf((await runSeed(seed)).events)];
  const same = again === hash;
  console.log(`trace    ${hash}${same ? " (the same twice)" : ` but ${again} the second time`}`);
  console.log(`calls ${result.calls}, faults ${result.faults}, moves ${result.moves}`);
  report(result);
  if (failed(result) || !same) process.exitCode = 1;
}

async function batch(asked: { base: number; seeds: number; workers: number }): Promise<void> {
  const { base, seeds, workers } = asked;
  const started = performance.now();
  const results: Summary[] = [];
  const bad: number[] = [];
  console.log(`simulating ${seeds} seeds from ${base} on ${workers} cores`);
  await runBatch(asked, (summary) => {
    results.push(summary);
    if (failed(summary)) {
      bad.push(summary.seed);
      report(summary);
    }
    if (results.length % 1_000 === 0) progress(results.length, seeds, started, bad.length);
    return bad.length > 0 && values["until-broken"] ? "enough" : "go on";
  });
  const seconds = (performance.now() - started) / 1000;
  const lively = results.filter((result) => result.moves > 0 && result.faults >= 3).length;
  console.log(`\nreached  ${reachedIn(results)}`);
  console.log(`a seed   ${medians(results)} (medians)`);
  console.log(`lively   ${lively} of ${results.length} seeds have a move and three faults`);
  const { user, system } = process.cpuUsage();
  const perCore = ((results.length * 1_000_000) / (user + system)).toFixed(0);
  console.log(
    `speed    ${(results.length / seconds).toFixed(0)} seeds a second (${seconds.toFixed(1)} s), ${perCore} a second of one core's time`,
  );
  const missed = missedIn(results);
  if (missed.length > 0) console.log(`MISSED   ${missed.join(", ")}: this batch says nothing about them`);
  console.log(`${results.length - bad.length} passed, ${bad.length} failed`);
  if (bad.length > 0) console.log(`repeat   npm run simulate -- --seed ${bad[0]}`);
  if (bad.length > 0 || (missed.length > 0 && seeds >= ENOUGH_SEEDS)) process.exitCode = 1;
}

type Outcome = Pick<Summary, "seed" | "violations" | "pending">;

function failed(result: Outcome): boolean {
  return result.violations.length > 0 || result.pending.length > 0;
}

function report(result: Outcome): void {
  for (const law of result.violations.slice(0, 5)) console.log(`seed ${result.seed}  BROKEN   ${law}`);
  for (const what of result.pending) console.log(`seed ${result.seed}  PENDING  ${what}`);
}

function progress(done: number, count: number, started: number, bad: number): void {
  const rate = (done / ((performance.now() - started) / 1000)).toFixed(0);
  console.log(`  ${done} of ${count}, ${rate} a second, ${bad} failed`);
}

/** What was reached, each with the number of seeds that reached it. */
function reachedIn(results: readonly Summary[]): string {
  const counts = new Map<string, number>();
  for (const what of results.flatMap((result) => result.reached))
    counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([what, times]) => `${what} ${times}`)
    .join(", ");
}

function missedIn(results: readonly Summary[]): string[] {
  const reached = new Set(results.flatMap((result) => result.reached));
  return EXPECTED.filter((what) => !reached.has(what));
}

function medians(results: readonly Summary[]): string {
  const median = (what: "calls" | "faults" | "moves"): number => {
    const sorted = results.map((result) => result[what]).sort((left, right) => left - right);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return `${median("calls")} calls, ${median("faults")} faults that hit a call, ${median("moves")} moves`;
}
