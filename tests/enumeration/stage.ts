/**
 * One group in one simulated cloud without faults: where scenes are enumerated and not drawn. Time passes only when a
 * test lets it; what is broken, who looks, and which invocation dies at which call is said by the test.
 */
import type { Random } from "../../local/random.ts";
import { seeded } from "../../local/random.ts";
import type { Config } from "../../shared/config.ts";
import type { Group, HistoryEntry, State } from "../../shared/core/model.ts";
import { emptyState } from "../../shared/core/record.ts";
import { emptyMemory } from "../../shared/memory.ts";
import type { Report } from "../../shared/report.ts";
import { sweep } from "../../shared/sweep.ts";
import type { World } from "../../shared/world.ts";
import type { BusEvent } from "../simulation/bus-events.ts";
import { Checker } from "../simulation/checker.ts";
import { SimCloud, TABLE } from "../simulation/cloud.ts";
import { atEnd } from "../simulation/ending.ts";
import type { Faults } from "../simulation/faults.ts";
import { NO_FAULTS } from "../simulation/faults.ts";
import { Invocation } from "../simulation/invocation.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import type { TraceEvent } from "../simulation/trace.ts";
import { Trace } from "../simulation/trace.ts";
import { Truth } from "../simulation/truth.ts";

/** 2026-01-01T00:00:00Z. */
const START = 1_767_225_600_000;
const TICK_MS = 5_000;
export const MINUTE = 60_000;

/** Killed at this call of the invocation, before or after its effect. */
export interface Crash {
  readonly call: number;
  readonly after: boolean;
}

/** What an invocation does with its World; reports are told. */
export type Work = (world: World, tell: (report: Report) => void) => Promise<void>;

/** What was told at the end of a look, and by whom. */
export interface Told {
  readonly by: string;
  readonly at: number;
  readonly report: Report;
}

export class Stage {
  readonly group: Group;
  readonly config: Config;
  readonly cloud: SimCloud;
  readonly scheduler = new Scheduler(START);
  readonly trace = new Trace();
  readonly told: Told[] = [];
  /** What invocations threw that production code never throws on purpose. */
  readonly bugs: string[] = [];
  /** None, unless a test says so. */
  faults: Faults = NO_FAULTS;
  /** What reaches the bus, unless `onEvent` takes it. */
  readonly events: BusEvent[] = [];
  onEvent: ((event: BusEvent) => void) | undefined;
  /** Until then the table answers nobody. */
  tableAwayUntil = 0;
  /** Of the one environment in which everything runs, until something is killed. */
  readonly memory = emptyMemory();
  readonly #random: Random;
  readonly #truth: Truth;
  readonly #checker: Checker;

  constructor(group: Group, random: Random = seeded(1)) {
    this.group = group;
    this.#random = random;
    this.config = {
      groups: { [group.name]: group },
      surge: { groups: 5, share: 0.2, seconds: 300 },
      historyDays: 400,
      statusAlarm: { enabled: true, periods: 2, of: 2, attachedEbs: false, application: false },
      drills: { blocked: [] },
      notifications: { emails: [], runbook: "docs/runbook.md" },
    };
    const { scheduler, trace } = this;
    this.cloud = new SimCloud({ groups: [group], random, scheduler, trace, staleReadsMs: 0 });
    this.#truth = new Truth(this.cloud, [group]);
    this.#checker = new Checker([group], this.#truth);
    trace.watch((event) => this.#checker.see(event));
    this.#tick();
  }

  now(): number {
    return this.scheduler.now();
  }

  async pass(milliseconds: number): Promise<void> {
    await this.scheduler.run(this.now() + milliseconds);
  }

  /** Lets time pass until it is so; throws after ten minutes. */
  async until(so: () => boolean): Promise<void> {
    for (const limit = this.now() + 10 * MINUTE; !so(); await this.pass(TICK_MS)) {
      if (this.now() > limit) throw new Error("it never came to be so");
    }
  }

  /** Lets the models act by themselves, and looks at what is true; every five seconds of itself. */
  look(): void {
    const now = this.now();
    for (const event of this.cloud.tick(now)) {
      if (this.onEvent === undefined) this.events.push(event);
      else this.onEvent(event);
    }
    this.#truth.look(now);
    this.#checker.tick(now);
  }

  /** Starts an invocation; it runs while time passes. */
  invoke(name: string, work: Work, crashAt?: Crash): Invocation {
    const { scheduler, trace } = this;
    const { execute } = this.cloud;
    const parts = { scheduler, trace, execute, faults: () => this.faults };
    const tableIsAway = (): boolean => this.now() < this.tableAwayUntil;
    const options = { tableIsAway, memory: this.memory, ...(crashAt === undefined ? {} : { crashAt }) };
    const invocation = new Invocation(name, this.#random, parts, options);
    void this.start(name, work, invocation.world(TABLE));
    return invocation;
  }

  /** Starts work on a World of the caller's. Answers when it is over. */
  start(by: string, work: Work, world: World): Promise<void> {
    const tell = (report: Report): void => {
      this.told.push({ by, at: this.now(), report });
    };
    return work(world, tell).catch((error: unknown) => this.#threw(by, error));
  }

  /** One sweep, and the rest of its minute. */
  async sweepOnce(): Promise<void> {
    this.invoke(`sweep-${this.now()}`, this.sweep);
    await this.pass(MINUTE);
  }

  readonly sweep: Work = async (world, tell) => {
    await sweep({ groups: [this.group], named: false }, this.config, world, tell);
  };

  get state(): State {
    return this.cloud.state(this.group.name) ?? emptyState();
  }

  get history(): readonly HistoryEntry[] {
    return this.cloud.history(this.group.name) as unknown as HistoryEntry[];
  }

  /** Who holds each interface, by instance; null: nothing. */
  get holders(): readonly (string | null)[] {
    return this.group.interfaces.map(
      ({ eni }) => this.cloud.ec2.attachmentTruth(eni, this.now())?.instanceId ?? null,
    );
  }

  /** The attachments that EC2 was asked to detach, and agreed to. */
  get detached(): readonly string[] {
    return this.calls("DetachNetworkInterface").map(({ input }) => String(input.AttachmentId));
  }

  /** Calls of an operation that EC2 accepted. */
  calls(operation: string): readonly Extract<TraceEvent, { kind: "call" }>[] {
    return this.trace.events.filter(
      (event) => event.kind === "call" && event.operation === operation && event.error === undefined,
    ) as Extract<TraceEvent, { kind: "call" }>[];
  }

  /** How often the state item was written. */
  get writes(): number {
    return this.trace.events.filter((event) => event.kind === "write").length;
  }

  /** Every law that was broken. */
  get broken(): readonly string[] {
    return [...this.bugs, ...this.#checker.violations];
  }

  /** Every law that was broken, and all that is not as it must be in the end. */
  wrong(): string[] {
    const entries = this.#checker.entries(this.group.name);
    return [...this.broken, ...atEnd(this.group, this.cloud, this.#truth, entries, this.now())];
  }

  #threw(by: string, error: unknown): void {
    const { next } = error as { next?: string };
    if (error instanceof AggregateError) for (const one of error.errors) this.#threw(by, one);
    else if (next === undefined || next === "bug") this.bugs.push(`${by} broke: ${String(error)}`);
  }

  #tick(): void {
    this.look();
    this.scheduler.after(TICK_MS, () => this.#tick());
  }
}
