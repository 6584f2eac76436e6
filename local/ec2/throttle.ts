/**
 * EC2's request throttling: token buckets for each API action, of an account in a Region, with the sizes that AWS
 * documents ("Request throttling for the Amazon EC2 API"). Pure: time is an argument.
 */
import { AwsError } from "../aws-error.ts";

interface Size {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const nonMutating: Size = { capacity: 100, refillPerSecond: 20 };
const unfiltered: Size = { capacity: 50, refillPerSecond: 10 };
const mutating: Size = { capacity: 50, refillPerSecond: 5 };
const ownBucket: Size = { capacity: 100, refillPerSecond: 5 };
const tagging: Size = { capacity: 100, refillPerSecond: 10 };
const launching: Size = { capacity: 5, refillPerSecond: 2 };

const sizes: ReadonlyMap<string, Size> = new Map([
  ["AssignPrivateIpAddresses", ownBucket],
  ["UnassignPrivateIpAddresses", ownBucket],
  ["AssignIpv6Addresses", ownBucket],
  ["CreateNetworkInterface", ownBucket],
  ["DeleteNetworkInterface", ownBucket],
  ["ModifyNetworkInterfaceAttribute", ownBucket],
  ["TerminateInstances", ownBucket],
  ["CreateTags", tagging],
  ["DeleteTags", tagging],
  ["RunInstances", launching],
  ["StartInstances", launching],
]);

/** Instances that a call is about are counted too. */
const resources: ReadonlyMap<string, Size> = new Map([
  ["RunInstances", { capacity: 1000, refillPerSecond: 2 }],
  ["StartInstances", { capacity: 1000, refillPerSecond: 2 }],
  ["StopInstances", { capacity: 1000, refillPerSecond: 20 }],
  ["TerminateInstances", { capacity: 1000, refillPerSecond: 20 }],
]);

/** Their calls with neither filters nor a page size draw on a smaller bucket. */
const smallWhenUnfiltered: ReadonlySet<string> = new Set([
  "DescribeInstances",
  "DescribeInstanceStatus",
  "DescribeNetworkInterfaces",
  "DescribeSecurityGroups",
  "DescribeSnapshots",
  "DescribeSpotInstanceRequests",
  "DescribeVolumes",
]);

/** What of a call's input decides its bucket. */
interface Weighed {
  readonly Filters?: readonly unknown[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly InstanceIds?: readonly unknown[] | undefined;
  readonly MaxCount?: number | undefined;
}

export class TokenBuckets {
  readonly #account: string;
  readonly #buckets = new Map<string, Bucket>();

  constructor(account: string) {
    this.#account = account;
  }

  /**
   * Takes what the call costs; throws RequestLimitExceeded (503) when the bucket is empty. Read literally, AWS's page
   * puts a call by explicit ids with neither filter nor page size into the small bucket too. `caller`: an account of
   * its own, where there are several.
   */
  take(operation: string, input: unknown, now: number, caller = ""): void {
    const weighed: Weighed = input ?? {};
    const small = smallWhenUnfiltered.has(operation) && isUnfiltered(weighed);
    const size = small ? unfiltered : sizeOf(operation);
    const key = caller + (small ? " unfiltered " : " ") + operation;
    if (!this.#draw(key, size, 1, now)) throw this.#refusal(operation);
    const resource = resources.get(operation);
    if (resource === undefined) return;
    const count = weighed.InstanceIds?.length ?? weighed.MaxCount ?? 1;
    if (!this.#draw(`${key} resources`, resource, count, now)) throw this.#refusal(operation);
  }

  /** Empties the bucket of an operation, as if others had used it up: a way to break things. */
  drain(operation: string, now: number, caller = ""): void {
    this.#buckets.set(`${caller} ${operation}`, { tokens: 0, at: now });
    this.#buckets.set(`${caller} unfiltered ${operation}`, { tokens: 0, at: now });
  }

  #draw(key: string, size: Size, cost: number, now: number): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: size.capacity, at: now };
      this.#buckets.set(key, bucket);
    }
    const gained = (Math.max(0, now - bucket.at) / 1000) * size.refillPerSecond;
    bucket.tokens = Math.min(size.capacity, bucket.tokens + gained);
    bucket.at = Math.max(bucket.at, now);
    if (bucket.tokens < cost) return false;
    bucket.tokens -= cost;
    return true;
  }

  #refusal(operation: string): AwsError {
    const why = `Account ${this.#account} has been throttled on ec2:${operation}`;
    return new AwsError(
      "RequestLimitExceeded",
      `Request limit exceeded. ${why} because it exceeded its request rate limit.`,
      503,
    );
  }
}

function isUnfiltered({ Filters, MaxResults, NextToken }: Weighed): boolean {
  return (Filters?.length ?? 0) === 0 && MaxResults === undefined && NextToken === undefined;
}

function sizeOf(operation: string): Size {
  if (/^(?:Describe|List|Get|Search)/.test(operation)) return nonMutating;
  return sizes.get(operation) ?? mutating;
}
