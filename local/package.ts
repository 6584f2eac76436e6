/** The Serverless package: made as a deployment would make it, and what it says of itself. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where `sls package` leaves its work. */
export const PACKAGE_DIRECTORY = ".serverless";

/** Runs `sls package` with this configuration. Throws with its output where it fails. */
export async function packageStack(config: string): Promise<void> {
  const child = spawn("npx", ["sls", "package", `--param=config=${config}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => output.push(data));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`sls package failed:\n${Buffer.concat(output).toString("utf8")}`);
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
