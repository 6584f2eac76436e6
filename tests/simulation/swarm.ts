/**
 * The configuration of a run, drawn from its seed: how many groups, interfaces and members, and every key of the
 * policy. Rare settings are drawn often, since the usual ones are met anyway.
 */
import type { Random } from "../../local/random.ts";
import { between, seeded } from "../../local/random.ts";
import { mergePolicy } from "../../shared/config/policy.ts";
import type { Config } from "../../shared/config.ts";
import type { FloatingInterface, Group, Member, Policy } from "../../shared/core/model.ts";
import { QUARANTINE } from "./fences.ts";
import { mayShareIndexes } from "./indexes.ts";
import { mayBeProbed } from "./probers.ts";

const DEFAULT_POLICY: Policy = mergePolicy({}, {});

export function drawGroups(random: Random): Group[] {
  const count = random() < 0.75 ? 1 : between(random, 2, 3);
  return Array.from({ length: count }, (_, index) => drawGroup(random, index + 1));
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const drawn = from[Math.floor(random() * from.length)];
  if (drawn === undefined) throw new Error("There is nothing to pick from");
  return drawn;
}

function drawGroup(random: Random, number: number): Group {
  const interfaces = Array.from({ length: pick(random, [1, 1, 1, 2, 3]) }, (_, index) => ({
    eni: `eni-0${hexOf(number)}${hexOf(index + 1)}00000000000000`,
    deviceIndexes: random() < 0.6 ? [index + 1] : [index + 1, index + 4],
  }));
  const members = Array.from({ length: pick(random, [2, 2, 2, 3, 4]) }, (_, index): Member => {
    const instance = `i-0${hexOf(number)}${hexOf(index + 1)}00000000000000`;
    return {
      name: instance,
      instance,
      alarms: random() < 0.4 ? [`app-${number}-${index + 1}`] : [],
      ...(random() < 0.7 ? { statusAlarm: `status-${number}-${index + 1}` } : {}),
      deviceIndexes: random() < 0.15 ? drawIndexes(interfaces) : {},
    };
  });
  const alarms = random() < 0.3 ? [`traffic-${number}`] : [];
  const drawn = { name: `group-${number}`, interfaces, members, alarms, policy: drawPolicy(random) };
  const group = mayShareIndexes(drawn);
  return mayBeProbed({ ...group, policy: { ...group.policy, ...drawFence(streamOf(group)) } });
}

export function firstOf(group: Group): Member {
  const [first] = group.members;
  if (first === undefined) throw new Error("A group has members");
  return first;
}

/** Draws for a group that leave the stream of the run as it is, so that seeds without them keep their story. */
export function streamOf(of: object): Random {
  let hash = 0;
  for (const letter of JSON.stringify(of)) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return seeded(hash);
}

/** With the usual five, the few groups of a run would never be a surge. */
export function drawSurge(groups: readonly Group[]): Config["surge"] {
  const random = streamOf({ surge: groups });
  return { groups: random() < 0.5 ? 1 : 5, share: 0.2, seconds: pick(random, [60, 300]) };
}

function drawFence(random: Random): Pick<Policy, "fence" | "fenceFirst"> {
  const drawn = random();
  if (drawn < 0.6) return { fence: { kind: "none" }, fenceFirst: false };
  if (drawn < 0.8) return { fence: { kind: "isolate", securityGroup: QUARANTINE }, fenceFirst: false };
  return { fence: { kind: "stop" }, fenceFirst: random() < 0.5 };
}

/** Another index than elsewhere for each interface, as `deviceIndexes` of a member says. */
function drawIndexes(interfaces: readonly FloatingInterface[]): Record<string, readonly number[]> {
  return Object.fromEntries(interfaces.map(({ eni }, index) => [eni, [index + 2]]));
}

function drawPolicy(random: Random): Policy {
  return {
    ...DEFAULT_POLICY,
    mode: random() < 0.08 ? "observe" : "act",
    detach: pick(random, ["auto", "auto", "auto", "graceful", "force"]),
    graceSeconds: pick(random, [5, 15, 30]),
    impairedSeconds: pick(random, [0, 30, 60, 120]),
    witnesses: random() < 0.85 ? 1 : 2,
    cooldownSeconds: pick(random, [30, 60, 120, 300]),
    budget: { moves: pick(random, [1, 1, 2, 3]), seconds: pick(random, [600, 3600]) },
    failback: random() < 0.35 ? "auto" : "manual",
    failbackAfterSeconds: pick(random, [30, 60, 180]),
    leaveBeforeSeconds: pick(random, [60, 600]),
  };
}

function hexOf(value: number): string {
  return value.toString(16);
}
