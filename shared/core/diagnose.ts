/**
 * From an observation to its meaning: who is active, how every member is, and for each member that may not take the
 * group the one reason why not. Pure: the observation's own time is the only clock.
 */
import { withoutDrill } from "./drill.ts";
import { alarmEvidence, healthOf, instanceEvidence, isUnreachable } from "./health.ts";
import { assignIndexes } from "./indexes.ts";
import type {
  AlarmSeen,
  Diagnosis,
  Evidence,
  Group,
  Holder,
  Ineligible,
  InterfaceSeen,
  Member,
  MemberDiagnosis,
  MemberSeen,
  Observation,
  State,
} from "./model.ts";
import { floatingProbeEvidence, memberProbeEvidence } from "./probed.ts";
import { isStuckAttaching } from "./progress.ts";
import { inQuarantine } from "./quarantine.ts";

/** A spot notice counts for 150 s after its event; the instance itself ends 120 s after it. */
const LAPSE_AFTER_END_MS = 30_000;

/** What the observation means, in the light of what the record remembers (quarantine, burned indexes, announced ends). */
export function diagnose(group: Group, observation: Observation, state: State): Diagnosis {
  const holders: Record<string, Holder> = {};
  for (const { eni } of group.interfaces) {
    holders[eni] = holderOf(group, observation.interfaces[eni], observation.at);
  }
  const active = activeOf(group, holders);
  const arrivedAt = active === undefined ? undefined : arrival(group, observation);
  const about = aboutActive(group, observation, arrivedAt, state);
  const floating = floatingProbeEvidence(verdictOn(group, state), arrivedAt, observation.at);
  const members = group.members.map((member) => {
    const evidence = member.name === active ? [...about.evidence, ...floating] : undefined;
    const diagnosis = diagnoseMember(group, member, observation, state, evidence);
    return { ...diagnosis, reasons: reasonsAgainst(group, member, diagnosis, observation, state, active) };
  });
  return {
    at: observation.at,
    holders,
    members,
    detailed: observation.detailed,
    notCleared: active === undefined ? [] : about.notCleared,
    ...(active === undefined ? {} : { active }),
    ...(arrivedAt === undefined ? {} : { arrivedAt }),
  };
}

/**
 * Who holds an interface. One that is leaving its holder counts as on nothing: it will be in a moment. So does one that
 * has been attaching for so long that it never will: it is in use nowhere.
 */
export function holderOf(group: Group, seen: InterfaceSeen | undefined, at: number): Holder {
  if (seen === undefined || seen.state === "missing") return { kind: "missing" };
  if (seen.state === "unread") return { kind: "unread" };
  if (seen.state === "available") return { kind: "nothing" };
  const member = group.members.find((candidate) => candidate.instance === seen.instance);
  if (member === undefined) return { kind: "stranger", instance: seen.instance ?? "unknown" };
  const inUse = seen.state !== "detaching" && !isStuckAttaching(seen, at);
  return !inUse ? { kind: "nothing" } : { kind: "member", member: member.name };
}

function activeOf(group: Group, holders: Readonly<Record<string, Holder>>): string | undefined {
  const names = group.interfaces.map(({ eni }) => {
    const holder = holders[eni];
    return holder?.kind === "member" ? holder.member : undefined;
  });
  return names.every((name) => name === names[0]) ? names[0] : undefined;
}

function arrival(group: Group, observation: Observation): number {
  return Math.max(
    ...group.interfaces.map(({ eni }) => {
      const seen = observation.interfaces[eni];
      return seen !== undefined && "attachedAt" in seen ? seen.attachedAt : 0;
    }),
  );
}

/** The group's alarms speak about the active only if they changed after the interfaces arrived there. */
function aboutActive(
  group: Group,
  observation: Observation,
  arrivedAt: number | undefined,
  state: State,
): { evidence: Evidence[]; notCleared: string[] } {
  const evidence: Evidence[] = [];
  const notCleared: string[] = [];
  for (const name of group.alarms) {
    const alarm = observation.alarms[name];
    const says = alarm === undefined ? undefined : evidenceOf(alarm, true, observation, state);
    if (alarm === undefined || says === undefined) continue;
    if (arrivedAt !== undefined && alarm.transitionedAt > arrivedAt) evidence.push(says);
    else notCleared.push(name);
  }
  return { evidence, notCleared };
}

/** The prober's verdict, of a group that has one: what an earlier configuration left behind says nothing. */
function verdictOn(group: Group, state: State): State["probed"] {
  return group.probe === undefined ? undefined : state.probed;
}

