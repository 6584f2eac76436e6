/** What limits moves: cooldown and budget, derived from the moves that the record remembers and never stored; and time. */
import type { Policy, State } from "./model.ts";
import { isFailover, lastMove } from "./past.ts";

/** What a move may still need once the grace is over: the forced detach, the attach, and the end of the invocation. */
export const AFTER_GRACE_SECONDS = 130;

/**
 * When the cooldown ends, in epoch milliseconds; undefined when there is none. Every move starts one, a repair none; nor
 * does a drill, since the standby that it has brought the group to may be the one that fails.
 */
export function cooldownUntil(state: State, policy: Policy, now: number): number | undefined {
  const last = lastMove({ moves: state.moves.filter(({ because }) => because !== "drill") });
  if (last === undefined) return undefined;
  const until = last.at + policy.cooldownSeconds * 1000;
  return until > now ? until : undefined;
}

export interface Budget {
  readonly left: number;
  readonly of: number;
  /** When the next move comes free, in epoch milliseconds; undefined while some are left. */
  readonly refillsAt?: number;
}

/** How many automatic moves off a failing active, and failbacks, are left in the window. */
export function budgetLeft(state: State, policy: Policy, now: number): Budget {
  const windowMs = policy.budget.seconds * 1000;
  const from = Math.max(now - windowMs, state.budgetRefilledAt ?? 0);
  const spent = state.moves.filter((move) => move.budgeted && move.at > from);
  const left = Math.max(0, policy.budget.moves - spent.length);
  const oldest = spent[spent.length - policy.budget.moves];
  return {
    left,
    of: policy.budget.moves,
    ...(oldest === undefined ? {} : { refillsAt: oldest.at + windowMs }),
  };
}

/** Has an automatic failover taken the group off this member before, within the budget window, unacknowledged? */
export function leftBefore(state: State, policy: Policy, member: string, now: number): boolean {
  const from = Math.max(now - policy.budget.seconds * 1000, state.acknowledged[member] ?? 0);
  return state.moves.some(
    (move) => isFailover(move) && move.failed !== true && move.from === member && move.at > from,
  );
}

/** How long after an automatic failback a failover off the same member counts as flapping. */
const FLAPPING_AFTER_FAILBACK_MS = 30 * 60_000;

/** Was the group brought back to this member by an automatic failback less than 30 minutes ago? */
export function failedBackLately(state: State, member: string, now: number): boolean {
  const acknowledged = state.acknowledged[member] ?? 0;
  return state.moves.some(
    (move) =>
      move.because === "failback" &&
      move.failed !== true &&
      move.to === member &&
      move.at > acknowledged &&
      now - move.at < FLAPPING_AFTER_FAILBACK_MS,
  );
}
