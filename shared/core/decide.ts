/**
 * What to do about a group, and why. The rules are tried in order; the first that fits decides.
 *
 * Pure: the situation holds all there is to know, time included. A decision to move is only a proposal until the
 * claim has been won on the very record that it was made from.
 */
import { bestEligible, forcing, lastResort, memberOf, whyNobody } from "./candidates.ts";
import { drillMove, openDrill } from "./drill.ts";
import { fenceUnconfirmed, isOnItsWayDown } from "./fencing.ts";
import {
  begunIntent,
  foreignLease,
  hold,
  newerRecord,
  notOurs,
  paused,
  unconfirmed,
  unreadInterface,
} from "./first.ts";
import { isFromCheck } from "./health.ts";
import { budgetLeft, cooldownUntil } from "./limits.ts";
import type {
  Decision,
  Diagnosis,
  Group,
  Hold,
  MemberDiagnosis,
  Move,
  MoveBecause,
  Observation,
  Request,
  State,
} from "./model.ts";
import { byOperator } from "./operator.ts";
import { isPlacedByHand, lastPlace } from "./past.ts";
import { scattered } from "./scattered.ts";
import { ago, because, clock } from "./words.ts";

export interface Situation {
  readonly group: Group;
  readonly state: State;
  readonly observation: Observation;
  readonly diagnosis: Diagnosis;
  readonly now: number;
  readonly request?: Request;
  /** How many other groups moved lately on alarm evidence alone, and how many may. */
  readonly surge?: { readonly recent: number; readonly limit: number };
  /** The id of the drill whose alarm started this look. */
  readonly drill?: string;
  /** The active has not failed: it is asked what would be decided if it had. */
  readonly supposed?: true;
}

/** An operator's request that never began is not carried out hours later. */
const REQUEST_LASTS_MS = 600_000;

/** Decides by the rules in their order. */
export function decide(situation: Situation): Decision {
  const asked = withPendingRequest(situation);
  return (
    newerRecord(situation) ??
    foreignLease(situation) ??
    unreadInterface(situation) ??
    begunIntent(situation) ??
    notOurs(situation) ??
    paused(asked) ??
    scattered(asked) ??
    byOperator(asked) ??
    byActive(situation)
  );
}

/** Rules 7 to 11: what the state of the active asks for. */
function byActive(situation: Situation): Decision {
  const active = memberOf(situation.diagnosis, situation.diagnosis.active);
  if (active === undefined) return hold("unconfirmed", "Nobody can say who is active.", true);
  if (active.health === "dead") return failoverOff(situation, active);
  const leaving = activeLeaves(situation, active);
  if (leaving !== undefined) return leaving;
  if (active.health === "healthy") return activeHealthy(situation, active);
  if (active.health === "unknown") return activeUnknown(situation, active);
  return activeFailing(situation, active);
}

/** An operator's request that was claimed but never began stands in the intent: it is decided afresh. */
function withPendingRequest(situation: Situation): Situation {
  const { state, request, now } = situation;
  const intent = state.intent;
  if (request !== undefined || intent === undefined || intent.automatic || intent.drill !== undefined)
    return situation;
  if (now - intent.since > REQUEST_LASTS_MS) return situation;
  const { to, force, by, reason } = intent;
  return { ...situation, request: { to, force, by, ...(reason === undefined ? {} : { reason }) } };
}

// ---------------------------------------------------------------- rules 7 to 11

function activeLeaves(situation: Situation, active: MemberDiagnosis): Move | undefined {
  if (active.leaving === undefined) return undefined;
  const target = bestEligible(situation.diagnosis);
  if (target === undefined || target.leaving !== undefined) return undefined;
  const when = clock(active.leaving.endsAt, situation.now);
  return move(active, target, "active-leaving", `${active.leaving.why} at ${when}`);
}

function activeHealthy(situation: Situation, active: MemberDiagnosis): Decision {
  const { diagnosis } = situation;
  if (diagnosis.notCleared.length > 0) {
    return hold(
      "alarm-not-cleared",
      `${diagnosis.notCleared.join(", ")} has been in ALARM since before the group came to ${active.member}: it says nothing about ${active.member}.`,
      true,
    );
  }
  return (
    drilled(situation, active) ??
    failback(situation, active) ??
    hold("healthy", `${active.member} is active and healthy.`, false)
  );
}

/** The alarm of a drill has come through: whatever would hold a failover now holds the drill. */
function drilled(situation: Situation, active: MemberDiagnosis): Move | undefined {
  const { diagnosis, state, now, drill: heard } = situation;
  const drill = openDrill(state, now);
  if (drill === undefined || drill.id !== heard || drill.from !== active.member) return undefined;
  const failover = activeFailing(situation, { ...active, health: "failing" });
  if (failover.kind !== "move" || memberOf(diagnosis, failover.to)?.leaving !== undefined) return undefined;
  return drillMove(drill, failover);
}

