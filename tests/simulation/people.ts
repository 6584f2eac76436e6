/** What people do: they give commands, twice if they are impatient, and have their hands in the console. */
import { between, type Random } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { broken } from "./failures.ts";
import { isolates } from "./fences.ts";
import type { Timed } from "./scenario.ts";
import { STRANGER } from "./scene.ts";
import { firstOf, pick, streamOf } from "./swarm.ts";

const MINUTE = 60_000;

export function drawOperator(random: Random, group: Group, safetyMs: number): Timed[] {
  const to = random() < 0.5 ? pick(random, group.members).name : undefined;
  const force = random() < 0.2;
  const after = Math.round(random() * safetyMs * 0.8);
  const mishap = { kind: "operator" as const, group: group.name, force, ...(to === undefined ? {} : { to }) };
  const once: Timed = { after, mishap };
  // People press the key twice.
  return random() < 0.5 ? [once, { after: after + between(random, 0, 20) * 1_000, mishap }] : [once];
}

export function drawPause(random: Random, group: Group, safetyMs: number): Timed[] {
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
export function drawReleases(group: Group, safetyMs: number): Timed[] {
  if (!isolates(group)) return [];
  const random = streamOf({ group, safetyMs });
  return Array.from({ length: between(random, 1, 4) }, () => {
    const member = (random() < 0.6 ? firstOf(group) : pick(random, group.members)).name;
    const mishap = { kind: "release" as const, group: group.name, member, force: random() < 0.4 };
    return { after: Math.round((0.2 + 0.8 * random()) * safetyMs), mishap };
  });
}

/** Drills, most of them on a day on which something fails too. */
export function drawDrills(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ drills: group, safetyMs });
  if (random() < 0.7) return [];
  return Array.from({ length: between(random, 1, 2) }, () => {
    const alarms = [...group.alarms, ...firstOf(group).alarms];
    const named = random() < 0.3 && alarms.length > 0 ? { alarm: pick(random, alarms) } : {};
    const mishap = { kind: "drill" as const, group: group.name, andBack: random() < 0.4, ...named };
    return { after: Math.round((0.05 + 0.9 * random()) * safetyMs), mishap };
  });
}

export function drawAcknowledge(random: Random, group: Group, safetyMs: number): Timed {
  const member = pick(random, group.members).name;
  const mishap = { kind: "acknowledge" as const, group: group.name, member, budget: random() < 0.5 };
  return { after: Math.round(random() * safetyMs), mishap };
}

/** Most often a look comes before its holder ends, but not always. */
export function drawDooms(group: Group, safetyMs: number): Timed[] {
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

/** To a member, or to a stranger, who most often gives it back. */
export function drawHandMove(random: Random, group: Group, safetyMs: number): Timed[] {
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
