/** Entries of the history, as they wait in the state item until they are written. */
import type { HistoryEntry, Intent, State } from "./model.ts";
import { iso } from "./words.ts";

type Entry = Omit<HistoryEntry, "sequence">;

/** The state with one more entry in its outbox, under the key that its history item will have. */
export function withEntry(state: State, sequence: string, entry: Entry): State {
  const key = `${iso(entry.at)}#${sequence}`;
  return { ...state, outbox: { ...state.outbox, [key]: { ...entry, sequence } } };
}

/** What every entry about a move says of it. */
export function aboutMove(
  intent: Intent,
  epoch: number,
): Pick<Entry, "move" | "from" | "to" | "epoch" | "by" | "reason"> {
  const { id, from, to, by, reason } = intent;
  return {
    move: id,
    ...(from === undefined ? {} : { from }),
    to,
    epoch,
    by,
    ...(reason === undefined ? {} : { reason }),
  };
}
