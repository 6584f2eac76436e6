/**
 * A configuration as far as it is sound: what the relations are checked on.
 *
 * Every mistake is to be told at once, so one wrong id must not hide a wrong budget. Here each value that is right
 * by itself is kept with its path, and each that is wrong (and told elsewhere) is left out.
 */
import * as v from "valibot";
import type { Path } from "../check.ts";
import { PolicySource } from "./policy.ts";
import { AlarmName, Alarms, DeviceIndexes, InstanceId, InterfaceId } from "./values.ts";

export interface Placed<T> {
  readonly path: Path;
  readonly value: T;
}

export interface DraftInterface {
  readonly path: Path;
  readonly eni: string;
  /** Undefined where it is wrong. */
  readonly indexes: readonly number[] | undefined;
}

export interface DraftMember {
  readonly path: Path;
  readonly instance: string;
  readonly alarms: readonly Placed<string>[];
  /** The same, of one interface on this member. */
  readonly overrides: readonly DraftInterface[];
}

export interface DraftGroup {
  readonly name: string;
  readonly path: Path;
  readonly interfaces: readonly DraftInterface[];
  readonly members: readonly DraftMember[];
  /** Every interface of it is sound, so that one that is not among them is none of the group's. */
  readonly allInterfaces: boolean;
  /** Every member and alarm of it is sound, so that they can be counted. */
  readonly allAlarms: boolean;
  readonly alarms: readonly Placed<string>[];
  /** It is probed, soundly or not: the probe is a witness. */
  readonly probed: boolean;
  /** The policy as written in the group and, below it, in the defaults; without what is wrong. */
  readonly own: Placed<PolicySource>;
  readonly defaults: Placed<PolicySource>;
  /** Policy keys that are written and wrong. */
  readonly wrong: ReadonlySet<string>;
}

/** The groups of a configuration as far as they are sound. */
export function draftGroups(value: unknown): readonly DraftGroup[] {
  const defaults = soundPolicy(field(value, "defaults"), ["defaults"]);
  return entries(field(value, "groups")).map(([name, group]) => {
    const path = ["groups", name];
    const own = soundPolicy(field(group, "policy"), [...path, "policy"]);
    const members = items(field(group, "members"));
    const soundMembers = members.flatMap((one, index) => draftMember(one, [...path, "members", index]));
    const interfaces = items(field(group, "interfaces"));
    const soundInterfaces = interfaces.flatMap((one, index) =>
      draftInterface(one, [...path, "interfaces", index]),
    );
    return {
      name,
      path,
      interfaces: soundInterfaces,
      allInterfaces: interfaces.length > 0 && soundInterfaces.length === interfaces.length,
      members: soundMembers,
      allAlarms: members.length > 1 && [group, ...members].every(hasSoundAlarms),
      alarms: soundAlarms(field(group, "alarms"), [...path, "alarms"]),
      probed: field(group, "probe") !== undefined,
      own: own.policy,
      defaults: defaults.policy,
      wrong: new Set([...own.wrong, ...defaults.wrong]),
    };
  });
}

function draftInterface(value: unknown, path: Path): readonly DraftInterface[] {
  const eni = field(value, "eni");
  if (!v.is(InterfaceId, eni)) return [];
  return [{ path, eni, indexes: indexesOf(field(value, "deviceIndex")) }];
}

function draftMember(value: unknown, path: Path): readonly DraftMember[] {
  const instance = field(value, "instance");
  if (!v.is(InstanceId, instance)) return [];
  return [
    {
      path,
      instance,
      alarms: soundAlarms(field(value, "alarms"), [...path, "alarms"]),
      overrides: entries(field(value, "deviceIndexes"))
        .filter(([eni]) => v.is(InterfaceId, eni))
        .map(([eni, indexes]) => ({
          path: [...path, "deviceIndexes", eni],
          eni,
          indexes: indexesOf(indexes),
        })),
    },
  ];
}

function soundAlarms(value: unknown, path: Path): readonly Placed<string>[] {
  return items(value).flatMap((name, index) =>
    v.is(AlarmName, name) ? [{ path: [...path, index], value: name }] : [],
  );
}

function hasSoundAlarms(value: unknown): boolean {
  const alarms = field(value, "alarms");
  return alarms === undefined || v.is(Alarms, alarms);
}

function soundPolicy(value: unknown, path: Path) {
  const known: Readonly<Record<string, v.GenericSchema>> = PolicySource.entries;
  const written = entries(value).filter(([key]) => Object.hasOwn(known, key));
  const sound = written.filter(([key, one]) => known[key] !== undefined && v.is(known[key], one));
  const policy = v.parse(PolicySource, Object.fromEntries(sound));
  const wrong = written.filter((entry) => !sound.includes(entry)).map(([key]) => key);
  return { policy: { path, value: policy }, wrong };
}

/** The device indexes that a value says, as a list; undefined where it is wrong. */
function indexesOf(value: unknown): readonly number[] | undefined {
  return v.is(DeviceIndexes, value) ? [value].flat() : undefined;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entries(value: unknown): readonly [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function field(value: unknown, key: string): unknown {
  return entries(value).find(([name]) => name === key)?.[1];
}
