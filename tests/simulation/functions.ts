/** The Lambdas of a run: each invocation is the production code on a World of its own, in an environment that stays warm. */
import type { Random } from "../../local/random.ts";
import type { Config } from "../../shared/config.ts";
import type { Memory } from "../../shared/memory.ts";
import { emptyMemory } from "../../shared/memory.ts";
import type { Report } from "../../shared/report.ts";
import { parseSweepRequest } from "../../shared/requests.ts";
import { sweep } from "../../shared/sweep.ts";
import type { SimCloud } from "./cloud.ts";
import { TABLE } from "./cloud.ts";
import type { Invoke } from "./doings.ts";
import type { Faults } from "./faults.ts";
import type { Execute } from "./invocation.ts";
import { Invocation } from "./invocation.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

interface Parts {
  readonly cloud: SimCloud;
  readonly config: Config;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly random: Random;
  /** A stream of its own: what it draws changes no other draw. */
  readonly stills: Random;
  readonly faults: () => Faults;
  readonly tableIsAway: () => boolean;
  /** An invocation ended with an error that nobody throws on purpose. */
  readonly broke: (text: string) => void;
}

const MINUTE = 60_000;

export class Functions {
  readonly #parts: Parts;
  readonly #memories = new Map<string, Memory>();
  #invocations = 0;
  calls = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts an invocation; the first word says of which function. */
  readonly invoke: Invoke = (what, work) => {
    this.#invocations += 1;
    const name = `${what.split(" ")[0]}-${this.#invocations}`;
    const { cloud, scheduler, trace, random, stills, faults, tableIsAway, broke } = this.#parts;
    const invocation = new Invocation(
      name,
      random,
      { scheduler, trace, faults, execute: this.#execute },
      { tableIsAway, memory: this.#memoryOf(what), stills, bus: cloud.bus },
    );
    trace.add({ kind: "start", at: scheduler.now(), by: name, what });
    work(invocation.world(TABLE), (report) => this.#tell(name, report)).catch((error: unknown) => {
      const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
      if (isBug(error)) broke(`${text} ${(error as Error).stack ?? ""}`);
      trace.add({ kind: "threw", at: scheduler.now(), by: name, error: text.split("\n")[0] ?? "" });
    });
  };

  /** Whether this fault strikes now. */
  hits(fault: keyof Faults): boolean {
    const rate = this.#parts.faults()[fault];
    return rate > 0 && this.#parts.random() < rate;
  }

  /** Every function has one warm environment, until an invocation in it is killed. */
  #memoryOf(what: string): Memory {
    const [lambda = ""] = what.split(" ");
    const memory = this.#memories.get(lambda) ?? emptyMemory();
    this.#memories.set(lambda, memory);
    return memory;
  }

  readonly #execute: Execute = (service, command, by) => {
    this.calls += 1;
    if (service === "lambda") return this.#startLook(command.input as { Payload: Uint8Array });
    return this.#parts.cloud.execute(service, command, by);
  };

  /** Lambda takes an asynchronous invocation into its queue; what it delivers may come late, or more than once. */
  #startLook({ Payload }: { readonly Payload: Uint8Array }): object {
    const { config, random, scheduler } = this.#parts;
    const request = parseSweepRequest(JSON.parse(Buffer.from(Payload).toString()), config);
    const copies = this.hits("eventDuplicated") ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const after = this.hits("eventLate") ? random() * MINUTE : 50 + random() * 400;
      scheduler.after(after, () => {
        this.invoke("look", async (world, tell) => {
          await sweep(request, config, world, tell);
        });
      });
    }
    return { StatusCode: 202 };
  }

  #tell(by: string, { group, outcome, because, message }: Report): void {
    const { trace, scheduler } = this.#parts;
    trace.add({ kind: "end", at: scheduler.now(), by, group, outcome, because, message });
  }
}

/** What production code throws on purpose says what happens next; anything else is a bug. */
function isBug(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isBug);
  const next = (error as { next?: string }).next;
  return next === undefined || next === "bug";
}
