/**
 * How the record changes: `(state, what happened) → next state`. The store writes the difference under a guard.
 *
 * Who may change what: the holder of a claim changes lease, intent, moves and what follows from a move; everybody
 * else changes only their own attributes, and never epoch, lease or intent.
 */
import type {
  Because,
  Burn,
  Finish,
  Group,
  HistoryEntry,
  Hold,
  Intent,
  Move,
  Observation,
  PastMove,
  Phases,
  State,
} from "./model.ts";
import { quarantines } from "./quarantine.ts";
import { SCHEMA } from "./state.ts";
import { iso } from "./words.ts";

export const LEASE_MS = 30_000;
const MOVES_KEPT = 20;
/** A read just after a move may lag behind it: only a contradiction that lasts is somebody else's move. */
const ADOPT_AFTER_MS = 60_000;
const UNTOLD: ReadonlySet<Because> = new Set([
  "healthy",
  "already-there",
  "in-progress",
  "just-moved",
  "newer-record",
]);

/** What an absent state item reads as. */
export function emptyState(): State {
  return {
    schema: SCHEMA,
    version: 0,
    epoch: 0,
    moves: [],
    quarantine: {},
    leaving: {},
    burned: [],
    isolated: {},
    outbox: {},
  };
}

/** The intent that a decision to move becomes: it names the attachments that were seen, and only those. */
export function intentOf(move: Move, group: Group, seen: Observation, id: string, now: number): Intent {
  const target = group.members.find((member) => member.name === move.to);
  const sources: Record<string, string> = {};
  for (const { eni } of group.interfaces) {
    const one = seen.interfaces[eni];
    if (one !== undefined && "attachmentId" in one && one.instance !== target?.instance) {
      sources[eni] = one.attachmentId;
    }
  }
  const telling = move.evidence.filter((one) => one.says === "failing" || one.says === "dead");
  const detected = telling.length === 0 ? seen.at : Math.min(...telling.map((one) => one.since));
  return {
    id,
    because: move.because,
    message: move.message,
    ...(move.from === undefined ? {} : { from: move.from }),
    to: move.to,
    sources,
    tried: [],
    force: move.force,
    ...(move.because === "last-resort" ? { lastResort: true } : {}),
    automatic: move.automatic,
    budgeted: move.budgeted,
    by: move.by,
    ...(move.reason === undefined ? {} : { reason: move.reason }),
    since: now,
    phases: { detected, decided: now },
    evidence: move.evidence,
    burns: [],
  };
}

/** Claims the group: a new epoch, a lease and the intent. An intent that never began makes way, and is told of. */
export function claim(state: State, intent: Intent, holder: string, now: number): State {
  const epoch = state.epoch + 1;
  const old = state.intent;
  const claimed = { ...state, epoch, intent, lease: { holder, until: now + LEASE_MS } };
  if (old === undefined || old.id === intent.id) return claimed;
  return withEntry(claimed, `e${epoch}.0`, {
    at: now,
    kind: "superseded",
    because: old.because,
    message: `The move to ${old.to} never began; ${intent.message}`,
    to: old.to,
    ...(old.from === undefined ? {} : { from: old.from }),
    epoch,
    by: old.by,
  });
}

/** Keeps the lease for another 30 s, with the intent as it is now (phases, burns, target). */
export function renew(state: State, intent: Intent, holder: string, now: number): State {
  return { ...state, intent, lease: { holder, until: now + LEASE_MS } };
}

/** Lets go of the group but keeps the intent: somebody else will finish it. */
export function release(state: State, intent: Intent): State {
  const { lease: _, ...rest } = state;
  return { ...rest, intent };
}

export type Ending = {
  readonly kind: "moved" | "failed";
  readonly because: Because;
  readonly message: string;
  readonly phases: Phases;
};

/** Ends a move: it is remembered, what it burned too, intent and lease go, and the history is told. */
export function settle(state: State, group: Group, intent: Intent, ending: Ending, now: number): State {
  const { lease: _lease, intent: _intent, told: _told, preferredHealthySince: _since, ...rest } = state;
  const repair = intent.because === "repair" || intent.because === "unite";
  const past: PastMove = {
    id: intent.id,
    at: now,
    because: intent.because,
    to: intent.to,
    ...(intent.from === undefined ? {} : { from: intent.from }),
    automatic: intent.automatic,
    budgeted: intent.budgeted,
  };
  const settled: State = {
    ...rest,
    moves: repair ? state.moves : [...state.moves, past].slice(-MOVES_KEPT),
    burned: burn(state.burned, intent.burns),
    quarantine: { ...state.quarantine, ...quarantines(state, group, intent, now) },
  };
  return withEntry(settled, `e${state.epoch}.1`, {
    at: now,
    kind: ending.kind === "moved" ? "move" : "failed-move",
    because: ending.because,
    message: ending.message,
    to: intent.to,
    ...(intent.from === undefined ? {} : { from: intent.from }),
    epoch: state.epoch,
    by: intent.by,
    ...(intent.reason === undefined ? {} : { reason: intent.reason }),
    phases: ending.phases,
    evidence: intent.evidence,
  });
}

