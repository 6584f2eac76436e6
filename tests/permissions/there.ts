/**
 * The packaged stack of a configuration in the embedded cloud, where every question that is put to a policy is kept: who
 * bears the policy, what was asked, and in which scenario.
 */
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { type Deployment, deployStack } from "../../local/deploy.ts";
import { realTimings } from "../../local/ec2/timings.ts";
import type { Asked } from "../../local/iam/permissions.ts";
import { setConfiguredScene } from "../../local/scene.ts";
import { loadConfig } from "../../shared/config.ts";
import { STACK } from "../wire/stage.ts";

export interface Recorded extends Asked {
  readonly scenario: string;
}

/** The cloud of one configuration, and what is needed to play a scenario in it. */
export interface There {
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  /** Everything that was asked so far and allowed, and what was refused, in words. */
  readonly recorded: readonly Recorded[];
  readonly refused: string[];
  /** Plays one scenario under its name. */
  play(name: string, scenario: (there: There) => Promise<void>): Promise<void>;
  /** Invokes a function and answers what it answered. Throws where it failed. */
  invoke(name: string, event: unknown): Promise<Record<string, unknown>>;
  /** Invokes a function as an event does: nobody waits for the answer. */
  start(name: string, event: unknown): Promise<void>;
  /** What lies in the dead-letter queue. */
  deadLetters(): number;
  close(): Promise<void>;
}

/** Deploys the package, made of the configuration, in a cloud in which EC2 is quick. */
export async function raise(packageDir: string, configPath: string, templatePath?: string): Promise<There> {
  const quick = { median: 50, p99: 60 };
  const timings = { ...realTimings, detach: quick, detachForced: quick, detachStopped: quick, attach: quick };
  // Reads that lag would make a scenario wait for the next look: what is proven here is permissions.
  const behaviour = { lag: { usual: 0, slow: 0, slowShare: 0 } };
  const cloud = await startCloud({ region: "eu-west-1", seed: 7, speed: 300, ec2: { timings, behaviour } });
  setConfiguredScene(cloud, await loadConfig(configPath));
  const latency = { medianMs: 0, p99Ms: 0 };
  const recorded: Recorded[] = [];
  const refused: string[] = [];
  let scenario = "deploy";
  const onAsked = (asked: Asked) => {
    if (asked.verdict.allowed) recorded.push({ ...asked, scenario });
    else refused.push(`${asked.bearer}: ${asked.verdict.why}`);
  };
  const deployment = await deployStack(cloud, {
    packageDir,
    seed: 7,
    latency,
    retryDelaysMs: [10],
    onAsked,
    ...(templatePath && { templatePath }),
  });
  const there: There = {
    cloud,
    deployment,
    recorded,
    refused,
    play: async (name, work) => {
      scenario = name;
      await work(there);
      await deployment.idle();
    },
    invoke: async (name, event) => {
      const payload = JSON.stringify(event);
      const answer = await deployment.lambda.invoke(`${STACK}-${name}`, { payload, cause: undefined });
      if (answer.failure !== undefined) throw new Error(answer.payload);
      return JSON.parse(answer.payload);
    },
    start: async (name, event) => {
      const authorization =
        "AWS4-HMAC-SHA256 Credential=operator/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
      const url = `${cloud.endpoint}/2015-03-31/functions/${STACK}-${name}/invocations`;
      const headers = { authorization, "x-amz-invocation-type": "Event" };
      await fetch(url, { method: "POST", headers, body: JSON.stringify(event) });
    },
    deadLetters: () => {
      const queue = deployment.sqs.queues.get(deployment.stack.queues.DeadLetterQueue ?? "");
      return queue?.messages.length ?? 0;
    },
    close: async () => {
      await deployment.close();
      await cloud.close();
    },
  };
  return there;
}
