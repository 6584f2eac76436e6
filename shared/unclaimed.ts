/** In place of a claim while the table is away: nothing is written, and the table is asked for before every step. */
import { tellAside, tellHoldAside } from "./aside.ts";
import type { Group, Hold, Intent, Phases, State } from "./core/model.ts";
import { type Ending, ended } from "./core/record.ts";
import type { Refusal } from "./core/telling.ts";
import { tableAnswers } from "./store.ts";
import type { World } from "./world.ts";

export class Unclaimed {
  readonly away = true;
  readonly alone = true;
  readonly #world: World;
  readonly #group: Group;
  #state: State;

  /** `state` is the copy that is known, or an empty one, with the intent. */
  constructor(world: World, group: Group, state: State) {
    this.#world = world;
    this.#group = group;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  renewalIsDue(): boolean {
    return false;
  }

  /** False: the table is back, and everything is decided anew. */
  async renew(intent: Intent): Promise<boolean> {
    this.#state = { ...this.#state, intent };
    return !(await tableAnswers(this.#world, this.#group.name));
  }

  /** Remembers the move for a look of this environment that reaches the table. */
  async settle(intent: Intent, ending: Omit<Ending, "phases">, phases: Phases): Promise<boolean> {
    const at = this.#world.clock.now();
    const { kind, message, interfaces = {} } = ending;
    if (kind === "moved") {
      this.#world.memory.unrecorded.set(this.#group.name, { intent, message, phases, interfaces, at });
    }
    const entry = ended(intent, { ...ending, phases }, this.epoch, at);
    await tellAside(this.#world, [{ group: this.#group.name, entry }]);
    return true;
  }

  // There is nothing in the record to give up, or to let go of.
  async drop(): Promise<void> {}

  async hold(hold: Hold, more: Refusal): Promise<boolean> {
    return await tellHoldAside(this.#world, { group: this.#group.name, hold, epoch: this.epoch, more });
  }

  async release(_intent: Intent, hold: Hold, more: Refusal): Promise<boolean> {
    return await this.hold(hold, more);
  }
}
