/** What could not be read may be anywhere: nobody concludes from it that nothing has moved. */
import type { Next, Scene } from "./steps.ts";

/** Waits until every interface could be read; undefined: all were. */
export function waitForRead({
  group,
  observation,
}: Pick<Scene, "group" | "observation">): Extract<Next, { kind: "go" }> | undefined {
  const unread = group.interfaces.find(({ eni }) => observation.interfaces[eni]?.state === "unread");
  if (unread === undefined) return undefined;
  return { kind: "go", steps: [], waiting: `${unread.eni} could not be read`, stuck: false };
}
