/** Quarantine: members that automatic moves will not choose, and when one becomes such. */
import { failedBackLately, leftBefore } from "./limits.ts";
import type { Burn, Group, Intent, Quarantine, State } from "./model.ts";

/** Who goes into quarantine after this move: a member left by failover twice, or with no index left to use. */
export function quarantines(
  state: State,
  group: Group,
  intent: Intent,
  now: number,
): Record<string, Quarantine> {
  const from = intent.from;
  if (from === undefined || !intent.automatic) return {};
  const failover = intent.because === "active-failing" || intent.because === "active-dead";
  if (failover && (leftBefore(state, group.policy, from, now) || failedBackLately(state, from, now))) {
    return { [from]: { why: "flapping", since: now } };
  }
  const forced = intent.burns.filter((one) => one.member === from);
  const stuck = forced.some((one) => lastIndex(group, from, one));
  const launchedAt = Math.max(0, ...forced.map((one) => one.launchedAt));
  return stuck ? { [from]: { why: "forced-detach", since: now, untilLaunchAfter: launchedAt } } : {};
}

/** The burned index was the only one that the interface may take on this member. */
function lastIndex(group: Group, member: string, burned: Burn): boolean {
  const own = group.members.find((candidate) => candidate.name === member)?.deviceIndexes[burned.eni];
  const allowed = own ?? group.interfaces.find((one) => one.eni === burned.eni)?.deviceIndexes ?? [];
  return allowed.every((index) => index === burned.deviceIndex);
}

/** Whether a quarantine still holds. One that ends by a restart ends when the launch time is later than it says. */
export function inQuarantine(state: State, member: string, launchedAt: number | undefined): boolean {
  const quarantine = state.quarantine[member];
  if (quarantine === undefined) return false;
  if (quarantine.untilLaunchAfter === undefined || launchedAt === undefined) return true;
  return launchedAt <= quarantine.untilLaunchAfter;
}
