/** What a look that does not move leaves to do: in the record, and in EC2. Nothing, and the hold is a quiet one. */
import { isEligible, memberOf } from "./candidates.ts";
import type { Situation } from "./decide.ts";
import { drillAfterHold } from "./drill-hold.ts";
import type { AttachedSeen, Diagnosis, Hold, HoldBecause, Intent, Observation, State } from "./model.ts";
import { adopt, dropIntent, refusal, tell, watchPreferred } from "./record.ts";
import type { Refusal } from "./telling.ts";
import { firstUnread } from "./unread.ts";
import { whereabouts } from "./whereabouts.ts";

/** The record as a hold leaves it: stale intents go, what was found and what is told is remembered. */
export function afterHold(situation: Situation, hold: Hold): State {
  const { group, state, diagnosis, now, request } = situation;
  if (handsOff(hold)) return state;
  const seen = restsOn(situation);
  const preferred = diagnosis.members[0];
  const waiting = preferred !== undefined && isEligible(preferred);
  // A plan that no longer holds says nothing about the intent: what has begun is finished by the next look.
  let next = hold.because === "world-changed" ? state : dropStale(situation, hold);
  next = adopt(next, diagnosis.active, `found-${now}`, now, seen.interfaces);
  next = watchPreferred(next, group, waiting, now);
  next = drillAfterHold(next, situation, hold);
  if (request === undefined) return tell(next, hold, now, seen);
  if (hold.because === "already-there") return next;
  const { by, reason } = request;
  return refusal(next, hold, now, { by, ...(reason === undefined ? {} : { reason }), ...seen });
}

/** What a refusal is told with: who has the interfaces, and what speaks against the active. */
export function restsOn({ observation, diagnosis }: Pick<Situation, "observation" | "diagnosis">): Refusal {
  const against = memberOf(diagnosis, diagnosis.active)?.evidence.filter(({ says }) => says !== "healthy");
  return { interfaces: whereabouts(observation), evidence: against ?? [] };
}

/** Holds that may rest on an alarm: muted, it is no evidence, and the group may be well. */
const RESTS_ON_ALARMS: ReadonlySet<HoldBecause> = new Set<HoldBecause>([
  "no-eligible-standby",
  "cooldown",
  "budget",
  "surge",
  "alarm-not-cleared",
]);

/** Whether the mute rules could make something else of this hold, against the active or a standby: then they are read. */
export function mayBeMuted({ because }: Hold, { alarms }: Pick<Observation, "alarms">): boolean {
  const rings = Object.values(alarms).some(({ state, suppressed }) => state === "ALARM" && !suppressed);
  return rings && RESTS_ON_ALARMS.has(because);
}

/** The record is somebody else's for now: neither state nor outbox is touched. */
export function handsOff(hold: Hold): boolean {
  return hold.because === "in-progress" || hold.because === "newer-record";
}

/** A hold, with the intent still there, means that the intent never began: it makes way. */
function dropStale({ group, state, observation, diagnosis, now }: Situation, hold: Hold): State {
  const unread = firstUnread(group, observation.interfaces);
  if (unread !== undefined || state.intent === undefined) return state;
  return dropIntent(state, whyDropped(state.intent, diagnosis), hold.message, now);
}

/** Moves off a member that had failed. */
const OFF_THE_FAILED: ReadonlySet<Intent["because"]> = new Set([
  "active-failing",
  "active-dead",
  "last-resort",
]);

/** Why a move that never began is given up: the member that it was to leave is well again, or something else is decided. */
export function whyDropped({ because, from }: Intent, diagnosis: Diagnosis): "recovered" | "superseded" {
  const active = memberOf(diagnosis, diagnosis.active);
  const recovered = active?.member === from && active?.health === "healthy" && OFF_THE_FAILED.has(because);
  return recovered ? "recovered" : "superseded";
}

/** The interfaces that would be deleted with the member that holds them: DeleteOnTermination has to go. */
export function upkeepDue({
  group,
  observation,
}: Pick<Situation, "group" | "observation">): readonly { eni: string; seen: AttachedSeen }[] {
  return group.interfaces.flatMap(({ eni }) => {
    const seen = observation.interfaces[eni];
    if (seen?.state !== "attached" || !seen.deleteOnTermination || seen.unmovable !== undefined) return [];
    return group.members.some((member) => member.instance === seen.instance) ? [{ eni, seen }] : [];
  });
}
