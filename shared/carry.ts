/**
 * Carries a claimed move out: the next step is derived from the intent and from what is seen now, until every
 * interface is on the target or the move has to end otherwise.
 *
 * Safety does not rest on the lease. The epoch fences what is written; the AttachmentIds in the intent fence what is
 * detached. A holder that was asleep too long finds out at its next write, which comes before its next step.
 */
import type { Carried, Claimed } from "./claim.ts";
import { memberOf } from "./core/candidates.ts";
import type { Ended } from "./core/carrying.ts";
import { arrival, decideAgain, isOff, isThere, leftHold, unwrittenBurns } from "./core/carrying.ts";
import { diagnose } from "./core/diagnose.ts";
import { fenceUnconfirmed, withOldGroups } from "./core/fencing.ts";
import { whereItCame } from "./core/first.ts";
import { whyDropped } from "./core/holding.ts";
import type { Diagnosis, Hold, Intent, Phases, State } from "./core/model.ts";
import { sentenceOf } from "./core/moving.ts";
import { detachHopeless } from "./core/progress.ts";
import { retarget } from "./core/retarget.ts";
import type { Next, Scene, Step } from "./core/steps.ts";
import { nextSteps } from "./core/steps.ts";
import { isKnownToFail, type Refusal } from "./core/telling.ts";
import { whereabouts } from "./core/whereabouts.ts";
import { permitted } from "./core/without.ts";
import { endedReport, heldReport } from "./report.ts";
import { Sight } from "./sight.ts";
import type { World } from "./world.ts";

/** Before the function's own limit no step is started any more. */
const LEAVE_BEFORE_DEADLINE_MS = 10_000;
const UNRECORDED = "The table did not answer: the next look that reaches it records this.";
const ASKED = {
  detach: "detachAsked",
  attach: "attachAsked",
  isolate: "fenceAsked",
  stop: "fenceAsked",
} as const satisfies Record<Step["do"], keyof Phases>;

/** One move in the hands of one invocation. What EC2 and the record say is re-read; the rest lives here. */
class Carrying {
  readonly #world: World;
  readonly #claimed: Claimed;
  readonly #claim: Claimed["claim"];
  #intent: Intent;
  readonly #sight: Sight;
  #phases: Phases;
  #acted = false;
  /** What the last look found the move waiting for. */
  #waiting = "it had just begun";

  constructor(claimed: Claimed, intent: Intent, world: World) {
    this.#world = world;
    this.#claimed = claimed;
    this.#claim = claimed.claim;
    this.#intent = intent;
    this.#sight = new Sight(world, claimed.group, claimed.observation);
    this.#phases = { ...intent.phases, claimed: intent.phases.claimed ?? world.clock.now() };
  }

