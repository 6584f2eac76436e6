/**
 * How the record changes: `(state, what happened) → next state`. The store writes the difference under a guard.
 *
 * Who may change what: the holder of a claim changes lease, intent, moves and what follows from a move; everybody
 * else changes only their own attributes, and never epoch, lease or intent.
 */

import { drillAfterMove } from "./drill.ts";
import { aboutMove, withEntry } from "./entry.ts";
import { fenceOf } from "./fencing.ts";
import type {
  Because,
  Burn,
  Group,
  HistoryEntry,
  Intent,
  Move,
  Observation,
  PastMove,
  Phases,
  State,
  Whereabouts,
} from "./model.ts";
import { moving } from "./moving.ts";
import { remember } from "./past.ts";
import { isStuckAttaching } from "./progress.ts";
import { quarantines } from "./quarantine.ts";
import { SCHEMA } from "./state.ts";
import { adopt, refusal, tell, tellPlanned, wokenByEnd } from "./telling.ts";
import { detected } from "./words.ts";

export { adopt, refusal, tell, tellPlanned };

export const LEASE_MS = 30_000;

/** What an absent state item reads as. */
export function emptyState(): State {
  return {
    schema: SCHEMA,
    version: 0,
    epoch: 0,
    moves: [],
    quarantine: {},
    acknowledged: {},
    leaving: {},
    burned: [],
    isolated: {},
    outbox: {},
  };
}

/** The intent that a decision to move becomes: it names the attachments that were seen, and only those. */
export function intentOf(move: Move, group: Group, seen: Observation, id: string, now: number): Intent {
  const target = group.members.find((member) => member.name === move.to);
  const fence = fenceOf(move, group);
  const sources: Record<string, string> = {};
  const there: Record<string, string> = {};
  for (const { eni } of group.interfaces) {
    const one = seen.interfaces[eni];
    if (one === undefined || !("attachmentId" in one)) continue;
    // What is being detached from the target, or never ends to attach, has to come off before it can come back.
    const comesOff = one.state === "detaching" || isStuckAttaching(one, seen.at);
    const stays = one.instance === target?.instance && !comesOff;
    (stays ? there : sources)[eni] = one.attachmentId;
  }
  return {
    id,
    because: move.because,
    why: move.why,
    ...(move.from === undefined ? {} : { from: move.from }),
    to: move.to,
    sources,
    ...(Object.keys(there).length === 0 ? {} : { there }),
    tried: [],
    force: move.force,
    ...(move.because === "last-resort" ? { lastResort: true } : {}),
    automatic: move.automatic,
    budgeted: move.budgeted,
    by: move.by,
    ...(move.reason === undefined ? {} : { reason: move.reason }),
    since: now,
    phases: { detected: seen.at, ...detected(move.evidence), decided: now },
    evidence: move.evidence,
    burns: [],
    ...(fence === undefined ? {} : { fence }),
    ...(move.drill === undefined ? {} : { drill: move.drill }),
  };
}

/** Claims the group: a new epoch, a lease and the intent. An intent that never began makes way; both are told of. */
export function claim(state: State, intent: Intent, holder: string, now: number): State {
  const epoch = state.epoch + 1;
  const old = state.intent;
  const claimed = { ...state, epoch, intent, lease: { holder, until: now + LEASE_MS } };
  if (old?.id === intent.id) return claimed;
  // A move that waits for its fence is begun again every minute: that it does not get further was told once.
  const again = state.told?.because === "fence-unconfirmed";
  const told = again ? claimed : withEntry(claimed, `e${epoch}.5`, started(intent, epoch, now));
  if (old === undefined) return told;
  return withEntry(told, `e${epoch}.0`, {
    at: now,
    kind: "superseded",
    because: old.because,
    message: `The move to ${old.to} never began. ${moving(intent)}`,
    ...aboutMove(old, epoch),
  });
}

/** That a move has begun: told on the bus alone, so that what watches it need not wait for its end. */
export function started(intent: Intent, epoch: number, now: number): Omit<HistoryEntry, "sequence"> {
  const { because, evidence } = intent;
  return {
    at: now,
    kind: "started",
    because,
    message: moving(intent),
    ...aboutMove(intent, epoch),
    evidence,
  };
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
  /** Why the member that the group left could not be fenced. */
  readonly unfenced?: string;
  readonly phases: Phases;
  /** Who has the interfaces now. */
  readonly interfaces?: Whereabouts;
  /** It failed as the one before, and people know. */
  readonly again?: boolean;
};

/** Ends a move: it is remembered, what it burned too, intent and lease go, and the history is told. */
export function settle(state: State, group: Group, intent: Intent, ending: Ending, now: number): State {
  const { lease: _lease, intent: _intent, told: _told, preferredHealthySince: _since, ...others } = state;
  const moved = ending.kind === "moved";
  const rest = ending.again === true ? others : wokenByEnd(others, moved ? undefined : ending.because, now);
  const past: PastMove = {
    id: intent.id,
    at: now,
    // Another target makes no move of a repair, and a drill that starts a cooldown would hold a failover.
    because: intent.cause ?? intent.because,
    to: intent.to,
    ...(intent.from === undefined ? {} : { from: intent.from }),
    automatic: intent.automatic,
    budgeted: intent.budgeted,
    ...(moved ? {} : { failed: true }),
    phases: ending.phases,
  };
  const settled: State = {
    ...rest,
    moves: remember(state.moves, past),
    burned: burn(state.burned, intent.burns),
    quarantine: { ...state.quarantine, ...quarantines(state, group, intent, { moved, now }) },
  };
  const drilled = drillAfterMove(settled, intent, ending, now);
  const told = ending.unfenced === undefined ? drilled : tellUnfenced(drilled, ending.unfenced, now);
  return withEntry(told, `e${state.epoch}.1`, ended(intent, ending, state.epoch, now));
}

/** The end of a move, as the history and the bus tell it. */
export function ended(
  intent: Intent,
  ending: Omit<Ending, "unfenced">,
  epoch: number,
  now: number,
): Omit<HistoryEntry, "sequence"> {
  const { kind, because, message, phases, interfaces, again } = ending;
  return {
    at: now,
    kind: kind === "moved" ? "move" : "failed-move",
    because,
    message,
    ...aboutMove(intent, epoch),
    ...(interfaces === undefined ? {} : { interfaces }),
    ...(again === true ? { again } : {}),
    phases,
    evidence: intent.evidence,
  };
}

/** The move stands, but an operator has to fence: an entry of its own, so that nobody misses it. */
function tellUnfenced(state: State, message: string, now: number): State {
  const because = "operator-needed";
  const told = { because, since: now, notifiedAt: now } as const;
  const entry = { at: now, kind: "refusal", because, message, epoch: state.epoch } as const;
  return withEntry({ ...state, told }, `e${state.epoch}.3`, entry);
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
  // The same look may tell of a hold (`v<version>`) and find a move (`.1`): three entries, three keys.
  const sequence = state.lease === undefined ? `v${state.version}.2` : `e${state.epoch}.2`;
  return withEntry(rest, sequence, {
    at: now,
    kind: why,
    because: intent.because,
    message,
    ...aboutMove(intent, state.epoch),
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

function burn(burned: readonly Burn[], more: readonly Burn[]): readonly Burn[] {
  if (more.length === 0) return burned;
  const same = (left: Burn, right: Burn): boolean =>
    left.member === right.member && left.deviceIndex === right.deviceIndex;
  return [...burned.filter((old) => !more.some((fresh) => same(old, fresh))), ...more];
}
