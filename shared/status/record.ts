/** What the record remembers of a group, for a person: ISO times, and units in the names. */
import { pauseInForce } from "../core/first.ts";
import { budgetLeft, cooldownUntil } from "../core/limits.ts";
import type { Group, State } from "../core/model.ts";
import { iso } from "../core/words.ts";

export interface RecordStatus {
  readonly epoch: number;
  /** Null: not paused. `until` null: until resumed. */
  readonly pause: {
    readonly by: string;
    readonly since: string;
    readonly until: string | null;
    readonly reason: string | null;
  } | null;
  /** Null: no cooldown. */
  readonly cooldownUntil: string | null;
  readonly budget: {
    readonly movesLeft: number;
    readonly of: number;
    readonly windowSeconds: number;
    readonly refillsAt: string | null;
  };
  readonly quarantine: Readonly<Record<string, { readonly why: string; readonly since: string }>>;
  /** Member → interface → the security groups that isolation took, and that `release` gives back. */
  readonly isolated: State["isolated"];
  /** Null: no intent stands. */
  readonly moveInHand: {
    readonly to: string;
    readonly because: string;
    readonly by: string;
    readonly since: string;
    readonly leaseUntil: string | null;
  } | null;
}

/** The record at `now`: what has run out is not shown as if it stood. */
export function recordStatus(group: Group, state: State, now: number): RecordStatus {
  const budget = budgetLeft(state, group.policy, now);
  const pause = pauseInForce(state, now);
  const { lease, intent } = state;
  return {
    epoch: state.epoch,
    pause:
      pause === undefined
        ? null
        : {
            by: pause.by,
            since: iso(pause.since),
            until: isoOrNull(pause.until),
            reason: pause.reason ?? null,
          },
    cooldownUntil: isoOrNull(cooldownUntil(state, group.policy, now)),
    budget: {
      movesLeft: budget.left,
      of: budget.of,
      windowSeconds: group.policy.budget.seconds,
      refillsAt: isoOrNull(budget.refillsAt),
    },
    quarantine: Object.fromEntries(
      Object.entries(state.quarantine).map(([member, { why, since }]) => [
        member,
        { why, since: iso(since) },
      ]),
    ),
    isolated: state.isolated,
    moveInHand:
      intent === undefined
        ? null
        : {
            to: intent.to,
            because: intent.because,
            by: intent.by,
            since: iso(intent.since),
            leaseUntil: isoOrNull(lease?.until),
          },
  };
}

function isoOrNull(at: number | undefined): string | null {
  return at === undefined ? null : iso(at);
}
