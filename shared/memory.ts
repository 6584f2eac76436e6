/**
 * What a warm environment remembers from one invocation to the next, for the time that the table is away. Nobody counts
 * on it: a cold start has none, and another function has its own.
 */
import type { Phases } from "./core/model.ts";
import type { Intent, RecordCopy } from "./core/state.ts";

/** A move that was made without the table, and waits to be recorded. */
export interface Unrecorded {
  readonly intent: Intent;
  readonly message: string;
  readonly phases: Phases;
  readonly at: number;
}

export interface Memory {
  /** The record of each group, as it was last read. */
  readonly copies: Map<string, RecordCopy>;
  /** By group. */
  readonly unrecorded: Map<string, Unrecorded>;
}

export function emptyMemory(): Memory {
  return { copies: new Map(), unrecorded: new Map() };
}
