/** A claim in the hands of its holder: every write of it is conditional on epoch and holder. */
import { tellAside, tellHoldAside } from "./aside.ts";
import type { Group, Hold, Intent, Observation, Phases, State } from "./core/model.ts";
import { dropIntent, type Ending, ended, LEASE_MS, release, renew, settle, tell } from "./core/record.ts";
import { type Refusal, wakes } from "./core/telling.ts";
import type { Report } from "./report.ts";
import { awayBecause, writeState } from "./store.ts";
import type { Unclaimed } from "./unclaimed.ts";
import type { World } from "./world.ts";

export interface Claimed {
  readonly group: Group;
  readonly observation: Observation;
  readonly claim: Claim | Unclaimed;
  /** The intent was begun by somebody else. */
  readonly resumed: boolean;
}

export interface Carried {
  /** Undefined: the claim was lost, or the world changed; look again. */
  readonly report: Report | undefined;
  readonly state: State;
}

/** Half the lease: a holder that wrote less than this ago can't have lost its claim. */
const RENEW_AFTER_MS = LEASE_MS / 2;
/** A table that gave no answer takes seconds to ask: EC2 is not kept waiting for it all the time. */
const ASK_AGAIN_AFTER_MS = 10_000;
/** The lease counts for that much less to its holder: clocks differ. */
const SKEW_MS = 5_000;

export class Claim {
  readonly #world: World;
  readonly #group: Group;
  readonly #holder: string;
  readonly #epoch: number;
  #state: State;
  /** When the table last answered, and when it was last asked. */
  #wroteAt: number;
  #askedAt: number;
  #away = false;

  constructor(world: World, group: Group, state: State, holder: string) {
    this.#world = world;
    this.#group = group;
    this.#holder = holder;
    this.#epoch = state.epoch;
    this.#state = state;
    // Counted from when the claim was asked for: its answer may have come long after, with the lease all but over.
    this.#wroteAt = (state.lease?.until ?? world.clock.now()) - LEASE_MS;
    this.#askedAt = this.#wroteAt;
  }

  /** The state as this holder last saw it. */
  get state(): State {
    return this.#state;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The table gave no answer when it was last asked. */
  get away(): boolean {
    return this.#away;
  }

  /** The table is away for longer than the lease lasts: if it is there for others, the claim may be theirs by now. */
  get alone(): boolean {
    const until = this.#state.lease?.until ?? 0;
    return this.#away && this.#world.clock.now() >= until - SKEW_MS;
  }

  /** The lease has to be renewed before the next step or poll. */
  renewalIsDue(): boolean {
    const now = this.#world.clock.now();
    if (this.#away) return now - this.#askedAt >= ASK_AGAIN_AFTER_MS;
    return now - this.#wroteAt >= RENEW_AFTER_MS;
  }

  /**
   * Keeps the lease, with the intent as it is now, and what isolation is about to take. False: the claim is lost. A
   * table that is away takes nothing away: see `away` and `alone`.
   */
  async renew(intent: Intent, isolated: State["isolated"] = this.#state.isolated): Promise<boolean> {
    const kept = renew(this.#state, intent, this.#holder, this.#world.clock.now());
    return await this.#write({ ...kept, isolated });
  }

  /** Ends the move. False: the claim is lost, and somebody else ends it. With the table away the next look ends it. */
  async settle(intent: Intent, ending: Omit<Ending, "phases">, phases: Phases): Promise<boolean> {
    const now = this.#world.clock.now();
    const whole = { ...ending, phases };
    const settled = await this.#write(settle(this.#state, this.#group, intent, whole, now));
    const entry = ended(intent, whole, this.#epoch, now);
    if (this.#away) await tellAside(this.#world, [{ group: this.#group.name, entry }]);
    return settled;
  }

  /** Gives up an intent that never began. */
  async drop(why: "recovered" | "superseded", message: string): Promise<void> {
    await this.#write(dropIntent(this.#state, why, message, this.#world.clock.now()));
  }

  /** Gives up an intent that never began, for a hold that is told once. True: it is news. */
  async hold(hold: Hold, more: Refusal): Promise<boolean> {
    const { lease: _lease, intent: _intent, ...rest } = this.#state;
    return await this.#tell(rest, hold, more);
  }

  /** Lets go of the lease but leaves the intent to the next look, and tells why, once. True: it is news. */
  async release(intent: Intent, hold: Hold, more: Refusal): Promise<boolean> {
    return await this.#tell(release(this.#state, intent), hold, more);
  }

  async #tell(state: State, hold: Hold, more: Refusal): Promise<boolean> {
    const after = tell(state, hold, this.#world.clock.now(), more);
    const written = await this.#write(after);
    const aside = { group: this.#group.name, hold, epoch: this.#epoch, more };
    if (this.#away) return await tellHoldAside(this.#world, aside);
    return written && wakes(state, after);
  }

  /** False: somebody else has the claim. A table that gives no answer is no answer. */
  async #write(after: State): Promise<boolean> {
    const now = this.#world.clock.now();
    try {
      let result = await this.#send(after, this.#state);
      // One of our own that nobody had answered has landed since: the same change, on top of it.
      const ours = result.state.lease?.holder === this.#holder;
      if (!result.written && ours) result = await this.#send(after, result.state);
      this.#away = false;
      if (result.written) this.#wroteAt = now;
      this.#state = result.state;
      return result.written;
    } catch (caught) {
      const error = awayBecause(caught, this.#world);
      this.#world.log("warn", "the record could not be written", { group: this.#group.name, error });
      this.#away = true;
      return true;
    } finally {
      this.#askedAt = this.#world.clock.now();
    }
  }

  /** Writes what `after` changes, where the lease is as in `seen`. */
  async #send(after: State, seen: State): ReturnType<typeof writeState> {
    const until = seen.lease?.until;
    const claim = { kind: "claim", epoch: this.#epoch, holder: this.#holder } as const;
    const guard = until === undefined ? claim : { ...claim, until };
    return await writeState(this.#world, this.#group.name, this.#state, after, guard);
  }
}
