/**
 * What the values of a configuration must be to each other: every rule that no single value can break alone.
 *
 * Each rule is one function from the sound part of the configuration to what is wrong with it.
 */
import { type Finding, type Path, pathText } from "../check.ts";
import type { DraftGroup, Placed } from "./draft.ts";
import { indexesFit } from "./indexes.ts";
import { mergePolicy, type PolicySource } from "./policy.ts";

/** Every relation that the groups break. */
export function relationFindings(groups: readonly DraftGroup[]): readonly Finding[] {
  return [
    ...interfacesOnce(groups),
    ...groups.flatMap((group) => [
      ...membersOnce(group),
      ...overridesKnown(group),
      ...alarmsApart(group),
      ...policyRelations(group),
    ]),
    ...indexesFit(groups),
  ];
}

function finding(path: Path, message: string, remedy: string): Finding {
  return { path, at: "value", message, remedy };
}

/** No interface in two groups, or twice in one: two groups would move it to and fro. */
function interfacesOnce(groups: readonly DraftGroup[]): readonly Finding[] {
  const all = groups.flatMap((group) =>
    group.interfaces.map(({ path, eni }) => ({ path: [...path, "eni"], value: eni })),
  );
  return repeated(all).map(([second, first]) =>
    finding(
      second.path,
      `${second.value} stands already at ${pathText(first.path)}`,
      "keep it in one place: an interface belongs to one group",
    ),
  );
}

function membersOnce(group: DraftGroup): readonly Finding[] {
  const all = group.members.map(({ path, instance }) => ({ path: [...path, "instance"], value: instance }));
  return repeated(all).map(([second, first]) =>
    finding(
      second.path,
      `${second.value} is already a member at ${pathText(first.path)}`,
      "name another instance, or remove it",
    ),
  );
}

function overridesKnown(group: DraftGroup): readonly Finding[] {
  if (!group.allInterfaces) return [];
  const known = new Set(group.interfaces.map(({ eni }) => eni));
  return group.members.flatMap(({ overrides }) =>
    overrides
      .filter(({ eni }) => !known.has(eni))
      .map(({ path, eni }) => ({
        ...finding(
          path,
          `${eni} is no interface of the group ${group.name}`,
          `name one of its interfaces: ${[...known].join(", ")}`,
        ),
        at: "key" as const,
      })),
  );
}

/** An alarm says something about one member or about the active: about both it would contradict itself. */
function alarmsApart(group: DraftGroup): readonly Finding[] {
  const ofMembers = group.members.flatMap(({ alarms }) => alarms);
  return repeated([...group.alarms, ...ofMembers]).map(([second, first]) => {
    const ofGroup = group.alarms.includes(first);
    const both = ofGroup && !group.alarms.includes(second);
    return finding(
      second.path,
      `the alarm "${second.value}" stands already at ${pathText(first.path)}`,
      both
        ? "keep it with the member if it makes sense on a standby, else with the group"
        : "name it once: it can't tell which member it is about",
    );
  });
}

/** The second and later ones of each value, each with the first. */
function repeated(all: readonly Placed<string>[]): readonly (readonly [Placed<string>, Placed<string>])[] {
  const first = new Map<string, Placed<string>>();
  const found: (readonly [Placed<string>, Placed<string>])[] = [];
  for (const one of all) {
    const before = first.get(one.value);
    if (before === undefined) first.set(one.value, one);
    else found.push([one, before]);
  }
  return found;
}

/** A guest that hangs is stopped by force after the grace, and EC2 takes tens of seconds for that. */
const MAX_GRACE_FIRST_SECONDS = 30;

/** The witnesses that EC2 itself can be: its status checks together, and its application check. */
const WITNESSES_OF_EC2 = 2;

function policyRelations(group: DraftGroup): readonly Finding[] {
  const policy = mergePolicy(group.own.value, group.defaults.value);
  const sound = (...keys: (keyof PolicySource)[]) => keys.every((key) => !group.wrong.has(key));
  const found: Finding[] = [];
  if (sound("cooldownSeconds", "budget") && policy.cooldownSeconds > policy.budget.seconds) {
    found.push(
      finding(
        written(group, ["cooldownSeconds"], ["budget", "seconds"], ["budget"]),
        `the cooldown of ${policy.cooldownSeconds} s is longer than the budget's window of ${policy.budget.seconds} s`,
        "shorten cooldownSeconds or lengthen budget.seconds",
      ),
    );
  }
  if (sound("fence", "fenceFirst") && policy.fenceFirst && policy.fence.kind !== "stop") {
    found.push(
      finding(
        written(group, ["fenceFirst"], ["fence"]),
        `fenceFirst goes only with fence: stop, and fence is ${policy.fence.kind}`,
        "set fence: stop, or fenceFirst: false",
      ),
    );
  }
  if (
    sound("graceSeconds", "fenceFirst") &&
    policy.fenceFirst &&
    policy.graceSeconds > MAX_GRACE_FIRST_SECONDS
  ) {
    found.push(
      finding(
        written(group, ["graceSeconds"], ["fenceFirst"]),
        `with fenceFirst the stop has to be seen within 60 s, and a grace of ${policy.graceSeconds} s leaves too little for a forced one`,
        `set graceSeconds to at most ${MAX_GRACE_FIRST_SECONDS}`,
      ),
    );
  }
  const possible = WITNESSES_OF_EC2 + group.alarms.length + fewestAlarms(group) + (group.probed ? 1 : 0);
  if (sound("witnesses") && group.allAlarms && policy.witnesses > possible) {
    found.push(
      finding(
        written(group, ["witnesses"]),
        `${policy.witnesses} witnesses are asked for in ${group.name}, where a member can have ${possible} at most: ` +
          "EC2's status checks, its application check, each alarm and the probe",
        `ask for at most ${possible}, or name more alarms for every member, or probe the group`,
      ),
    );
  }
  return found;
}

function fewestAlarms(group: DraftGroup): number {
  return Math.min(...group.members.map(({ alarms }) => alarms.length), Number.POSITIVE_INFINITY);
}

/** Where the first of these keys is written: in the group's own policy, else in the defaults. */
function written(group: DraftGroup, ...keys: readonly (readonly string[])[]): Path {
  for (const { path, value } of [group.own, group.defaults]) {
    for (const key of keys) {
      if (has(value, key)) return [...path, ...key];
    }
  }
  return group.path;
}

function has(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
  return has(Object.entries(value).find(([name]) => name === key)?.[1], rest);
}
