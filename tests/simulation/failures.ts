/** How members fail, and alarms go off: what a controller is for. */
import type { Breakage } from "../../local/ec2/ec2.ts";
import { between, type Random } from "../../local/random.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import type { Mishap, Timed } from "./scenario.ts";
import { pick, streamOf } from "./swarm.ts";

const MINUTE = 60_000;

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

export function drawFailure(random: Random, group: Group, member: Member, after: number): Timed[] {
  const healed = random() < 0.6 ? after + between(random, 1, 8) * MINUTE : undefined;
  return pick(random, FAILURES)({ random, group, member, after, healed });
}

export function broken(breakage: Breakage, after: number): Timed {
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

export function drawTrap(random: Random, group: Group): Mishap {
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

/** A member that hangs is forced off, and somebody restarts it: its indexes are whole again. Then another one fails. */
export function drawRestarts(group: Group, safetyMs: number): Timed[] {
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

/** Most often of an alarm that goes on and off meanwhile. */
export function drawMutes(group: Group, safetyMs: number): Timed[] {
  const random = streamOf({ mutes: group, safetyMs });
  const named = [...group.alarms, ...group.members.flatMap((member) => member.alarms)];
  if (named.length === 0 || random() < 0.75) return [];
  const alarm = pick(random, named);
  const after = Math.round((0.05 + 0.6 * random()) * safetyMs);
  const mute: Timed = { after, mishap: { kind: "mute", alarm, minutes: between(random, 1, 10) } };
  return random() < 0.2 ? [mute] : [mute, ...flap(random, alarm, after + between(random, -60, 30) * 1_000)];
}
