/** One run of Stryker: which mutants of some files a suite of tests does not notice. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STRYKER = "10.1.1";
/** Stryker is heavy, and wants a newer Node than the rest of the project: `npx` brings both for the run. */
const PACKAGES = ["node@24.21.0", `@stryker-mutator/core@${STRYKER}`];

const REPORTS = "reports/mutation";

/** One mutant, and how it fared. */
export interface Tried {
  readonly file: string;
  readonly mutatorName: string;
  readonly replacement: string;
  /** Lines and columns count from one. */
  readonly location: Readonly<Record<"start" | "end", { readonly line: number; readonly column: number }>>;
  readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "CompileError" | "RuntimeError";
}

/** Tries every mutant of the files against the tests, and says how each fared. Throws when Stryker itself fails. */
export function tryMutants(
  files: readonly string[],
  tests: readonly string[],
  concurrency: number,
): readonly Tried[] {
  mkdirSync(REPORTS, { recursive: true });
  const config = join(REPORTS, "stryker.json");
  writeFileSync(config, JSON.stringify(optionsOf(files, concurrency), undefined, 2));
  const packages = PACKAGES.flatMap((name) => ["-p", name]);
  const { status } = spawnSync(
    "npx",
    ["--yes", "--loglevel=error", ...packages, "-c", `stryker run ${config}`],
    {
      stdio: "inherit",
      env: { ...process.env, MUTATION_TESTS: JSON.stringify(tests) },
    },
  );
  if (status !== 0) throw new Error(`stryker ended with ${status}`);
  return read(join(REPORTS, "mutation.json"));
}

function optionsOf(mutate: readonly string[], concurrency: number): object {
  return {
    mutate,
    testRunner: "in-process",
    checkers: ["compiler"],
    plugins: ["./tests/mutation/runner.ts", "./tests/mutation/checker.ts"],
    // Stryker would rewrite it through TypeScript's API, which TypeScript 7 does not have.
    tsconfigFile: "none",
    ignorePatterns: ["/dist", "/.build", "/reports"],
    concurrency,
    // A mutant that never ends is killed by the clock. Patience, lest one be killed by a busy machine.
    timeoutMS: 10_000,
    // Each time that the files are loaded anew leaves the old ones behind.
    maxTestRunnerReuse: 200,
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: join(REPORTS, "mutation.json") },
    cleanTempDir: "always",
  };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Omit<Tried, "file">[] }>>;
}

function read(path: string): readonly Tried[] {
  const { files } = JSON.parse(readFileSync(path, "utf8")) as Report;
  return Object.entries(files).flatMap(([file, { mutants }]) => mutants.map((one) => ({ ...one, file })));
}
