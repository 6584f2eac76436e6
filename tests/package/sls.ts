/** Runs the commands of this project as a user would who has no AWS account: no credentials, and nothing else to lean on. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";

export const ROOT = path.join(import.meta.dirname, "../..");

/** The functions of every stack; a prober is only there where a group is probed. */
export const FUNCTIONS = [
  "acknowledge",
  "doctor",
  "drill",
  "failover",
  "onHealthEvent",
  "pause",
  "release",
  "resume",
  "status",
  "sweep",
];

export interface Ran {
  readonly code: number;
  readonly output: string;
}

function run(
  cwd: string,
  file: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  const options = { cwd, env: { PATH, TMPDIR, HOME: TMPDIR, ...more }, maxBuffer: 16 * 1024 * 1024 };
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

/** `npx sls …` in a copy that is there already, with these credentials and this endpoint in the environment. */
export const slsAgainst = (endpoint: string, folder: string, ...args: readonly string[]): Promise<Ran> =>
  run(folder, path.join(ROOT, SLS), args, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });

/** A package that the test files of a run share, and only read. */
export interface Packaged {
  /** What `sls package` left: the template, and a zip for each function. */
  readonly folder: string;
  /** The bundles that the zips are made of. */
  readonly dist: string;
  readonly configPath: string;
}

/** The package of failover.yml. */
export const packagedExample = () => packagedOnce("example", path.join(ROOT, "failover.yml"));

/** The package of this configuration, under a name that no other has. */
export const packagedOf = (name: string, source: object) => packagedOnce(name, source);

/** The first test file that asks makes it, for all files of the run. */
async function packagedOnce(name: string, from: string | object): Promise<Packaged> {
  const copy = path.join(inject("packages"), name);
  const configPath = typeof from === "string" ? from : path.join(copy, `${name}.json`);
  const packaged = { folder: path.join(copy, ".serverless"), dist: path.join(copy, "dist"), configPath };
  const done = path.join(copy, "done");
  if (mkdirSync(copy, { recursive: true }) === undefined) {
    while (!existsSync(done)) await new Promise((resolve) => setTimeout(resolve, 50));
    return packaged;
  }
  if (typeof from !== "string") writeFileSync(configPath, JSON.stringify(from));
  const { code, output } = await slsInCopy(copy, "package", `--param=config=${configPath}`);
  writeFileSync(done, "");
  if (code !== 0) throw new Error(output);
  return packaged;
}

/** `node deploy/build.mjs …` in the project, or in a copy of it. */
export const build = (folder: string, ...args: readonly string[]): Promise<Ran> =>
  run(folder, path.join(folder, "deploy/build.mjs"), args);
