/** Who holds the address, how everybody is, why it did not move, and what a look would do right now. */
import { decide } from "./core/decide.ts";
import { diagnose } from "./core/diagnose.ts";
import { burnsInForce } from "./core/indexes.ts";
import type {
  Diagnosis,
  Group,
  HistoryEntry,
  InterfaceSeen,
  MemberDiagnosis,
  Observation,
  State,
} from "./core/model.ts";
import { emptyState } from "./core/record.ts";
import { iso } from "./core/words.ts";
import { observe } from "./observe.ts";
import { inWords, times } from "./report.ts";
import { recordStatus } from "./status/record.ts";
import { readHistory, readState } from "./store.ts";
import type { World } from "./world.ts";

export interface Status {
  readonly at: string;
  readonly groups: readonly GroupStatus[];
}

export interface GroupStatus {
  readonly group: string;
  /** The member that holds every interface; null when they are apart or on nothing. */
  readonly active: string | null;
  /** What a look would come to right now. */
  readonly now: { readonly because: string; readonly message: string; readonly override?: object };
  readonly mode: "act" | "observe";
  readonly interfaces: Readonly<Record<string, object>>;
  readonly members: readonly object[];
  readonly record: object;
  readonly lastMoves: readonly object[];
  readonly history?: readonly object[];
}

/** Reads everything afresh, for every group asked for, side by side. Changes nothing. */
export async function statusOf(groups: readonly Group[], history: number, world: World): Promise<Status> {
  const at = world.clock.now();
  const all = await Promise.all(groups.map((group) => statusOfGroup(group, history, world)));
  return { at: iso(at), groups: all };
}

async function statusOfGroup(group: Group, count: number, world: World): Promise<GroupStatus> {
  const [record, observation, history] = await Promise.all([
    readState(world, group.name),
    observe(world, group, { details: true }),
    count > 0 ? readHistory(world, group.name, count) : Promise.resolve(undefined),
  ]);
  const state = record.read === "ok" ? record.state : emptyState();
  const diagnosis = diagnose(group, observation, state);
  const now = world.clock.now();
  const decision = decide({ group, state, observation, diagnosis, now });
  const override = decision.kind === "hold" ? decision.override : undefined;
  return {
    group: group.name,
    active: diagnosis.active ?? null,
    now: {
      because: decision.because,
      message: decision.message,
      ...(override === undefined ? {} : { override: { group: group.name, ...override } }),
    },
    mode: group.policy.mode,
    interfaces: Object.fromEntries(
      group.interfaces.map(({ eni }) => [eni, interfaceStatus(observation.interfaces[eni])]),
    ),
    members: diagnosis.members.map((member) => memberStatus(member, diagnosis, observation, state, now)),
    record:
      record.read === "ok"
        ? { ...recordStatus(group, state, now), historyWaiting: Object.keys(state.outbox).length }
        : { unread: record.error, meaning: "pause, cooldown, budget and quarantine are not known" },
    lastMoves: state.moves
      .slice(-5)
      .reverse()
      .map((move) => ({ ...move, at: iso(move.at) })),
    ...(history === undefined ? {} : { history: history.map(historyStatus) }),
  };
}

function interfaceStatus(seen: InterfaceSeen | undefined): object {
  if (seen === undefined || seen.state === "missing" || seen.state === "unread") {
    return { state: seen?.state ?? "missing", ...(seen?.state === "unread" ? { error: seen.error } : {}) };
  }
  if (seen.state === "available") return { state: "on nothing", zone: seen.zone };
  return {
    state: seen.state,
    instance: seen.instance ?? null,
    deviceIndex: seen.deviceIndex,
    attachmentId: seen.attachmentId,
    attachedAt: iso(seen.attachedAt),
    deleteOnTermination: seen.deleteOnTermination,
    zone: seen.zone,
    ...(seen.unmovable === undefined ? {} : { unmovable: seen.unmovable }),
  };
}

function memberStatus(
  member: MemberDiagnosis,
  diagnosis: Diagnosis,
  observation: Observation,
  state: State,
  now: number,
): object {
  const role = member.member === diagnosis.active ? "active" : "standby";
  const details = observation.members[member.member]?.details;
  const burned = burnsInForce(state.burned, member.member, details).map((burn) => burn.deviceIndex);
  const quarantine = state.quarantine[member.member];
  return {
    member: member.member,
    role,
    health: member.health,
    ...(role === "standby" ? { eligible: member.reasons.length === 0 } : {}),
    ...(role === "standby" && member.reasons.length > 0 ? { notEligibleBecause: member.reasons[0] } : {}),
    ...(member.leaving === undefined
      ? {}
      : { leaving: { why: member.leaving.why, endsAt: iso(member.leaving.endsAt) } }),
    ...(quarantine === undefined
      ? {}
      : { quarantine: { why: quarantine.why, since: iso(quarantine.since) } }),
    ...(burned.length === 0 ? {} : { burnedDeviceIndexes: burned }),
    evidence: member.evidence.map((one) => ({
      source: one.source,
      says: one.says,
      detail: one.detail,
      ageSeconds: Math.max(0, Math.round((now - one.since) / 1000)),
    })),
  };
}

function historyStatus(entry: HistoryEntry): object {
  const { sequence: _, phases, evidence, at, ...rest } = entry;
  return {
    at: iso(at),
    ...rest,
    ...(phases === undefined ? {} : { phases: times(phases) }),
    ...(evidence === undefined ? {} : { evidence: evidence.map(inWords) }),
  };
}
