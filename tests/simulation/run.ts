/**
 * One seed: a scenario under faults (safety), then the faults stop and the group must settle (liveness).
 *
 * What runs is the production code, adapters included, on a World whose `send` is the seed's. Several invocations
 * interleave at every call.
 */

import type { Random } from "../../local/random.ts";
import { seeded } from "../../local/random.ts";
import type { Config } from "../../shared/config.ts";
import type { Group } from "../../shared/core/model.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { sweep } from "../../shared/sweep.ts";
import type { BusEvent } from "./bus-events.ts";
import { Checker } from "./checker.ts";
import { SimCloud } from "./cloud.ts";
import { Doings } from "./doings.ts";
import { atEnd, isSerene } from "./ending.ts";
import type { Faults } from "./faults.ts";
import { drawFaults, NO_FAULTS } from "./faults.ts";
import { Functions } from "./functions.ts";
import { Probers } from "./probers.ts";
import type { Scenario } from "./scenario.ts";
import { drawScenario } from "./scenario.ts";
import { Scheduler } from "./scheduler.ts";
import { Reached } from "./sometimes.ts";
import { drawSurge } from "./swarm.ts";
import type { TraceEvent } from "./trace.ts";
import { Trace } from "./trace.ts";
import { Truth } from "./truth.ts";

/** 2026-01-01T00:00:00Z: when every run begins. */
const START = 1_767_225_600_000;
const MINUTE = 60_000;
const TICK_MS = 5_000;
/**
 * How long the groups have to settle once the faults have stopped, with a sweep every minute. Where all is well at two
 * sweeps running, nothing more would happen, and the run ends there.
 */
const LIVENESS_MS = 16 * MINUTE;
const WELL_FOR_SWEEPS = 2;

export interface Result {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Why the end is not what it ought to be, in words; empty when it is. */
  readonly pending: readonly string[];
  readonly calls: number;
  /** Faults that hit a call. */
  readonly faults: number;
  readonly moves: number;
  /** Every outcome and `because` that was reached, and marks of what happened on the way. */
  readonly reached: ReadonlySet<string>;
  readonly events: readonly TraceEvent[];
  readonly scenario: Scenario;
  readonly drawn: Faults;
}

export interface Options {
  readonly faults?: Faults;
  readonly scenario?: (random: Random) => Scenario;
}

/** Runs one seed to its end. */
export async function runSeed(seed: number, options: Options = {}): Promise<Result> {
  return await new Run(seed, options).toEnd();
}

class Run {
  readonly #seed: number;
  readonly #random: Random;
  readonly #drawn: Faults;
  readonly #scenario: Scenario;
  readonly #config: Config;
  readonly #scheduler = new Scheduler(START);
  readonly #trace = new Trace();
  readonly #cloud: SimCloud;
  readonly #truth: Truth;
  readonly #checker: Checker;
  readonly #probers: Probers;
  readonly #doings: Doings;
  readonly #functions: Functions;
  readonly #reached = new Reached();
  #faults: Faults;
  #awayUntil = 0;
  #wellFor = 0;

