/**
 * A look at all groups: in batches first, and then at each group that would not simply hold, in invocations of their own where
 * there is a Lambda to invoke. One group that fails does not keep the others waiting.
 */
import type { Config } from "./config.ts";
import type { Group } from "./core/model.ts";
import { startExaminations } from "./daily.ts";
import { failureOf } from "./errors.ts";
import { worldFor } from "./observe/merged.ts";
import { portions } from "./observe/portions.ts";
import { Pace } from "./pace.ts";
import { reconcile } from "./reconcile.ts";
import type { Answer, Report } from "./report.ts";
import { answerOf } from "./report.ts";
import type { SweepRequest } from "./requests.ts";
import { startLooks } from "./start.ts";
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

/**
 * So many groups are looked at by one invocation, side by side, with their reads put together: EC2 counts calls, and a
 * thousand invocations that each read for themselves would keep each other from reading at all. And no more: what ends an
 * invocation ends the moves of all of them until the next sweep.
 */
const TOGETHER = 50;
/** So few have an invocation each, and nobody to wait for. */
const FEW = 2;

/**
 * Looks are begun as fast as EC2 takes the detaches and attaches that come of them: 50 at once, then 5 a second (Request
 * throttling for the Amazon EC2 API, mutating actions). Fifty more stand in line, so that no token waits for a taker.
 */
const RHYTHM = { capacity: 100, perSecond: 5 };
/** What is not begun by then is left to the next sweep, which comes a minute after this one. */
const BEGIN_FOR_MS = 55_000;

/** Looks at the groups. Throws, after all were looked at, when a look failed: then Lambda tells, and a sweep follows. */
export async function sweep(
  request: SweepRequest,
  config: Config,
  world: World,
  tell: (report: Report) => void,
): Promise<Swept> {
  return await new Sweep(config, world, tell).run(request);
}

class Sweep {
  readonly #config: Config;
  readonly #surge: SurgeRule | undefined;
  readonly #world: World;
  readonly #tell: (report: Report) => void;
  readonly #reports: Report[] = [];
  readonly #errors: unknown[] = [];
  readonly #started: string[] = [];
  readonly #until: number;
  /** One of several groups was named, or has been found to need a look of its own. */
  readonly #moveLikely: boolean;
  #left = 0;

  constructor(config: Config, world: World, tell: (report: Report) => void) {
    this.#config = config;
    this.#surge = surgeRule(config);
    this.#world = world;
    this.#tell = tell;
    this.#until = world.clock.now() + BEGIN_FOR_MS;
    this.#moveLikely = Object.keys(config.groups).length > 1;
  }

  async run({ groups, named }: SweepRequest): Promise<Swept> {
    // One alone is looked at by itself in any case.
    const due = named || groups.length === 1 ? groups : await this.#triage(groups);
    // One that is due has nobody to wait for, and an invocation of its own would only begin later.
    const mayStart = !named && due.length > 1 && this.#world.self !== undefined;
    const pace = new Pace(this.#world.clock, RHYTHM);
    const own = mayStart ? await this.#startAll(due, pace) : due;
    await this.#lookAtAll(own, pace);
    if ((!named || groups.length === 1) && this.#left === 0)
      await startExaminations(groups, this.#config, this.#world);
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

  /** Looks in invocations of their own; answers the groups for which those can't be had. */
  async #startAll(due: readonly Group[], pace: Pace): Promise<readonly Group[]> {
    const parts = portions(due, due.length <= FEW ? 1 : TOGETHER);
    for (const [index, part] of parts.entries()) {
      if (!(await this.#turn(part, pace))) continue;
      const names = part.map((group) => group.name);
      try {
        await startLooks(this.#world, names);
        this.#started.push(...names);
      } catch (error) {
        const { message } = failureOf(error, "start");
        this.#world.log("warn", "no invocation of their own: looked at here", {
          groups: names,
          error: message,
        });
        return parts.slice(index).flat();
      }
    }
    return [];
  }

  async #lookAtAll(groups: readonly Group[], pace: Pace): Promise<void> {
    const world = worldFor(groups.length, this.#world);
    for (const part of portions(groups, TOGETHER)) {
      await Promise.all(part.map((group) => this.#look(group, pace, world)));
    }
  }

  async #look(group: Group, pace: Pace, world: World): Promise<void> {
    if (!(await this.#turn([group], pace))) return;
    try {
      const { historyDays } = this.#config;
      const look = { trigger: "sweep", historyDays, surge: this.#surge, moveLikely: this.#moveLikely };
      this.#note(await reconcile(group, look, world));
    } catch (error) {
      this.#world.log("error", "a look failed", { group: group.name, error });
      this.#errors.push(error);
    }
  }

  /** Waits for the turn of these groups. False: it is too late for this sweep. */
  async #turn(groups: readonly Group[], pace: Pace): Promise<boolean> {
    const interfaces = groups.reduce((sum, group) => sum + group.interfaces.length, 0);
    if (this.#world.clock.now() + pace.waitMs(interfaces) >= this.#until) {
      this.#left += groups.length;
      return false;
    }
    await pace.take(interfaces);
    return true;
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

/** Throws what went wrong, if anything did: the one error, or all of them under one sentence. */
export function throwAll(errors: readonly unknown[], looks: number): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, `${errors.length} of ${looks} looks failed: ${messages.join("; ")}`);
}
