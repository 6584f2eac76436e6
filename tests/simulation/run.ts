/**
 * One seed: a scenario under faults (safety), then the faults stop and the group must settle (liveness).
 *
 * What runs is the production code, adapters included, on a World whose `send` is the seed's. Several invocations
 * interleave at every call.
 */

import type { Random } from "../../local/random.ts";
import { seeded } from "../../local/random.ts";
import { command } from "../../shared/command.ts";
import type { Config } from "../../shared/config.ts";
import { pause, resume } from "../../shared/core/commands.ts";
import type { Group } from "../../shared/core/model.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Report } from "../../shared/report.ts";
import { sweep } from "../../shared/sweep.ts";
import type { World } from "../../shared/world.ts";
import type { BusEvent } from "./cloud.ts";
import { SimCloud, TABLE } from "./cloud.ts";
import { atEnd } from "./ending.ts";
import type { Faults } from "./faults.ts";
import { drawFaults, NO_FAULTS } from "./faults.ts";
import { Checker } from "./invariants.ts";
import { Invocation } from "./invocation.ts";
import type { Mishap, Scenario } from "./scenario.ts";
import { drawScenario } from "./scenario.ts";
import { Scheduler } from "./scheduler.ts";
import type { TraceEvent } from "./trace.ts";
import { Trace } from "./trace.ts";
import { Truth } from "./truth.ts";

/** 2026-01-01T00:00:00Z: when every run begins. */
const START = 1_767_225_600_000;
const MINUTE = 60_000;
const TICK_MS = 5_000;
/** How long the models have to settle once the faults have stopped: sweeps every minute all the while. */
const LIVENESS_MS = 16 * MINUTE;

