/**
 * All orders in which the calls of a few invocations can take effect, depth first.
 *
 * A run can't be copied in the middle, so each order is played from the beginning: first the choices that lead to it,
 * then the first of each choice. What makes it feasible is that two orders that lead to the same state are followed
 * once: an invocation's state follows from what it has seen, the cloud's from the changes and their times; and of
 * two neighbours that do not touch each other only one order is followed. So what is left out leads nowhere else.
 */
import { createHash } from "node:crypto";
import type { Random } from "../../local/random.ts";
import type { Touch } from "./actor.ts";
import { Actor } from "./actor.ts";
import type { Stage, Work } from "./stage.ts";

/** Longer than a lease: whoever held it has lost it. */
const FREEZE_MS = 31_000;
const LONGEST = 2_000;

export interface Scene {
  readonly name: string;
  /** Sets the stage. Every time the same. */
  readonly set: () => Promise<Stage>;
  readonly invocations: Readonly<Record<string, (stage: Stage) => Work>>;
  /** What is wrong once all have ended and sweeps have run. */
  readonly wrong: (stage: Stage) => string[];
}

export interface Bounds {
  /** How often all may stand still for longer than a lease lasts, before another goes on. */
  readonly freezes: number;
  /** How often another invocation may go on while the last one could; default: however often. */
  readonly switches?: number;
  /** Calls that one invocation makes side by side take effect in any order, and not only in the order they were made. */
  readonly anyOrder: boolean;
  /** No more runs than these. */
  readonly runs?: number;
  readonly progress?: (explored: Explored) => void;
}

export interface Explored {
  runs: number;
  /** Runs that came to an end that no other came to. */
  ends: number;
  states: number;
  /** The most choices in a run. */
  longest: number;
  /** All orders within the bounds were followed. */
  complete: boolean;
  /** With the order that led there. */
  readonly wrong: string[];
}

/** Which invocation goes on, with which of its calls; and whether all stand still before it does. */
interface Choice {
  readonly actor: Actor;
  readonly call: number;
  readonly frozen: boolean;
}

/** The numbers of the choices that were made, newest first. */
interface Path {
  readonly chosen: number;
  readonly before: Path | undefined;
}

/** Follows every order within the bounds. */
export async function interleave(scene: Scene, bounds: Bounds): Promise<Explored> {
  const explored = { runs: 0, ends: 0, states: 0, longest: 0, complete: false, wrong: [] as string[] };
  const seen = new Set<string>();
  const todo: (Path | undefined)[] = [undefined];
  while (todo.length > 0) {
    if (explored.runs === bounds.runs || explored.wrong.length >= 5) return explored;
    const run = new Run(scene, await scene.set(), bounds);
    explored.runs += 1;
    await run.replay(todo.pop());
    while (!seen.has(run.key())) {
      seen.add(run.key());
      const choices = run.choices();
      if (choices.length === 0) {
        if (!run.over) break;
        explored.ends += 1;
        explored.wrong.push(...(await run.end()));
        break;
      }
      for (let other = choices.length - 1; other > 0; other -= 1) {
        todo.push({ chosen: other, before: run.path });
      }
      await run.go(0);
    }
    explored.states = seen.size;
    explored.longest = Math.max(explored.longest, run.length);
    if (explored.runs % 500 === 0) bounds.progress?.(explored);
  }
  return { ...explored, complete: true };
}

/** One order, drawn. Answers what is wrong in the end. */
export async function drawn(scene: Scene, bounds: Bounds, random: Random): Promise<string[]> {
  const run = new Run(scene, await scene.set(), bounds);
  for (;;) {
    const { length } = run.choices();
    if (run.over) return await run.end();
    await run.go(Math.floor(random() * length));
  }
}

class Run {
  path: Path | undefined;
  length = 0;
  readonly #scene: Scene;
  readonly #stage: Stage;
  readonly #bounds: Bounds;
  readonly #actors: readonly Actor[];
  readonly #said: string[] = [];
  #changes = "";
  #last: Actor | undefined;
  #touched: Touch = "time";
  #switches = 0;
  #freezes = 0;

