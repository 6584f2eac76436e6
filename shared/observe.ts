/**
 * Reads from AWS all there is to know about one group, side by side.
 *
 * A read that failed is a value in the observation: it never fails the rest, and is never mistaken for an answer.
 * Nothing here is left in flight when a function returns. What is thrown is our own bug, and nothing else.
 */
import type { Group, InterfaceSeen, MemberSeen, Observation } from "./core/model.ts";
import { readAlarms } from "./observe/alarms.ts";
import { readDetails } from "./observe/details.ts";
import { readInterfaces } from "./observe/interfaces.ts";
import { withMutes } from "./observe/mutes.ts";
import { readStatuses } from "./observe/status.ts";
import { together } from "./observe/together.ts";
import type { World } from "./world.ts";

/** What to read beside what every look needs. */
export interface What {
  /** Launch times, taken indexes and mute rules: read only when about to move. */
  readonly details: boolean;
}

/** Everything about one group at one time; `at` is before the first call. */
export async function observe(world: World, group: Group, what: What): Promise<Observation> {
  const at = world.clock.now();
  const [interfaces, members, { alarms, unread }] = await together([
    observeInterfaces(world, group),
    observeMembers(world, group, what),
    observeAlarms(world, group, what),
  ]);
  return {
    at,
    interfaces,
    members,
    alarms,
    ...(unread === undefined ? {} : { alarmsUnread: unread }),
    detailed: what.details,
  };
}

/** The group's interfaces alone: what the polls of a move need. `budgetMs` as of `ask`. */
export async function observeInterfaces(
  world: World,
  group: Group,
  budgetMs?: number,
): Promise<Record<string, InterfaceSeen>> {
  return await readInterfaces(
    world,
    group.interfaces.map((one) => one.eni),
    budgetMs,
  );
}

/** The group's members alone, by member name. */
export async function observeMembers(
  world: World,
  group: Group,
  what: What,
): Promise<Record<string, MemberSeen>> {
  const instances = [...new Set(group.members.map((member) => member.instance))];
  const [statuses, details] = await together([
    readStatuses(world, instances),
    readDetails(
      world,
      what.details ? instances : [],
      group.interfaces.map((one) => one.eni),
    ),
  ]);
  return Object.fromEntries(
    group.members.map((member) => {
      const instance = statuses[member.instance] ?? { read: "failed", error: "not read" };
      const known = details[member.instance];
      return [member.name, known === undefined ? { instance } : { instance, details: known }];
    }),
  );
}

async function observeAlarms(
  world: World,
  group: Group,
  what: What,
): Promise<Awaited<ReturnType<typeof readAlarms>>> {
  const read = await readAlarms(world, alarmNames(group));
  return what.details ? { ...read, alarms: await withMutes(world, read.alarms) } : read;
}

/** Every alarm that may be evidence: of the members, of their status checks, of the group. Each once. */
export function alarmNames(group: Group): string[] {
  const ofMembers = group.members.flatMap((member) => [
    ...member.alarms,
    ...(member.statusAlarm === undefined ? [] : [member.statusAlarm]),
  ]);
  return [...new Set([...ofMembers, ...group.alarms])];
}
