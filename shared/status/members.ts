/** Members and interfaces for a person: where they are, how they are, and the one reason why not. */

import type { Situation } from "../core/decide.ts";
import { burnsInForce } from "../core/indexes.ts";
import type { Group, InterfaceSeen, MemberDiagnosis } from "../core/model.ts";
import { inQuarantine } from "../core/quarantine.ts";
import { iso } from "../core/words.ts";

export interface MemberStatus {
  readonly member: string;
  readonly instance: string;
  readonly role: "active" | "standby";
  readonly health: MemberDiagnosis["health"];
  /** Whether a move may begin to bring the group here. */
  readonly eligible: boolean;
  /** The first reason against it; null: eligible. */
  readonly notEligibleBecause: string | null;
  /** Null: no end is announced. */
  readonly leaving: { readonly why: string; readonly endsAt: string } | null;
  readonly quarantine: { readonly why: string; readonly since: string } | null;
  /** Device indexes that a forced detach made unusable, until the instance is stopped and started. */
  readonly burnedDeviceIndexes: readonly number[];
  /** Interfaces from which `isolate` took the security groups, until `release`. */
  readonly isolatedInterfaces: readonly string[];
  readonly evidence: readonly EvidenceStatus[];
}

export interface EvidenceStatus {
  readonly source: string;
  readonly says: string;
  readonly detail: string;
  /** How long it has been so, where AWS tells; else how long ago it was read. */
  readonly ageSeconds: number;
}

/** One member, in the light of the whole situation. */
export function memberStatus(member: MemberDiagnosis, situation: Situation): MemberStatus {
  const { diagnosis, observation, state, now } = situation;
  const { member: name, instance, health, reasons, leaving } = member;
  const details = observation.members[name]?.details;
  // One that a restart has ended stays in the record.
  const quarantine = inQuarantine(state, name, details?.launchedAt) ? state.quarantine[name] : undefined;
  return {
    member: name,
    instance,
    role: name === diagnosis.active ? "active" : "standby",
    health,
    eligible: reasons.length === 0,
    notEligibleBecause: reasons[0] ?? null,
    leaving: leaving === undefined ? null : { why: leaving.why, endsAt: iso(leaving.endsAt) },
    quarantine: quarantine === undefined ? null : { why: quarantine.why, since: iso(quarantine.since) },
    burnedDeviceIndexes: burnsInForce(state.burned, name, details).map((burn) => burn.deviceIndex),
    isolatedInterfaces: Object.keys(state.isolated[name] ?? {}),
    evidence: member.evidence.map(({ source, says, detail, since }) => ({
      source,
      says,
      detail,
      ageSeconds: Math.max(0, Math.round((now - since) / 1000)),
    })),
  };
}

/** One interface, with the member that has it. */
export function interfaceStatus(group: Group, seen: InterfaceSeen | undefined): object {
  if (seen === undefined || seen.state === "missing") return { state: "missing" };
  if (seen.state === "unread") return { state: "unread", error: seen.error };
  if (seen.state === "available") return { state: "on nothing", zone: seen.zone };
  const { state, instance, deviceIndex, attachmentId, attachedAt, deleteOnTermination, zone } = seen;
  return {
    state,
    on: group.members.find((member) => member.instance === instance)?.name ?? null,
    instance: instance ?? null,
    deviceIndex,
    attachmentId,
    attachedAt: iso(attachedAt),
    deleteOnTermination,
    zone,
    ...(seen.unmovable === undefined ? {} : { unmovable: seen.unmovable }),
  };
}