function failback(situation: Situation, active: MemberDiagnosis): Move | undefined {
  const { group, diagnosis, state, now } = situation;
  const preferred = diagnosis.members[0];
  if (group.policy.failback !== "auto" || preferred === undefined) return undefined;
  const since = state.preferredHealthySince;
  const wellLongEnough = since !== undefined && now - since >= group.policy.failbackAfterSeconds * 1000;
  // Moved since, by somebody: this look's hold adopts that.
  const justFound = (lastPlace(state)?.to ?? active.member) !== active.member;
  const placedByHand = justFound || isPlacedByHand(state);
  if (preferred.reasons.length > 0 || preferred.leaving !== undefined || !wellLongEnough || placedByHand) {
    return undefined;
  }
  if (cooldownUntil(state, group.policy, now) !== undefined) return undefined;
  if (budgetLeft(state, group.policy, now).left === 0) return undefined;
  return move(active, preferred, "failback", `healthy for ${ago(now - since)}`);
}

function activeUnknown({ state, now }: Situation, active: MemberDiagnosis): Hold {
  const why = because(active.evidence, "unknown");
  const text = `${active.member} is active and its health is unknown (${why}): not moving on a rumour.`;
  return unconfirmed(state, now, text);
}

function activeFailing(situation: Situation, active: MemberDiagnosis): Decision {
  const { group, diagnosis, state, now, surge } = situation;
  const failing = failingWords(situation, active);
  const target = bestEligible(diagnosis);
  if (target === undefined) return noStandby(diagnosis, failing);
  const cooldown = cooldownUntil(state, group.policy, now);
  if (cooldown !== undefined) {
    const text = `${failing} the group moved lately: the cooldown ends at ${clock(cooldown, now)}.`;
    return { ...hold("cooldown", text, true), override: { to: target.member } };
  }
  const budget = budgetLeft(state, group.policy, now);
  if (budget.left === 0) {
    const next =
      budget.refillsAt === undefined ? "" : ` The next move is free at ${clock(budget.refillsAt, now)}.`;
    const text = `${failing} the budget of ${budget.of} automatic moves is used up.${next} "acknowledge" with "budget": true refills it.`;
    return { ...hold("budget", text, true), override: { to: target.member } };
  }
  if (surge !== undefined && surge.recent >= surge.limit && !seenByEc2(active)) {
    const text = `${failing} ${surge.recent} other groups moved on alarms alone lately: the alarms are the likelier fault.`;
    return { ...hold("surge", text, true), override: { to: target.member } };
  }
  return failoverOff(situation, active);
}

/** EC2's own status checks saw it, not only alarms or probes. */
function seenByEc2(active: MemberDiagnosis): boolean {
  return active.evidence.some((one) => one.says === "failing" && isFromCheck(one));
}

/** The beginning of the sentence that says why a failing active keeps the group. */
function failingWords({ supposed }: Situation, { member, evidence }: MemberDiagnosis): string {
  if (supposed === true) return `If ${member} failed now, the group would not move, since`;
  return `${member} is active and failing (${because(evidence, "failing")}), but`;
}

function failoverOff(situation: Situation, active: MemberDiagnosis): Decision {
  const { diagnosis, state } = situation;
  const why = because(active.evidence, active.health);
  const best = bestEligible(diagnosis);
  // A failing active comes here only where a standby is eligible (`activeFailing`): the last resort is for a dead one.
  const target = best ?? lastResort(diagnosis, state);
  if (target === undefined) {
    return noStandby(diagnosis, `${active.member} is active and ${active.health} (${why}), but`);
  }
  const unconfirmedStop = stopUnconfirmed(situation, active, target);
  if (unconfirmedStop !== undefined) return unconfirmedStop;
  const cause: MoveBecause = active.health === "dead" ? "active-dead" : "active-failing";
  if (best !== undefined) return move(active, best, cause, why);
  return move(active, target, "last-resort", `${why}; ${target.member} is ${target.reasons[0]}`);
}

/** The stop that has to come first was asked for and was not seen to end: asking again would not hurry it. */
function stopUnconfirmed(
  { group, state, observation }: Situation,
  active: MemberDiagnosis,
  target: MemberDiagnosis,
): Hold | undefined {
  if (!group.policy.fenceFirst || state.told?.because !== "fence-unconfirmed") return undefined;
  if (!isOnItsWayDown(observation, active.member)) return undefined;
  return fenceUnconfirmed(`${active.member} is on its way down and has not been seen stopped`, target.member);
}

function noStandby(diagnosis: Diagnosis, what: string): Hold {
  const text = `${what} no standby is eligible: ${whyNobody(diagnosis)}.`;
  return { ...hold("no-eligible-standby", text, true), ...forcing(diagnosis) };
}

function move(active: MemberDiagnosis, target: MemberDiagnosis, cause: MoveBecause, why: string): Move {
  return {
    kind: "move",
    because: cause,
    why,
    from: active.member,
    to: target.member,
    force: false,
    automatic: true,
    budgeted: true,
    by: "controller",
    evidence: active.evidence,
  };
}
