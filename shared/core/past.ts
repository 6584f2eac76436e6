/** What the record remembers of moves that have settled, and what follows from them. */
import type { PastMove, State } from "./model.ts";

/** How many settled moves the record remembers, whatever they were. */
const MOVES_KEPT = 20;

/** So many more of those that a budget counts: no budget is larger, and what others move meanwhile must not refill it. */
export const MAX_BUDGET_MOVES = 10;

/**
 * Attaching what was on nothing, or apart, is no move, though it be on a last resort: it starts no cooldown and does not say
 * who put the group there.
 */
function isRepair({ because, budgeted }: Pick<PastMove, "because" | "budgeted">): boolean {
  return because === "repair" || because === "unite" || (because === "last-resort" && !budgeted);
}

/** The moves with one more. Of repairs only the last is kept: it says where the group is, and must not push out moves. */
export function remember(moves: readonly PastMove[], past: PastMove): readonly PastMove[] {
  const all = [...moves.filter((one) => !isRepair(one)), past];
  const budgeted = all.filter((one) => one.budgeted).slice(-MAX_BUDGET_MOVES);
  const kept = new Set([...budgeted, ...all.slice(-MOVES_KEPT)]);
  return all.filter((one) => kept.has(one));
}

/** The newest move that was not a repair. */
export function lastMove(state: Pick<State, "moves">): PastMove | undefined {
  return state.moves.findLast((move) => !isRepair(move));
}

/** A person said last where the group should be: by the newest move, or by the newest that came to where it was going. */
export function isPlacedByHand({ moves }: Pick<State, "moves">): boolean {
  const newest = [lastMove({ moves }), lastMove({ moves: moves.filter(({ failed }) => failed !== true) })];
  return newest.some((move) => move?.because === "operator" || move?.because === "found-moved");
}

/** Where the newest move or repair left the group; undefined when nobody can say. */
export function lastPlace(state: State): PastMove | undefined {
  const last = state.moves.at(-1);
  return last?.failed === true && last.to !== last.from ? undefined : last;
}

/** An unplanned move off a member: not a failback, and not the way out before an announced end. */
export function isFailover(move: Pick<PastMove, "because" | "automatic" | "budgeted">): boolean {
  return move.automatic && move.budgeted && move.because !== "failback" && move.because !== "active-leaving";
}
