/**
 * How long a hang goes unseen: the packaged stack in the embedded cloud, in wall time, with the probe at its default
 * setting. A real prober asks real sockets; its answer travels by destination, bus and rule at the bus's measured delay.
 *
 * Not in it: the network between prober and member, and what Lambda's own destination takes before the bus.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startGuests } from "../local/guests/guests.ts";
import { seeded } from "../local/random.ts";
import { loadConfig } from "../shared/config.ts";
import { slsInCopy } from "../tests/package/sls.ts";
import { probedOn } from "../tests/wire/probed.ts";
import { A, STACK, stage } from "../tests/wire/stage.ts";
import { percentile, table } from "./percentiles.ts";

const CONFIG = probedOn(14, { tcp: 8014 });

/** Milliseconds from the hang to each of these. */
export interface Detection {
  /** The prober gives its verdict. */
  readonly verdict: number;
  /** `onHealthEvent` begins: the destination, the bus and the rule lie between. */
  readonly heard: number;
  /** EC2 is asked for the detach: a cold start, the note in the record and the look lie between. */
  readonly acted: number;
}

/** One hang a round, each in a cloud of its own, at a moment drawn from the round's seed. */
export async function measureDetection(seeds: { from: number; count: number }): Promise<Detection[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "detection-"));
  try {
    const configPath = path.join(folder, "probed.json");
    writeFileSync(configPath, JSON.stringify(CONFIG));
    const { code, output } = await slsInCopy(folder, "package", `--param=config=${configPath}`);
    if (code !== 0) throw new Error(output);
    const all: Detection[] = [];
    for (let seed = seeds.from; seed < seeds.from + seeds.count; seed += 1) {
      all.push(await oneHang(path.join(folder, ".serverless"), configPath, seed));
    }
    return all;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two rounds of probes, so that everybody has answered, and a moment of a third. */
const SETTLED_MS = 6_000;
const EVERY_MS = 5_000;

async function oneHang(packaged: string, configPath: string, seed: number): Promise<Detection> {
  const templatePath = path.join(packaged, "cloudformation-template-update-stack.json");
  const there = await stage(packaged, 1, { configPath, templatePath });
  const guests = await startGuests(there.cloud, await loadConfig(configPath));
  const entries = () => there.cloud.journal.entries;
  try {
    there.deployment.bus.runSchedule(`${STACK}-probe`);
    await sleep(SETTLED_MS + seeded(seed)() * EVERY_MS);
    const hung = Date.now();
    there.cloud.break({ kind: "hang", instance: A });
    const first = async (kind: string, subject: string) => {
      for (;;) {
        const entry = entries().find((one) => one.kind === kind && one.subject === subject && one.at >= hung);
        if (entry !== undefined) return entry.at - hung;
        await sleep(10);
      }
    };
    const acted = await first("call", "ec2:DetachNetworkInterface");
    return {
      verdict: await first("invocation-end", `${STACK}-probe`),
      heard: await first("invocation", `${STACK}-onHealthEvent`),
      acted,
    };
  } finally {
    await there.close();
    await guests.close();
  }
}

export function detectionInWords(all: readonly Detection[]): string {
  const row = (called: string, of: (one: Detection) => number) => {
    const values = all.map(of);
    return [called, ...[0, 50, 100].map((percent) => `${(percentile(values, percent) / 1000).toFixed(1)} s`)];
  };
  return [
    `From the hang of the active, ${all.length} times, the probe at its default setting:`,
    "",
    table(
      ["until", "least", "median", "most"],
      [
        row("the prober's verdict", ({ verdict }) => verdict),
        row("`onHealthEvent` begins", ({ heard }) => heard),
        row("EC2 is asked for the detach", ({ acted }) => acted),
      ],
    ),
  ].join("\n");
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
