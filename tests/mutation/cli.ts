/**
 * `npm run mutate [-- shared/core/decide.ts …]`: changes the code in every small way that Stryker knows, one at a time,
 * and shows what neither a test nor the compiler notices. What the survivors mean: `docs/mutation.md`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Tried, tryMutants } from "./stryker.ts";
import { SUITES } from "./suites.ts";

const { values, positionals } = parseArgs({
  options: { concurrency: { type: "string", default: "1" } },
  allowPositionals: true,
});

const sources = readdirSync("shared", { recursive: true, encoding: "utf8" })
  .map((name) => `shared/${name}`)
  .filter((file) => file.endsWith(".ts") && (positionals.length === 0 || positionals.includes(file)))
  .sort();

const tried: Tried[] = [];
let left: readonly string[] = sources;
for (const suite of SUITES) {
  const files = left.filter((file) => suite.sources.test(file));
  left = left.filter((file) => !files.includes(file));
  if (files.length > 0) tried.push(...tryMutants(files, suite.tests, Number(values.concurrency)));
}
if (positionals.length > 0 && left.length > 0) console.log(`in no suite: ${left.join(", ")}`);
show(tried);

function show(all: readonly Tried[]): void {
  for (const one of all.filter(survived)) console.log(`\n${inWords(one)}`);
  const files = [...new Set(all.map(({ file }) => file))];
  console.log("\n| file | mutants | type errors | killed | survived | score |");
  console.log("| --- | --: | --: | --: | --: | --: |");
  const rows = files.map((name) => {
    const own = all.filter(({ file }) => file === name);
    return row(name, own);
  });
  console.log([...rows, row("all", all)].join("\n"));
  const timeouts = all.filter(({ status }) => status === "Timeout");
  if (timeouts.length > 0) console.log(`\nKilled by the clock (a loop without end, or a busy machine):`);
  for (const one of timeouts) console.log(`\n${inWords(one)}`);
}

function survived({ status }: Tried): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** The score is the share of those killed among those that compile. */
function row(name: string, mutants: readonly Tried[]): string {
  const wrong = mutants.filter(({ status }) => status === "CompileError").length;
  const alive = mutants.filter(survived).length;
  const killed = mutants.length - wrong - alive;
  const score = killed + alive === 0 ? "" : `${((100 * killed) / (killed + alive)).toFixed(1)} %`;
  return `| ${name} | ${mutants.length} | ${wrong} | ${killed} | ${alive} | ${score} |`;
}

/** Where it is, and what it makes of the lines that it changes. */
function inWords({ file, location, replacement, mutatorName, status }: Tried): string {
  const { start, end } = location;
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const after = `${(lines[0] ?? "").slice(0, start.column - 1)}${replacement}${(lines.at(-1) ?? "").slice(end.column - 1)}`;
  const untested = status === "NoCoverage" ? ", in no test" : "";
  return [
    `${file}:${start.line} ${mutatorName}${untested}`,
    ...lines.map((line) => `- ${line}`),
    `+ ${after}`,
  ].join("\n");
}
