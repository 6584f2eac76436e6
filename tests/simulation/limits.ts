/**
 * Laws about what limits moves: how often, by how many witnesses, to whom; and that nobody is held by a limit that is
 * not reached. Over the moves that settled (`past.ts`) and the sources that really spoke (`witnesses.ts`).
 */
import type { Claim } from "./claims.ts";
import {
  type End,
  FRESH_MS,
  instanceOf,
  type OnClaim,
  READ_BEFORE_MS,
  type Seen,
  SKEW_MS,
  type Write,
} from "./seen.ts";

/** Automatic moves off a failing active, and failbacks, in the window of the budget. */
export const budgetHolds: OnClaim = ({ intent }, { at, before }, { group, past }) => {
  const { moves, seconds } = group.policy.budget;
  const from = Math.max(at - seconds * 1000 + SKEW_MS, before?.budgetRefilledAt ?? 0);
  const used = past.spent(group.name).filter((settled) => settled > from).length;
  return !["active-failing", "failback"].includes(intent.because) || used < moves;
};

/** Neither a failing active nor a failback lets a group move again at once; a dead, or a leaving one does. */
export function cooldownHolds({ intent }: Claim, { at }: Write, { group, past }: Seen): boolean {
  if (!["active-failing", "failback"].includes(intent.because)) return true;
  const last = past.lastMove(group.name)?.at ?? Number.NEGATIVE_INFINITY;
  return at - last >= group.policy.cooldownSeconds * 1000 - SKEW_MS;
}

/** An operator who names nobody wants the group elsewhere, and not there and back again. */
export function repeatsDoNotToggle(
  { intent }: Claim,
  { at }: Write,
  { group, past, started }: Seen,
): boolean {
  if (intent.because !== "operator" || intent.force || started !== "failover to the best") return true;
  const last = past.lastMove(group.name)?.at ?? Number.NEGATIVE_INFINITY;
  return at - last >= group.policy.cooldownSeconds * 1000 - SKEW_MS;
}

/** A failing active is left on the word of as many independent witnesses as the policy asks for. */
export function witnessesAgree({ intent }: Claim, { at }: Write, { group, truth }: Seen): boolean {
  const from = instanceOf(group, intent.from);
  if (intent.because !== "active-failing" || from === undefined) return true;
  return truth.witnesses.against(group, from, at - FRESH_MS).size >= group.policy.witnesses;
}

/** What failovers have taken the group off twice, they do not bring it to until somebody has had a look. */
export function flappingIsNotChosen({ intent }: Claim, _: Write, { group, past }: Seen): boolean {
  const chosen = ["active-failing", "active-dead", "active-leaving", "failback"].includes(intent.because);
  return !chosen || !past.isFlapping(group, intent.to);
}

/** What the record has in quarantine is not chosen before its acknowledge, or the restart that ends it. */
export function quarantineHolds({ intent }: Claim, { at, before }: Write, { group, truth }: Seen): boolean {
  const chosen = ["active-failing", "active-dead", "active-leaving", "failback"].includes(intent.because);
  const quarantine = before?.quarantine[intent.to];
  if (!chosen || quarantine === undefined) return true;
  const { untilLaunchAfter } = quarantine;
  const to = instanceOf(group, intent.to) ?? "";
  return untilLaunchAfter !== undefined && truth.launchedAt(to, at) > untilLaunchAfter;
}

/** Whoever is isolated serves nobody: no automatic move brings it the group before it is released. */
export function isolatedIsNotChosen({ intent }: Claim, { at }: Write, { group, truth }: Seen): boolean {
  const to = instanceOf(group, intent.to);
  const chosen = intent.automatic && !["repair", "unite"].includes(intent.because);
  return !chosen || to === undefined || !truth.isIsolated(group, to, at);
}

/** The wait before a failback begins anew when the preferred member is seen unwell. */
export function failbackWaitsAnew({ intent }: Claim, { at }: Write, { group, past }: Seen): boolean {
  if (intent.because !== "failback") return true;
  return at - past.unwellAt(group.name) >= group.policy.failbackAfterSeconds * 1000 - SKEW_MS;
}

/** Where as many other groups as the rule says have moved on alarms alone, the alarms are the likelier fault. */
export function surgeHolds(
  { intent }: Claim,
  { at }: Write,
  { group, past, truth, tableAway, surge }: Seen,
): boolean {
  const from = instanceOf(group, intent.from);
  if (intent.because !== "active-failing" || from === undefined || tableAway) return true;
  if (truth.witnesses.seenByEc2(from, at - FRESH_MS)) return true;
  return past.othersOnAlarms(group.name, at - surge.seconds * 1000 + SKEW_MS) < surge.limit;
}

/** The best there is: nobody before the target in the list could take the group, nor stays while the target leaves. */
export function theBestIsChosen(
  { intent }: Claim,
  { at }: Write,
  { group, truth, state, readsFailed }: Seen,
): boolean {
  if (readsFailed || !["active-failing", "active-dead", "active-leaving"].includes(intent.because))
    return true;
  const leaves = (instance: string): boolean =>
    truth.endsWithin(instance, group.policy.leaveBeforeSeconds * 1000 + FRESH_MS, at);
  const best = group.members.find(
    (member) =>
      member.name !== intent.from &&
      truth.isFit(member.instance, at) &&
      !truth.isRehearsed(member) &&
      !leaves(member.instance) &&
      state?.quarantine[member.name] === undefined &&
      state?.isolated[member.name] === undefined,
  );
  const rank = (name: string | undefined): number =>
    group.members.findIndex((member) => member.name === name);
  return best === undefined || rank(intent.to) <= rank(best.name);
}

/** A hold by cooldown, budget or pause is true when it is told, and holds nobody who sits on a member that ended. */
export function holdsAreTrue(
  { because, at }: End,
  { group, past, truth, state, readsFailed, startedAt }: Seen,
): boolean {
  const [active] = truth.holders(group, at);
  const limits = ["cooldown", "budget", "surge"].includes(because);
  const isDead = active !== undefined && truth.sinceLived(active, at) > READ_BEFORE_MS;
  if (limits && isDead && !readsFailed) return false;
  if (because === "cooldown") {
    const last = past.lastMove(group.name)?.at ?? Number.NEGATIVE_INFINITY;
    return at - last <= group.policy.cooldownSeconds * 1000 + READ_BEFORE_MS;
  }
  if (because === "budget") {
    const { moves, seconds } = group.policy.budget;
    const refilled = state?.budgetRefilledAt ?? 0;
    const from = Math.max(at - seconds * 1000 - READ_BEFORE_MS, refilled);
    if (at - refilled <= READ_BEFORE_MS) return true;
    return past.maybeSpent(group.name).filter((settled) => settled > from).length >= moves;
  }
  if (because !== "paused") return true;
  const pause = state?.pause;
  // A look that has stood still, more than once maybe, tells of what it has read.
  if (pause === undefined)
    return at - past.resumedAt(group.name) <= READ_BEFORE_MS || past.resumedAt(group.name) >= startedAt;
  return pause.until === undefined || pause.until > at - READ_BEFORE_MS;
}
