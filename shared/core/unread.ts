/** What could not be read may be anywhere: nobody concludes from it that nothing has moved. */
import type { Group, Observation } from "./model.ts";
import type { Next, Scene } from "./steps.ts";

/** The first interface of the group that could not be read, and why. */
export function firstUnread(
  group: Group,
  interfaces: Observation["interfaces"],
): { readonly eni: string; readonly error: string } | undefined {
  for (const { eni } of group.interfaces) {
    const seen = interfaces[eni];
    if (seen?.state === "unread") return { eni, error: seen.error };
  }
  return undefined;
}

/** Waits until every interface could be read; undefined: all were. */
export function waitForRead({
  group,
  observation,
}: Pick<Scene, "group" | "observation">): Extract<Next, { kind: "go" }> | undefined {
  const unread = firstUnread(group, observation.interfaces);
  if (unread === undefined) return undefined;
  return { kind: "go", steps: [], waiting: `${unread.eni} could not be read`, stuck: false };
}
