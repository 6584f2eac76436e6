/**
 * What the operators' commands make of the record: pause, resume, acknowledge, and release once EC2 has done its part.
 *
 * They touch only their own attributes, never epoch, lease or intent: a move in hand is not disturbed. Asking twice is
 * answered, not refused, and writes nothing the second time.
 */
import { withEntry } from "./entry.ts";
import { pauseInForce } from "./first.ts";
import { budgetLeft } from "./limits.ts";
import type { Group, Pause, State } from "./model.ts";
import { clock } from "./words.ts";

/** Who asks, and why. */
export interface Asking {
  readonly by: string;
  readonly reason?: string;
}

/** What a command made of the record; without a change, the state is the one it was given. */
export interface Commanded {
  readonly state: State;
  readonly changed: boolean;
  /** One sentence for a person. */
  readonly message: string;
}

/**
 * Pauses a group for so long; `seconds` undefined: until resumed. A pause that stands is made longer and never
 * shorter, so that nobody ends what somebody else relies on without saying so.
 */
export function pause(state: State, asking: Asking & { readonly seconds?: number }, now: number): Commanded {
  const { by, reason, seconds } = asking;
  const until = seconds === undefined ? undefined : now + seconds * 1000;
  const old = pauseInForce(state, now);
  if (old !== undefined && (old.until === undefined || (until !== undefined && until <= old.until))) {
    return unchanged(state, `Paused by ${old.by} already, ${untilWhen(old.until, now)}.`);
  }
  const why = reason ?? old?.reason;
  const next: Pause = {
    by,
    since: old?.since ?? now,
    ...(until === undefined ? {} : { until }),
    ...(why === undefined ? {} : { reason: why }),
  };
  const verb = old === undefined ? "Paused" : "The pause is longer now";
  return changed(
    { ...state, pause: next },
    asking,
    `${verb}: no move begins, ${untilWhen(until, now)}.`,
    now,
  );
}

/** Ends the pause of a group. */
export function resume(state: State, asking: Asking, now: number): Commanded {
  const old = pauseInForce(state, now);
  if (old === undefined) {
    const ended = state.pause?.until;
    const text = ended === undefined ? "" : ` The last pause ran out at ${clock(ended, now)}.`;
    return unchanged(state, `The group is not paused.${text}`);
  }
  const { pause: _, ...rest } = state;
  return changed(rest, asking, `Resumed: the pause by ${old.by} is over.`, now);
}

/** Lifts the quarantine of `member`, and refills the budget where `budget` says so. */
export function acknowledge(
  state: State,
  group: Group,
  asking: Asking & { readonly member?: string; readonly budget: boolean },
  now: number,
): Commanded {
  const { member, budget } = asking;
  const said: string[] = [];
  let next = state;
  if (member !== undefined) {
    const { [member]: old, ...quarantine } = state.quarantine;
    const acknowledged = { ...state.acknowledged, [member]: now };
    if (old !== undefined) next = { ...next, quarantine, acknowledged };
    const was = old === undefined ? "is not in quarantine" : `is out of quarantine (${old.why})`;
    said.push(`${member} ${was}.`);
  }
  if (budget) {
    const { left, of } = budgetLeft(state, group.policy, now);
    if (left < of) next = { ...next, budgetRefilledAt: now };
    said.push(
      left < of
        ? `The budget is full again: ${of} automatic moves, of which ${left} were left.`
        : `The budget is full: ${of} automatic moves.`,
    );
  }
  const message = said.join(" ");
  return next === state ? unchanged(state, message) : changed(next, asking, message, now);
}

/** Strikes what a member was given back: these interfaces of it bear their own security groups again. */
export function released(
  state: State,
  member: string,
  enis: readonly string[],
  asking: Asking,
  now: number,
): Commanded {
  const { [member]: old, ...others } = state.isolated;
  if (old === undefined) return unchanged(state, `${member} is not isolated.`);
  const given = Object.entries(old).filter(([eni]) => enis.includes(eni));
  if (given.length === 0) return unchanged(state, `${member} is still isolated.`);
  const left = Object.fromEntries(Object.entries(old).filter(([eni]) => !enis.includes(eni)));
  const isolated = Object.keys(left).length === 0 ? others : { ...others, [member]: left };
  const what = given.map(([eni, groups]) => `${eni} bears ${groups.join(", ")}`).join("; ");
  return changed({ ...state, isolated }, asking, `${member} has its security groups back: ${what}.`, now);
}

function unchanged(state: State, message: string): Commanded {
  return { state, changed: false, message };
}

/** The change, with an entry for the history. Commands are written under the version: no two have the same. */
function changed(state: State, { by, reason }: Asking, message: string, now: number): Commanded {
  const entry = {
    at: now,
    kind: "command",
    because: "operator",
    message,
    epoch: state.epoch,
    by,
    ...(reason === undefined ? {} : { reason }),
  } as const;
  return { state: withEntry(state, `v${state.version}`, entry), changed: true, message };
}

function untilWhen(until: number | undefined, now: number): string {
  return until === undefined ? "until resumed" : `until ${clock(until, now)}`;
}
