/**
 * Which device index each interface takes on the target of a move that is under way: by where the interfaces are seen
 * now, not by where they were when the members were last read in detail.
 */
import { assignIndexes } from "./indexes.ts";
import type { InterfaceSeen, Member, MemberDetails } from "./model.ts";
import type { Scene } from "./steps.ts";

/**
 * The index each interface that is not there yet would take on the target; a last resort makes do with a burned one.
 * Those that are there stay where they are.
 */
export function indexesOnTarget(scene: Scene, target: Member): Readonly<Record<string, number>> | undefined {
  const details = withSeen(scene, target);
  const coming = scene.group.interfaces.filter(({ eni }) => {
    const seen = scene.observation.interfaces[eni];
    return !(seen !== undefined && "instance" in seen && seen.instance === target.instance);
  });
  const group = { ...scene.group, interfaces: coming };
  const burned = [...scene.state.burned, ...scene.intent.burns];
  const careful = assignIndexes(group, target, details, burned);
  if (careful.fits) return careful.indexes;
  const anyhow = assignIndexes(group, target, details, []);
  return anyhow.fits ? anyhow.indexes : undefined;
}

/** The target's details with the interfaces of the group where they are seen now, not where they were. */
function withSeen(scene: Scene, target: Member): MemberDetails {
  const details = scene.observation.members[target.name]?.details;
  const here = Object.entries(scene.observation.interfaces).flatMap(([eni, seen]: [string, InterfaceSeen]) =>
    "attachmentId" in seen && seen.instance === target.instance
      ? [{ eni, deviceIndex: seen.deviceIndex }]
      : [],
  );
  const own = new Set(scene.group.interfaces.map((one) => one.eni));
  const others = (details?.attachments ?? []).filter((one) => !own.has(one.eni));
  return {
    launchedAt: details?.launchedAt ?? 0,
    maxInterfaces: details?.maxInterfaces,
    attachments: [...others, ...here],
  };
}
