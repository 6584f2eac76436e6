/** Which groups this function probes: its own name says which prober it is. */
import { type Config, loadConfig, settings } from "../config.ts";
import type { Group } from "../core/model.ts";
import { probersOf } from "../probers.ts";

/** Parsed once per cold start. */
let configuration: Promise<Config> | undefined;

/** The groups of this prober. Throws where the configuration has no such prober. */
export async function ownProber(): Promise<readonly Group[]> {
  configuration ??= loadConfig();
  const config = await configuration;
  const { stack, functionName = "" } = settings();
  const prober = probersOf(config).find(({ name }) => functionName === `${stack}-${name}`);
  if (prober === undefined) {
    throw new Error(`no group is probed by ${functionName}: write probe: under a group, and deploy again`);
  }
  return prober.groups.flatMap((name) => config.groups[name] ?? []);
}
