/** What a run is made of: groups, policies and the mishaps of the day, all drawn from the seed. */

import type { Breakage } from "../../local/ec2/ec2.ts";
import type { Random } from "../../local/random.ts";
import { between } from "../../local/random.ts";
import { mergePolicy } from "../../shared/config/policy.ts";
import type { Group, Member, Policy } from "../../shared/core/model.ts";

const DEFAULT_POLICY: Policy = mergePolicy({}, {});

export type Mishap =
  | { readonly kind: "break"; readonly breakage: Breakage }
  | { readonly kind: "alarm"; readonly alarm: string; readonly on: boolean }
  | { readonly kind: "spot-notice"; readonly instance: string }
  | { readonly kind: "operator"; readonly group: string; readonly to?: string; readonly force: boolean }
  | { readonly kind: "pause" | "resume"; readonly group: string; readonly seconds?: number };

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

const MINUTE = 60_000;

export function drawScenario(random: Random): Scenario {
  const count = random() < 0.75 ? 1 : between(random, 2, 3);
  const groups = Array.from({ length: count }, (_, index) => drawGroup(random, index + 1));
  const safetyMs = between(random, 10, 25) * MINUTE;
  const mishaps = groups.flatMap((group) => drawMishaps(random, group, safetyMs));
  return { groups, mishaps, safetyMs };
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
      deviceIndexes: {},
    };
  });
  const alarms = random() < 0.3 ? [`traffic-${number}`] : [];
  return { name: `group-${number}`, interfaces, members, alarms, policy: drawPolicy(random) };
}

function drawPolicy(random: Random): Policy {
  return {
    ...DEFAULT_POLICY,
    mode: random() < 0.08 ? "observe" : "act",
    detach: pick(random, ["auto", "auto", "auto", "graceful", "force"]),
    graceSeconds: pick(random, [5, 15, 30]),
    impairedSeconds: pick(random, [0, 30, 60, 120]),
    witnesses: random() < 0.85 ? 1 : 2,
    cooldownSeconds: pick(random, [120, 300, 600]),
    budget: { moves: between(random, 1, 3), seconds: pick(random, [900, 3600]) },
    failback: random() < 0.2 ? "auto" : "manual",
    failbackAfterSeconds: pick(random, [120, 300]),
    leaveBeforeSeconds: pick(random, [60, 600]),
  };
}

function drawMishaps(random: Random, group: Group, safetyMs: number): Timed[] {
  const mishaps: Timed[] = [];
  const failures = between(random, 1, 4);
  for (let index = 0; index < failures; index += 1) {
    const after = Math.round(random() * safetyMs * 0.8) + 1_000;
    // The first failure is most often the first active's, so that most runs have a move.
    const member = index === 0 && random() < 0.8 ? firstOf(group) : pick(random, group.members);
    mishaps.push(...drawFailure(random, group, member, after));
  }
  const hindrances = random() < 0.4 ? between(random, 1, 2) : 0;
  for (let index = 0; index < hindrances; index += 1) {
    mishaps.push({ after: Math.round(random() * safetyMs * 0.7), mishap: drawHindrance(random, group) });
  }
  if (random() < 0.2) mishaps.push(...drawOperator(random, group, safetyMs));
  if (random() < 0.12) mishaps.push(...drawPause(random, group, safetyMs));
  return mishaps.sort((left, right) => left.after - right.after);
}

function drawFailure(random: Random, group: Group, member: Member, after: number): Timed[] {
  const { instance } = member;
  const heals = random() < 0.6;
  const healed = after + between(random, 1, 10) * MINUTE;
  const broken = (breakage: Breakage, at = after): Timed => ({
    after: at,
    mishap: { kind: "break", breakage },
  });
  const kind = pick(random, [
    "hang",
    "hang",
    "hang",
    "stop",
    "terminate",
    "impair",
    "alarm",
    "spot",
    "reboot",
  ]);
  if (kind === "stop") {
    return [
      broken({ kind: "stop", instance }),
      ...(heals ? [broken({ kind: "start", instance }, healed)] : []),
    ];
  }
  if (kind === "terminate") return [broken({ kind: "terminate", instance })];
  if (kind === "spot") {
    const end = broken({ kind: "terminate", instance }, after + 2 * MINUTE);
    return [{ after, mishap: { kind: "spot-notice", instance } }, ...(random() < 0.9 ? [end] : [])];
  }
  if (kind === "reboot") {
    return [
      broken({ kind: "impair", instance, check: "system" }),
      broken({ kind: "auto-recover", instance }, healed),
    ];
  }
  const alarms = [...group.alarms, ...member.alarms];
  if (kind === "alarm" && alarms.length > 0) return flap(random, pick(random, alarms), after);
  const breakage: Breakage =
    kind === "impair"
      ? { kind: "impair", instance, check: random() < 0.5 ? "instance" : "ebs" }
      : { kind: "hang", instance };
  return [broken(breakage), ...(heals ? [broken({ kind: "heal", instance }, healed)] : [])];
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

function drawHindrance(random: Random, group: Group): Mishap {
  const { instance } = pick(random, group.members);
  const { eni } = pick(random, group.interfaces);
  const code = pick(random, [
    "AttachmentLimitExceeded",
    "IncorrectState",
    "UnauthorizedOperation",
    "Surprise",
  ]);
  const breakage: Breakage = pick<Breakage>(random, [
    { kind: "stick-detach", interface: eni, milliseconds: between(random, 20, 400) * 1_000, times: 1 },
    { kind: "stick-detach", interface: eni, times: 2 },
    { kind: "refuse-attach", instance, code, times: between(random, 1, 6) },
    { kind: "slow-attach", instance, milliseconds: between(random, 20, 200) * 1_000, times: 1 },
  ]);
  return { kind: "break", breakage };
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

function pick<T>(random: Random, from: readonly T[]): T {
  const drawn = from[Math.floor(random() * from.length)];
  if (drawn === undefined) throw new Error("There is nothing to pick from");
  return drawn;
}

function firstOf(group: Group): Member {
  const [first] = group.members;
  if (first === undefined) throw new Error("A group has members");
  return first;
}

function hexOf(value: number): string {
  return value.toString(16);
}