  async run(): Promise<Carried> {
    for (;;) {
      if (this.#now() > this.#world.deadline - LEAVE_BEFORE_DEADLINE_MS) return await this.#leave(false);
      if (this.#claim.renewalIsDue() && !(await this.#renew())) return this.#lost();
      this.#intent = whereItCame(this.#intent, this.#seen());
      const next = this.#next();
      const ended = next.kind === "go" ? await this.#go(next) : await this.#end(next);
      if (ended !== undefined) return ended;
    }
  }

  #next(): Next {
    const intent = { ...this.#intent, phases: this.#phases };
    return nextSteps({ ...this.#seen(), state: this.#claim.state, intent });
  }

  /** What is seen now, and what was asked so far. */
  #seen(): Omit<Scene, "state" | "intent"> {
    const [{ group }, { observation, asked }] = [this.#claimed, this.#sight];
    return { group, observation, asked, diagnosis: this.#diagnosis(), now: this.#now() };
  }

  /** Those of the steps that may be taken: all, unless the table is away. */
  #permitted(steps: readonly Step[]): readonly Step[] {
    const { away, alone, state } = this.#claim;
    if (!away) return steps;
    const { observation, diagnosis } = this.#seen();
    return permitted(steps, { written: state.intent, alone, observation, diagnosis });
  }

  async #end(next: Exclude<Next, { kind: "go" }>): Promise<Carried | undefined> {
    if (next.kind === "done") return await this.#arrived(next.fence);
    if (next.kind === "superseded") return await this.#drop("superseded", next.why);
    if (next.kind === "target-lost") return await this.#retarget(next.why);
    if (next.kind === "fence-unconfirmed") return await this.#unconfirmed(next.why);
    const message = `${next.why}, which is no member of the group: the move to ${this.#intent.to} is given up.`;
    return await this.#settle({ outcome: "failed", because: "held-by-stranger", message });
  }

  /** Takes the steps that are due, then looks again. */
  async #go(next: Extract<Next, { kind: "go" }>): Promise<Carried | undefined> {
    const due = this.#permitted(next.steps);
    if (!this.#sight.isSure(due, this.#intent)) return await this.#confirm(due);
    if (this.#claim.alone && due.length > 0 && !(await this.#renew())) return this.#lost();
    if (!(await this.#writeDown(due))) return this.#lost();
    // A write may have taken so long that what the steps rest on is old.
    if (!this.#sight.isSure(due, this.#intent)) return undefined;
    const steps = this.#permitted(due);
    for (const step of steps) this.#reach(ASKED[step.do]);
    if (steps.length > 0) this.#acted = true;
    await this.#sight.take(steps);
    const hopeless = Object.values(this.#sight.asked)
      .map(detachHopeless)
      .find((code) => code !== undefined);
    const isDead = memberOf(this.#diagnosis(), this.#intent.from)?.health === "dead";
    if (hopeless !== undefined && !isDead) {
      const message = `EC2 refused to detach (${hopeless}) three times: an operator is needed.`;
      return await this.#settle({ outcome: "failed", because: "operator-needed", message });
    }
    this.#waiting = next.waiting;
    return next.stuck ? await this.#leave(true) : await this.#wait();
  }

  /** Waits a little, looks again, and follows what is seen: when everything was off, and when everything was there. */
  async #wait(): Promise<undefined> {
    await this.#sight.poll(this.#intent);
    const [{ group }, { interfaces }] = [this.#claimed, this.#sight.observation];
    if (isThere(group, this.#intent, interfaces)) this.#reach("inUse");
    if (isOff(group, this.#intent, interfaces) && this.#phases.detachAsked !== undefined)
      this.#reach("detached");
  }

  /** Before a detach, evidence older than 10 s is observed again; a move that has not begun must still be right. */
  async #confirm(steps: readonly Step[]): Promise<Carried | undefined> {
    await this.#sight.judge(steps, this.#intent);
    if (this.#sight.hasBegun(this.#intent)) return undefined;
    if (this.#sight.isBlind()) return await this.#wait();
    const [{ group }, { observation }] = [this.#claimed, this.#sight];
    const again = decideAgain(group, this.#claim.state, this.#intent, observation, this.#now());
    if (again.kind === "move" && again.to === this.#intent.to) return undefined;
    return await this.#drop(whyDropped(this.#intent, this.#diagnosis()), sentenceOf(again));
  }

  /** Indexes that are about to be burned, and security groups that are about to be taken, are written down first. */
  async #writeDown(steps: readonly Step[]): Promise<boolean> {
    const fresh = unwrittenBurns(this.#intent, steps);
    const before = this.#claim.state.isolated;
    const isolated = withOldGroups(before, steps);
    if (fresh.length === 0 && isolated === before) return true;
    this.#intent = { ...this.#intent, burns: [...this.#intent.burns, ...fresh] };
    return await this.#renew(isolated);
  }

  #reach(phase: keyof Phases): void {
    if (this.#phases[phase] === undefined) this.#phases = { ...this.#phases, [phase]: this.#now() };
  }

  async #arrived(fence: Extract<Next, { kind: "done" }>["fence"]): Promise<Carried> {
    // Nothing was asked and nothing was begun: the reads before the claim were behind, and there was no move.
    if (!this.#acted && !this.#claimed.resumed)
      return await this.#drop("superseded", "The group was there already.");
    this.#reach("inUse");
    if (fence.kind === "done") this.#reach("fenced");
    return await this.#settle(arrival(this.#claimed.group, this.#intent, this.#claimed.resumed, fence));
  }

  /** The old active was not seen stopped in time: nothing was detached, and nothing is. */
  async #unconfirmed(why: string): Promise<Carried> {
    const hold = fenceUnconfirmed(why, this.#intent.to);
    return this.#held(hold, await this.#claim.hold(hold, this.#restsOn()));
  }

  /** The target is lost: all go to the next candidate together, or back to the old active. */
  async #retarget(why: string): Promise<Carried | undefined> {
    await this.#sight.lookAgain(true);
    // It may be well: the details say whether the alarm on it is muted.
    if (this.#next().kind !== "target-lost") return undefined;
    const [{ group }, intent] = [this.#claimed, this.#intent];
    if (!this.#sight.hasBegun(intent)) return await this.#drop("superseded", why);
    const next = retarget(group, this.#claim.state, intent, this.#seen(), why);
    if (next === undefined) {
      const message = `${why}, and no other member can take the group.`;
      return await this.#settle({ outcome: "failed", because: "no-eligible-standby", message });
    }
    this.#intent = next;
    this.#sight.forget();
    return (await this.#renew()) ? undefined : this.#lost();
  }

  #diagnosis(): Diagnosis {
    return diagnose(this.#claimed.group, this.#sight.observation, this.#claim.state);
  }

  async #renew(isolated?: State["isolated"]): Promise<boolean> {
    this.#intent = { ...this.#intent, phases: this.#phases };
    return await this.#claim.renew(this.#intent, isolated);
  }

  async #settle(ending: Ended): Promise<Carried> {
    this.#reach("settled");
    const [intent, phases] = [this.#intent, this.#phases];
    const interfaces = whereabouts(this.#sight.observation);
    const { outcome, because } = ending;
    const again = outcome === "failed" && isKnownToFail(this.#claim.state, intent, because, this.#now());
    const whole = { ...ending, kind: outcome, interfaces, again };
    if (!(await this.#claim.settle(intent, whole, phases))) return this.#lost();
    const move = { intent, epoch: this.#claim.epoch, phases };
    const told = this.#claim.away ? { ...whole, message: `${ending.message} ${UNRECORDED}` } : whole;
    return {
      report: endedReport(this.#claimed.group.name, told, move, this.#sight.observation),
      state: this.#claim.state,
    };
  }

  async #drop(why: "recovered" | "superseded", message: string): Promise<Carried> {
    await this.#claim.drop(why, message);
    return this.#lost();
  }

  /** Nobody stays: the lease goes, so that an operator may step in; the intent stays, and the next sweep tries it on. */
  async #leave(stuck: boolean): Promise<Carried> {
    const hold = leftHold(this.#intent, this.#waiting, stuck, this.#now());
    const intent = { ...this.#intent, phases: this.#phases };
    return this.#held(hold, await this.#claim.release(intent, hold, this.#restsOn()));
  }

  #restsOn(): Refusal {
    const { id, evidence } = this.#intent;
    return { move: id, interfaces: whereabouts(this.#sight.observation), evidence };
  }

  #held(hold: Hold, news: boolean): Carried {
    const report = heldReport(this.#claimed.group.name, { ...hold, notify: news }, this.#sight.observation);
    return { report, state: this.#claim.state };
  }

  #lost(): Carried {
    return { report: undefined, state: this.#claim.state };
  }

  #now(): number {
    return this.#world.clock.now();
  }
}

/** Carries a claimed move to its end, or to the end of this invocation. */
export async function carry(claimed: Claimed, world: World): Promise<Carried> {
  const { intent } = claimed.claim.state;
  if (intent === undefined) return { report: undefined, state: claimed.claim.state };
  return await new Carrying(claimed, intent, world).run();
}
