/** A claim in the hands of its holder: every write of it is conditional on epoch and holder. */
import type { Group, Hold, Intent, Observation, Phases, State } from "./core/model.ts";
import { dropIntent, type Ending, LEASE_MS, release, renew, settle, tell } from "./core/record.ts";
import type { Report } from "./report.ts";
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
}

export interface Carried {
  /** Undefined: the claim was lost, or the world changed; look again. */
  readonly report: Report | undefined;
  readonly state: State;
}

/** Half the lease: a holder that wrote less than this ago can't have lost its claim. */
const RENEW_AFTER_MS = LEASE_MS / 2;

export class Claim {
  readonly #world: World;
  readonly #group: Group;
  readonly #holder: string;
  readonly #epoch: number;
  #state: State;
  #wroteAt: number;

  constructor(world: World, group: Group, state: State, holder: string) {
    this.#world = world;
    this.#group = group;
    this.#holder = holder;
    this.#epoch = state.epoch;
    this.#state = state;
    // Counted from when the claim was asked for: its answer may have come long after, with the lease all but over.
    this.#wroteAt = (state.lease?.until ?? world.clock.now()) - LEASE_MS;
  }

  /** The state as this holder last saw it. */
  get state(): State {
    return this.#state;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The lease has to be renewed before the next step or poll. */
  renewalIsDue(): boolean {
    return this.#world.clock.now() - this.#wroteAt >= RENEW_AFTER_MS;
  }

  /** Keeps the lease, with the intent as it is now, and what isolation is about to take. False: the claim is lost. */
  async renew(intent: Intent, isolated: State["isolated"] = this.#state.isolated): Promise<boolean> {
    const kept = renew(this.#state, intent, this.#holder, this.#world.clock.now());
    return await this.#write({ ...kept, isolated });
  }

  /** Ends the move. False: the claim is lost, and somebody else ends it. */
  async settle(intent: Intent, ending: Omit<Ending, "phases">, phases: Phases): Promise<boolean> {
    const now = this.#world.clock.now();
    return await this.#write(settle(this.#state, this.#group, intent, { ...ending, phases }, now));
  }

  /** Gives up an intent that never began. */
  async drop(why: "recovered" | "superseded", message: string): Promise<void> {
    await this.#write(dropIntent(this.#state, why, message, this.#world.clock.now()));
  }

  /** Gives up an intent that never began, for a hold that is told once. */
  async hold(hold: Hold): Promise<void> {
    const { lease: _lease, intent: _intent, ...rest } = this.#state;
    await this.#write(tell(rest, hold, this.#world.clock.now()));
  }

  /** Lets go of the lease but leaves the intent to the next look, and tells why, once. */
  async release(intent: Intent, hold: Hold): Promise<void> {
    await this.#write(tell(release(this.#state, intent), hold, this.#world.clock.now()));
  }

  async #write(after: State): Promise<boolean> {
    const now = this.#world.clock.now();
    const guard = { kind: "claim", epoch: this.#epoch, holder: this.#holder } as const;
    const result = await writeState(this.#world, this.#group.name, this.#state, after, guard);
    if (result.written) this.#wroteAt = now;
    this.#state = result.state;
    return result.written;
  }
}
