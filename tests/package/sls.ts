/** Runs the commands of this project as a user would who has no AWS account: no credentials, and nothing else to lean on. */
import { execFile } from "node:child_process";
import path from "node:path";

export const ROOT = path.join(import.meta.dirname, "../..");

export interface Ran {
  readonly code: number;
  readonly output: string;
}

function run(file: string, args: readonly string[]): Promise<Ran> {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  const options = { cwd: ROOT, env: { PATH, TMPDIR, HOME: TMPDIR }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

/** `npx sls …` */
export const sls = (...args: readonly string[]): Promise<Ran> =>
  run(path.join(ROOT, "node_modules/serverless/bin/serverless.js"), args);

/** `node deploy/build.mjs …` */
export const build = (...args: readonly string[]): Promise<Ran> =>
  run(path.join(ROOT, "deploy/build.mjs"), args);
