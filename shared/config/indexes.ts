/**
 * Can every interface have a device index of its own, wherever it may go?
 *
 * On every member of its group, and on an instance that is a member of several groups beside the interfaces of the
 * others, since it may come to hold all of them.
 */
import { type Finding, type Path, pathText } from "../check.ts";
import type { DraftGroup } from "./draft.ts";

/** The interfaces that are left without an index on some instance, each told once. */
export function indexesFit(groups: readonly DraftGroup[]): readonly Finding[] {
  const uses = new Map<string, DraftGroup[]>();
  const found = new Map<string, Finding>();
  for (const group of groups) {
    for (const instance of new Set(group.members.map((member) => member.instance))) {
      addMisfit(found, instance, [group]);
      uses.set(instance, [...(uses.get(instance) ?? []), group]);
    }
  }
  // A group that does not fit alone would only be told again.
  if (found.size > 0) return [...found.values()];
  for (const [instance, sharing] of uses) {
    if (sharing.length > 1) addMisfit(found, instance, sharing);
  }
  return [...found.values()];
}

function addMisfit(found: Map<string, Finding>, instance: string, groups: readonly DraftGroup[]): void {
  const wants = groups.flatMap((group) => wantsOn(instance, group));
  const misfit = wants[unplaced(wants.map(({ indexes }) => indexes))];
  if (misfit === undefined || found.has(pathText(misfit.path))) return;
  const whose = groups.length === 1 ? "the group" : groups.map(({ name }) => name).join(" and ");
  const taken = `${misfit.indexes.join(", ")} ${misfit.indexes.length === 1 ? "is" : "are"} taken`;
  found.set(pathText(misfit.path), {
    path: misfit.path,
    at: "value",
    message: `no device index is left for ${misfit.eni} on ${instance}: ${taken} by the other interfaces of ${whose}`,
    remedy: "give each interface an index of its own, or a list of indexes to choose from",
  });
}

interface Want {
  readonly path: Path;
  readonly eni: string;
  readonly indexes: readonly number[];
}

/** What each interface of the group may take on the instance, and where that is written. Wrong lists are left out. */
function wantsOn(instance: string, group: DraftGroup): readonly Want[] {
  const member = group.members.find((one) => one.instance === instance);
  const wants = new Map<string, Want>();
  for (const { path, eni, indexes } of group.interfaces) {
    const override = member?.overrides.find((one) => one.eni === eni);
    const allowed = override === undefined ? indexes : override.indexes;
    if (allowed === undefined || wants.has(eni)) continue;
    const where = override === undefined ? [...path, "deviceIndex"] : override.path;
    wants.set(eni, { path: where, eni, indexes: allowed });
  }
  return [...wants.values()];
}

/** The first that gets no index when none is taken twice (bipartite matching by augmenting paths); -1: all fit. */
function unplaced(wants: readonly (readonly number[])[]): number {
  const holder = new Map<number, number>();
  const place = (want: number, tried: Set<number>): boolean => {
    for (const index of wants[want] ?? []) {
      if (tried.has(index)) continue;
      tried.add(index);
      const present = holder.get(index);
      if (present === undefined || place(present, tried)) {
        holder.set(index, want);
        return true;
      }
    }
    return false;
  };
  return wants.findIndex((_, want) => !place(want, new Set()));
}
