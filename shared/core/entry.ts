/** Entries of the history, as they wait in the state item until they are written. */
import type { HistoryEntry, State } from "./model.ts";
import { iso } from "./words.ts";

/** The state with one more entry in its outbox, under the key that its history item will have. */
export function withEntry(state: State, sequence: string, entry: Omit<HistoryEntry, "sequence">): State {
  const key = `${iso(entry.at)}#${sequence}`;
  return { ...state, outbox: { ...state.outbox, [key]: { ...entry, sequence } } };
}
