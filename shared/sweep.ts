/**
 * A look at all groups: in batches first, and then at each group that would not simply hold, in an invocation of its
 * own where there is a Lambda to invoke. One group that fails does not keep the others waiting.
 */
import type { Config } from "./config.ts";
import type { Group } from "./core/model.ts";
import { startExaminations } from "./daily.ts";
import { failureOf } from "./errors.ts";
import { Pace } from "./pace.ts";
import { reconcile } from "./reconcile.ts";
import type { Answer, Report } from "./report.ts";
import { answerOf } from "./report.ts";
import { startLook } from "./start.ts";
import { type SurgeRule, surgeRule } from "./surge.ts";
import { triage } from "./triage.ts";
import type { World } from "./world.ts";

export interface Swept {
  readonly looked: number;
  /** How many groups came to which end. */
  readonly because: Readonly<Record<string, number>>;
  /** Every group that is not simply healthy. */
  readonly reports: readonly Answer[];
  /** The groups that are looked at by an invocation of their own: its log says what came of it. */
  readonly started: readonly string[];
  /** How many groups the next sweep has to take up, since this one may not start more. */
  readonly left: number;
}

/** So many groups are looked at side by side: a busy fleet must not empty EC2's token buckets at once. */
const SIDE_BY_SIDE = 8;

/**
 * Looks are begun as fast as EC2 takes the detaches and attaches that come of them, and no faster: 50 at once, then 5 a
 * second (Request throttling for the Amazon EC2 API, mutating actions).
 */
const RHYTHM = { capacity: 50, perSecond: 5 };
/** What is not begun by then is left to the next sweep, which comes a minute after this one. */
const BEGIN_FOR_MS = 45_000;

/** Looks at the groups. Throws, after all were looked at, when a look failed: then Lambda tells, and a sweep follows. */
export async function sweep(
  groups: readonly Group[],
  config: Config,
  world: World,
  tell: (report: Report) => void,
): Promise<Swept> {
  return await new Sweep(config, world, tell).run(groups);
}

class Sweep {
  readonly #config: Config;
  readonly #surge: SurgeRule | undefined;
  readonly #world: World;
  readonly #tell: (report: Report) => void;
  readonly #reports: Report[] = [];
  readonly #errors: unknown[] = [];
  readonly #started: string[] = [];
  readonly #own: Group[] = [];
  readonly #until: number;
  /** One of several groups was named, or has been found to need a look of its own. */
  readonly #moveLikely: boolean;
  #left = 0;
  #mayStart = true;

  constructor(config: Config, world: World, tell: (report: Report) => void) {
    this.#config = config;
    this.#surge = surgeRule(config);
    this.#world = world;
    this.#tell = tell;
    this.#until = world.clock.now() + BEGIN_FOR_MS;
    this.#moveLikely = Object.keys(config.groups).length > 1;
  }

  async run(groups: readonly Group[]): Promise<Swept> {
    const due = groups.length === 1 ? groups : await this.#triage(groups);
    // One alone has nobody to wait for, and an invocation of its own would only begin later.
    const mayStart = due.length > 1 && this.#world.self !== undefined;
    const pace = new Pace(this.#world.clock, RHYTHM);
    await sideBySide(due, (group) => (mayStart ? this.#start(group, pace) : this.#look(group, pace)));
    await sideBySide(this.#own, (group) => this.#look(group, pace));
    if (this.#left === 0) await startExaminations(groups, this.#config, this.#world);
    throwAll(this.#errors, groups.length);
    return this.#swept();
  }

  /** Ends the look at every group that holds quietly, and answers the others. */
  async #triage(groups: readonly Group[]): Promise<readonly Group[]> {
    const { quiet, due, unrecorded } = await triage(groups, this.#world, this.#surge);
    for (const report of quiet) this.#note(report);
    if (unrecorded !== undefined) this.#errors.push(unrecorded);
    return due;
  }

  /** A look in an invocation of its own; where that can't be had, this one takes it, after the others are started. */
  async #start(group: Group, pace: Pace): Promise<void> {
    if (!this.#mayStart) {
      this.#own.push(group);
      return;
    }
    if (!(await this.#turn(group, pace))) return;
    try {
      await startLook(this.#world, group.name);
      this.#started.push(group.name);
    } catch (error) {
      const failure = failureOf(error, "start");
      // A permission that is missing is missing for all.
      if (failure.next === "operator") this.#mayStart = false;
      const { message } = failure;
      this.#world.log("warn", "no invocation of its own: looked at here", {
        group: group.name,
        error: message,
      });
      this.#own.push(group);
    }
  }

  async #look(group: Group, pace: Pace): Promise<void> {
    if (!(await this.#turn(group, pace))) return;
    try {
      const { historyDays } = this.#config;
      const look = { trigger: "sweep", historyDays, surge: this.#surge, moveLikely: this.#moveLikely };
      this.#note(await reconcile(group, look, this.#world));
    } catch (error) {
      this.#world.log("error", "a look failed", { group: group.name, error });
      this.#errors.push(error);
    }
  }

  /** Waits for this group's turn. False: it is too late for this sweep. */
  async #turn(group: Group, pace: Pace): Promise<boolean> {
    if (this.#world.clock.now() < this.#until) await pace.take(group.interfaces.length);
    if (this.#world.clock.now() < this.#until) return true;
    this.#left += 1;
    return false;
  }

  #note(report: Report): void {
    this.#reports.push(report);
    this.#tell(report);
  }

  #swept(): Swept {
    const because: Record<string, number> = {};
    for (const report of this.#reports) because[report.because] = (because[report.because] ?? 0) + 1;
    const left = this.#left;
    if (left > 0) this.#world.log("warn", "groups are left to the next sweep", { left });
    return {
      looked: this.#reports.length,
      because,
      reports: this.#reports.filter((report) => report.because !== "healthy").map(answerOf),
      started: this.#started,
      left,
    };
  }
}

async function sideBySide(groups: readonly Group[], work: (group: Group) => Promise<void>): Promise<void> {
  const waiting = [...groups];
  const worker = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) await work(group);
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, waiting.length) }, worker));
}

/** Throws what went wrong, if anything did: the one error, or all of them under one sentence. */
export function throwAll(errors: readonly unknown[], looks: number): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, `${errors.length} of ${looks} looks failed: ${messages.join("; ")}`);
}