  constructor(seed: number, options: Options) {
    this.#seed = seed;
    this.#random = seeded(seed);
    this.#drawn = options.faults ?? drawFaults(this.#random);
    this.#faults = this.#drawn;
    this.#scenario = (options.scenario ?? drawScenario)(this.#random);
    const { groups } = this.#scenario;
    this.#config = configOf(groups);
    this.#cloud = new SimCloud({
      groups,
      random: this.#random,
      scheduler: this.#scheduler,
      trace: this.#trace,
      staleReadsMs: this.#drawn.staleReadsMs,
      stoodMs: 3 * MINUTE,
      drawn: true,
    });
    this.#cloud.bus.drawTroubles(groups, START, this.#scenario.safetyMs);
    this.#truth = new Truth(this.#cloud, groups);
    this.#checker = new Checker(groups, this.#truth);
    this.#probers = new Probers(this.#cloud, groups, START, this.#scenario.safetyMs);
    this.#functions = new Functions({
      cloud: this.#cloud,
      config: this.#config,
      scheduler: this.#scheduler,
      trace: this.#trace,
      random: this.#random,
      stills: seeded(seed + 1_000_000_007),
      faults: () => this.#faults,
      tableIsAway: () => this.#scheduler.now() < this.#awayUntil,
      broke: (text) => this.#checker.violations.push(`an invocation broke: ${text}`),
    });
    this.#doings = new Doings({
      cloud: this.#cloud,
      config: this.#config,
      scheduler: this.#scheduler,
      trace: this.#trace,
      truth: this.#truth,
      invoke: this.#functions.invoke,
      deliver: (event) => this.#deliver(event),
    });
    this.#trace.watch((event) => {
      this.#checker.see(event);
      this.#reached.see(event);
      this.#doings.see(event);
    });
  }

  async toEnd(): Promise<Result> {
    const scenario = this.#scenario;
    const end = START + scenario.safetyMs + LIVENESS_MS;
    this.#truth.look(START);
    for (const { after, mishap } of scenario.mishaps)
      this.#scheduler.after(after, () => this.#doings.happen(mishap));
    this.#every(TICK_MS, TICK_MS, () => this.#tick());
    this.#every(this.#random() * MINUTE, MINUTE, () => this.#sweepDue());
    this.#drawTableAway();
    this.#scheduler.after(scenario.safetyMs, () => this.#calm());
    await this.#scheduler.run(end);
    return {
      seed: this.#seed,
      violations: this.#checker.violations,
      pending: this.#pending(),
      calls: this.#functions.calls,
      faults: this.#trace.events.filter((event) => event.kind === "fault").length,
      moves: this.#checker.moves,
      reached: this.#reached.marks,
      events: this.#trace.events,
      scenario,
      drawn: this.#drawn,
    };
  }

  #every(first: number, milliseconds: number, callback: () => void): void {
    this.#scheduler.after(first, () => {
      callback();
      this.#every(milliseconds, milliseconds, callback);
    });
  }

  #pending(): string[] {
    const now = this.#scheduler.now();
    return this.#scenario.groups.flatMap((group) =>
      atEnd(group, this.#cloud, this.#truth, this.#checker.entries(group.name), now),
    );
  }

  #tick(): void {
    const now = this.#scheduler.now();
    for (const event of this.#cloud.tick(now)) this.#deliver(event);
    for (const event of this.#probers.tick(now)) this.#deliver(event);
    this.#checker.tick(now);
  }

  /** The bus loses, repeats and delays; each copy becomes an invocation. */
  #deliver(event: BusEvent): void {
    if (this.#functions.hits("eventLost")) return;
    const copies = this.#functions.hits("eventDuplicated") ? 2 + Math.floor(this.#random() * 2) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.#functions.hits("eventLate")
        ? this.#random() * 10 * MINUTE
        : 100 + this.#random() * 400;
      const what = `event ${String(event["detail-type"])}`;
      this.#scheduler.after(late, () =>
        this.#functions.invoke(what, async (world, tell) => {
          await onHealthEvent(event, this.#config, world, tell);
        }),
      );
    }
  }

  #sweepDue(): void {
    this.#endWhenWell();
    if (this.#functions.hits("sweepLost")) return;
    const groups = Object.values(this.#config.groups);
    this.#functions.invoke("sweep", async (world, tell) => {
      await sweep({ groups, named: false }, this.#config, world, tell);
    });
  }

  /** Asked just before a sweep: what the sweep before has left behind. */
  #endWhenWell(): void {
    const now = this.#scheduler.now();
    const calm = this.#faults === NO_FAULTS;
    const well =
      calm && this.#scenario.groups.every((group) => isSerene(group, this.#cloud, this.#truth, now));
    this.#wellFor = well && this.#pending().length === 0 ? this.#wellFor + 1 : 0;
    if (this.#wellFor >= WELL_FOR_SWEEPS) this.#scheduler.stop();
  }

  #drawTableAway(): void {
    const times = Math.floor(this.#drawn.tableAway + this.#random());
    for (let index = 0; index < times && this.#drawn.tableAway > 0; index += 1) {
      const after = this.#random() * this.#scenario.safetyMs;
      const lasts = this.#random() * 3 * MINUTE;
      this.#scheduler.after(after, () => {
        this.#awayUntil = this.#scheduler.now() + lasts;
      });
    }
  }

  /** From here on nothing goes wrong any more. */
  #calm(): void {
    this.#faults = NO_FAULTS;
    this.#awayUntil = 0;
    this.#doings.calm();
    this.#probers.calm();
  }
}

function configOf(groups: readonly Group[]): Config {
  return {
    groups: Object.fromEntries(groups.map((group) => [group.name, group])),
    surge: drawSurge(groups),
    historyDays: 400,
    statusAlarm: { enabled: true, periods: 2, of: 2, attachedEbs: false, application: false },
    drills: { blocked: [] },
    notifications: { emails: [], runbook: "docs/runbook.md" },
  };
}
