/** Runs the commands of this project as a user would who has no AWS account: no credentials, and nothing else to lean on. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const ROOT = path.join(import.meta.dirname, "../..");

export interface Ran {
  readonly code: number;
  readonly output: string;
}

function run(cwd: string, file: string, args: readonly string[]): Promise<Ran> {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  const options = { cwd, env: { PATH, TMPDIR, HOME: TMPDIR }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

const SLS = "node_modules/serverless/bin/serverless.js";

/** `npx sls …` */
export const sls = (...args: readonly string[]): Promise<Ran> => run(ROOT, path.join(ROOT, SLS), args);

/**
 * `npx sls …` in a copy of the project, which is made in `folder`: tests run side by side, and what is packaged with another
 * configuration must not lie in the `dist/` that others look at.
 */
export function slsInCopy(folder: string, ...args: readonly string[]): Promise<Ran> {
  for (const name of ["deploy", "functions", "shared", "serverless.yml", "package.json", "tsconfig.json"])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  return run(folder, path.join(ROOT, SLS), args);
}

let example: Promise<string> | undefined;

/** The folder of the example's package; made once for all the test files that share this process. */
export function packagedExample(): Promise<string> {
  example ??= packageExample();
  return example;
}

async function packageExample(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "packaged-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const config = path.join(ROOT, "failover.yml");
  const { code, output } = await slsInCopy(folder, "package", `--param=config=${config}`);
  if (code !== 0) throw new Error(output);
  return path.join(folder, ".serverless");
}

/** `node deploy/build.mjs …` */
export const build = (...args: readonly string[]): Promise<Ran> =>
  run(ROOT, path.join(ROOT, "deploy/build.mjs"), args);
