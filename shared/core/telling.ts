/** What is told, once per change, and what is found: changes of the record by a look that does not move. */
import { withEntry } from "./entry.ts";
import type {
  Because,
  Evidence,
  Finish,
  HistoryEntry,
  Hold,
  Intent,
  Move,
  PastMove,
  State,
  Whereabouts,
} from "./model.ts";
import { wouldDoObserving } from "./moving.ts";
import { lastPlace, remember } from "./past.ts";
import { detected } from "./words.ts";

/** A read just after a move may lag behind it: only a contradiction that lasts is somebody else's move. */
const ADOPT_AFTER_MS = 60_000;
const UNTOLD: ReadonlySet<Because> = new Set([
  "healthy",
  "already-there",
  "in-progress",
  "just-moved",
  "newer-record",
]);

/** Remembers what was last told, once per change; a hold that somebody wants to know of goes into the history. */
export function tell(state: State, hold: Hold, now: number, more?: Refusal): State {
  if (UNTOLD.has(hold.because)) {
    if (state.told === undefined || hold.because !== "healthy") return state;
    const { told: _, ...rest } = state;
    return rest;
  }
  const { because } = hold;
  if (!hold.notify)
    return state.told?.because === because ? state : { ...state, told: { because, since: now } };
  const { again, ...remembered } = waking(state, because, now) ?? {};
  if (again === undefined) return state;
  return refusal({ ...state, ...remembered }, hold, now, { ...more, ...(again ? { again } : {}) });
}

/** Whether people are woken by what is told in `after`, and not in `before`. */
export function wakes(before: Pick<State, "told">, { told }: Pick<State, "told">): boolean {
  return told?.notifiedAt !== undefined && told !== before.told;
}

/** The same trouble so soon after it was last seen to begin is the same trouble: it flaps. */
const SOON_MS = 1_800_000;
/** What has come back and lasts so long is told all the same. */
const LASTS_MS = 180_000;

/**
 * What the record remembers when it tells of this; undefined: it was told. `again`: it has come back soon, and is written
 * down without waking anybody, unless it lasts.
 */
function waking(
  state: State,
  because: Because,
  now: number,
): (Required<Pick<State, "told" | "woken">> & { readonly again: boolean }) | undefined {
  const same = state.told?.because === because ? state.told : undefined;
  if (same?.notifiedAt !== undefined) return undefined;
  const since = same?.since ?? now;
  const lately = Object.fromEntries(Object.entries(state.woken ?? {}).filter(([, at]) => now - at < SOON_MS));
  const again = lately[because] !== undefined && now - since < LASTS_MS;
  if (again && same?.again === true) return undefined;
  const told = { because, since, ...(again ? { again } : { notifiedAt: now }) };
  return { told, woken: { ...lately, [because]: now }, again };
}

/** In `woken`, beside the holds: that a move has failed for this. */
const FAILED = "failed: ";

/**
 * Whether people know that an automatic move fails for this. What nobody can take fails anew at every sweep: they are told
 * once in half an hour, until a move succeeds.
 */
export function isKnownToFail(
  { woken = {} }: Pick<State, "woken">,
  { automatic }: Pick<Intent, "automatic">,
  because: Because,
  now: number,
): boolean {
  const told = woken[`${FAILED}${because}`];
  return automatic && told !== undefined && now - told < SOON_MS;
}

/** The state once people were told that a move failed for this; `because` undefined: it succeeded, and the next that fails is news. */
export function wokenByEnd<Of extends Pick<State, "woken">>(
  state: Of,
  because: Because | undefined,
  now: number,
): Of {
  const { woken = {} } = state;
  if (because !== undefined) return { ...state, woken: { ...woken, [`${FAILED}${because}`]: now } };
  const holds = Object.entries(woken).filter(([what]) => !what.startsWith(FAILED));
  return holds.length === Object.keys(woken).length ? state : { ...state, woken: Object.fromEntries(holds) };
}

/** In observe mode: what would have been done, once per change. */
export function tellPlanned(state: State, move: Move | Finish, now: number, interfaces?: Whereabouts): State {
  const { again, ...remembered } = waking(state, move.because, now) ?? {};
  if (again === undefined) return state;
  const { from, to, evidence } = move.kind === "move" ? move : move.intent;
  return withEntry({ ...state, ...remembered }, `v${state.version}`, {
    at: now,
    kind: "planned",
    because: move.because,
    message: wouldDoObserving(move),
    ...(from === undefined ? {} : { from }),
    to,
    epoch: state.epoch,
    ...(interfaces === undefined ? {} : { interfaces }),
    ...(again ? { again } : {}),
    evidence,
  });
}

/** What a refusal rests on, and who asked. */
export interface Refusal {
  /** The move that gets no further. */
  readonly move?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly interfaces?: Whereabouts;
  /** People were told of the same lately. */
  readonly again?: true;
  /** Against the active. */
  readonly evidence?: readonly Evidence[];
}

/** A refusal in the history. */
export function refusal(state: State, hold: Hold, now: number, more: Refusal = {}): State {
  return withEntry(state, `v${state.version}`, refused(hold, state.epoch, now, more));
}

/** That a group does not move, and why, as the history and the bus tell it. */
export function refused(
  hold: Hold,
  epoch: number,
  now: number,
  { evidence = [], ...more }: Refusal,
): Omit<HistoryEntry, "sequence"> {
  const { because, message } = hold;
  const phases = { phases: { ...detected(evidence), decided: now }, evidence };
  return {
    at: now,
    kind: "refusal",
    because,
    message,
    epoch,
    ...more,
    ...(evidence.length === 0 ? {} : phases),
  };
}

/** EC2 shows another active than the last move says, and no intent stands: somebody moved it by hand. */
export function adopt(
  state: State,
  active: string | undefined,
  id: string,
  now: number,
  interfaces?: Whereabouts,
): State {
  const last = lastPlace(state);
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
  const next = { ...state, moves: remember(state.moves, found) };
  return withEntry(next, `v${state.version}.1`, {
    at: now,
    kind: "found-moved",
    because: "found-moved",
    message: `The group was on ${last.to} after the last move and is on ${active} now: somebody moved it.`,
    from: last.to,
    to: active,
    epoch: state.epoch,
    ...(interfaces === undefined ? {} : { interfaces }),
  });
}
