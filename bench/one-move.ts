/**
 * One move by one contender: the active hangs, EC2's status check fails, the alarm on it fires, and its event arrives. From
 * there on the time is taken, by what EC2 accepted and when, and not by what a contender says of itself.
 */
import { likelyBehaviour } from "../local/ec2/behaviour.ts";
import { draw, realTimings, type Spread } from "../local/ec2/timings.ts";
import { seeded } from "../local/random.ts";
import type { Group } from "../shared/core/model.ts";
import type { Report } from "../shared/report.ts";
import { Fleet, MINUTE, SECOND } from "../tests/fleet/fleet.ts";
import type { BusEvent } from "../tests/simulation/bus-events.ts";
import { A, B, group, member } from "../tests/stub-world.ts";
import type { Contender } from "./contenders.ts";
import { ATTACH, DETACH, ROUND_TRIPS } from "./durations.ts";
import { latencies } from "./latency.ts";
import { inVirtualTime } from "./virtual-time.ts";

/** Where the time of a move went, milliseconds. The first, third and fifth are the contender's; the others are EC2's. */
export interface Phases {
  /** From the event to the detach being asked. */
  readonly decide: number;
  /** The round trip of the detach, and EC2 at it. */
  readonly detach: number;
  /** From the interface being off to the attach that was accepted being asked. */
  readonly gap: number;
  /** The round trip of that attach, and EC2 at it. */
  readonly attach: number;
  /** From in use to the contender's answer: nobody waits for it. */
  readonly notice: number;
}

export interface Move {
  /** Undefined: the contender gave up. */
  readonly phases: Phases | undefined;
  /** What no contender can be faster than: EC2's detach and attach, and one round trip for each of the two calls. */
  readonly floorMs: number;
  /** From the event to in use; infinite where the contender gave up. */
  readonly inUseMs: number;
  /** From the event to the contender's answer. */
  readonly lastedMs: number;
  readonly calls: Readonly<Record<string, number>>;
  /** Of the state item afterwards; of a peer, nothing. */
  readonly recordBytes: number;
  /** What was told; by a peer, nothing. */
  readonly reports: readonly Report[];
}

const GIVE_UP_MS = 30 * MINUTE;
const MEMBERS = [A, B].map((instance) => member(instance, { statusAlarm: `status-${instance}` }));
const GROUP: Group = group({ members: MEMBERS });

export async function oneMove(contender: Contender, seed: number): Promise<Move> {
  const given = draws(seed);
  const fleet = stage(seed, given);
  const event = await untilAlarm(fleet);
  const began = fleet.now();
  fleet.counted();
  let ended: number | undefined;
  await inVirtualTime(fleet.scheduler, seeded(seed), async () => {
    void contender.run(fleet, event).then(() => {
      ended = fleet.now();
    });
    while (ended === undefined && fleet.now() < began + GIVE_UP_MS) await fleet.pass(MINUTE / 2);
  });
  const floorMs = given.detachTrip + given.detach + given.attachTrip + given.attach;
  const phases = phasesOf(fleet, given, began, ended ?? fleet.now());
  const inUseMs = phases === undefined ? Number.POSITIVE_INFINITY : floorMs + phases.decide + phases.gap;
  const lastedMs = (ended ?? fleet.now()) - began;
  const recordBytes = JSON.stringify(fleet.cloud.state(GROUP.name) ?? {}).length;
  const reports = fleet.told.map(({ report }) => report);
  return { phases, floorMs, inUseMs, lastedMs, recordBytes, reports, calls: fleet.counted() };
}

/** Undefined: it gave up before EC2 had let go of the interface. */
function phasesOf(fleet: Fleet, given: Draws, began: number, ended: number): Phases | undefined {
  const detached = accepted(fleet, "DetachNetworkInterface");
  const attached = accepted(fleet, "AttachNetworkInterface");
  if (detached === undefined || attached === undefined) return undefined;
  return {
    decide: detached - given.detachTrip - began,
    detach: given.detachTrip + given.detach,
    gap: attached - given.attachTrip - (detached + given.detach),
    attach: given.attachTrip + given.attach,
    notice: ended - (attached + given.attach),
  };
}

type Draws = Readonly<Record<"detach" | "attach" | "detachTrip" | "attachTrip", number>>;

/** What EC2 takes in this seed, whoever asks. */
function draws(seed: number): Draws {
  const random = seeded(seed);
  return {
    detach: draw(random, DETACH),
    attach: draw(random, ATTACH),
    detachTrip: draw(random, ROUND_TRIPS.ec2Change),
    attachTrip: draw(random, ROUND_TRIPS.ec2Change),
  };
}

function stage(seed: number, given: Draws): Fleet {
  const always = (value: number): Spread => ({ median: value, p99: value });
  const detach = always(given.detach);
  const timings = {
    ...realTimings,
    detach,
    detachForced: detach,
    detachStopped: detach,
    attach: always(given.attach),
  };
  const behaviour = { ...likelyBehaviour, lag: { usual: 0, slow: 0, slowShare: 0 } };
  const trips = { DetachNetworkInterface: given.detachTrip, AttachNetworkInterface: given.attachTrip };
  const latency = latencies(seeded(seed + 1), trips);
  const fleet = new Fleet([GROUP], { seed, ec2: { timings, behaviour }, latency });
  fleet.cloud.ec2.break({ kind: "hang", instance: A }, fleet.now());
  return fleet;
}

/** Lets the checks fail, and answers the event of the alarm on them. */
async function untilAlarm(fleet: Fleet): Promise<BusEvent> {
  for (let waited = 0; waited < 10 * MINUTE; waited += 5 * SECOND) {
    await fleet.pass(5 * SECOND);
    const alarm = fleet.cloud.tick(fleet.now()).find((event) => isAlarm(event));
    if (alarm !== undefined) return alarm;
  }
  throw new Error("no alarm came of a hung instance");
}

function isAlarm({ detail }: BusEvent): boolean {
  return (detail as { state?: { value?: string } }).state?.value === "ALARM";
}

/** When EC2 accepted the operation. */
function accepted(fleet: Fleet, operation: string): number | undefined {
  return fleet.trace.events.find(
    (event) => event.kind === "call" && event.operation === operation && event.error === undefined,
  )?.at;
}
