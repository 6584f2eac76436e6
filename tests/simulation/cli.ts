/**
 * `npm run simulate -- --seeds 1000 [--base N]`: a batch, with a summary of what was reached.
 * `npm run simulate -- --seed N`: one seed, with a readable trace.
 */
import { parseArgs } from "node:util";
import type { Result } from "./run.ts";
import { runSeed } from "./run.ts";
import { describe } from "./trace.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    base: { type: "string" },
  },
});

if (values.seed !== undefined) await one(Number(values.seed));
else await batch(Number(values.seeds), values.base === undefined ? fresh() : Number(values.base));

async function one(seed: number): Promise<void> {
  const result = await runSeed(seed);
  for (const event of result.events) {
    const at = new Date(event.at).toISOString().slice(11, 23);
    console.log(`${at}  ${event.by.padEnd(14)} ${event.kind.padEnd(9)} ${describe(event)}`);
  }
  const { groups } = result.scenario;
  console.log(`\nfaults   ${JSON.stringify(result.drawn)}`);
  for (const group of groups) {
    console.log(
      `${group.name}  ${group.interfaces.length} interfaces, ${group.members.length} members, ${JSON.stringify(group.policy)}`,
    );
  }
  const again = await runSeed(seed);
  console.log(
    `trace    ${result.hash}${again.hash === result.hash ? " (the same twice)" : ` but ${again.hash} the second time`}`,
  );
  console.log(`calls ${result.calls}, faults ${result.faults}, moves ${result.moves}`);
  report(result);
  if (failed(result) || again.hash !== result.hash) process.exitCode = 1;
}

async function batch(count: number, base: number): Promise<void> {
  const started = performance.now();
  const results: Pick<Result, "calls" | "faults" | "moves">[] = [];
  const reached = new Map<string, number>();
  const bad: number[] = [];
  console.log(`simulating ${count} seeds from ${base}`);
  for (let index = 0; index < count; index += 1) {
    const result = await runSeed(base + index);
    results.push({ calls: result.calls, faults: result.faults, moves: result.moves });
    for (const what of result.reached) reached.set(what, (reached.get(what) ?? 0) + 1);
    if (failed(result)) {
      bad.push(result.seed);
      report(result);
    }
    if ((index + 1) % 500 === 0) progress(index + 1, count, started, bad.length);
  }
  const seconds = (performance.now() - started) / 1000;
  const lively = results.filter((result) => result.moves > 0 && result.faults >= 3).length;
  console.log(
    `\nreached  ${[...reached]
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(", ")}`,
  );
  console.log(
    `a seed   ${median(results, "calls")} calls, ${median(results, "faults")} faults that hit a call, ${median(results, "moves")} moves (medians)`,
  );
  console.log(`lively   ${lively} of ${count} seeds have a move and three faults`);
  console.log(`speed    ${(count / seconds).toFixed(0)} seeds a second (${seconds.toFixed(1)} s)`);
  console.log(`${count - bad.length} passed, ${bad.length} failed`);
  if (bad.length > 0) {
    console.log(`repeat   npm run simulate -- --seed ${bad[0]}`);
    process.exitCode = 1;
  }
}

function failed(result: Result): boolean {
  return result.violations.length > 0 || result.pending.length > 0;
}

function report(result: Result): void {
  for (const law of result.violations.slice(0, 5)) console.log(`seed ${result.seed}  BROKEN   ${law}`);
  for (const what of result.pending) console.log(`seed ${result.seed}  PENDING  ${what}`);
}

function progress(done: number, count: number, started: number, bad: number): void {
  const rate = (done / ((performance.now() - started) / 1000)).toFixed(0);
  console.log(`  ${done} of ${count}, ${rate} a second, ${bad} failed`);
}

function median(
  results: readonly Pick<Result, "calls" | "faults" | "moves">[],
  what: "calls" | "faults" | "moves",
): number {
  const sorted = results.map((result) => result[what]).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function fresh(): number {
  return Math.floor(Math.random() * 1_000_000_000);
}
