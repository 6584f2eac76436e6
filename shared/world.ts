/**
 * The world outside: everything an invocation may touch, passed in as one argument. `liveWorld` (below) is the only
 * place that makes SDK clients; the simulation passes a World of its own.
 */
import { randomUUID } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client, type EC2ClientConfig } from "@aws-sdk/client-ec2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";

import { type Clock, liveClock } from "./clock.ts";
import type { Memory } from "./memory.ts";
import { emptyMemory } from "./memory.ts";

export type { Clock } from "./clock.ts";

export interface World {
  readonly ec2: Pick<EC2Client, "send">;
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly dynamodb: Pick<DynamoDBDocumentClient, "send">;
  readonly eventbridge: Pick<EventBridgeClient, "send">;
  /** The running function itself, to be invoked anew; absent where it runs in no Lambda. */
  readonly self?: Self;
  readonly table: string;
  /** The name of the stack, as its events bear it. */
  readonly stack?: string;
  /** What this environment remembers while it is warm. */
  readonly memory: Memory;
  readonly clock: Clock;
  /** A value nobody else will make: the holder of a claim. */
  readonly nonce: () => string;
  /** In [0, 1): jitter of polls and backoff. */
  readonly random: () => number;
  /** When this invocation is stopped from outside, epoch milliseconds. */
  readonly deadline: number;
  /** Aborts calls in flight when the invocation must end. */
  readonly signal: AbortSignal;
  /** One structured line a call. Never secrets. */
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string, fields?: object) => void;
}

export interface Invocable {
  readonly lambda: Pick<LambdaClient, "send">;
  readonly functionName: string;
}

export interface Self extends Invocable {
  /** The function that looks at a group once a day; absent where nobody is to ask it. */
  readonly doctor?: string;
}

type Clients = Pick<World, "ec2" | "cloudwatch" | "dynamodb" | "eventbridge">;

let clients: Clients | undefined;

const memory = emptyMemory();

/**
 * The SDK clients, made once a cold start: their connections outlive an invocation. Region, credentials and endpoints
 * come from the SDK's own environment variables, so every function runs unchanged against any endpoint.
 *
 * The SDK has no timeouts of its own, and retries what it should not:
 * - EC2, CloudWatch and EventBridge send once. A second detach or attach could undo or meet a first one whose answer was
 *   lost; reads are asked again by `observe/ask.ts` and events by `bus.ts`, so there is one layer of retries and not two.
 * - DynamoDB tries twice, a second each: every write is conditional, so a repeated one is told from a lost one.
 */
function liveClients(): Clients {
  clients ??= makeClients({});
  return clients;
}

/** What a test says in place of the environment. */
type Elsewhere = Pick<EC2ClientConfig, "endpoint" | "region" | "credentials">;

/** The same clients, at an endpoint of the caller's. */
export function makeClients(elsewhere: Elsewhere): Clients {
  const requestHandler = connections(5000);
  const dynamodb = new DynamoDBClient({ ...elsewhere, maxAttempts: 2, requestHandler: connections(1000) });
  return {
    ec2: new EC2Client({ ...elsewhere, maxAttempts: 1, requestHandler }),
    cloudwatch: new CloudWatchClient({ ...elsewhere, maxAttempts: 1, requestHandler }),
    dynamodb: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
    eventbridge: new EventBridgeClient({ ...elsewhere, maxAttempts: 1, requestHandler: connections(2000) }),
  };
}

/**
 * Connections are kept alive: that is the handler's own default. A call may shorten `requestTimeout`; connecting, and silence in the middle of an answer, have limits of
 * their own.
 */
function connections(requestTimeout: number): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: 1000,
    requestTimeout,
    socketTimeout: requestTimeout,
    throwOnRequestTimeout: true,
  });
}

let lambda: LambdaClient | undefined;

/**
 * A function that can be invoked, and is waited for so long at most. Apart from the other clients: only the sweep and
 * drills carry this one.
 */
export function liveFunction(functionName: string, patienceMs: number): Invocable {
  lambda ??= new LambdaClient({ maxAttempts: 1, requestHandler: connections(patienceMs) });
  return { lambda, functionName };
}

/** The running function itself, and the doctor. */
export function liveSelf(functionName: string, doctor: string): Self {
  return { ...liveFunction(functionName, 3_000), doctor };
}

/** What one invocation brings. */
export interface Invocation {
  /** How long it may still run. */
  readonly remainingMs: number;
  readonly signal: AbortSignal;
  readonly table: string;
  readonly stack: string;
  readonly log: World["log"];
}

/** The real world, for one invocation. */
export function liveWorld({ remainingMs, signal, table, stack, log }: Invocation): World {
  return {
    ...liveClients(),
    table,
    stack,
    memory,
    clock: liveClock(signal),
    nonce: randomUUID,
    random: Math.random,
    deadline: Date.now() + remainingMs,
    signal,
    log,
  };
}
