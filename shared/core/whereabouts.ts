/** Who holds the interfaces of a group, as last seen. */
import type { Observation, Whereabouts } from "./model.ts";

/** One entry for each interface that could be read; one that was not is not there. */
export function whereabouts(observation: Pick<Observation, "interfaces"> | undefined): Whereabouts {
  const where: Record<string, string | null> = {};
  for (const [eni, seen] of Object.entries(observation?.interfaces ?? {})) {
    if (seen.state === "unread") continue;
    where[eni] = "instance" in seen ? (seen.instance ?? null) : null;
  }
  return where;
}
