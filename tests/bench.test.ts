/** The benchmark still runs, and measures what it says: no figure is asserted, only what must hold of any. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CONTENDERS } from "../bench/contenders.ts";
import { dollarsInWords, type Idle, measureIdle } from "../bench/idle.ts";
import { measureOverhead, overheadInWords } from "../bench/overhead.ts";

it("every contender makes the same moves, none of them faster than EC2 itself", async () => {
  const results = await measureOverhead({ from: 1, count: 3 });
  expect(results.map(({ contender }) => contender)).toEqual(CONTENDERS.map(({ name }) => name));
  const floors = results.map(({ moves }) => moves.map(({ floorMs }) => floorMs));
  expect(new Set(floors.map(String)).size).toBe(1);
  for (const { moves, gaveUp, ratio } of results) {
    expect(gaveUp).toBe(0);
    expect(moves.every((move) => move.inUseMs >= move.floorMs)).toBe(true);
    expect(ratio.p99).toBeGreaterThanOrEqual(ratio.p50);
  }
  for (const { contender } of results) expect(overheadInWords(results)).toContain(contender);
});

it("the same seeds give the same figures", async () => {
  const [first, second] = [
    await measureOverhead({ from: 7, count: 1 }),
    await measureOverhead({ from: 7, count: 1 }),
  ];
  expect(second).toEqual(first);
});

it("the costs in the documentation are those of what the stack makes and calls now", async () => {
  const idle: Idle[] = [];
  for (const groups of [1, 10, 100, 1_000]) idle.push(await measureIdle(groups));
  expect(readFileSync("docs/deployment.md", "utf8")).toContain(dollarsInWords(idle));
});
