/** Raises the embedded cloud around a configuration: its package deployed, its members running, its interfaces attached. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import type { Config } from "../shared/config.ts";
import { UsageError } from "./cli/usage.ts";
import type { Cloud } from "./cloud.ts";
import { startCloud } from "./cloud.ts";
import type { Deployment } from "./deploy.ts";
import { deployStack } from "./deploy.ts";
import { startGuests } from "./guests/guests.ts";
import { inTurn, PACKAGE_DIRECTORY, packagedAs, packageStack } from "./package.ts";
import { setConfiguredScene } from "./scene.ts";
import { say } from "./told.ts";

export interface RaiseOptions {
  /** 0 or nothing takes a free port. */
  readonly port?: number;
  /** How many times faster than AWS failures are detected. */
  readonly speed: number;
  readonly seed: number | undefined;
  /** The configuration that is packaged first; without one, the package that is there is taken. */
  readonly packaging?: string | undefined;
  /** Another template beside the packaged zips. */
  readonly templatePath?: string | undefined;
}

export interface Raised {
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

/** Starts the cloud in the Region of the package and deploys that. Throws, with nothing left running, where it can't. */
export function raise(config: Config, options: RaiseOptions): Promise<Raised> {
  return inTurn(async () => {
    if (options.packaging !== undefined) {
      say(pc.dim("packaging the stack (sls package) …"));
      await packageStack(options.packaging);
    }
    return raisePackaged(config, options);
  });
}

async function raisePackaged(config: Config, options: RaiseOptions): Promise<Raised> {
  const { port = 0, speed } = options;
  const templatePath = templateOf(options);
  const { region } = await packagedAs(PACKAGE_DIRECTORY);
  const seed = options.seed === undefined ? {} : { seed: options.seed };
  const cloud = await startCloud({ port, speed, ...seed, ...(region === undefined ? {} : { region }) });
  try {
    setConfiguredScene(cloud, config);
    const guests = await startGuests(cloud, config);
    const deployment = await deployStack(cloud, { packageDir: PACKAGE_DIRECTORY, ...seed, templatePath });
    const close = async () => {
      await deployment.close();
      await guests.close();
      await cloud.close();
    };
    return { cloud, deployment, close };
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

function templateOf({ templatePath }: RaiseOptions): string {
  const packaged = join(PACKAGE_DIRECTORY, "cloudformation-template-update-stack.json");
  const file = templatePath ?? packaged;
  if (existsSync(file)) return file;
  throw new UsageError(
    templatePath === undefined
      ? `there is no package in ${PACKAGE_DIRECTORY}: leave --packaged out, and it is made`
      : `there is no template ${templatePath}`,
  );
}
