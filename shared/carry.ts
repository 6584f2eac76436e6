/**
 * Carries a claimed move out: the next step is derived from the intent and from what is seen now, until every
 * interface is on the target or the move has to end otherwise.
 *
 * Safety does not rest on the lease. The epoch fences what is written; the AttachmentIds in the intent fence what is
 * detached. A holder that was asleep too long finds out at its next write, which comes before its next step.
 */
import { memberOf } from "./core/candidates.ts";
import { decide } from "./core/decide.ts";
import { diagnose } from "./core/diagnose.ts";
import { hasBegun } from "./core/first.ts";
import type { Diagnosis, Group, Intent, Observation, Phases, State } from "./core/model.ts";
import type { Progress } from "./core/progress.ts";
import { detachHopeless } from "./core/progress.ts";
import { dropIntent, release, renew, settle } from "./core/record.ts";
import { retarget } from "./core/retarget.ts";
import type { Next, Step } from "./core/steps.ts";
import { nextSteps } from "./core/steps.ts";
import { observe, observeInterfaces } from "./observe.ts";
import type { Look } from "./reconcile.ts";
import type { Report } from "./report.ts";
import { endedReport, heldReport } from "./report.ts";
import { takeStep } from "./step.ts";
import { writeState } from "./store.ts";
import type { World } from "./world.ts";

export interface Claimed {
  readonly group: Group;
  readonly observation: Observation;
  /** The state as the claim left it: epoch, lease and intent are ours. */
  readonly state: State;
  readonly holder: string;
  /** The intent was begun by somebody else. */
  readonly resumed: boolean;
  readonly look: Look;
}

export interface Carried {
  /** Undefined: the claim was lost, or the world changed; look again. */
  readonly report: Report | undefined;
  readonly state: State;
}

/** Before the function's own limit no step is started any more. */
const LEAVE_BEFORE_DEADLINE_MS = 10_000;
const RENEW_AFTER_MS = 15_000;
const EVIDENCE_LASTS_MS = 10_000;
const MEMBERS_LAST_MS = 5_000;
const POLL_MIN_MS = 250;
const POLL_MAX_MS = 2_000;

/** One move in the hands of one invocation. What EC2 and the record say is re-read; the rest lives here. */
class Carrying {
  readonly #world: World;
  readonly #claimed: Claimed;
  #state: State;
  #intent: Intent;
  #observation: Observation;
  #asked: Record<string, Progress> = {};
  #phases: Phases;
  #wroteAt: number;
  #pollMs = POLL_MIN_MS;
  #acted = false;
  #stuck = false;

  constructor(claimed: Claimed, intent: Intent, world: World) {
    this.#world = world;
    this.#claimed = claimed;
    this.#state = claimed.state;
    this.#intent = intent;
    this.#observation = claimed.observation;
    this.#wroteAt = world.clock.now();
    this.#phases = { ...intent.phases, claimed: intent.phases.claimed ?? this.#wroteAt };
  }

