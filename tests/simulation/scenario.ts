/** What a run is made of, all drawn from the seed: groups and their policies (`swarm.ts`), and the mishaps of the day. */

import type { Breakage } from "../../local/ec2/ec2.ts";
import type { Random } from "../../local/random.ts";
import { between } from "../../local/random.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import { type Blindness, drawBlindness } from "./blindness.ts";
import { isolates } from "./fences.ts";
import { drawEndlessAttach, drawHindrance } from "./hindrances.ts";
import { drawPlans, type Planning } from "./plans.ts";
import { drawRollout, type Rollout } from "./rollout.ts";
import { drawSuppressions, type Suppression } from "./suppression.ts";
import { drawGroups, pick, streamOf } from "./swarm.ts";

export type Mishap =
  | { readonly kind: "break"; readonly breakage: Breakage }
  | { readonly kind: "alarm"; readonly alarm: string; readonly on: boolean }
  /** Somebody mutes an alarm for a while: until then it is no evidence. */
  | { readonly kind: "mute"; readonly alarm: string; readonly minutes: number }
  | Blindness
  | Rollout
  | Suppression
  | Planning
  | { readonly kind: "spot-notice"; readonly instance: string }
  | { readonly kind: "operator"; readonly group: string; readonly to?: string; readonly force: boolean }
  | { readonly kind: "pause"; readonly group: string; readonly seconds?: number }
  | { readonly kind: "resume"; readonly group: string }
  | {
      readonly kind: "acknowledge";
      readonly group: string;
      readonly member: string;
      readonly budget: boolean;
    }
  | { readonly kind: "release"; readonly group: string; readonly member: string; readonly force: boolean }
  | {
      readonly kind: "drill";
      readonly group: string;
      readonly alarm?: string;
      readonly andBack: boolean;
    }
  /** Somebody takes an interface off its holder in the console, and puts it on an instance: a member, or a stranger. */
  | { readonly kind: "hand-move"; readonly group: string; readonly eni: string; readonly to: string }
  /** Somebody switches DeleteOnTermination on: the interface is deleted with its holder, unless upkeep comes first. */
  | { readonly kind: "doom"; readonly group: string; readonly eni: string }
  /** The stranger gives back what it holds: the interface is then on nothing. */
  | { readonly kind: "give-back"; readonly group: string }
  /** When this call is next accepted for the group, the breakage follows a little later: "dying in the middle". */
  | {
      readonly kind: "trap";
      readonly group: string;
      readonly operation: "DetachNetworkInterface" | "AttachNetworkInterface";
      readonly milliseconds: number;
      readonly breakage: Breakage;
    };

export interface Timed {
  /** After the beginning, milliseconds. */
  readonly after: number;
  readonly mishap: Mishap;
}

export interface Scenario {
  readonly groups: readonly Group[];
  readonly mishaps: readonly Timed[];
  /** How long the faults last, milliseconds. */
  readonly safetyMs: number;
}

/** An instance of the same account that no group names. */
export const STRANGER = "i-0ffffffffffffffff";
const MINUTE = 60_000;

export function drawScenario(random: Random): Scenario {
  const groups = drawGroups(random);
  const safetyMs = between(random, 4, 9) * MINUTE;
  const mishaps = groups.flatMap((group) => drawMishaps(random, group, safetyMs));
  return { groups, mishaps, safetyMs };
}

function drawMishaps(random: Random, group: Group, safetyMs: number): Timed[] {
  const mishaps: Timed[] = [];
  const failures = between(random, 1, 4);
  for (let index = 0; index < failures; index += 1) {
    const after = Math.round(random() * safetyMs * 0.7) + 1_000;
    // The first failure is most often the first active's, so that most runs have a move.
    const member = index === 0 && random() < 0.8 ? firstOf(group) : pick(random, group.members);
    mishaps.push(...drawFailure(random, group, member, after));
  }
  const hindrances = random() < 0.4 ? between(random, 1, 2) : 0;
  for (let index = 0; index < hindrances; index += 1) {
    mishaps.push({
      after: Math.round(random() * safetyMs * 0.7),
      mishap: { kind: "break", breakage: drawHindrance(random, group) },
    });
  }
  if (random() < 0.25) mishaps.push({ after: 0, mishap: drawTrap(random, group) });
  if (random() < 0.2) mishaps.push(...drawOperator(random, group, safetyMs));
  if (random() < 0.12) mishaps.push(...drawPause(random, group, safetyMs));
  if (random() < 0.1) mishaps.push(drawAcknowledge(random, group, safetyMs));
  mishaps.push(...drawReleases(group, safetyMs), ...drawDrills(group, safetyMs));
  mishaps.push(
    ...drawDooms(group, safetyMs),
    ...drawMutes(group, safetyMs),
    ...drawRestarts(group, safetyMs),
    ...drawBlindness(group, safetyMs),
    ...drawRollout(group, safetyMs),
    ...drawSuppressions(group, safetyMs),
    ...drawPlans(group, safetyMs),
    ...drawEndlessAttach(group, safetyMs).map(({ after, breakage }) => broken(breakage, after)),
  );
  if (random() < 0.1) mishaps.push(...drawHandMove(random, group, safetyMs));
  return mishaps.sort((left, right) => left.after - right.after);
}

