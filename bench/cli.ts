/** `npm run bench [-- PART …] [--seeds N] [--base N] [--groups N] [--chart FILE]`: what we claim of speed and cost, measured. Never a test. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { chartOf } from "./chart.ts";
import { coldStartsInWords, measureColdStarts } from "./cold-start.ts";
import { costInWords, measureMoves } from "./cost.ts";
import { detectionInWords, measureDetection } from "./detection.ts";
import { type Idle, measureIdle } from "./idle.ts";
import { measureOverhead, overheadInWords } from "./overhead.ts";
import { measureSimulation, simulationInWords } from "./simulation.ts";
import { measureStorms, stormsInWords } from "./storm.ts";

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    base: { type: "string", default: "1" },
    groups: { type: "string", default: "1000" },
    // docs/overhead.svg: where the time of a move goes.
    chart: { type: "string" },
  },
  allowPositionals: true,
});

const seeds = { from: Number(values.base), count: Number(values.seeds) };

const all = positionals.length === 0;

const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  // In wall time, some 20 s a seed: a few where all parts are asked for.
  detection: async () =>
    detectionInWords(await measureDetection({ ...seeds, count: Math.min(seeds.count, all ? 3 : 20) })),
  overhead: async () => {
    const results = await measureOverhead(seeds);
    if (values.chart !== undefined) await writeFile(values.chart, chartOf(results));
    return overheadInWords(results);
  },
  cost: async () => {
    const idle: Idle[] = [];
    for (const groups of [1, 10, 100, 1_000]) idle.push(await measureIdle(groups));
    return costInWords(await measureMoves(seeds.from, Math.min(seeds.count, 200)), idle);
  },
  fleet: async () => stormsInWords(await measureStorms(Number(values.groups), seeds.from)),
  "cold-start": async () => coldStartsInWords(await measureColdStarts(Math.min(seeds.count, 15))),
  simulation: async () => simulationInWords(await measureSimulation(seeds.from, Math.min(seeds.count, 500))),
};

const asked = all ? Object.keys(PARTS) : positionals;
const unknown = asked.filter((part) => PARTS[part] === undefined);
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}: ${Object.keys(PARTS).join(", ")}.`);
  process.exit(1);
}

const [cpu] = cpus();
console.log(
  `machine  ${cpus().length} × ${cpu?.model ?? "unknown"}, Node ${process.versions.node}, ${process.platform}`,
);
console.log(`seeds    ${seeds.from} to ${seeds.from + seeds.count - 1}`);
for (const part of asked) {
  console.log(`\n## ${part}\n`);
  console.log(await PARTS[part]?.());
}
