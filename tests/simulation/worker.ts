/** One core of a batch: runs the seeds it is given and answers a summary of each. Started by `batch.ts`. */
import { parentPort } from "node:worker_threads";
import type { Result } from "./run.ts";
import { runSeed } from "./run.ts";

/** What a batch keeps of a run; the trace is made again when somebody wants to read it. */
export interface Summary
  extends Pick<Result, "seed" | "violations" | "pending" | "calls" | "faults" | "moves"> {
  readonly reached: readonly string[];
}

// Faults are errors by the thousand, and nobody reads where they were made.
Error.stackTraceLimit = 0;

parentPort?.on("message", async (seeds: readonly number[]) => {
  const summaries: Summary[] = [];
  for (const one of seeds) {
    const { seed, violations, pending, calls, faults, moves, reached } = await runSeed(one);
    summaries.push({ seed, violations, pending, calls, faults, moves, reached: [...reached] });
  }
  parentPort?.postMessage(summaries);
});