type Failure = (scene: {
  readonly random: Random;
  readonly group: Group;
  readonly member: Member;
  readonly after: number;
  /** When it is well again; undefined: not within this run. */
  readonly healed: number | undefined;
}) => Timed[];

const hang: Failure = ({ member: { instance }, after, healed }) => [
  broken({ kind: "hang", instance }, after),
  ...(healed === undefined ? [] : [broken({ kind: "heal", instance }, healed)]),
];

/** How a member fails. More than one entry: more often. */
const FAILURES: readonly Failure[] = [
  hang,
  hang,
  hang,
  ({ random, member: { instance }, after, healed }) => [
    broken({ kind: "stop", instance, ...(random() < 0.2 ? { force: true } : {}) }, after),
    ...(healed === undefined ? [] : [broken({ kind: "start", instance }, healed)]),
  ],
  ({ member: { instance }, after }) => [broken({ kind: "terminate", instance }, after)],
  ({ random, member: { instance }, after, healed }) => [
    broken({ kind: "impair", instance, check: pick(random, ["instance", "ebs", "application"]) }, after),
    ...(healed === undefined ? [] : [broken({ kind: "heal", instance }, healed)]),
  ],
  (scene) => {
    const alarms = [...scene.group.alarms, ...scene.member.alarms];
    return alarms.length === 0 ? hang(scene) : flap(scene.random, pick(scene.random, alarms), scene.after);
  },
  ({ random, member: { instance }, after }) => [
    { after, mishap: { kind: "spot-notice", instance } },
    ...(random() < 0.9 ? [broken({ kind: "terminate", instance }, after + 2 * MINUTE)] : []),
  ],
  ({ random, member: { instance }, after }) => [
    broken({ kind: "impair", instance, check: "system" }, after),
    broken({ kind: "auto-recover", instance }, after + between(random, 1, 6) * MINUTE),
  ],
  ({ random, member: { instance }, after, healed }) => [
    {
      after,
      mishap: {
        kind: "break",
        breakage: {
          kind: "schedule-event",
          instance,
          code: pick(random, ["instance-stop", "system-reboot", "instance-retirement"]),
          // Relative to the beginning of the run; `doings.ts` makes it a time.
          notBefore: after + between(random, 1, 20) * MINUTE,
        },
      },
    },
    ...(healed === undefined ? [] : [broken({ kind: "clear-events", instance }, healed)]),
  ],
];

function drawFailure(random: Random, group: Group, member: Member, after: number): Timed[] {
  const healed = random() < 0.6 ? after + between(random, 1, 8) * MINUTE : undefined;
  return pick(random, FAILURES)({ random, group, member, after, healed });
}

function broken(breakage: Breakage, after: number): Timed {
  return { after, mishap: { kind: "break", breakage } };
}

function flap(random: Random, alarm: string, after: number): Timed[] {
  const times = between(random, 1, 5);
  let at = after;
  return Array.from({ length: times * 2 }, (_, index): Timed => {
    const timed = { after: at, mishap: { kind: "alarm" as const, alarm, on: index % 2 === 0 } };
    at += between(random, 20, 240) * 1_000;
    return timed;
  });
}

function drawTrap(random: Random, group: Group): Mishap {
  const { instance } = pick(random, group.members);
  const breakage = pick<Breakage>(random, [
    { kind: "terminate", instance },
    { kind: "stop", instance },
    { kind: "hang", instance },
    { kind: "heal", instance },
    { kind: "auto-recover", instance },
  ]);
  const operation = pick(random, ["DetachNetworkInterface", "AttachNetworkInterface"] as const);
  return { kind: "trap", group: group.name, operation, milliseconds: between(random, 0, 9_000), breakage };
}

function drawOperator(random: Random, group: Group, safetyMs: number): Timed[] {
  const to = random() < 0.5 ? pick(random, group.members).name : undefined;
  const force = random() < 0.2;
  const after = Math.round(random() * safetyMs * 0.8);
  const mishap = { kind: "operator" as const, group: group.name, force, ...(to === undefined ? {} : { to }) };
  const once: Timed = { after, mishap };
  // People press the key twice.
  return random() < 0.5 ? [once, { after: after + between(random, 0, 20) * 1_000, mishap }] : [once];
}

