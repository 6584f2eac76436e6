/**
 * Reads many groups at once, in calls as large as they can be: so that the calls grow by page, and not by group.
 *
 * What is read so is a trigger, never evidence: a group that would not simply hold is observed alone (`observe.ts`).
 * The alarms that the stack makes on status checks are left out, since the checks themselves are read.
 */
import type { AlarmSeen, Group, InstanceSeen, InterfaceSeen, Observation } from "../core/model.ts";
import type { World } from "../world.ts";
import { NAMES, readAlarms } from "./alarms.ts";
import { readInterfaces } from "./interfaces.ts";
import { portions } from "./portions.ts";
import { readManyStatuses } from "./status.ts";
import { together } from "./together.ts";

/** CloudWatch takes nine DescribeAlarms a second of an account: we leave others some. */
const ALARM_CALLS_APART_MS = 200;

/** What was read of each group, by its name. Throws only what is our own bug. */
export async function observeFleet(
  world: World,
  groups: readonly Group[],
): Promise<ReadonlyMap<string, Observation>> {
  const at = world.clock.now();
  const [{ interfaces, instances }, alarms] = await together([
    readEc2(world, groups),
    readManyAlarms(world, distinct(groups.flatMap(ownAlarms))),
  ]);
  return new Map(
    groups.map((group) => [group.name, observationOf(group, { at, interfaces, instances, alarms })]),
  );
}

interface FleetSeen {
  readonly at: number;
  readonly interfaces: Readonly<Record<string, InterfaceSeen>>;
  readonly instances: Readonly<Record<string, InstanceSeen>>;
  readonly alarms: AlarmsSeen;
}

type Ec2Seen = Pick<FleetSeen, "interfaces" | "instances">;

/** The interfaces first: they show the zone that their group is in, without which no call can keep to one zone. */
async function readEc2(world: World, groups: readonly Group[]): Promise<Ec2Seen> {
  const enis = distinct(groups.flatMap((group) => group.interfaces.map((one) => one.eni)));
  const interfaces = await readInterfaces(world, enis);
  const zones = new Map<string, string[]>();
  for (const group of groups) {
    const zone = zoneOf(group, interfaces);
    const list = zones.get(zone) ?? [];
    zones.set(zone, list);
    list.push(...group.members.map((member) => member.instance));
  }
  return { interfaces, instances: await readManyStatuses(world, [...zones.values()].map(distinct)) };
}

/** Where the group is; an empty word where no interface of it could be seen. */
function zoneOf(group: Group, interfaces: Readonly<Record<string, InterfaceSeen>>): string {
  for (const { eni } of group.interfaces) {
    const seen = interfaces[eni];
    if (seen !== undefined && "zone" in seen) return seen.zone;
  }
  return "";
}

interface AlarmsSeen {
  readonly alarms: Readonly<Record<string, AlarmSeen>>;
  /** Why an alarm could not be read, by its name. */
  readonly unread: ReadonlyMap<string, string>;
}

async function readManyAlarms(world: World, names: readonly string[]): Promise<AlarmsSeen> {
  const unread = new Map<string, string>();
  const parts = await together(
    portions(names, NAMES).map(async (some, index) => {
      if (index > 0) await world.clock.sleep(index * ALARM_CALLS_APART_MS);
      const read = await readAlarms(world, some);
      if (read.unread !== undefined) for (const name of some) unread.set(name, read.unread);
      return read.alarms;
    }),
  );
  return { alarms: Object.assign({}, ...parts), unread };
}

/** The alarms that the configuration names. */
function ownAlarms(group: Group): string[] {
  return [...group.members.flatMap((member) => member.alarms), ...group.alarms];
}

function observationOf(group: Group, seen: FleetSeen): Observation {
  const names = ownAlarms(group);
  const unread = names.map((name) => seen.alarms.unread.get(name)).find((why) => why !== undefined);
  return {
    at: seen.at,
    interfaces: pick(
      seen.interfaces,
      group.interfaces.map((one) => one.eni),
    ),
    members: Object.fromEntries(
      group.members.map((member) => {
        const instance = seen.instances[member.instance] ?? { read: "failed", error: "not read" };
        return [member.name, { instance }];
      }),
    ),
    alarms: pick(seen.alarms.alarms, names),
    ...(unread === undefined ? {} : { alarmsUnread: unread }),
    detailed: false,
  };
}

function pick<T>(all: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const one = all[key];
      return one === undefined ? [] : [[key, one]];
    }),
  );
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
