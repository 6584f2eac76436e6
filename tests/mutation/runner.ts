/**
 * A test runner for Stryker that stays in one process: the suite is bundled and loaded once, and each mutant costs what
 * its tests cost. Stryker's own runner starts a worker and loads the suite for each mutant: a third of a second, against
 * milliseconds.
 */
import { globSync, readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { tests } from "./in-process.ts";

type Tests = typeof tests;

/** What the instrumented sources look at. */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: object;
}

interface MutantRun {
  readonly activeMutant: { readonly id: string };
  /** `static`: the mutant changes what is done while the files are loaded, so they are loaded anew. */
  readonly mutantActivation: "runtime" | "static";
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
}

type Outcome =
  | { readonly status: "survived"; readonly nrOfTests: number }
  | { readonly status: "timeout"; readonly reason: string }
  | {
      readonly status: "killed";
      readonly killedBy: readonly string[];
      readonly failureMessage: string;
      readonly nrOfTests: number;
    };

/** A test that waits for what never comes. None takes a tenth of it. */
const PATIENCE_MS = 10_000;

class InProcess {
  static readonly inject = [] as const;
  readonly #switch: Switch;
  readonly #bundle = resolve(`.mutation-${process.pid}.mjs`);
  #loads = 0;
  #tests: Tests = [];

  constructor() {
    const global = globalThis as { __stryker__?: Switch };
    global.__stryker__ ??= {};
    this.#switch = global.__stryker__;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    const patterns = JSON.parse(process.env.MUTATION_TESTS ?? "[]") as string[];
    // In the order of the patterns: what notices most may come first.
    await bundle([...new Set(patterns.flatMap((pattern) => globSync(pattern).sort()))], this.#bundle);
    await this.#load();
  }

  async dryRun() {
    const results = [];
    for (const [at, { name }] of this.#tests.entries()) {
      this.#switch.currentTestId = String(at);
      const began = performance.now();
      const failure = await this.#failureOf(at);
      const one = { id: String(at), name, timeSpentMs: performance.now() - began };
      results.push(
        failure === undefined
          ? { ...one, status: 0 }
          : { ...one, status: 1, failureMessage: String(failure) },
      );
    }
    this.#switch.currentTestId = undefined;
    return { status: "complete", tests: results, mutantCoverage: this.#switch.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }: MutantRun): Promise<Outcome> {
    Object.assign(this.#switch, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    try {
      if (mutantActivation === "static") await this.#load();
      return await this.#run(testFilter ?? this.#tests.map((_, at) => String(at)));
    } catch (error) {
      return { status: "killed", killedBy: ["0"], failureMessage: `not loaded: ${error}`, nrOfTests: 0 };
    } finally {
      this.#switch.activeMutant = undefined;
      if (mutantActivation === "static") await this.#load();
    }
  }

  dispose(): void {
    rmSync(this.#bundle, { force: true });
  }

  async #run(ids: readonly string[]): Promise<Outcome> {
    for (const [count, id] of ids.entries()) {
      const failure = await this.#failureOf(Number(id));
      if (failure === undefined) continue;
      const { hitCount = 0, hitLimit = Number.POSITIVE_INFINITY } = this.#switch;
      if (hitCount > hitLimit) return { status: "timeout", reason: "it goes round and round" };
      return { status: "killed", killedBy: [id], failureMessage: String(failure), nrOfTests: count + 1 };
    }
    return { status: "survived", nrOfTests: ids.length };
  }

  async #failureOf(at: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("it does not end")), PATIENCE_MS);
    });
    try {
      await Promise.race([this.#tests[at]?.run(), patience]);
      return undefined;
    } catch (error) {
      return error ?? "nothing was thrown";
    } finally {
      clearTimeout(timer);
    }
  }

  async #load(): Promise<void> {
    this.#loads += 1;
    const loaded = await import(`${pathToFileURL(this.#bundle)}?${this.#loads}`);
    this.#tests = loaded.tests as Tests;
  }
}

/** All test files as one module, with the words of vitest that work in one process. */
async function bundle(files: readonly string[], outfile: string): Promise<void> {
  const words = resolve("tests/mutation/in-process.ts");
  const contents = [
    `export { tests } from ${JSON.stringify(words)};`,
    ...files.flatMap((name) => [`import "begin:${name}";`, `import "./${name}";`]),
  ].join("\n");
  await build({
    stdin: { contents, resolveDir: process.cwd() },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    // Two things of one name get two names in a bundle, and the fakes know commands by their class's.
    keepNames: true,
    alias: { vitest: words },
    plugins: [
      {
        name: "begin",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^begin:/ }, ({ path }) => ({ path: path.slice(6), namespace: "begin" }));
          onLoad({ filter: /.*/, namespace: "begin" }, ({ path }) => ({
            contents: `import { file } from ${JSON.stringify(words)}; file(${JSON.stringify(path)});`,
            resolveDir: process.cwd(),
          }));
          // What reads a file beside it would look for it beside the bundle.
          onLoad({ filter: /\/(tests\/.*\.test|deploy\/.*)\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, "utf8")
              .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
              .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
            loader: "ts",
          }));
        },
      },
    ],
  });
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: InProcess }];
