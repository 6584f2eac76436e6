/**
 * Was it written after all? Asked when the answer of a write was lost: the SDK has sent it again and the second one met
 * its own effect, or the socket died. Judged from the state as it stands now.
 */
import { isDeepStrictEqual } from "node:util";
import type { State } from "../core/model.ts";
import { type Change, type Guard, shows } from "./difference.ts";
import { plain } from "./item.ts";

export interface Write {
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  readonly guard: Guard;
}

/** True if the write is known to have been made. */
export function landed(write: Write, now: State): boolean {
  const { before, after, changes, guard } = write;
  // 1. A claim: its holder is a nonce that nobody else makes. Without the nonce it is not ours, whatever else agrees.
  if (after.lease !== undefined && after.lease.holder !== before.lease?.holder) {
    return now.lease?.holder === after.lease.holder;
  }
  // 2. Everything that it changed is there, and nobody else has claimed the group since.
  const ours = guard.kind === "version" || now.epoch === guard.epoch;
  if (ours && changes.every((change) => shows(now, change))) return true;
  // 3. The end of a claim, after which somebody else may have claimed, or have delivered the outbox: the move that it
  //    remembered, or the entry that it left, is there. The id of a move alone proves nothing: another holder may have
  //    finished the same intent.
  return before.lease !== undefined && after.lease === undefined && leftTrace(before, after, now);
}

function leftTrace(before: State, after: State, now: State): boolean {
  const known = new Set(before.moves.map((move) => move.id));
  const move = after.moves.some(
    (one) => !known.has(one.id) && now.moves.some((other) => isDeepStrictEqual(other, plain(one))),
  );
  const entry = Object.entries(after.outbox).some(
    ([key, one]) => before.outbox[key] === undefined && isDeepStrictEqual(now.outbox[key], plain(one)),
  );
  return move || entry;
}
