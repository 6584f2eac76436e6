/**
 * The probers that a configuration asks for: one function for each distinct set of subnets and
 * security groups, and more where there are many groups.
 */
import type { Config } from "./config.ts";

export interface Prober {
  /** The function's name in the service: `probe`, `probe2`, … in the order of the groups. */
  readonly name: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** The names of the groups that it probes. */
  readonly groups: readonly string[];
}

/**
 * So many groups at most: a verdict on all of them, and the one before it, must fit into an event of 256 KB, at three
 * addresses and a kilobyte each.
 */
const GROUPS = 100;

/** None where no group is probed. */
export function probersOf({ groups }: Pick<Config, "groups">): readonly Prober[] {
  const found: (Prober & { groups: string[] })[] = [];
  for (const { name, probe } of Object.values(groups)) {
    if (probe === undefined) continue;
    const { subnets, securityGroups } = probe;
    const place = JSON.stringify([subnets, securityGroups]);
    const known = found.find(
      (one) => JSON.stringify([one.subnets, one.securityGroups]) === place && one.groups.length < GROUPS,
    );
    if (known !== undefined) known.groups.push(name);
    else {
      const own = `probe${found.length === 0 ? "" : found.length + 1}`;
      found.push({ name: own, subnets, securityGroups, groups: [name] });
    }
  }
  return found;
}
