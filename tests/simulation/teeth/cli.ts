/**
 * `npm run simulate:teeth [-- --seeds 2000] [--base N] [--only WORDS]`: takes the pieces that keep the promises out, one
 * at a time, in a copy, and expects a batch at the default fault rates to fail under each. Exits 1 where one is not missed.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { apply } from "./apply.ts";
import { CHANGES, type Change } from "./changes.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const COPIED = ["shared", "local", "functions", "deploy", "tests", "package.json", "tsconfig.json"];

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    base: { type: "string", default: String(Math.floor(Math.random() * 1_000_000_000)) },
    only: { type: "string", default: "" },
  },
});

/** Runs a batch in the folder until a seed fails, and answers what it printed. */
function batch(folder: string): Promise<string> {
  const cli = ["--import", "tsx", "tests/simulation/cli.ts", "--until-broken"];
  const args = [...cli, "--seeds", values.seeds, "--base", values.base];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

async function inCopy(change: Change | undefined): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "teeth-"));
  try {
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    if (change !== undefined) apply(folder, change);
    return await batch(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a batch came to: the first law that was broken, or undefined; and after how many seeds. */
function resultOf(output: string): { readonly broken: string | undefined; readonly seeds: number } {
  const end = /^(\d+) passed, (\d+) failed$/m.exec(output);
  if (end === null) throw new Error(`The batch did not end:\n${output}`);
  const broken = /^seed (\d+) +(?:BROKEN|PENDING) +(.*)$/m.exec(output);
  const law = broken === null ? undefined : `${broken[2]} (seed ${broken[1]})`;
  return { broken: law, seeds: Number(end[1]) + Number(end[2]) };
}

async function main(): Promise<void> {
  console.log(`at most ${values.seeds} seeds each, from ${values.base}`);
  const whole = resultOf(await inCopy(undefined));
  console.log(
    `${whole.broken === undefined ? "green" : "RED  "}  nothing taken out: ${whole.broken ?? `${whole.seeds} seeds`}`,
  );
  let failures = whole.broken === undefined ? 0 : 1;
  for (const change of CHANGES.filter(({ without }) => without.includes(values.only))) {
    const { broken, seeds } = resultOf(await inCopy(change));
    if (broken === undefined) failures += 1;
    const told =
      broken === undefined ? `NOT MISSED in ${seeds} seeds` : `missed within ${seeds} seeds: ${broken}`;
    console.log(`${broken === undefined ? "GREEN" : "red  "}  without ${change.without}: ${told}`);
  }
  if (failures > 0) process.exitCode = 1;
}

await main();
