/**
 * The two fronts of the embedded cloud, side by side: the `send` front as the simulation's invocations see it, and the
 * wire front through unmodified SDK clients. Both clouds have the same seed, the same behaviour and the same virtual
 * clock, so they draw the same ids and durations: answers must be the same to the last character.
 */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { expect } from "vitest";
import { startCloud } from "../../local/cloud.ts";
import type { CloudWatch } from "../../local/cloudwatch/cloudwatch.ts";
import type { Breakage, Ec2, Ec2Options, Scene } from "../../local/ec2/ec2.ts";
import { seeded } from "../../local/random.ts";
import { SimCloud } from "../simulation/cloud.ts";
import { NO_FAULTS } from "../simulation/faults.ts";
import { type Execute, Invocation } from "../simulation/invocation.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import { Trace } from "../simulation/trace.ts";

export type Service = "ec2" | "cloudwatch";

export interface Request {
  readonly service: Service;
  /** A command of the service's SDK client. */
  readonly command: { readonly input: object };
}

/** What a front answered: an output without its metadata, or an error as the product sorts it. */
export type Answer =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly error: string; readonly status: number | undefined; readonly message: string };

export interface Fronts {
  /** Sends the request to both, expects the same answer, and gives it back. */
  readonly ask: (request: Request) => Promise<Answer>;
  /** Changes something in both clouds that no request can. */
  readonly both: (change: (models: { ec2: Ec2; cloudwatch: CloudWatch }, now: number) => void) => void;
  /** The AttachmentId that the interface has now. */
  readonly attachmentOf: (eni: string) => string | undefined;
  readonly break: (breakage: Breakage) => void;
  /** Lets virtual time pass in both. */
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  readonly stop: () => Promise<void>;
}

export const START = Date.UTC(2026, 10, 3, 4, 5);
const REGION = "eu-west-1";
const STEP_MS = 10_000;

/** Starts both. Reads are consistent: eventual consistency would draw a lag for each read. */
export async function startFronts(
  options: {
    readonly seed?: number;
    readonly scene?: Scene;
    readonly behaviour?: Ec2Options["behaviour"];
  } = {},
): Promise<Fronts> {
  const { seed = 7, scene = {} } = options;
  const behaviour = { ...options.behaviour, lag: { usual: 0, slow: 0, slowShare: 0 } };
  let now = START;
  const wire = await startCloud({
    seed,
    region: REGION,
    throttling: false,
    ec2: { behaviour },
    clock: () => now,
  });
  const clients = wireClients(wire.endpoint);
  const scheduler = new Scheduler(START);
  const trace = new Trace();
  const parts = { groups: [], random: seeded(seed), scheduler, trace, staleReadsMs: 0 };
  const sim = new SimCloud({ ...parts, ec2: { behaviour } });
  const stranger = { instanceId: "i-0ffffffffffffffff", zone: `${REGION}a`, instanceType: "m5.2xlarge" };
  // The simulation has set its stranger already; the wire's cloud begins empty.
  wire.ec2.createScene({ instances: [stranger] }, now);
  // The wire's clock is when the simulation carried the same call out.
  const execute: Execute = (...call) => {
    now = scheduler.now();
    sim.tick(now);
    wire.tick();
    return sim.execute(...call);
  };
  const invocation = new Invocation("contract", () => 0, {
    scheduler,
    trace,
    execute,
    faults: () => NO_FAULTS,
  });
  const world = invocation.world("unused");
  const pass = async (milliseconds: number): Promise<void> => {
    for (const until = scheduler.now() + milliseconds; scheduler.now() < until; ) {
      await scheduler.run(Math.min(until, scheduler.now() + STEP_MS));
      now = scheduler.now();
      sim.tick(now);
      wire.tick();
    }
  };
  const both: Fronts["both"] = (change) => {
    now = scheduler.now();
    change(sim, now);
    change(wire, now);
  };
  both(({ ec2 }) => ec2.createScene(scene, START));
  return {
    ask: async ({ service, command }) => {
      const found = answer(() => send(world[service], command));
      await scheduler.run(scheduler.now() + 1_000);
      const expected = await answer(() => send(clients[service], command));
      const said = { asked: [command.constructor.name, command.input], send: await found };
      expect(said).toEqual({ asked: said.asked, send: expected });
      return expected;
    },
    both,
    attachmentOf: (eni) => sim.ec2.attachmentTruth(eni, scheduler.now())?.id,
    break: (breakage) => both(({ ec2 }, at) => ec2.break(breakage, at)),
    pass,
    now: () => scheduler.now(),
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await wire.close();
    },
  };
}

function wireClients(endpoint: string): { ec2: EC2Client; cloudwatch: CloudWatchClient } {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const options = { endpoint, region: REGION, credentials, maxAttempts: 1 };
  return { ec2: new EC2Client(options), cloudwatch: new CloudWatchClient(options) };
}

/** Their `send` methods have types of their own for each command. */
function send(client: unknown, command: Request["command"]): Promise<object> {
  return (client as { send: (command: object) => Promise<object> }).send(command);
}

async function answer(ask: () => Promise<object>): Promise<Answer> {
  try {
    const { $metadata: _, ...output } = (await ask()) as Record<string, unknown>;
    return { output };
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    const { httpStatusCode: status } = error.$metadata as { httpStatusCode?: number };
    return { error: error.name, status, message: error.message };
  }
}
