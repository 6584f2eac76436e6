/**
 * A checker for Stryker: which mutants are type errors. The compiler comes before the tests in `npm test`, so nobody can
 * make those by mistake, and they say nothing about the tests. Stryker's own checker needs the API of an older TypeScript,
 * and takes a second a mutant; this one gives the project's compiler a thousand mutated files at once.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A mutant as Stryker hands it to a checker. Lines and columns count from nought. */
interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly replacement: string;
  readonly location: Readonly<Record<"start" | "end", { readonly line: number; readonly column: number }>>;
}

type Checked = { readonly status: "passed" } | { readonly status: "compileError"; readonly reason: string };

class Compiler {
  static readonly inject = [] as const;
  /** Under the project, so that packages are found as always; a folder a process. */
  readonly #copy = join(".stryker-tmp", `types-${process.pid}`);

  async init(): Promise<void> {}

  async group(mutants: readonly Mutant[]): Promise<string[][]> {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants: readonly Mutant[]): Promise<Record<string, Checked>> {
    rmSync(this.#copy, { recursive: true, force: true });
    cpSync("shared", join(this.#copy, "shared"), { recursive: true });
    for (const mutant of mutants) writeFileSync(join(this.#copy, nameOf(mutant)), mutated(mutant));
    const errors = this.#errorsOf(mutants.map(nameOf));
    rmSync(this.#copy, { recursive: true, force: true });
    return Object.fromEntries(
      mutants.map((mutant) => {
        const reason = errors.get(nameOf(mutant));
        return [mutant.id, reason === undefined ? { status: "passed" } : { status: "compileError", reason }];
      }),
    );
  }

  /** A file that can't even be parsed keeps the compiler from telling anything else: the others are tried without it. */
  #errorsOf(files: readonly string[]): ReadonlyMap<string, string> {
    const config = { extends: "../../tsconfig.json", include: files };
    writeFileSync(join(this.#copy, "tsconfig.json"), JSON.stringify(config));
    const errors = compile(this.#copy);
    const unparsed = [...errors].filter(([, reason]) => SYNTAX_ERROR.test(reason));
    if (unparsed.length === 0) return errors;
    const bad = new Map(unparsed);
    return new Map([...bad, ...this.#errorsOf(files.filter((file) => !bad.has(file)))]);
  }
}

/** `TS1005` and the like: what the parser says. */
const SYNTAX_ERROR = /: error TS1\d{3}:/;

/** The file that has the mutant in it, beside the one that it is made from. */
function nameOf({ id, fileName }: Mutant): string {
  return relative(".", fileName).replace(/\.ts$/, `-mutant-${id}.ts`);
}

function mutated({ fileName, replacement, location }: Mutant): string {
  const source = readFileSync(fileName, "utf8");
  const lines = source.split("\n");
  const [from, to] = [location.start, location.end].map(
    ({ line, column }) => lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + column,
  );
  return source.slice(0, from) + replacement + source.slice(to);
}

/** Compiles the folder, and says by file what is wrong. */
function compile(folder: string): ReadonlyMap<string, string> {
  const ran = spawnSync("node_modules/.bin/tsc", ["-p", folder, "--pretty", "false"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (ran.error !== undefined || ran.stderr !== "") throw new Error(`tsc failed: ${ran.error ?? ran.stderr}`);
  const lines = ran.stdout.split("\n").filter((line) => line.startsWith(`${folder}/`));
  return new Map(lines.map((line) => [line.slice(folder.length + 1).split("(")[0] ?? "", line]));
}

export const strykerPlugins = [{ kind: "Checker", name: "compiler", injectableClass: Compiler }];
