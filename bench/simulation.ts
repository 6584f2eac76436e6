/** (e) Seeds of the simulation a second, on one core and on all. */
import { availableParallelism } from "node:os";
import { runBatch } from "../tests/simulation/batch.ts";
import { percentile, table } from "./percentiles.ts";

export interface Speed {
  readonly workers: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly calls: number;
}

export async function measureSimulation(base: number, seeds: number): Promise<Speed[]> {
  const speeds: Speed[] = [];
  for (const workers of new Set([1, availableParallelism()])) {
    const calls: number[] = [];
    const began = performance.now();
    await runBatch({ base, seeds, workers }, (summary) => {
      calls.push(summary.calls);
      return "go on";
    });
    speeds.push({
      workers,
      seeds,
      seconds: (performance.now() - began) / 1000,
      calls: percentile(calls, 50),
    });
  }
  return speeds;
}

export function simulationInWords(speeds: readonly Speed[]): string {
  const rows = speeds.map(({ workers, seeds, seconds, calls }) => [
    `${workers}`,
    String(seeds),
    `${seconds.toFixed(1)} s`,
    (seeds / seconds).toFixed(0),
    String(calls),
  ]);
  return table(["cores", "seeds", "took", "seeds a second", "calls a seed, median"], rows);
}
