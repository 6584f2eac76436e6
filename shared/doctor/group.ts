/** What the doctor reads of one group, and asks EC2 about it. Nothing is changed. */

import type { Situation } from "../core/decide.ts";
import { diagnose } from "../core/diagnose.ts";
import type { Examined, NotRead, RecordSeen, RulesSeen } from "../core/examined.ts";
import { allowedIndexes, assignIndexes } from "../core/indexes.ts";
import type { Group, Member, Observation, State } from "../core/model.ts";
import type { Permission } from "../core/permission.ts";
import { lastProven } from "../core/readiness.ts";
import { emptyState } from "../core/record.ts";
import { caughtFailure } from "../errors.ts";
import { readAlarms } from "../observe/alarms.ts";
import { readMutes } from "../observe/mutes.ts";
import { together } from "../observe/together.ts";
import { alarmNames, observe } from "../observe.ts";
import type { Pace } from "../pace.ts";
import { attachPermission, detachPermission, fencePermissions, keepPermission } from "../permissions.ts";
import { readHistory, readState } from "../store.ts";
import type { World } from "../world.ts";
import { readOr } from "./read.ts";

/** So far back the history is searched for members that held the group. */
const HISTORY = 100;

/** Reads all there is to know. What could not be read is a value of its own; throws only what is our own bug. */
export async function examineGroup(
  group: Group,
  rules: RulesSeen,
  world: World,
  pace: Pace,
): Promise<Examined> {
  const [{ state, record }, observed] = await together([
    recordOf(group, world),
    observe(world, group, { details: true }),
  ]);
  const { observation, compositesDenied } = await withMetricAlarms(group, observed, world);
  // Alarms that could not be read are one finding, and not one of every member that they speak of.
  const { alarmsUnread: _, ...read } = observation;
  const diagnosis = diagnose(group, read, state);
  const situation = { group, state, observation, diagnosis, now: world.clock.now() };
  const names = Object.keys(observation.alarms);
  const mutes: Record<string, readonly string[] | NotRead> = {};
  // One at a time: nobody documents how many of these a second CloudWatch takes.
  for (const name of names) mutes[name] = await readMutes(world, name);
  return {
    situation,
    record,
    table: world.table,
    compositesDenied,
    mutes,
    held: record.read === "ok" ? await heldBy(situation, world) : [],
    permissions: await permissionsOf(situation, world, pace),
    rules,
  };
}

async function recordOf(group: Group, world: World): Promise<{ state: State; record: RecordSeen }> {
  const no = (error: string) => ({ state: emptyState(), record: { read: "no", error } as const });
  try {
    const record = await readState(world, group.name);
    return record.read === "ok" ? { state: record.state, record: { read: "ok" } } : no(record.error);
  } catch (caught) {
    return no(caughtFailure(caught).message);
  }
}

/** Composite alarms take a permission on everything: where all were refused, metric alarms alone may be answered. */
async function withMetricAlarms(
  group: Group,
  observation: Observation,
  world: World,
): Promise<{ readonly observation: Observation; readonly compositesDenied: boolean }> {
  if (observation.alarmsUnread === undefined) return { observation, compositesDenied: false };
  const { alarms, unread } = await readAlarms(world, alarmNames(group), ["MetricAlarm"]);
  if (unread !== undefined) return { observation, compositesDenied: false };
  const { alarmsUnread: _, ...read } = observation;
  return { observation: { ...read, alarms }, compositesDenied: true };
}

/** The members that the history shows with the group; not read where the record itself remembers all of them. */
async function heldBy(
  { group, state, diagnosis }: Situation,
  world: World,
): Promise<readonly string[] | NotRead> {
  const proven = ({ name }: Member) => name === diagnosis.active || lastProven(state, name) !== undefined;
  if (group.members.every(proven)) return [];
  return await readOr(async () => {
    const moves = (await readHistory(world, group.name, HISTORY)).filter(
      ({ kind }) => kind === "move" || kind === "failed-move" || kind === "found-moved",
    );
    return moves.flatMap(({ kind, from = "", to = "" }) => (kind === "failed-move" ? [from] : [from, to]));
  });
}

/** Dry runs of every call that a move of the group, in whatever direction, its upkeep and its fence may need. */
async function permissionsOf(
  { group, state, observation }: Situation,
  world: World,
  pace: Pace,
): Promise<readonly Permission[]> {
  const members = group.members.filter(({ name }) => {
    const instance = observation.members[name]?.instance;
    return instance?.read === "ok" && instance.state !== "terminated" && instance.state !== "shutting-down";
  });
  const movable = group.interfaces.filter(({ eni }) => {
    const seen = observation.interfaces[eni];
    return seen !== undefined && "zone" in seen && seen.unmovable === undefined;
  });
  // As many attaches as that are asked, and of every other call fewer: each has a bucket of its own.
  await pace.take(members.length * movable.length);
  const attaches = members.flatMap((member) => {
    const assignment = assignIndexes(group, member, observation.members[member.name]?.details, state.burned);
    return movable.map(({ eni }) => {
      const [first = 1] = allowedIndexes(group, member, eni);
      const deviceIndex = (assignment.fits ? assignment.indexes[eni] : undefined) ?? first;
      return attachPermission(world, { eni, instance: member.instance, deviceIndex });
    });
  });
  const held = movable.flatMap(({ eni }) => {
    const seen = observation.interfaces[eni];
    const ours =
      seen !== undefined && "instance" in seen && members.some(({ instance }) => instance === seen.instance);
    return ours
      ? [detachPermission(world, seen.attachmentId), keepPermission(world, eni, seen.attachmentId)]
      : [];
  });
  const fences = members.map((member) => fencePermissions(world, group, member));
  const [calls, fenced] = await together([together([...held, ...attaches]), together(fences)]);
  return [...calls, ...fenced.flat()];
}