/** Gives up an intent that never began: the group has recovered, or something else was decided. */
export function dropIntent(
  state: State,
  why: "recovered" | "superseded",
  message: string,
  now: number,
): State {
  const { lease: _lease, intent, ...rest } = state;
  if (intent === undefined) return state;
  const sequence = state.lease === undefined ? `v${state.version}` : `e${state.epoch}.2`;
  return withEntry(rest, sequence, {
    at: now,
    kind: why,
    because: intent.because,
    message,
    to: intent.to,
    ...(intent.from === undefined ? {} : { from: intent.from }),
    epoch: state.epoch,
    by: intent.by,
  });
}

/** Remembers what was last told, once per change; a hold that somebody wants to know of goes into the history. */
export function tell(state: State, hold: Hold, now: number): State {
  if (UNTOLD.has(hold.because)) {
    if (state.told === undefined || hold.because !== "healthy") return state;
    const { told: _, ...rest } = state;
    return rest;
  }
  const same = state.told?.because === hold.because ? state.told : undefined;
  if (same !== undefined && (same.notifiedAt !== undefined || !hold.notify)) return state;
  const told = {
    because: hold.because,
    since: same?.since ?? now,
    ...(hold.notify ? { notifiedAt: now } : {}),
  };
  const next = { ...state, told };
  return hold.notify ? refusal(next, hold, now) : next;
}

/** In observe mode: what would have been done, once per change. */
export function tellPlanned(state: State, move: Move | Finish, now: number): State {
  if (state.told?.because === move.because) return state;
  const to = move.kind === "move" ? move.to : move.intent.to;
  const told = { because: move.because, since: now, notifiedAt: now };
  return withEntry({ ...state, told }, `v${state.version}`, {
    at: now,
    kind: "planned",
    because: move.because,
    message: `Observing only: ${move.message}`,
    to,
    epoch: state.epoch,
  });
}

/** A refusal in the history. */
export function refusal(state: State, hold: Hold, now: number, by?: string): State {
  return withEntry(state, `v${state.version}`, {
    at: now,
    kind: "refusal",
    because: hold.because,
    message: hold.message,
    epoch: state.epoch,
    ...(by === undefined ? {} : { by }),
  });
}

/** EC2 shows another active than the last move says, and no intent stands: somebody moved it by hand. */
export function adopt(state: State, active: string | undefined, id: string, now: number): State {
  const last = state.moves.at(-1);
  if (active === undefined || last === undefined || last.to === active || state.intent !== undefined)
    return state;
  if (now - last.at < ADOPT_AFTER_MS) return state;
  const found: PastMove = {
    id,
    at: now,
    because: "found-moved",
    from: last.to,
    to: active,
    automatic: false,
    budgeted: false,
  };
  const next = { ...state, moves: [...state.moves, found].slice(-MOVES_KEPT) };
  return withEntry(next, `v${state.version}.1`, {
    at: now,
    kind: "found-moved",
    because: "found-moved",
    message: `The group was on ${last.to} after the last move and is on ${active} now: somebody moved it.`,
    from: last.to,
    to: active,
    epoch: state.epoch,
  });
}

/** Follows since when the preferred member has been well, for groups that fail back by themselves. */
export function watchPreferred(state: State, group: Group, wellAndWaiting: boolean, now: number): State {
  if (group.policy.failback !== "auto") return state;
  if (wellAndWaiting) {
    return state.preferredHealthySince === undefined ? { ...state, preferredHealthySince: now } : state;
  }
  const { preferredHealthySince, ...rest } = state;
  return preferredHealthySince === undefined ? state : rest;
}

function withEntry(state: State, sequence: string, entry: Omit<HistoryEntry, "sequence">): State {
  const key = `${iso(entry.at)}#${sequence}`;
  return { ...state, outbox: { ...state.outbox, [key]: { ...entry, sequence } } };
}

function burn(burned: readonly Burn[], more: readonly Burn[]): readonly Burn[] {
  if (more.length === 0) return burned;
  const same = (left: Burn, right: Burn): boolean =>
    left.member === right.member && left.deviceIndex === right.deviceIndex;
  return [...burned.filter((old) => !more.some((fresh) => same(old, fresh))), ...more];
}
