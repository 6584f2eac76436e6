/**
 * Which device index each interface of a group would take on a member.
 *
 * EC2 refuses an index that another interface holds. An index that a forced detach burned is unusable for another
 * interface until the instance is stopped and started (API_DetachNetworkInterface), but the same interface may go
 * back on it.
 */
import type { Burn, Group, Member, MemberDetails } from "./model.ts";

/** AWS's tables know no instance type that takes fewer interfaces ("IP addresses per network interface per instance type"). */
export const ANY_TYPE_TAKES = 2;

export type Assignment =
  | { readonly fits: true; readonly indexes: Readonly<Record<string, number>> }
  | { readonly fits: false; readonly why: "index-taken" | "index-burned" };

/** The indexes an interface may take on this member, in order: the member's own list, else the interface's. */
export function allowedIndexes(group: Group, member: Member, eni: string): readonly number[] {
  const own = member.deviceIndexes[eni];
  if (own !== undefined) return own;
  return group.interfaces.find((candidate) => candidate.eni === eni)?.deviceIndexes ?? [];
}

/** The burns of this member that still hold: those of its present launch, or of an unknown one. */
export function burnsInForce(
  burned: readonly Burn[],
  member: string,
  details: MemberDetails | undefined,
): readonly Burn[] {
  return burned.filter(
    (burn) => burn.member === member && (details === undefined || details.launchedAt <= burn.launchedAt),
  );
}

/**
 * Gives every interface of the group a free index on the member, or says why it can't. An index held by an
 * interface of this group counts as free. Without details nothing is known to be taken.
 */
export function assignIndexes(
  group: Group,
  member: Member,
  details: MemberDetails | undefined,
  burned: readonly Burn[],
): Assignment {
  const own = new Set(group.interfaces.map((one) => one.eni));
  const taken = new Set(
    (details?.attachments ?? []).filter((one) => !own.has(one.eni)).map((one) => one.deviceIndex),
  );
  const held = new Map((details?.attachments ?? []).map((one) => [one.eni, one.deviceIndex]));
  const burns = burnsInForce(burned, member.name, details);
  const choices = (eni: string, avoidBurned: boolean): number[] => {
    const allowed = allowedIndexes(group, member, eni).filter(
      (index) =>
        !taken.has(index) &&
        !(avoidBurned && burns.some((burn) => burn.deviceIndex === index && burn.eni !== eni)),
    );
    const current = held.get(eni);
    return current !== undefined && allowed.includes(current) ? [current, ...allowed] : allowed;
  };
  const enis = group.interfaces.map((one) => one.eni);
  const unburned = match(enis, (eni) => choices(eni, true));
  if (unburned !== undefined) return { fits: true, indexes: unburned };
  const anyhow = match(enis, (eni) => choices(eni, false));
  return { fits: false, why: anyhow === undefined ? "index-taken" : "index-burned" };
}

/** A choice for each interface with no index twice, by trying in order; groups have a handful of interfaces. */
function match(
  enis: readonly string[],
  choices: (eni: string) => readonly number[],
): Record<string, number> | undefined {
  const [first, ...rest] = enis;
  if (first === undefined) return {};
  for (const index of choices(first)) {
    const others = match(rest, (eni) => choices(eni).filter((other) => other !== index));
    if (others !== undefined) return { [first]: index, ...others };
  }
  return undefined;
}
