/** Who holds the address, how everybody is, why it did not move, and what a failover would meet right now. */
import { adviceOn } from "./core/advice.ts";
import { decide, type Situation } from "./core/decide.ts";
import type { Decision, Group, HistoryEntry, State } from "./core/model.ts";
import { wouldDecide } from "./core/moving.ts";
import { ifActiveFailed, lastProven } from "./core/readiness.ts";
import { emptyState } from "./core/record.ts";
import { situationOf } from "./core/situation.ts";
import { iso } from "./core/words.ts";
import { caughtFailure } from "./errors.ts";
import { worldFor } from "./observe/merged.ts";
import { observe } from "./observe.ts";
import { type DrillStatus, drillStatus } from "./status/drill.ts";
import { interfaceStatus, type MemberStatus, memberStatus } from "./status/members.ts";
import { historyStatus, moveStatus } from "./status/moves.ts";
import { type ProbeStatus, probeStatus } from "./status/probe.ts";
import { type RecordStatus, recordStatus } from "./status/record.ts";
import { readHistory, readState } from "./store.ts";
import type { World } from "./world.ts";

export interface Status {
  readonly at: string;
  /** In the order of the configuration. */
  readonly groups: readonly GroupStatus[];
}

/** What a read of the table did not give. */
interface Unread {
  readonly unread: string;
  readonly meaning: string;
}

export interface GroupStatus {
  readonly group: string;
  readonly mode: "act" | "observe";
  /** The member that holds every interface; null when they are apart, on nothing or unread. */
  readonly active: string | null;
  /** What a look would come to right now. */
  readonly now: {
    readonly because: string;
    readonly message: string;
    /** What to do about it. */
    readonly advice: string;
    readonly override?: object;
  };
  readonly readiness: Readiness;
  /** When the alarm path was last rehearsed, and what that showed; null: never, or not known. */
  readonly lastDrill: DrillStatus | null;
  readonly interfaces: Readonly<Record<string, object>>;
  /** In order of preference. */
  readonly members: readonly MemberStatus[];
  readonly record: (RecordStatus & { readonly historyWaiting: number }) | Unread;
  /** Only of a group that is probed. */
  readonly probe?: ProbeStatus;
  /** The newest first, five at most. */
  readonly lastMoves: readonly object[];
  /** The newest first; only where it was asked for. */
  readonly history?: readonly object[] | Unread;
}

/** What would happen if the active failed now. */
export interface Readiness {
  readonly ready: boolean;
  /** The member that would take the group; null: the group would stay where it is. */
  readonly to: string | null;
  readonly because: string;
  readonly message: string;
  /** The newest move onto `to`, or off it, as far as the record remembers: it has held the group. Null: never proven. */
  readonly lastProven: { readonly at: string; readonly because: string } | null;
}

const LAST_MOVES = 5;

/** Reads everything afresh, for every group asked for, side by side. What can't be read is said. Changes nothing. */
export async function statusOf(groups: readonly Group[], history: number, world: World): Promise<Status> {
  const at = world.clock.now();
  const reading = worldFor(groups.length, world);
  const all = await Promise.all(groups.map((group) => statusOfGroup(group, history, reading)));
  return { at: iso(at), groups: all };
}

async function statusOfGroup(group: Group, count: number, world: World): Promise<GroupStatus> {
  const [record, observation, history] = await Promise.all([
    recordOf(group, world),
    observe(world, group, { details: true }),
    count > 0 ? historyOf(group, count, world) : undefined,
  ]);
  const state = "unread" in record ? emptyState() : record;
  const now = world.clock.now();
  const situation = situationOf(group, state, observation, now);
  const { diagnosis } = situation;
  const probe = probeStatus(group, state, now);
  return {
    group: group.name,
    mode: group.policy.mode,
    active: diagnosis.active ?? null,
    now: "unread" in record ? unconfirmed(record) : inShort(group, decide(situation)),
    readiness: "unread" in record ? notReady(unconfirmed(record)) : readinessOf(situation),
    lastDrill: drillStatus(group, state, now),
    interfaces: Object.fromEntries(
      group.interfaces.map(({ eni }) => [eni, interfaceStatus(group, observation.interfaces[eni])]),
    ),
    members: diagnosis.members.map((member) => memberStatus(member, situation)),
    record:
      "unread" in record
        ? record
        : { ...recordStatus(group, record, now), historyWaiting: Object.keys(record.outbox).length },
    ...(probe === undefined ? {} : { probe }),
    lastMoves: state.moves
      .slice(-LAST_MOVES)
      .reverse()
      .map((move) => moveStatus(group, move)),
    ...(history === undefined ? {} : { history: "unread" in history ? history : history.map(historyStatus) }),
  };
}

function inShort(group: Group, decision: Decision): GroupStatus["now"] {
  const { because } = decision;
  const message = wouldDecide(decision);
  const override = decision.kind === "hold" ? decision.override : undefined;
  return {
    because,
    message,
    advice: adviceOn(decision, group.policy.mode),
    ...(override === undefined ? {} : { override: { group: group.name, ...override } }),
  };
}

function unconfirmed({ unread }: Unread): GroupStatus["now"] {
  return {
    because: "unconfirmed",
    message: `What a look would come to can't be said, since the record could not be read: ${unread}`,
    advice: "See why the table does not answer: meanwhile only members that have ended are left.",
  };
}

/** The group would stay where it is. */
function notReady({ because, message }: Pick<Readiness, "because" | "message">): Readiness {
  return { ready: false, to: null, because, message, lastProven: null };
}

function readinessOf(situation: Situation): Readiness {
  const decision = ifActiveFailed(situation);
  if (decision === undefined) {
    const message = "Nobody holds every interface: see what a look would come to right now.";
    return notReady({ because: "unconfirmed", message });
  }
  if (decision.kind !== "move") return notReady(decision);
  const proven = lastProven(situation.state, decision.to);
  return {
    ready: true,
    to: decision.to,
    because: decision.because,
    message: `If ${decision.from} failed now, the group would move to ${decision.to}.`,
    lastProven: proven === undefined ? null : { at: iso(proven.at), because: proven.because },
  };
}

async function recordOf(group: Group, world: World): Promise<State | Unread> {
  const meaning = "pause, cooldown, budget, quarantine and past moves are not known; health and places are";
  return await readOr(meaning, async () => {
    const record = await readState(world, group.name);
    return record.read === "ok" ? record.state : { unread: record.error, meaning };
  });
}

async function historyOf(
  group: Group,
  count: number,
  world: World,
): Promise<readonly HistoryEntry[] | Unread> {
  return await readOr("what happened lately is not known", () => readHistory(world, group.name, count));
}

/** A broken or unreadable part of the table is said, and does not keep the rest from being shown. */
async function readOr<T>(meaning: string, read: () => Promise<T>): Promise<T | Unread> {
  try {
    return await read();
  } catch (caught) {
    const error = caughtFailure(caught);
    return { unread: error.message, meaning };
  }
}
