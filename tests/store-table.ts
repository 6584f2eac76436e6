/** A table with faults, and a World around it in virtual time, for the tests of the store. */
import { emptyMemory } from "../shared/memory.ts";
import type { World } from "../shared/world.ts";
import { SimDynamo } from "./simulation/dynamodb.ts";

export const TABLE = "failover";
export const GROUP = "nat-a";

/** What befalls one call. */
export type Fault =
  | "none"
  /** It takes effect, and the connection breaks before the answer. */
  | "answer lost"
  /** The connection breaks before it takes effect. */
  | "connection reset"
  /** It takes effect, and no answer ever comes. */
  | "silent"
  /** Neither effect nor answer. */
  | "hanging"
  | "throttled"
  | "unavailable"
  | "denied"
  /** The SDK sent it twice, because the first answer was lost, and answers what the second one got. */
  | "sent twice";

const ERRORS: Partial<Record<Fault, readonly [name: string, status: number | undefined]>> = {
  "answer lost": ["ECONNRESET", undefined],
  "connection reset": ["ECONNRESET", undefined],
  throttled: ["ProvisionedThroughputExceededException", 400],
  unavailable: ["InternalServerError", 500],
  denied: ["AccessDeniedException", 400],
};

const EFFECTS: Readonly<Record<Fault, number>> = {
  none: 1,
  "answer lost": 1,
  "connection reset": 0,
  silent: 1,
  hanging: 0,
  throttled: 0,
  unavailable: 0,
  denied: 0,
  "sent twice": 2,
};

export class FaultyTable {
  readonly sim = new SimDynamo(TABLE);
  /** The faults of the next calls, in order; `always` when they are used up. */
  readonly faults: Fault[] = [];
  always: Fault = "none";
  /** Runs before a call is carried out: what another writer does in between. */
  before: (() => Promise<unknown>) | undefined;
  /** The class names of the commands that were sent. */
  readonly sent: string[] = [];
  /** Calls without an answer that nobody has ended. */
  readonly inFlight = new Set<object>();

  async send(command: object, options?: { abortSignal?: AbortSignal }): Promise<object> {
    const fault = this.faults.shift() ?? this.always;
    this.sent.push(command.constructor.name);
    const meanwhile = this.before;
    this.before = undefined;
    await meanwhile?.();
    let answer: object = {};
    for (let times = 0; times < EFFECTS[fault]; times += 1) {
      answer = stale(command) ? {} : await this.sim.send(command as Parameters<SimDynamo["send"]>[0]);
    }
    if (fault === "silent" || fault === "hanging") return await this.#aborted(command, options?.abortSignal);
    const error = ERRORS[fault];
    if (error === undefined) return answer;
    const [name, httpStatusCode] = error;
    throw Object.assign(new Error(fault), { name, $metadata: { httpStatusCode } });
  }

  #aborted(command: object, signal: AbortSignal | undefined): Promise<never> {
    this.inFlight.add(command);
    return new Promise((_, reject) => {
      const end = () => {
        this.inFlight.delete(command);
        reject(Object.assign(new Error("aborted"), { name: "AbortError" }));
      };
      if (signal?.aborted) end();
      signal?.addEventListener("abort", end, { once: true });
    });
  }

  state(): Record<string, unknown> | undefined {
    return this.sim.peek(`GROUP#${GROUP}`, "STATE") as Record<string, unknown> | undefined;
  }
}

interface Consistency {
  readonly ConsistentRead?: boolean;
}

/** A read that is not consistent answers as if nothing had been written yet. */
function stale(command: object): boolean {
  const { input } = command as { input: Consistency & { RequestItems?: Record<string, Consistency> } };
  const reads = ["GetCommand", "QueryCommand"].includes(command.constructor.name) ? [input] : [];
  const batches =
    command.constructor.name === "BatchGetCommand" ? Object.values(input.RequestItems ?? {}) : [];
  return [...reads, ...batches].some(({ ConsistentRead }) => ConsistentRead !== true);
}

/** Time that passes only when everybody waits. */
class VirtualClock {
  #now = Date.UTC(2026, 10, 3);
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #turning = false;

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + milliseconds, wake });
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      this.#sleepers.sort((one, other) => one.at - other.at);
      const next = this.#sleepers.shift();
      if (next === undefined) return;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#turn();
    });
  }
}

export interface TestWorld extends World {
  readonly logged: readonly string[];
  /** What was logged beside each message. */
  readonly beside: readonly object[];
  readonly abort: () => void;
}

export function worldOf(table: Pick<FaultyTable, "send">): TestWorld {
  const controller = new AbortController();
  const logged: string[] = [];
  const beside: object[] = [];
  const unused = { send: () => Promise.reject(new Error("not a matter of the store")) };
  return {
    ec2: unused,
    cloudwatch: unused,
    eventbridge: unused,
    dynamodb: table as unknown as World["dynamodb"],
    table: TABLE,
    memory: emptyMemory(),
    clock: new VirtualClock(),
    nonce: () => "nonce",
    random: () => 0.5,
    deadline: Number.POSITIVE_INFINITY,
    signal: controller.signal,
    log: (level, message, fields) => {
      logged.push(`${level}: ${message}`);
      beside.push({ ...fields });
    },
    logged,
    beside,
    abort: () => controller.abort(),
  };
}
