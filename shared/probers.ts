/** The probers that a configuration asks for: one function for each distinct set of subnets and security groups. */
import type { Config } from "./config.ts";

export interface Prober {
  /** The function's name in the service: `probe`, `probe2`, … in the order of the groups. */
  readonly name: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** The names of the groups that it probes. */
  readonly groups: readonly string[];
}

/** None where no group is probed. */
export function probersOf({ groups }: Pick<Config, "groups">): readonly Prober[] {
  const found = new Map<string, Prober>();
  for (const { name, probe } of Object.values(groups)) {
    if (probe === undefined) continue;
    const { subnets, securityGroups } = probe;
    const key = JSON.stringify([subnets, securityGroups]);
    const known = found.get(key);
    const own = known?.name ?? `probe${found.size === 0 ? "" : found.size + 1}`;
    found.set(key, { name: own, subnets, securityGroups, groups: [...(known?.groups ?? []), name] });
  }
  return [...found.values()];
}
