/**
 * One invocation of a Lambda in the simulation: the production loop on a World whose every `send` takes virtual time,
 * may fail in all the ways of the seed, and may be the last one (killed before or after it).
 */
import { setMaxListeners } from "node:events";
import * as cloudwatchSdk from "@aws-sdk/client-cloudwatch";
import type { AwsError } from "../../local/aws-error.ts";
import type { Random } from "../../local/random.ts";
import { Model } from "../../local/wire/schema.ts";
import type { Memory } from "../../shared/memory.ts";
import { emptyMemory } from "../../shared/memory.ts";
import type { World } from "../../shared/world.ts";
import type { Bus } from "./bus.ts";
import type { Faults } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

/** Carries a call out at once, on the model. Throws as the SDK would. */
export type Execute = (
  service: "ec2" | "cloudwatch" | "dynamodb" | "lambda" | "eventbridge",
  command: { input: object },
  by: { readonly name: string },
) => unknown;

/** How long one way of a call takes, milliseconds, where the seed is not to draw it. */
export type Latency = (service: keyof typeof TIMEOUT_MS, operation: string, way: "there" | "back") => number;

/** CloudWatch's models speak the codes of its Query protocol; to the SDK an error is named by its shape. */
const CLOUDWATCH = new Model(cloudwatchSdk);
const LIMIT_MS = 300_000;
const BUS_TIMEOUT_MS = 2_000;
const TIMEOUT_MS = { ec2: 5_000, cloudwatch: 5_000, dynamodb: 1_000, lambda: 3_000 } as const;

export class Invocation {
  readonly name: string;
  readonly skewMs: number;
  /** Killed: it never continues, though a call on its way may still take effect. */
  dead = false;
  calls = 0;
  readonly #deadline: number;
  readonly #random: Random;
  readonly #parts: { scheduler: Scheduler; execute: Execute; trace: Trace; faults: () => Faults };
  readonly #tableIsAway: () => boolean;
  /** Killed at this call, before (false) or after (true) its effect: for crashes that are enumerated. */
  readonly #crashAt: { readonly call: number; readonly after: boolean } | undefined;
  /** Of the environment that it runs in. */
  readonly #memory: Memory;
  readonly #given: Latency | undefined;
  readonly #stills: Random | undefined;
  readonly #bus: Bus | undefined;
  #nonces = 0;

  constructor(
    name: string,
    random: Random,
    parts: { scheduler: Scheduler; execute: Execute; trace: Trace; faults: () => Faults },
    options: {
      readonly tableIsAway?: () => boolean;
      readonly memory?: Memory;
      readonly crashAt?: { readonly call: number; readonly after: boolean };
      readonly latency?: Latency | undefined;
      /** Draws when the process stands still between a read and what it does next. */
      readonly stills?: Random;
      /** Where what it tells may go wrong. */
      readonly bus?: Bus;
    } = {},
  ) {
    this.name = name;
    this.#random = random;
    this.#parts = parts;
    this.#tableIsAway = options.tableIsAway ?? (() => false);
    this.#crashAt = options.crashAt;
    this.#memory = options.memory ?? emptyMemory();
    this.#given = options.latency;
    this.#stills = options.stills;
    this.#bus = options.bus;
    const { skewMs } = parts.faults();
    this.skewMs = skewMs === 0 ? 0 : Math.round((random() * 2 - 1) * skewMs);
    this.#deadline = parts.scheduler.now() + LIMIT_MS;
  }

