/**
 * The world outside: everything an invocation may touch, passed in as one argument. `liveWorld` (below) is the only
 * place that makes SDK clients and the only one that knows the time; the simulation passes a World of its own.
 */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `milliseconds`, or at once (never rejecting) when the invocation's signal aborts. */
  sleep(milliseconds: number): Promise<void>;
}

export interface World {
  readonly ec2: Pick<EC2Client, "send">;
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly dynamodb: Pick<DynamoDBDocumentClient, "send">;
  readonly table: string;
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
