/** A World whose `send` is a function of the test: no SDK client, no network, and time that passes only in sleeps. */
import { setMaxListeners } from "node:events";
import { mergePolicy } from "../shared/config/policy.ts";
import type { Group, Member, Policy } from "../shared/core/model.ts";
import { emptyMemory } from "../shared/memory.ts";
import type { World } from "../shared/world.ts";

export const T0 = Date.UTC(2026, 0, 15, 12);

/** What AWS answers to one call; throws what AWS would answer as an error. `nth` counts calls of that name from 1. */
export type Answer = (operation: string, input: Record<string, unknown>, nth: number) => unknown;

export interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly options: { readonly abortSignal?: AbortSignal; readonly requestTimeout?: number };
}

export interface Stub {
  readonly world: World;
  readonly calls: Call[];
  readonly abort: AbortController;
  readonly warnings: string[];
  readonly errors: string[];
  inFlight(): number;
  /** Inputs of the calls of one operation. */
  inputs(operation: string): Record<string, unknown>[];
}

export function stubWorld(answer: Answer): Stub {
  const calls: Call[] = [];
  const warnings: string[] = [];
  const errors: string[] = [];
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  let now = T0;
  let inFlight = 0;
  const send = async (
    command: { readonly input: unknown; readonly constructor: { readonly name: string } },
    options: Call["options"] = {},
  ): Promise<unknown> => {
    const operation = command.constructor.name.replace(/Command$/, "");
    const input = command.input as Record<string, unknown>;
    calls.push({ operation, input, options });
    const nth = calls.filter((call) => call.operation === operation).length;
    inFlight += 1;
    try {
      await new Promise((resolve) => setImmediate(resolve));
      return await answer(operation, input, nth);
    } finally {
      inFlight -= 1;
    }
  };
  const client = { send } as unknown as World["ec2"] &
    World["cloudwatch"] &
    World["dynamodb"] &
    World["eventbridge"];
  const world: World = {
    ec2: client,
    cloudwatch: client,
    dynamodb: client,
    eventbridge: client,
    table: "table",
    memory: emptyMemory(),
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
    },
    nonce: () => "nonce",
    random: () => 0.5,
    deadline: T0 + 300_000,
    signal: abort.signal,
    log: (level, message) => {
      if (level === "warn") warnings.push(message);
      if (level === "error") errors.push(message);
    },
  };
  const inputs = (operation: string) =>
    calls.filter((call) => call.operation === operation).map((call) => call.input);
  return { world, calls, abort, warnings, errors, inFlight: () => inFlight, inputs };
}

/** An error as the SDK throws it. */
export function awsError(code: string, status = 400, message = "…"): Error {
  const error = new Error(message);
  return Object.assign(error, { name: code, $metadata: { httpStatusCode: status } });
}

const POLICY: Policy = mergePolicy({}, {});

export const ENI = "eni-0a1b2c3d4e5f60718";
export const A = "i-0aaaaaaaaaaaaaaaa";
export const B = "i-0bbbbbbbbbbbbbbbb";

export function member(instance: string, more: Partial<Member> = {}): Member {
  return { name: instance, instance, alarms: [], deviceIndexes: {}, ...more };
}

/** One interface, two members, no alarms, except where the test says otherwise. */
export function group(more: Partial<Group> = {}): Group {
  return {
    name: "nat-a",
    interfaces: [{ eni: ENI, deviceIndexes: [1] }],
    members: [member(A), member(B)],
    alarms: [],
    policy: POLICY,
    ...more,
  };
}
