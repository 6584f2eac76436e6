/** The law that interfaces are not left apart, or on nothing, for a quarter of an hour, while a member could take them. */
import type { Group, State } from "../../shared/core/model.ts";
import { SCHEMA } from "../../shared/core/model.ts";
import { isOperators, mayWaitForOperator } from "./ending.ts";
import type { Truth } from "./truth.ts";
import { isTogether } from "./truth.ts";

/** An interface that could be somewhere is not left on nothing for longer, even under faults. */
const STRANDED_MS = 15 * 60_000;

export class Stranded {
  readonly #truth: Truth;
  readonly #since = new Map<string, number>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  /** Looks at where the interfaces are. Answers true once they have been stranded for too long. */
  look(group: Group, state: State | undefined, now: number): boolean {
    const holders = this.#truth.holders(group, now);
    if (isTogether(holders) || this.#isExcused(group, holders, state, now)) {
      this.#since.delete(group.name);
      return false;
    }
    const since = this.#since.get(group.name) ?? now;
    const tooLong = now - since > STRANDED_MS;
    this.#since.set(group.name, tooLong ? now : since);
    return tooLong;
  }

  #isExcused(
    group: Group,
    holders: readonly (string | undefined)[],
    state: State | undefined,
    now: number,
  ): boolean {
    const truth = this.#truth;
    const strange = holders.some(
      (holder) => holder !== undefined && !group.members.some((member) => member.instance === holder),
    );
    const some = group.members.some(
      (member) =>
        truth.sinceGood(member.instance, now) === 0 &&
        truth.hasRoom(member.instance) &&
        !isOperators(member, state, truth, now),
    );
    const waits = mayWaitForOperator(group, state) && holders.includes(undefined);
    const noted = group.policy.mode === "observe" || (state?.schema ?? 0) > SCHEMA || isPaused(state, now);
    return strange || waits || !some || noted || truth.isAnyGone(group, now);
  }
}

function isPaused(state: State | undefined, now: number): boolean {
  const pause = state?.pause;
  return pause !== undefined && (pause.until === undefined || pause.until > now);
}
