/**
 * What a warm environment remembers from one invocation to the next, where the record can't be read or written. Nobody
 * counts on it: a cold start has none, and another function has its own.
 */
import type { HoldBecause, Phases } from "./core/model.ts";
import type { Intent, RecordCopy, Whereabouts } from "./core/state.ts";

/** A move that was made without the table, and waits to be recorded. */
export interface Unrecorded {
  readonly intent: Intent;
  readonly message: string;
  readonly phases: Phases;
  readonly interfaces: Whereabouts;
  readonly at: number;
}

export interface Memory {
  /** The record of each group, as it was last read. */
  readonly copies: Map<string, RecordCopy>;
  /** By group. */
  readonly unrecorded: Map<string, Unrecorded>;
  /** What was told of each group while the record could not remember it. */
  readonly toldAside: Map<string, HoldBecause>;
  /** When the doctor was last asked to look at a group, in epoch milliseconds. */
  readonly examined: Map<string, number>;
  /** When AWS last refused a read as one too many; `-Infinity`: never. */
  throttledAt: number;
  /** When all groups were last swept. */
  sweptAt: number | undefined;
  /** Ids of events that the bus has taken: an outbox that could not be cleared is not told again. Oldest first. */
  readonly sent: Set<string>;
}

/** So many ids are enough for every outbox that waits. */
const SENT_AT_MOST = 1_000;

export function emptyMemory(): Memory {
  return {
    copies: new Map(),
    unrecorded: new Map(),
    toldAside: new Map(),
    sent: new Set(),
    examined: new Map(),
    throttledAt: Number.NEGATIVE_INFINITY,
    sweptAt: undefined,
  };
}

/** Remembers that the bus has taken an event. */
export function rememberSent({ sent }: Memory, id: string): void {
  sent.add(id);
  const [oldest] = sent;
  if (sent.size > SENT_AT_MOST && oldest !== undefined) sent.delete(oldest);
}
