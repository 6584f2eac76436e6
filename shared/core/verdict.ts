/**
 * What a prober's verdict makes of the record. It touches only `probed` and `served`, never epoch, lease or intent, and
 * it writes nothing while everybody serves and the record knows it: a quiet minute costs no write, a quiet day 48.
 */
import { withEntry } from "./entry.ts";
import type { MoveBecause, PastMove, Phases, Probed, ProbeFinding, State } from "./model.ts";
import { isFresh } from "./probed.ts";
import { ago } from "./words.ts";

/** A guest takes up to half a minute to bring an interface up that EC2 shows attached. */
const SERVES_WITHIN_MS = 30_000;

/** A move that is longer ago was not watched when it was made: nobody is told of it now. */
const VERIFIED_FOR_MS = 600_000;

/** So often a verdict is written though it says nothing new: that the prober lives can be known from it. */
export const HEARD_ANEW_MS = 30 * 60_000;

/** Whether the address serves after the last move: news about a move that has settled. */
export interface ServedNews {
  readonly outcome: "serving" | "moved-not-serving";
  readonly message: string;
  readonly because: MoveBecause;
  readonly move: PastMove;
  /** When it began to serve, or when it was given up on. */
  readonly at: number;
  /** Of the move, with the one when it began to serve. */
  readonly phases: Phases;
  readonly notify: boolean;
}

export interface Heard {
  /** The same object where there is nothing to write. */
  readonly state: State;
  /** Somebody is silent, or is not what the record says: worth a look. */
  readonly look: boolean;
  readonly served?: ServedNews;
}

/** Hears a verdict at `now`. One that is older than the last, or has lapsed, is not heard. */
export function hear(state: State, verdict: Probed, now: number): Heard {
  if (!isFresh(verdict, now) || (state.probed !== undefined && verdict.at <= state.probed.at)) {
    return { state, look: false };
  }
  const probed = remembering(verdict, state.probed);
  const changed = isNews(probed, state);
  const heard = changed ? { ...state, probed } : state;
  const served = verify(state, probed.floating, verdict.at);
  if (served === undefined) return { state: heard, look: changed };
  const { move, outcome, message, because, at, phases } = served;
  const told = {
    ...heard,
    probed,
    served: { move: move.id, at, ok: outcome === "serving" },
  };
  const entry = {
    at: now,
    kind: outcome,
    because,
    message,
    move: move.id,
    to: move.to,
    ...(move.from === undefined ? {} : { from: move.from }),
    epoch: state.epoch,
    phases,
    ...(outcome === "serving" && served.notify ? { late: true } : {}),
  };
  return { state: withEntry(told, `v${state.version}`, entry), look: changed, served };
}

/** A prober that was just started knows of no earlier answer; the record does. */
function remembering(verdict: Probed, before: Probed | undefined): Probed {
  const keep = (finding: ProbeFinding, old: ProbeFinding | undefined): ProbeFinding => {
    const answeredAt = finding.answeredAt ?? old?.answeredAt;
    return answeredAt === undefined ? finding : { ...finding, answeredAt };
  };
  const members = Object.entries(verdict.members).map(([name, finding]) => [
    name,
    keep(finding, before?.members[name]),
  ]);
  return {
    at: verdict.at,
    ...(verdict.floating === undefined ? {} : { floating: keep(verdict.floating, before?.floating) }),
    members: Object.fromEntries(members),
  };
}

/** Silence is written anew, or it would lapse. Everything else where the record says otherwise, or has long been silent. */
function isNews(probed: Probed, { probed: before, moves }: State): boolean {
  if (before === undefined || probed.at - before.at >= HEARD_ANEW_MS) return true;
  const [fresh, old] = [findings(probed), new Map(findings(before))];
  if (fresh.length !== old.size || fresh.some(([, { says }]) => says === "silent")) return true;
  const differs = fresh.some(([name, { says, answeredAt }]) => {
    const known = old.get(name);
    return says !== known?.says || (answeredAt !== undefined && known.answeredAt === undefined);
  });
  // Silence of the floating address counts only after an answer on the member that has it now.
  const movedAt = moves.at(-1)?.at ?? 0;
  const [answered, known] = [probed.floating?.answeredAt ?? 0, before.floating?.answeredAt ?? 0];
  return differs || (known <= movedAt && answered > movedAt);
}

function findings({ floating, members }: Probed): [string, ProbeFinding][] {
  const own = Object.entries(members).map(([name, finding]): [string, ProbeFinding] => [
    `member ${name}`,
    finding,
  ]);
  return floating === undefined ? own : [...own, ["floating", floating]];
}

/** What the floating address says of the last move, where that is not known yet or not true any more. */
function verify(state: State, floating: ProbeFinding | undefined, at: number): ServedNews | undefined {
  const move = state.moves.at(-1);
  if (move === undefined || floating === undefined || state.intent !== undefined) return undefined;
  if (move.failed === true || move.because === "found-moved") return undefined;
  const before = state.served?.move === move.id ? state.served : undefined;
  const { because } = move;
  const inUse = move.phases?.inUse ?? move.at;
  if (before?.ok === true || (before === undefined && at - inUse > VERIFIED_FOR_MS)) return undefined;
  if (floating.says === "serving" && (floating.answeredAt ?? 0) > inUse) {
    const since = Math.max(floating.since, inUse);
    const message = `The address answers on ${move.to}, ${ago(since - inUse)} after it came into use there.`;
    const phases = { ...move.phases, serving: since };
    return { outcome: "serving", message, because, move, at: since, phases, notify: before !== undefined };
  }
  if (floating.says !== "silent" || before !== undefined || at - inUse < SERVES_WITHIN_MS) return undefined;
  const message =
    `The interface is in use on ${move.to}, but the address has not answered there for ${ago(at - inUse)} ` +
    `(${floating.detail}).`;
  const phases = move.phases ?? {};
  return { outcome: "moved-not-serving", message, because, move, at, phases, notify: true };
}