  world(table: string): World {
    const { scheduler } = this.#parts;
    const front = (service: keyof typeof TIMEOUT_MS) => ({
      send: ((command: { input: object }) => this.#send(service, command)) as never,
    });
    const now = (): number => scheduler.now() + this.skewMs;
    return {
      ec2: front("ec2"),
      cloudwatch: front("cloudwatch"),
      dynamodb: front("dynamodb"),
      // The bus answers at once, where nothing is wrong with it.
      eventbridge: { send: ((command: { input: object }) => this.#tell(command)) as never },
      self: { lambda: front("lambda"), functionName: "sweep" },
      table,
      memory: this.#memory,
      clock: { now, sleep: (milliseconds) => this.#sleep(milliseconds) },
      nonce: () => {
        this.#nonces += 1;
        return `${this.name}.${this.#nonces}`;
      },
      random: this.#random,
      deadline: this.#deadline + this.skewMs,
      signal: listenedTo(new AbortController().signal),
      log: () => undefined,
    };
  }

  /** A promise of a dead invocation is never kept: its process is gone. */
  #later<T>(milliseconds: number, resolve: (value: T) => void, value: T): void {
    this.#parts.scheduler.after(milliseconds, () => {
      if (!this.dead) resolve(value);
    });
  }

  #sleep(milliseconds: number): Promise<void> {
    const frozen = this.#hits("freeze") ? this.#random() * 60_000 : 0;
    if (frozen > 0) this.#fault("frozen", "sleep");
    return new Promise((resolve) => this.#later(milliseconds + frozen, resolve, undefined));
  }

  async #tell(command: { input: object }): Promise<unknown> {
    if (this.dead) return await new Promise(() => undefined);
    const { scheduler, execute } = this.#parts;
    const trouble = this.#bus?.trouble(scheduler.now());
    if (trouble !== undefined) this.#fault(`bus, ${trouble}`, "PutEvents");
    if (trouble === "refused in part") return this.#bus?.take(command.input, true);
    const answer = trouble === "request lost" ? undefined : execute("eventbridge", command, this);
    if (trouble === undefined) return answer;
    return await new Promise((_, reject) => this.#later(BUS_TIMEOUT_MS, reject, timeout()));
  }

  #send(service: keyof typeof TIMEOUT_MS, command: { input: object }): Promise<unknown> {
    const { scheduler, execute } = this.#parts;
    const operation = operationOf(command);
    this.calls += 1;
    const sent = scheduler.now();
    const crash = this.#crashAt?.call === this.calls ? this.#crashAt : undefined;
    return new Promise((resolve, reject) => {
      if (crash?.after === false || this.#hits("kill")) return this.die(`killed before`, operation);
      const lost = service === "dynamodb" && this.#tableIsAway();
      if (lost || this.#hits("loseRequest")) {
        this.#fault(lost ? "table away" : "request lost", operation);
        return this.#later(TIMEOUT_MS[service], reject, timeout());
      }
      const there = this.#given?.(service, operation, "there") ?? this.#latency();
      const back = (): number => this.#given?.(service, operation, "back") ?? this.#latency();
      // Who asked has given it up by then: to them the table did not answer, whatever comes of the call.
      const late = service === "dynamodb" && there > TIMEOUT_MS.dynamodb;
      if (late) this.#fault("answer late", operation);
      scheduler.after(there, () => {
        const refused = this.#refusal(service);
        if (refused !== undefined) {
          this.#fault(refused.name, operation);
          return this.#later(back(), reject, refused);
        }
        let answer: { value: unknown } | { error: unknown };
        try {
          answer = { value: execute(service, command, this) };
        } catch (error) {
          answer = { error: sdkError(service, error) };
        }
        if (crash?.after === true || this.#hits("kill")) return this.die("killed after", operation);
        if (this.#hits("loseAnswer")) {
          this.#fault("answer lost", operation);
          return this.#later(TIMEOUT_MS[service], reject, timeout());
        }
        const wait = back() + this.#stillAfter(service, operation);
        if (service === "dynamodb" && !late && scheduler.now() + wait - sent > TIMEOUT_MS.dynamodb)
          this.#fault("answer late", operation);
        if ("error" in answer) this.#later(wait, reject, answer.error);
        else this.#later(wait, resolve, answer.value);
      });
    });
  }

  /** How long the process stands still once it has read something: what it does next rests on that. */
  #stillAfter(service: keyof typeof TIMEOUT_MS, operation: string): number {
    const stills = this.#stills;
    if (stills === undefined || service === "dynamodb" || !operation.startsWith("Describe")) return 0;
    if (stills() >= this.#parts.faults().freeze) return 0;
    this.#fault("stood still", operation);
    return stills() * 60_000;
  }

  die(how: string, operation: string): void {
    this.dead = true;
    this.#memory.copies.clear();
    this.#memory.unrecorded.clear();
    this.#memory.toldAside.clear();
    this.#memory.sent.clear();
    this.#fault(how, operation);
  }

  #refusal(service: keyof typeof TIMEOUT_MS): Error | undefined {
    if (this.#hits("throttle")) {
      return service === "ec2"
        ? failure("RequestLimitExceeded", 503)
        : failure(service === "cloudwatch" ? "Throttling" : "ThrottlingException", 400);
    }
    return this.#hits("serverError") ? failure("InternalError", 500) : undefined;
  }

  #latency(): number {
    const usual = 10 + this.#random() * 40;
    if (!this.#hits("slow")) return usual;
    return usual + this.#random() * 4_000;
  }

  #hits(fault: keyof Faults): boolean {
    const rate = this.#parts.faults()[fault];
    return rate > 0 && this.#random() < rate;
  }

  #fault(what: string, operation: string): void {
    const { trace, scheduler } = this.#parts;
    trace.add({ kind: "fault", at: scheduler.now(), by: this.name, what, operation });
  }
}

/** Node takes more than ten listeners for a leak; `lambda.ts` says the same of the real one. */
function listenedTo(signal: AbortSignal): AbortSignal {
  setMaxListeners(1_000, signal);
  return signal;
}

const operations = new Map<unknown, string>();

/** `DetachNetworkInterface` of a DetachNetworkInterfaceCommand. */
export function operationOf(command: object): string {
  const known = operations.get(command.constructor);
  if (known !== undefined) return known;
  const operation = command.constructor.name.replace(/Command$/, "");
  operations.set(command.constructor, operation);
  return operation;
}

/** An error as the SDK throws it: the code is its name. */
function failure(name: string, status: number): Error {
  return Object.assign(new Error(name), { name, $fault: "server", $metadata: { httpStatusCode: status } });
}

function timeout(): Error {
  return Object.assign(new Error("the socket timed out"), { name: "TimeoutError", $metadata: {} });
}

/** An error of the models as the SDK throws it. */
export function sdkError(service: Parameters<Execute>[0], error: unknown): unknown {
  const { code, status } = error as Partial<AwsError>;
  if (!(error instanceof Error) || code === undefined || status === undefined) return error;
  return Object.assign(new Error(error.message), {
    name: service === "cloudwatch" ? CLOUDWATCH.errorShape(code) : code,
    $fault: "client",
    $metadata: { httpStatusCode: status },
  });
}
