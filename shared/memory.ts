/**
 * What a warm environment remembers from one invocation to the next, where the record can't be read or written. Nobody
 * counts on it: a cold start has none, and another function has its own.
 */
import type { HoldBecause, Phases } from "./core/model.ts";
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
  /** What was told of each group while the record could not remember it. */
  readonly toldAside: Map<string, HoldBecause>;
  /** When the doctor was last asked to look at a group, in epoch milliseconds. */
  readonly examined: Map<string, number>;
  /** When AWS last refused a read as one too many; `-Infinity`: never. */
  throttledAt: number;
}

export function emptyMemory(): Memory {
  return {
    copies: new Map(),
    unrecorded: new Map(),
    toldAside: new Map(),
    examined: new Map(),
    throttledAt: Number.NEGATIVE_INFINITY,
  };
}

/** Whether a hold that the record can't remember is news to this environment: told once a change here too. */
export function isNewsAside({ toldAside }: Memory, group: string, because: HoldBecause): boolean {
  if (toldAside.get(group) === because) return false;
  toldAside.set(group, because);
  return true;
}