export interface Result {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Why the end is not what it ought to be, in words; empty when it is. */
  readonly pending: readonly string[];
  readonly hash: string;
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
  readonly #reached = new Set<string>();
  #faults: Faults;
  #invocations = 0;
  #calls = 0;
  #awayUntil = 0;

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
    });
    this.#truth = new Truth(this.#cloud, groups);
    this.#checker = new Checker(groups, this.#truth);
    this.#trace.watch((event) => this.#checker.see(event));
  }

  async toEnd(): Promise<Result> {
    const { scenario } = { scenario: this.#scenario };
    const end = START + scenario.safetyMs + LIVENESS_MS;
    for (const { after, mishap } of scenario.mishaps)
      this.#scheduler.after(after, () => this.#happen(mishap));
    for (let at = TICK_MS; START + at <= end; at += TICK_MS) this.#scheduler.after(at, () => this.#tick());
    const phase = this.#random() * MINUTE;
    for (let at = phase; START + at <= end; at += MINUTE) this.#scheduler.after(at, () => this.#sweepDue());
    this.#drawTableAway();
    this.#scheduler.after(scenario.safetyMs, () => this.#calm());
    await this.#scheduler.run(end);
    const pending = scenario.groups.flatMap((group) =>
      atEnd(group, this.#cloud, this.#truth, this.#checker.historyKeys(group.name), end),
    );
    return {
      seed: this.#seed,
      violations: this.#checker.violations,
      pending,
      hash: this.#trace.hash(),
      calls: this.#calls,
      faults: this.#trace.events.filter((event) => event.kind === "fault").length,
      moves: this.#checker.moves,
      reached: this.#reached,
      events: this.#trace.events,
      scenario,
      drawn: this.#drawn,
    };
  }

  // ---------------------------------------------------------------- the world's own doings

  #tick(): void {
    const now = this.#scheduler.now();
    for (const event of this.#cloud.tick(now)) this.#deliver(event);
    this.#truth.look(now);
    this.#checker.tick(now, (eni) => this.#cloud.ec2.attachmentTruth(eni, now)?.instanceId);
  }

  /** The bus loses, repeats and delays; each copy becomes an invocation. */
  #deliver(event: BusEvent): void {
    if (this.#hits("eventLost")) return;
    const copies = this.#hits("eventDuplicated") ? 2 + Math.floor(this.#random() * 4) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.#hits("eventLate") ? this.#random() * 10 * MINUTE : 100 + this.#random() * 400;
      const what = `event ${String(event["detail-type"])}`;
      this.#scheduler.after(late, () =>
        this.#invoke(what, (world, tell) => this.#onEvent(event, world, tell)),
      );
    }
  }

  async #onEvent(event: BusEvent, world: World, tell: (report: Report) => void): Promise<void> {
    await onHealthEvent(event, this.#config, world, tell);
  }

  #sweepDue(): void {
    if (this.#hits("sweepLost")) return;
    const groups = Object.values(this.#config.groups);
    this.#invoke("sweep", async (world, tell) => {
      await sweep(groups, this.#config, world, tell);
    });
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

  #happen(mishap: Mishap): void {
    const now = this.#scheduler.now();
    const what = Object.values(mishap).map((part) =>
      typeof part === "object" ? JSON.stringify(part) : part,
    );
    this.#trace.add({ kind: "breakage", at: now, by: "world", what: what.join(" "), instance: undefined });
    if (mishap.kind === "break") this.#break(mishap.breakage, now);
    else if (mishap.kind === "alarm") this.#cloud.report(mishap.alarm, mishap.on ? 1 : 0, now);
    else if (mishap.kind === "spot-notice") this.#deliver(this.#cloud.spotNotice(mishap.instance, now));
    else if (mishap.kind === "operator") this.#operator(mishap);
    else this.#pause(mishap);
  }

  #break(breakage: Parameters<SimCloud["ec2"]["break"]>[0], now: number): void {
    try {
      this.#cloud.ec2.break(breakage, now);
    } catch {
      // What is terminated can't be stopped or healed: that mishap does not happen.
    }
  }

  #operator({ group: name, to, force }: Extract<Mishap, { kind: "operator" }>): void {
    const group = this.#group(name);
    const request = { by: "operator", force, ...(to === undefined ? {} : { to }) };
    this.#invoke("failover", async (world, tell) => {
      tell(await reconcile(group, { trigger: "operator", request, historyDays: 400 }, world));
    });
  }

  #pause(mishap: Extract<Mishap, { kind: "pause" | "resume" }>): void {
    const group = this.#group(mishap.group);
    const asking = { by: "operator", ...(mishap.seconds === undefined ? {} : { seconds: mishap.seconds }) };
    const apply = mishap.kind === "pause" ? pause : resume;
    this.#invoke(mishap.kind, async (world) => {
      await command(group, this.#config, world, (state, now) => apply(state, asking, now));
    });
  }

  /** From here on nothing goes wrong any more; what has broken stays broken, but EC2 does as it is told. */
  #calm(): void {
    this.#faults = NO_FAULTS;
    this.#awayUntil = 0;
    const now = this.#scheduler.now();
    for (const group of this.#scenario.groups) {
      for (const { eni } of group.interfaces) this.#break({ kind: "unstick-detach", interface: eni }, now);
      for (const { instance } of group.members) {
        this.#break({ kind: "slow-attach", instance, milliseconds: 1_000, times: 0 }, now);
        this.#break({ kind: "refuse-attach", instance, code: "None", times: 0 }, now);
      }
      this.#pause({ kind: "resume", group: group.name });
    }
  }

  // ---------------------------------------------------------------- invocations

  #invoke(what: string, work: (world: World, tell: (report: Report) => void) => Promise<void>): void {
    this.#invocations += 1;
    const name = `${what.split(" ")[0]}-${this.#invocations}`;
    const { scheduler, trace } = { scheduler: this.#scheduler, trace: this.#trace };
    const invocation = new Invocation(
      name,
      this.#random,
      { scheduler, trace, faults: () => this.#faults, execute: this.#execute },
      { tableIsAway: () => scheduler.now() < this.#awayUntil },
    );
    trace.add({ kind: "start", at: scheduler.now(), by: name, what });
    const tell = (report: Report): void => this.#tell(name, report);
    work(invocation.world(TABLE), tell).catch((error: unknown) => {
      const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
      if (isBug(error))
        this.#checker.violations.push(`an invocation broke: ${text} ${(error as Error).stack ?? ""}`);
      this.#reached.add("threw");
      trace.add({ kind: "threw", at: scheduler.now(), by: name, error: text.split("\n")[0] ?? "" });
    });
  }

  readonly #execute: ConstructorParameters<typeof Invocation>[2]["execute"] = (service, command, by) => {
    this.#calls += 1;
    return this.#cloud.execute(service, command, by);
  };

  #tell(by: string, report: Report): void {
    const { group, outcome, because, message } = report;
    this.#reached.add(outcome);
    this.#reached.add(because);
    this.#trace.add({ kind: "end", at: this.#scheduler.now(), by, group, outcome, because, message });
  }

  #group(name: string): Group {
    const group = this.#config.groups[name];
    if (group === undefined) throw new Error(`There is no group ${name}`);
    return group;
  }

  #hits(fault: keyof Faults): boolean {
    return this.#faults[fault] > 0 && this.#random() < this.#faults[fault];
  }
}

/** What production code throws on purpose says what happens next; anything else is a bug. */
function isBug(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isBug);
  const next = (error as { next?: string }).next;
  return next === undefined || next === "bug";
}

function configOf(groups: readonly Group[]): Config {
  return {
    groups: Object.fromEntries(groups.map((group) => [group.name, group])),
    surge: { groups: 5, share: 0.2, seconds: 300 },
    historyDays: 400,
    statusAlarm: { enabled: true, periods: 2, of: 2 },
  };
}
