/** Many seeds, on all cores: every worker is a thread of its own, on a bundle, which starts and runs faster than sources. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import * as esbuild from "esbuild";
import type { Summary } from "./worker.ts";

const ROOT = path.join(import.meta.dirname, "..", "..");
const BUNDLE = path.join(ROOT, "node_modules", ".cache", "simulation", `worker-${process.pid}.mjs`);
const CHUNK = 20;

/** What comes of telling a summary: the batch goes on, or that was enough. */
export type Told = "go on" | "enough";

/** Runs the seeds from `base`, and tells each summary as it comes; the order is not theirs. */
export async function runBatch(
  batch: { readonly base: number; readonly seeds: number; readonly workers: number },
  tell: (summary: Summary) => Told,
): Promise<void> {
  mkdirSync(path.dirname(BUNDLE), { recursive: true });
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, "worker.ts")],
    outfile: BUNDLE,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: "inline",
  });
  const chunks: number[][] = [];
  for (let seed = 0; seed < batch.seeds; seed += CHUNK) {
    const size = Math.min(CHUNK, batch.seeds - seed);
    chunks.push(Array.from({ length: size }, (_, index) => batch.base + seed + index));
  }
  const workers = Math.min(batch.workers, chunks.length);
  await Promise.all(Array.from({ length: workers }, () => work(chunks, tell)));
}

/** One worker, until nothing is left. */
function work(chunks: number[][], tell: (summary: Summary) => Told): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(BUNDLE);
    const next = (): void => {
      const chunk = chunks.shift();
      if (chunk === undefined) void worker.terminate().then(() => resolve());
      else worker.postMessage(chunk);
    };
    worker.on("message", (summaries: readonly Summary[]) => {
      if (summaries.map(tell).includes("enough")) chunks.length = 0;
      next();
    });
    worker.on("error", reject);
    next();
  });
}
