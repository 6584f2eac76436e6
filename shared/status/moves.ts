/** Moves and history entries for a person: when each phase was reached, and how long it took. */
import type { Group, HistoryEntry, PastMove, Phases } from "../core/model.ts";
import { inWords, iso, times } from "../core/words.ts";

/** A settled move. */
export function moveStatus({ policy }: Group, move: PastMove): object {
  const { at, phases, failed, id: _, ...rest } = move;
  return {
    at: iso(at),
    ...rest,
    failed: failed ?? false,
    ...(phases === undefined ? {} : { ...durations(phases), objectiveSeconds: policy.rtoSeconds }),
  };
}

/** An entry of the history. */
export function historyStatus(entry: HistoryEntry): object {
  const { sequence: _, phases, evidence, at, ...rest } = entry;
  return {
    at: iso(at),
    ...rest,
    ...(phases === undefined ? {} : { phases: times(phases), ...durations(phases) }),
    ...(evidence === undefined ? {} : { evidence: evidence.map(inWords) }),
  };
}

export interface Durations {
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Null: one of the two is not known. */
  readonly detectedToInUseSeconds: number | null;
}

/** Seconds of each phase since the one before it, and from detected to in use: what is measured against the objective. */
export function durations(phases: Phases): Durations {
  const { detected, inUse } = phases;
  const reached = Object.entries(phases).filter((phase): phase is [string, number] => phase[1] !== undefined);
  reached.sort((left, right) => left[1] - right[1]);
  const [first] = reached;
  let before = first?.[1] ?? 0;
  const phaseSeconds: Record<string, number> = {};
  for (const [name, at] of reached.slice(1)) {
    phaseSeconds[name] = seconds(at - before);
    before = at;
  }
  const whole = detected === undefined || inUse === undefined ? null : seconds(inUse - detected);
  return { phaseSeconds, detectedToInUseSeconds: whole };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
