/** From what was read out of a configuration file to the configuration, or everything that is wrong with it. */
import * as v from "valibot";
import { check, type Finding } from "../check.ts";
import type { Config } from "../config.ts";
import type { Group, Member } from "../core/model.ts";
import { alarmedChecks, checkAlarm, DEFAULT_STATUS_ALARM } from "./check-alarms.ts";
import { draftGroups } from "./draft.ts";
import { drillFindings, drillsOf } from "./drills.ts";
import { notificationFindings, notificationsOf } from "./notifications.ts";
import { mergePolicy, type PolicySource } from "./policy.ts";
import { type ProbesSource, probeOf } from "./probe.ts";
import { probeFindings } from "./probe-relations.ts";
import { relationFindings } from "./relations.ts";
import { ConfigSource } from "./schema.ts";

type GroupSource = ConfigSource["groups"][string];
type MemberSource = GroupSource["members"][number];

export type Built =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export const DEFAULT_SURGE = { groups: 5, share: 0.2, seconds: 300 };
export const DEFAULT_HISTORY_DAYS = 400;

/** Checks `value` and makes it the configuration of the stack named `stack`. */
export function buildConfig(value: unknown, stack: string): Built {
  if (value === null || value === undefined) {
    const message = "there is nothing in the file";
    return { ok: false, findings: [{ path: [], at: "value", message, remedy: "name at least one group" }] };
  }
  const findings = [
    ...check(ConfigSource, value),
    ...alarmPeriods(value),
    ...drillFindings(value),
    ...relationFindings(draftGroups(value)),
    ...probeFindings(value),
    ...notificationFindings(value),
  ];
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, config: configOf(v.parse(ConfigSource, value), stack) };
}

function configOf(source: ConfigSource, stack: string): Config {
  const statusAlarm = { ...DEFAULT_STATUS_ALARM, ...source.statusAlarm };
  const { defaults = {}, probes = {} } = source;
  const groups = Object.entries(source.groups).map(([name, group]) => {
    const alarmOf = (instance: string): string[] =>
      alarmedChecks(statusAlarm).map((check) => checkAlarm(stack, name, instance, check));
    return [name, groupOf(name, group, { defaults, probes }, alarmOf)] as const;
  });
  return {
    groups: Object.fromEntries(groups.map(([name, group]) => [name, sparing(group, groups)])),
    surge: { ...DEFAULT_SURGE, ...source.surge },
    historyDays: source.historyDays ?? DEFAULT_HISTORY_DAYS,
    statusAlarm,
    drills: drillsOf(source.drills ?? {}, Object.keys(source.groups)),
    notifications: notificationsOf(source.notifications ?? {}),
  };
}

/** A member of two groups is not isolated from the one that it serves well: whose interfaces are named is moved, not cut off. */
function sparing(group: Group, all: readonly (readonly [string, Group])[]): Group {
  const { fence } = group.policy;
  if (fence.kind !== "isolate") return group;
  const own = new Set(group.members.map(({ instance }) => instance));
  const except = all.flatMap(([name, other]) => {
    const shared = name !== group.name && other.members.some(({ instance }) => own.has(instance));
    return shared ? other.interfaces.map(({ eni }) => eni) : [];
  });
  return except.length === 0 ? group : { ...group, policy: { ...group.policy, fence: { ...fence, except } } };
}

/** The alarms that the stack makes on an instance's checks; the first speaks of EC2's own. */
type AlarmOf = (instance: string) => readonly string[];

interface Common {
  readonly defaults: PolicySource;
  readonly probes: ProbesSource;
}

function groupOf(name: string, source: GroupSource, common: Common, alarmOf: AlarmOf): Group {
  return {
    name,
    interfaces: source.interfaces.map(({ eni, deviceIndex }) => ({
      eni,
      deviceIndexes: [deviceIndex].flat(),
    })),
    members: source.members.map((member) => memberOf(member, alarmOf)),
    alarms: source.alarms ?? [],
    ...(source.probe === undefined ? {} : { probe: probeOf(source.probe, common.probes) }),
    policy: mergePolicy(source.policy ?? {}, common.defaults),
  };
}

function memberOf(source: MemberSource, alarmOf: AlarmOf): Member {
  const [statusAlarm, ...others] = alarmOf(source.instance);
  const overrides = Object.entries(source.deviceIndexes ?? {});
  return {
    name: source.instance,
    instance: source.instance,
    alarms: [...new Set([...others, ...(source.alarms ?? [])])],
    ...(statusAlarm === undefined ? {} : { statusAlarm }),
    deviceIndexes: Object.fromEntries(overrides.map(([eni, indexes]) => [eni, [indexes].flat()])),
    ...(source.address === undefined ? {} : { address: source.address }),
  };
}

/** So many failing minutes of fewer minutes can't be. */
function alarmPeriods(value: unknown): readonly Finding[] {
  const schema = ConfigSource.entries.statusAlarm;
  const source = (value as { statusAlarm?: unknown }).statusAlarm;
  if (!v.is(schema, source)) return [];
  const { periods, of } = { ...DEFAULT_STATUS_ALARM, ...source };
  if (periods <= of) return [];
  return [
    {
      path: ["statusAlarm", source?.periods === undefined ? "of" : "periods"],
      at: "value",
      message: `${periods} failing periods can't be among ${of}`,
      remedy: "make of at least as large as periods",
    },
  ];
}
