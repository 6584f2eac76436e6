/** Runs the commands of this project as a user would who has no AWS account: no credentials, and nothing else to lean on. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";

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

/** The folder of the example's package. The first test file that asks makes it, for all files of the run. */
export async function packagedExample(): Promise<string> {
  const folder = path.join(inject("packages"), "example");
  const packaged = path.join(folder, ".serverless");
  const done = path.join(folder, "done");
  if (mkdirSync(folder, { recursive: true }) === undefined) {
    while (!existsSync(done)) await new Promise((resolve) => setTimeout(resolve, 50));
    return packaged;
  }
  const config = path.join(ROOT, "failover.yml");
  const { code, output } = await slsInCopy(folder, "package", `--param=config=${config}`);
  writeFileSync(done, "");
  if (code !== 0) throw new Error(output);
  return packaged;
}

/** `node deploy/build.mjs …` */
export const build = (...args: readonly string[]): Promise<Ran> =>
  run(ROOT, path.join(ROOT, "deploy/build.mjs"), args);