/** `about`: what the group's alarms and its floating address say of this member; undefined for all but the active. */
function diagnoseMember(
  group: Group,
  member: Member,
  observation: Observation,
  state: State,
  about: readonly Evidence[] | undefined,
): Omit<MemberDiagnosis, "reasons"> {
  const seen: MemberSeen = observation.members[member.name] ?? {
    instance: { read: "failed", error: "was not read" },
  };
  // An interface that could not be read may be on it: then a member that EC2 does not know is not known to be gone.
  const holds = Object.values(observation.interfaces).some(
    (one) => one.state === "unread" || ("instance" in one && one.instance === member.instance),
  );
  const own = instanceEvidence(seen.instance, group.policy, holds, observation.at);
  const fine = healthOf(own, 1) === "healthy";
  const probe = memberProbeEvidence(verdictOn(group, state), member.name, observation.at, fine);
  const evidence = [...own, ...alarmsOf(member, observation, fine, state), ...probe, ...(about ?? [])];
  const spokenOf = member.alarms.length > 0 || (about !== undefined && group.alarms.length > 0);
  if (observation.alarmsUnread !== undefined && spokenOf) {
    const detail = `could not be read: ${observation.alarmsUnread}`;
    evidence.push({ source: "alarms", witness: "alarms", says: "unknown", detail, since: observation.at });
  }
  const leaving = leavingOf(group, member, seen, state, observation.at);
  return {
    member: member.name,
    instance: member.instance,
    health: healthOf(evidence, group.policy.witnesses),
    evidence,
    unreachable: isUnreachable(seen.instance),
    ended: hasEnded(seen, holds),
    ...(leaving === undefined ? {} : { leaving }),
  };
}

function alarmsOf(member: Member, observation: Observation, fine: boolean, state: State): Evidence[] {
  const names = member.statusAlarm === undefined ? member.alarms : [member.statusAlarm, ...member.alarms];
  return names.flatMap((name) => {
    const alarm = observation.alarms[name];
    return (alarm === undefined ? undefined : evidenceOf(alarm, fine, observation, state)) ?? [];
  });
}

/** What an alarm says; of one that a drill has set, what is left of that. */
function evidenceOf(
  alarm: AlarmSeen,
  fine: boolean,
  { at }: Observation,
  { drill }: State,
): Evidence | undefined {
  const evidence = alarmEvidence(alarm, fine);
  return evidence?.says === "failing" ? withoutDrill(evidence, alarm, drill, at) : evidence;
}

function hasEnded(seen: MemberSeen, holds: boolean): boolean {
  if (seen.instance.read === "not-found") return !holds;
  return (
    seen.instance.read === "ok" &&
    (seen.instance.state === "shutting-down" || seen.instance.state === "terminated")
  );
}

function leavingOf(
  group: Group,
  member: Member,
  seen: MemberSeen,
  state: State,
  at: number,
): { why: string; endsAt: number } | undefined {
  const told = state.leaving[member.name];
  if (told !== undefined && at < told.at) return { why: told.why, endsAt: told.at - LAPSE_AFTER_END_MS };
  if (seen.instance.read !== "ok") return undefined;
  const soon = seen.instance.scheduled
    .filter((event) => event.notBefore - group.policy.leaveBeforeSeconds * 1000 <= at)
    .sort((left, right) => left.notBefore - right.notBefore)[0];
  return soon === undefined ? undefined : { why: `scheduled ${soon.code}`, endsAt: soon.notBefore };
}

/** Every reason against a member, the one to tell first. None: it may take the group. */
function reasonsAgainst(
  group: Group,
  member: Member,
  diagnosis: Pick<MemberDiagnosis, "health">,
  observation: Observation,
  state: State,
  active: string | undefined,
): Ineligible[] {
  const seen = observation.members[member.name];
  const instance = seen?.instance;
  const reasons: Ineligible[] = [];
  if (member.name === active) reasons.push("active");
  if (diagnosis.health !== "healthy") reasons.push(diagnosis.health);
  // Nobody knows whether it runs: an operator may take it for what it is, the controller by itself may not.
  if (instance === undefined || instance.read === "failed") reasons.push("unread");
  else if (instance.read === "not-found" || instance.state !== "running") reasons.push("not-running");
  if (instance?.read === "ok" && !inZone(group, observation, instance.zone)) reasons.push("wrong-zone");
  // What a restart would have ended is known only with the launch time. A look that did not read it gives the benefit
  // of the doubt: were it a reason, the detailed look that comes before every move would never be taken.
  const remembered = observation.detailed;
  const quarantine = state.quarantine[member.name];
  const mayHaveEnded = !remembered && quarantine?.untilLaunchAfter !== undefined;
  if (inQuarantine(state, member.name, seen?.details?.launchedAt) && !mayHaveEnded)
    reasons.push("quarantined");
  if (state.isolated[member.name] !== undefined) reasons.push("isolated");
  const assignment = assignIndexes(group, member, seen?.details, remembered ? state.burned : []);
  if (!assignment.fits) reasons.push(assignment.why);
  if (!hasSlots(group, seen)) reasons.push("no-slot");
  return reasons;
}

function inZone(group: Group, observation: Observation, zone: string): boolean {
  return group.interfaces.every(({ eni }) => {
    const seen = observation.interfaces[eni];
    return seen === undefined || !("zone" in seen) || seen.zone === zone;
  });
}

function hasSlots(group: Group, seen: MemberSeen | undefined): boolean {
  const details = seen?.details;
  if (details?.maxInterfaces === undefined) return true;
  const own = new Set(group.interfaces.map((one) => one.eni));
  const others = details.attachments.filter((one) => !own.has(one.eni)).length;
  return others + own.size <= details.maxInterfaces;
}
