/** Quarantine: members that automatic moves will not choose, and when one becomes such. */
import { allowedIndexes } from "./indexes.ts";
import { failedBackLately, leftBefore } from "./limits.ts";
import type { Burn, Group, Intent, Quarantine, State } from "./model.ts";
import { isFailover } from "./past.ts";

/**
 * Who goes into quarantine after this move: a member that failovers have taken the group off twice, and members with
 * no index left to use, until they are restarted. A quarantine that only `acknowledge` ends is never replaced.
 */
export function quarantines(
  state: State,
  group: Group,
  intent: Intent,
  ended: { readonly moved: boolean; readonly now: number },
): Record<string, Quarantine> {
  const found: Record<string, Quarantine> = {};
  for (const burn of intent.burns) {
    if (!lastIndex(group, burn)) continue;
    const untilLaunchAfter = Math.max(burn.launchedAt, found[burn.member]?.untilLaunchAfter ?? 0);
    found[burn.member] = { why: "forced-detach", since: ended.now, untilLaunchAfter };
  }
  const { from } = intent;
  if (from !== undefined && ended.moved && isFlapping(state, group, intent, from, ended.now)) {
    found[from] = { why: "flapping", since: ended.now };
  }
  const lasting = ([member]: readonly [string, Quarantine]): boolean => {
    const old = state.quarantine[member];
    return old !== undefined && old.untilLaunchAfter === undefined;
  };
  return Object.fromEntries(Object.entries(found).filter((one) => !lasting(one)));
}

/** This failover is the second off the member within the budget window, or comes too soon after a failback to it. */
function isFlapping(state: State, group: Group, intent: Intent, from: string, now: number): boolean {
  // A way out before an end, or a failback, that lost its target is no failover for that.
  const move = { ...intent, because: intent.cause ?? intent.because };
  return (
    isFailover(move) && (leftBefore(state, group.policy, from, now) || failedBackLately(state, from, now))
  );
}

/** The burned index was the only one that the interface may take on this member. */
function lastIndex(group: Group, burned: Burn): boolean {
  const member = group.members.find((candidate) => candidate.name === burned.member);
  if (member === undefined) return false;
  return allowedIndexes(group, member, burned.eni).every((index) => index === burned.deviceIndex);
}

/** Whether a quarantine still holds. One that ends by a restart ends when the launch time is later than it says. */
export function inQuarantine(state: State, member: string, launchedAt: number | undefined): boolean {
  const quarantine = state.quarantine[member];
  if (quarantine === undefined) return false;
  if (quarantine.untilLaunchAfter === undefined || launchedAt === undefined) return true;
  return launchedAt <= quarantine.untilLaunchAfter;
}
