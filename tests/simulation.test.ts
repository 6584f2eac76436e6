/**
 * Seeds of the simulation: the production loop under faults, then left in peace. A fixed batch, and a random one whose
 * base is printed. Green means little unless things happened, so what was reached is demanded too.
 */
import { describe, expect, it } from "vitest";
import type { Result } from "./simulation/run.ts";
import { runSeed } from "./simulation/run.ts";

const FIXED = 100;
const RANDOM = 60;

/** Seeds that found something, with the drawing of their day; docs/safety.md tells of all. */
const FOUND: Readonly<Record<number, string>> = {
  162: "a detach that would never end, from the member that had become the target again, was waited for and never forced",
  5000827: "an attach that somebody else had left attaching for ever was waited for and never forced",
  5002307: "a holder counted its lease from the late answer to its claim, and went on after it had run out",
  5003706: "what a dead member held stayed there, because the living holder of the rest was in quarantine",
  315492896: "a renewal that arrived late put an older intent back under the same holder",
  570127799: "a move by hand that no look had found yet was undone by a failback",
};

async function run(seeds: readonly number[]): Promise<Result[]> {
  const results: Result[] = [];
  // The trace of a run is large: only what is asked for here is kept.
  for (const seed of seeds) results.push({ ...(await runSeed(seed)), events: [] });
  return results;
}

function wrong(results: readonly Result[]): string[] {
  return results.flatMap(({ seed, violations, pending }) =>
    [...violations, ...pending].map((what) => `npm run simulate -- --seed ${seed}: ${what}`),
  );
}

function from(base: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => base + index);
}

describe("the simulation", () => {
  it("keeps every law under faults, and settles when they stop", async () => {
    const results = await run(from(1, FIXED));
    expect(wrong(results)).toEqual([]);
    const reached = new Set(results.flatMap((result) => [...result.reached]));
    for (const what of [
      "moved",
      "active-dead",
      "active-failing",
      "resume",
      "cooldown",
      "unconfirmed",
      "forced",
    ]) {
      expect(reached, `${what} is reached`).toContain(what);
    }
    const lively = results.filter((result) => result.moves > 0 && result.faults >= 3);
    expect(lively.length).toBeGreaterThan(FIXED / 2);
  });

  it("keeps them under seeds that nobody has chosen", async () => {
    const base = Math.floor(Math.random() * 1_000_000_000);
    console.log(`simulation: ${RANDOM} seeds from ${base}`);
    expect(wrong(await run(from(base, RANDOM)))).toEqual([]);
  });

  it.each(Object.entries(FOUND))("seed %s: %s", async (seed) => {
    expect(wrong(await run([Number(seed)]))).toEqual([]);
  });

  it("gives the same trace for the same seed", async () => {
    const [once, again] = [await runSeed(5), await runSeed(5)];
    expect(again.hash).toBe(once.hash);
  });
});
