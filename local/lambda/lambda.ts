/**
 * Lambda: functions, and their invocations as Lambda runs them. An invocation answers with what the function returned
 * or how it failed; only what keeps it from being started throws.
 *
 * Not emulated: versions and aliases, layers, container images, the freeze between invocations (see `environment.ts`).
 */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Journal } from "../journal.ts";
import type { Access, Place } from "../service.ts";
import { embeddedMetrics, lambdaMetrics, type Measured } from "./embedded-metrics.ts";
import type { Run } from "./environment.ts";
import { type Answer, type FunctionConfig, functionArn, functionName } from "./function.ts";
import { type Identity, Pool } from "./pool.ts";
import { failureOf, logsOf } from "./report.ts";
import { logAccess, traceAccess } from "./telemetry.ts";

export interface LambdaOptions {
  readonly place: Pick<Place, "account" | "region">;
  readonly journal: Journal;
  /** Called once an environment: its credentials and endpoint. */
  readonly identify: (config: FunctionConfig) => Identity;
  /** Invocations at a time in the account. AWS gives new accounts ten; every one is a process here. */
  readonly concurrency?: number;
  /** Whether a role may do something; where this is left out, everything. */
  readonly permitted?: (role: string, access: Access) => boolean;
  /** Told of a log or a trace that could not be written for want of permission. */
  readonly onLost?: (functionName: string, why: string) => void;
  /** Told what was measured: what the functions write into their logs, and what Lambda counts of them. */
  readonly onMeasured?: (measured: readonly Measured[]) => void;
}

export interface Call {
  /** JSON text. */
  readonly payload: string;
  /** The journal entry that this follows from. */
  readonly cause: string | undefined;
  /** Of an earlier attempt, when this is a retry: Lambda keeps the id. */
  readonly requestId?: string;
  readonly clientContext?: unknown;
}

export class Lambda {
  readonly #options: LambdaOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #logs = new Map<string, string[]>();

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  /** Creates the function, or replaces it: what is running goes on with the old code. */
  add(config: FunctionConfig): void {
    void this.#pools.get(config.name)?.retire();
    this.#pools.set(config.name, new Pool(config, this.#options.identify));
    this.#logs.set(config.name, []);
  }

  /** Every function, by name. */
  list(): FunctionConfig[] {
    return [...this.#pools.values()].map(({ config }) => config).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The function of this name or ARN. Throws ResourceNotFoundException. */
  find(name: string): FunctionConfig {
    return this.#pool(name).config;
  }

  /** The log of every invocation so far, oldest first. */
  logs(name: string): readonly string[] {
    return this.#logs.get(this.find(name).name) ?? [];
  }

  /**
   * Invokes and waits for the end. Throws ResourceNotFoundException, and TooManyRequestsException where the function's
   * reserved concurrency, or the account's, is used up.
   */
  async invoke(name: string, call: Call): Promise<Answer> {
    const pool = this.#pool(name);
    this.#admit(pool);
    const { config } = pool;
    const requestId = call.requestId ?? randomUUID();
    const cause = this.#journal("invocation", config, call.cause, { requestId, event: parsed(call.payload) });
    const run = await pool.run(work(config, requestId, call), cause);
    const failure = failureOf(run.ending, requestId, config.timeoutSeconds);
    const logs = logsOf(config, requestId, run);
    const counted = {
      Invocations: 1,
      Errors: failure === undefined ? 0 : 1,
      Throttles: 0,
      Duration: run.durationMs,
    };
    this.#options.onMeasured?.(lambdaMetrics(config.name, Date.now(), counted));
    if (this.#mayWrite(config, "log", logAccess(config))) {
      this.#logs.get(config.name)?.push(logs);
      this.#options.onMeasured?.(run.lines.flatMap(embeddedMetrics));
    }
    this.#mayWrite(config, "trace", traceAccess(config));
    const ended = this.#journal("invocation-end", config, cause, {
      requestId,
      outcome: run.ending.kind,
      durationMs: run.durationMs,
      ...(failure === undefined ? { answer: parsed(payloadOf(run)) } : { error: failure }),
    });
    const payload = failure === undefined ? payloadOf(run) : JSON.stringify(failure);
    return { requestId, payload, failure, logs, ended };
  }

  /** At most so many invocations of the function at a time, from now on; undefined: what the account has left. */
  reserve(name: string, reservedConcurrency: number | undefined): void {
    const pool = this.#pool(name);
    pool.config = { ...pool.config, reservedConcurrency };
  }

  /** Kills every environment of the function that is in the middle of an invocation; answers how many there were. */
  kill(name: string): Promise<number> {
    return this.#pool(name).killBusy();
  }

  /** Ends all environments. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #pool(name: string): Pool {
    const pool = this.#pools.get(functionName(name));
    if (pool !== undefined) return pool;
    const arn = name.startsWith("arn:") ? name : functionArn(this.#options.place, name);
    throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  }

  #mayWrite({ name, role }: FunctionConfig, what: string, access: readonly Access[]): boolean {
    const { permitted = () => true, onLost } = this.#options;
    const denied = access.find((question) => !permitted(role, question));
    if (denied !== undefined) onLost?.(name, `its ${what} was not written: no ${denied.action}`);
    return denied === undefined;
  }

  #admit(pool: Pool): void {
    const all = [...this.#pools.values()];
    const reserved = pool.config.reservedConcurrency;
    const shared = all.filter(({ config }) => config.reservedConcurrency === undefined);
    const used = shared.reduce((sum, { running }) => sum + running, 0);
    const limit = reserved ?? this.#options.concurrency ?? 32;
    if ((reserved === undefined ? used : pool.running) >= limit) {
      this.#options.onMeasured?.(lambdaMetrics(pool.config.name, Date.now(), { Throttles: 1 }));
      throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    }
  }

  #journal(
    kind: "invocation" | "invocation-end",
    config: FunctionConfig,
    cause: string | undefined,
    detail: Record<string, unknown>,
  ): string {
    return this.#options.journal.add({ kind, cause, at: Date.now(), subject: config.name, detail });
  }
}

function work(config: FunctionConfig, requestId: string, call: Call) {
  const [root, self] = [randomUUID(), randomUUID()].map((id) => id.replaceAll("-", ""));
  return {
    requestId,
    event: call.payload === "" ? "{}" : call.payload,
    functionArn: config.arn,
    trace: `Root=1-${root?.slice(0, 8)}-${root?.slice(8)};Parent=${self?.slice(0, 16)};Sampled=0`,
    timeoutMs: config.timeoutSeconds * 1000,
    ...(call.clientContext === undefined ? {} : { clientContext: call.clientContext }),
  };
}

const payloadOf = ({ ending }: Run) => (ending.kind === "result" ? ending.payload : "null");

/** For the journal: a payload is JSON, and read better as such. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}