  async run(): Promise<Carried> {
    for (;;) {
      if (this.#now() > this.#world.deadline - LEAVE_BEFORE_DEADLINE_MS) return await this.#leave();
      if (this.#now() - this.#wroteAt >= RENEW_AFTER_MS && !(await this.#renew())) return this.#lost();
      const diagnosis = diagnose(this.#claimed.group, this.#observation, this.#state);
      const next = nextSteps({
        group: this.#claimed.group,
        state: this.#state,
        intent: this.#intent,
        observation: this.#observation,
        diagnosis,
        asked: this.#asked,
        now: this.#now(),
      });
      const ended = next.kind === "go" ? await this.#go(next) : await this.#end(next, diagnosis);
      if (ended !== undefined) return ended;
    }
  }

  async #end(next: Exclude<Next, { kind: "go" }>, diagnosis: Diagnosis): Promise<Carried | undefined> {
    if (next.kind === "done") return await this.#arrived();
    if (next.kind === "superseded") return await this.#drop("superseded", next.why);
    if (next.kind === "target-lost") return await this.#retarget(next.why);
    const { active } = diagnosis;
    const message = `${next.why}, which is not a member of the group; the move to ${this.#intent.to} is given up${active === undefined ? "" : `, ${active} stays active`}.`;
    return await this.#settle({ outcome: "failed", because: "held-by-stranger", message });
  }

  /** Takes the steps that are due, then looks again. */
  async #go(next: Extract<Next, { kind: "go" }>): Promise<Carried | undefined> {
    if (next.steps.some((step) => step.do === "detach") && !this.#fresh()) return await this.#confirm();
    if (!(await this.#writeBurns(next.steps))) return this.#lost();
    await Promise.all(next.steps.map((step) => this.#take(step)));
    const hopeless = Object.values(this.#asked)
      .map(detachHopeless)
      .find((code) => code !== undefined);
    if (hopeless !== undefined && !this.#sourceIsDead()) {
      const message = `EC2 refused to detach (${hopeless}) three times: an operator is needed.`;
      return await this.#settle({ outcome: "failed", because: "operator-needed", message });
    }
    if (next.stuck) this.#stuck = true;
    if (next.steps.length > 0) this.#pollMs = POLL_MIN_MS;
    await this.#poll();
    return undefined;
  }

  #fresh(): boolean {
    return this.#now() - this.#observation.at < EVIDENCE_LASTS_MS;
  }

  /** Before a detach, evidence older than 10 s is observed again; a move that has not begun must still be right. */
  async #confirm(): Promise<Carried | undefined> {
    await this.#lookAgain(false);
    const { group } = this.#claimed;
    if (hasBegun(group, this.#intent, this.#observation.interfaces)) return undefined;
    const { lease: _lease, intent: _intent, ...rest } = this.#state;
    const { to, force, by, automatic } = this.#intent;
    const again = decide({
      group,
      state: rest,
      observation: this.#observation,
      diagnosis: diagnose(group, this.#observation, rest),
      now: this.#now(),
      ...(automatic ? {} : { request: { to, force, by } }),
    });
    if (again.kind === "move" && again.to === to) return undefined;
    return await this.#drop(again.kind === "hold" ? "recovered" : "superseded", again.message);
  }

  /** Indexes that are about to be burned are written down first. */
  async #writeBurns(steps: readonly Step[]): Promise<boolean> {
    const fresh = steps.flatMap((step) => {
      if (step.do !== "detach" || step.burn === undefined) return [];
      const { member, deviceIndex } = step.burn;
      const known = this.#intent.burns.some(
        (old) => old.member === member && old.deviceIndex === deviceIndex,
      );
      return known ? [] : [step.burn];
    });
    if (fresh.length === 0) return true;
    this.#intent = { ...this.#intent, burns: [...this.#intent.burns, ...fresh] };
    return await this.#renew();
  }

  async #take(step: Step): Promise<void> {
    const before = this.#asked[step.eni] ?? {};
    this.#acted = true;
    if (step.do === "detach") this.#reach("detachAsked");
    else this.#reach("attachAsked");
    this.#asked[step.eni] = await takeStep(this.#world, step, before);
  }

  /** Waits a little, then reads the interfaces; the members too when what is known of them is old. */
  async #poll(): Promise<void> {
    await this.#world.clock.sleep(this.#pollMs * this.#world.random());
    this.#pollMs = Math.min(POLL_MAX_MS, this.#pollMs * 1.5);
    const before = this.#observation.interfaces;
    const refused = Object.values(this.#asked).some((one) => one.attach?.error !== undefined);
    if (this.#now() - this.#observation.at >= MEMBERS_LAST_MS || refused) await this.#lookAgain(refused);
    else {
      const interfaces = await observeInterfaces(this.#world, this.#claimed.group);
      this.#observation = { ...this.#observation, interfaces };
    }
    this.#notice(before);
  }

  /** A full look; what was known in detail is kept where this look is not detailed. */
  async #lookAgain(details: boolean): Promise<void> {
    const old = this.#observation;
    const fresh = await observe(this.#world, this.#claimed.group, { details });
    const members = Object.fromEntries(
      Object.entries(fresh.members).map(([name, seen]) => {
        const known = seen.details ?? old.members[name]?.details;
        return [name, known === undefined ? seen : { ...seen, details: known }];
      }),
    );
    this.#observation = { ...fresh, members, detailed: fresh.detailed || old.detailed };
  }

  /** Follows what the reads show: when a detach began, when everything was off, when to poll fast again. */
  #notice(before: Observation["interfaces"]): void {
    const { group } = this.#claimed;
    const seen = this.#observation.interfaces;
    for (const { eni } of group.interfaces) {
      const now = seen[eni];
      if (now?.state !== before[eni]?.state) this.#pollMs = POLL_MIN_MS;
      const asked = this.#asked[eni] ?? {};
      if (now?.state === "detaching" && asked.detachingSince === undefined) {
        this.#asked[eni] = { ...asked, detachingSince: this.#now() };
      }
    }
    const off = group.interfaces.every(({ eni }) => {
      const one = seen[eni];
      return (
        one !== undefined && (!("attachmentId" in one) || one.attachmentId !== this.#intent.sources[eni])
      );
    });
    if (off && this.#phases.detachAsked !== undefined) this.#reach("detached");
  }

  #reach(phase: keyof Phases): void {
    if (this.#phases[phase] === undefined) this.#phases = { ...this.#phases, [phase]: this.#now() };
  }

  async #arrived(): Promise<Carried> {
    // Nothing was asked and nothing was begun: the reads before the claim were behind, and there was no move.
    if (!this.#acted && !this.#claimed.resumed)
      return await this.#drop("superseded", "The group was there already.");
    this.#reach("inUse");
    const intent = this.#intent;
    const putBack = intent.to === intent.from;
    const interfaces =
      this.#claimed.group.interfaces.length === 1 ? "The interface is" : "The interfaces are";
    return await this.#settle(
      putBack
        ? {
            outcome: "failed",
            because: "target-lost",
            message: `${interfaces} back on ${intent.to}: ${intent.message}`,
          }
        : {
            outcome: "moved",
            because: this.#claimed.resumed && intent.because !== "target-lost" ? "resume" : intent.because,
            message: `${interfaces} in use on ${intent.to}. ${intent.message}`,
          },
    );
  }

  /** The target is lost: all go to the next candidate together, or back to the old active. */
  async #retarget(why: string): Promise<Carried | undefined> {
    await this.#lookAgain(true);
    const { group } = this.#claimed;
    const intent = this.#intent;
    if (!hasBegun(group, intent, this.#observation.interfaces)) return await this.#drop("superseded", why);
    const diagnosis = diagnose(group, this.#observation, this.#state);
    const next = retarget(group, this.#state, intent, { observation: this.#observation, diagnosis }, why);
    if (next === undefined) {
      const message = `${why}, and no other member can take the group.`;
      return await this.#settle({ outcome: "failed", because: "no-eligible-standby", message });
    }
    this.#intent = next;
    this.#asked = {};
    return (await this.#renew()) ? undefined : this.#lost();
  }

  #sourceIsDead(): boolean {
    const diagnosis = diagnose(this.#claimed.group, this.#observation, this.#state);
    return memberOf(diagnosis, this.#intent.from)?.health === "dead";
  }

  // ---------------------------------------------------------------- writes of the holder

  #guard(): { kind: "claim"; epoch: number; holder: string } {
    return { kind: "claim", epoch: this.#state.epoch, holder: this.#claimed.holder };
  }

  async #write(after: State): Promise<boolean> {
    const now = this.#now();
    const result = await writeState(this.#world, this.#claimed.group.name, this.#state, after, this.#guard());
    if (result.written) this.#wroteAt = now;
    this.#state = result.state;
    return result.written;
  }

  async #renew(): Promise<boolean> {
    this.#intent = { ...this.#intent, phases: this.#phases };
    return await this.#write(renew(this.#state, this.#intent, this.#claimed.holder, this.#now()));
  }

  async #settle(
    ending: Pick<Report, "because" | "message"> & { outcome: "moved" | "failed" },
  ): Promise<Carried> {
    this.#reach("settled");
    const { group } = this.#claimed;
    const kind = ending.outcome;
    const after = settle(
      this.#state,
      group,
      this.#intent,
      { ...ending, kind, phases: this.#phases },
      this.#now(),
    );
    const epoch = this.#state.epoch;
    if (!(await this.#write(after))) return this.#lost();
    const move = { intent: this.#intent, epoch, phases: this.#phases };
    return { report: endedReport(group.name, ending, move, this.#observation), state: this.#state };
  }

  async #drop(why: "recovered" | "superseded", message: string): Promise<Carried> {
    await this.#write(dropIntent(this.#state, why, message, this.#now()));
    return this.#lost();
  }

  /** The invocation has to end: the lease goes, the intent stays, the next sweep finishes. */
  async #leave(): Promise<Carried> {
    await this.#write(release(this.#state, { ...this.#intent, phases: this.#phases }));
    const message = this.#stuck
      ? `The detach has not finished within its grace and may not be forced on a member that is not failing; it is tried on. Force it with failover {"force": true}.`
      : `The move to ${this.#intent.to} takes longer than this invocation may; the next sweep finishes it. Ask status in a moment.`;
    const because = this.#stuck ? "detach-stuck" : "in-progress";
    const hold = { kind: "hold", because, message, notify: this.#stuck } as const;
    return { report: heldReport(this.#claimed.group.name, hold, this.#observation), state: this.#state };
  }

  #lost(): Carried {
    return { report: undefined, state: this.#state };
  }

  #now(): number {
    return this.#world.clock.now();
  }
}

/** Carries a claimed move to its end, or to the end of this invocation. */
export async function carry(claimed: Claimed, world: World): Promise<Carried> {
  const intent = claimed.state.intent;
  if (intent === undefined) return { report: undefined, state: claimed.state };
  return await new Carrying(claimed, intent, world).run();
}
