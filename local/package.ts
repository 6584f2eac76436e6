/** The Serverless package: made as a deployment would make it, and what it says of itself. */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `sls package` leaves its work. */
export const PACKAGE_DIRECTORY = ".serverless";

/** A command of Serverless that failed; the message is its output. */
class PackageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PackageError";
  }
}

const SLS = fileURLToPath(new URL("../node_modules/serverless/bin/serverless.js", import.meta.url));

/** Runs `sls package` with this configuration. Throws PackageError. */
export async function packageStack(config: string): Promise<void> {
  await runSls(["package", `--param=config=${config}`], {});
}

/** Who packages in this folder, or reads its package. */
const LOCK = "node_modules/.cache/packaging";

/** Does what packages, or reads the package, while nobody else does: `npm start` and `npm run cloud` share the folder. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const release = await waitForTurn();
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Answers how to end this turn. The lock of a process that is gone is none. */
async function waitForTurn(): Promise<() => Promise<void>> {
  await mkdir(dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      await writeFile(LOCK, String(process.pid), { flag: "wx" });
      return () => rm(LOCK, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(await readFile(LOCK, "utf8").catch(() => ""));
      if (holder > 0 && !isRunning(holder)) await rm(LOCK, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Runs `sls` and answers what it wrote to standard output. Throws PackageError, with all that it wrote, if it fails. */
export async function runSls(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [SLS, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return written.stdout;
  throw new PackageError(`sls ${args[0]} failed:\n${written.stdout}${written.stderr}`);
}

export interface PackagedAs {
  /** `<service>-<stage>`, as Serverless names its stacks. */
  readonly stackName: string;
  readonly region: string | undefined;
}

/** What the stack was packaged as; a folder that Serverless did not make says nothing. */
export async function packagedAs(packageDirectory: string): Promise<PackagedAs> {
  const text = await readFile(join(packageDirectory, "serverless-state.json"), "utf8").catch(() => undefined);
  if (text === undefined) return { stackName: "stack", region: undefined };
  const { service } = JSON.parse(text) as {
    service: { service: string; provider: { stage: string; region?: string } };
  };
  return { stackName: `${service.service}-${service.provider.stage}`, region: service.provider.region };
}