function drawPause(random: Random, group: Group, safetyMs: number): Timed[] {
  const after = Math.round(random() * safetyMs * 0.5);
  const seconds = random() < 0.5 ? between(random, 60, 600) : undefined;
  const pause = { kind: "pause" as const, group: group.name, ...(seconds === undefined ? {} : { seconds }) };
  const resume = { kind: "resume" as const, group: group.name };
  return [
    { after, mishap: pause },
    { after: after + between(random, 1, 8) * MINUTE, mishap: resume },
  ];
}

/** Members of a group that isolates are released, or so somebody tries. */
function drawReleases(group: Group, safetyMs: number): Timed[] {
  if (!isolates(group)) return [];
  const random = streamOf({ group, safetyMs });
  return Array.from({ length: between(random, 1, 4) }, () => {
    const member = (random() < 0.6 ? firstOf(group) : pick(random, group.members)).name;
    const mishap = { kind: "release" as const, group: group.name, member, force: random() < 0.4 };
    return { after: Math.round((0.2 + 0.8 * random()) * safetyMs), mishap };
  });
}

/** Drills, most of them on a day on which something fails too. */
function drawDrills(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ drills: group, safetyMs });
  if (random() < 0.7) return [];
  return Array.from({ length: between(random, 1, 2) }, () => {
    const alarms = [...group.alarms, ...firstOf(group).alarms];
    const named = random() < 0.3 && alarms.length > 0 ? { alarm: pick(random, alarms) } : {};
    const mishap = { kind: "drill" as const, group: group.name, andBack: random() < 0.4, ...named };
    return { after: Math.round((0.05 + 0.9 * random()) * safetyMs), mishap };
  });
}

/** A member that hangs is forced off, and somebody restarts it: its indexes are whole again. Then another one fails. */
function drawRestarts(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ restarts: group, safetyMs });
  if (random() < 0.85) return [];
  const [first = "", second = ""] = group.members.map(({ instance }) => instance);
  const hung = Math.round(random() * 0.2 * safetyMs) + 1_000;
  const stopped = hung + between(random, 100, 180) * 1_000;
  const started = stopped + between(random, 20, 60) * 1_000;
  return [
    broken({ kind: "hang", instance: first }, hung),
    broken({ kind: "stop", instance: first, force: true }, stopped),
    broken({ kind: "start", instance: first }, started),
    broken({ kind: "hang", instance: second }, started + between(random, 60, 120) * 1_000),
  ];
}

/** Most often a look comes before its holder ends, but not always. */
function drawDooms(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ dooms: group, safetyMs });
  if (random() < 0.85) return [];
  const after = Math.round((0.05 + 0.7 * random()) * safetyMs);
  const { eni } = pick(random, group.interfaces);
  const doom: Timed = { after, mishap: { kind: "doom", group: group.name, eni } };
  const { instance } = firstOf(group);
  return random() < 0.5
    ? [doom]
    : [doom, broken({ kind: "terminate", instance }, after + between(random, 0, 90) * 1_000)];
}

/** Most often of an alarm that goes on and off meanwhile. */
function drawMutes(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ mutes: group, safetyMs });
  const named = [...group.alarms, ...group.members.flatMap((member) => member.alarms)];
  if (named.length === 0 || random() < 0.75) return [];
  const alarm = pick(random, named);
  const after = Math.round((0.05 + 0.6 * random()) * safetyMs);
  const mute: Timed = { after, mishap: { kind: "mute", alarm, minutes: between(random, 1, 10) } };
  return random() < 0.2 ? [mute] : [mute, ...flap(random, alarm, after + between(random, -60, 30) * 1_000)];
}

function drawAcknowledge(random: Random, group: Group, safetyMs: number): Timed {
  const member = pick(random, group.members).name;
  const mishap = { kind: "acknowledge" as const, group: group.name, member, budget: random() < 0.5 };
  return { after: Math.round(random() * safetyMs), mishap };
}

/** To a member, or to a stranger, who most often gives it back. */
function drawHandMove(random: Random, group: Group, safetyMs: number): Timed[] {
  const { name } = group;
  const after = Math.round(random() * safetyMs * 0.7);
  const to = random() < 0.7 ? pick(random, group.members).instance : STRANGER;
  const moved = random() < 0.5 ? group.interfaces : [pick(random, group.interfaces)];
  const moves = moved.map(({ eni }): Timed => {
    return { after, mishap: { kind: "hand-move", group: name, eni, to } };
  });
  if (to !== STRANGER || random() < 0.2) return moves;
  return [
    ...moves,
    { after: after + between(random, 1, 5) * MINUTE, mishap: { kind: "give-back", group: name } },
  ];
}

function firstOf(group: Group): Member {
  const [first] = group.members;
  if (first === undefined) throw new Error("A group has members");
  return first;
}
