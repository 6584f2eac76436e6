/** `npm run cloud`: packages the stack, starts the embedded cloud with it, and stays up until it is interrupted. */
import { resolve } from "node:path";
import pc from "picocolors";
import { loadConfig } from "../../shared/config.ts";
import { raise } from "../raise.ts";
import { line, say, told } from "../told.ts";
import { UsageError } from "./usage.ts";

export interface UpOptions {
  readonly port: number;
  /** How many times faster than AWS failures are detected. */
  readonly speed: number;
  readonly config: string;
  /** Take the package that is there. */
  readonly packaged: boolean;
  readonly seed: number | undefined;
}

/** Starts the cloud; the answer stops it. */
export async function up(options: UpOptions): Promise<() => Promise<void>> {
  const { port, speed, config: path } = options;
  const config = await loadConfig(path);
  const packaging = options.packaged ? undefined : path;
  const raised = raise(config, { port, speed, seed: options.seed, packaging });
  const { cloud, deployment, close } = await raised.catch((error: unknown) => {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw taken ? new UsageError(`port ${port} is taken: choose another with --port`) : error;
  });
  const { endpoint, region } = cloud;
  const stackName = deployment.stack.name;
  say(guide({ endpoint, region, speed, config: resolve(path), stackName }, config));
  const stop = cloud.journal.subscribe((entry) => {
    // A turn later: by then a call's entry says what was asked, and mostly what was answered.
    setImmediate(() => {
      const words = told(entry);
      if (words === undefined) return;
      const time = new Date(entry.at).toISOString().slice(11, 23);
      say(line(`${pc.dim(time)}  `, words));
    });
  });
  return async () => {
    stop();
    await close();
  };
}

interface Place {
  readonly endpoint: string;
  readonly region: string;
  readonly speed: number;
  readonly config: string;
  readonly stackName: string;
}

type Groups = Awaited<ReturnType<typeof loadConfig>>["groups"];

/** On Node 20 the SDK of the command line tools says at every start that its releases of 2027 will want a newer one. */
const QUIET =
  Number(process.versions.node.split(".")[0]) < 22
    ? ["  export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true"]
    : [];

/** What to do in the other terminal. */
function guide(place: Place, { groups }: { readonly groups: Groups }): string {
  const [group] = Object.values(groups);
  const active = group?.members[0]?.instance ?? "i-…";
  const name = group?.name ?? "…";
  const aws = `--cli-binary-format raw-in-base64-out --payload '{"group":"${name}"}' /dev/stdout`;
  return [
    "",
    `${pc.bold("embedded cloud")} at ${place.endpoint}; failures are detected ${place.speed} times faster than in AWS.`,
    "",
    "In another terminal:",
    `  export AWS_ENDPOINT_URL=${place.endpoint} AWS_REGION=${place.region}`,
    "  export AWS_ACCESS_KEY_ID=operator AWS_SECRET_ACCESS_KEY=operator",
    `  export FAILOVER_TABLE=${place.stackName}-state FAILOVER_CONFIG=${place.config}`,
    ...QUIET,
    "",
    `  npm run cloud -- break hang ${active}     # and watch`,
    `  npx sls invoke -f status -d '{"group":"${name}"}'`,
    `  npx sls invoke -f failover -d '{"group":"${name}"}'`,
    `  npx sls invoke local -f status -d '{"group":"${name}"}'`,
    `  aws lambda invoke --function-name ${place.stackName}-status ${aws}`,
    "",
    pc.dim(
      "npm run cloud -- help tells what else can be broken. Ctrl-C ends the cloud and all that is in it.",
    ),
    "",
  ].join("\n");
}