  constructor(scene: Scene, stage: Stage, bounds: Bounds) {
    this.#scene = scene;
    this.#stage = stage;
    this.#bounds = bounds;
    this.#actors = Object.entries(scene.invocations).map(
      ([name, work]) => new Actor(name, work(stage), stage, (what) => this.#change(what)),
    );
  }

  #change(what: string): void {
    const text = `${this.#changes}|${what}|${this.#stage.now()}`;
    this.#changes = createHash("md5").update(text).digest("base64");
  }

  /** With the same key, the same can happen from here on. */
  key(): string {
    const bounded = this.#bounds.switches === undefined ? "" : `${this.#switches}`;
    const histories = this.#actors.map((actor) => actor.history).join(" ");
    const last = `${this.#last?.name} ${this.#touched}`;
    return `${histories} ${this.#changes} ${this.#stage.now()} ${this.#freezes} ${last} ${bounded}`;
  }

  /** All have ended; else, without a choice: another order stands for this one. */
  get over(): boolean {
    return this.#actors.every((actor) => actor.ended);
  }

  /** The last one goes on first; then the others; then these after a freeze. */
  choices(): readonly Choice[] {
    const { anyOrder, switches = Number.POSITIVE_INFINITY, freezes } = this.#bounds;
    const going = this.#actors.filter((actor) => !actor.ended && actor.choices > 0);
    const goesOn = going.filter((actor) => actor === this.#last);
    const switching = goesOn.length === 0 || this.#switches < switches;
    const others = switching ? going.filter((actor) => actor !== this.#last) : [];
    const of = (actors: readonly Actor[], frozen: boolean): Choice[] =>
      actors.flatMap((actor) =>
        Array.from({ length: anyOrder ? actor.choices : 1 }, (_, call) => ({ actor, call, frozen })),
      );
    const thawed = goesOn.length > 0 && this.#freezes < freezes ? of(others, true) : [];
    return [...of([...goesOn, ...others], false).filter((choice) => !this.#comesTooLate(choice)), ...thawed];
  }

  /**
   * Of two neighbours of different invocations that do not touch each other, the one of the earlier invocation comes
   * first. With a bound on switches this would count otherwise, so then every order stands for itself.
   */
  #comesTooLate({ actor, call }: Choice): boolean {
    if (this.#last === undefined || this.#bounds.switches !== undefined) return false;
    const earlier = this.#actors.indexOf(actor) < this.#actors.indexOf(this.#last);
    return earlier && !touching(actor.touches(call), this.#touched);
  }

  async replay(path: Path | undefined): Promise<void> {
    const chosen: number[] = [];
    for (let at = path; at !== undefined; at = at.before) chosen.push(at.chosen);
    for (const number of chosen.reverse()) await this.go(number);
  }

  async go(number: number): Promise<void> {
    const choice = this.choices()[number];
    if (choice === undefined) throw new Error("a run is not the same twice");
    if (++this.length > LONGEST) throw new Error("a run does not end");
    this.path = { chosen: number, before: this.path };
    const { actor, call, frozen } = choice;
    if (frozen) {
      this.#said.push("all stand still");
      this.#freezes += 1;
      await this.#stage.pass(FREEZE_MS);
    }
    const switched = this.#last !== undefined && this.#last !== actor && !this.#last.ended;
    if (switched) this.#switches += 1;
    this.#last = actor;
    this.#touched = actor.touches(call);
    this.#said.push(actor.describe(call).slice(0, 60));
    await actor.go(call);
  }

  /** All have ended: two sweeps follow. */
  async end(): Promise<string[]> {
    for (let sweeps = 0; sweeps < 2; sweeps += 1) await this.#stage.sweepOnce();
    const wrong = this.#scene.wrong(this.#stage);
    return wrong.map((what) => `${this.#scene.name}: ${what}\n  ${this.#said.join("\n  ")}`);
  }
}

/** May it matter which of the two comes first? */
function touching(left: Touch, right: Touch): boolean {
  if (left === "nothing" || right === "nothing") return false;
  if (left === "time" || right === "time") return true;
  const [does, what] = left.split(" ");
  const [otherDoes, otherWhat] = right.split(" ");
  if (does === "changes" && otherDoes === "changes") return true;
  return what === otherWhat && (does === "changes" || otherDoes === "changes");
}
