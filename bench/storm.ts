/**
 * (c) A whole fleet fails at once: the active of every group is stopped, or every alarm of an active fires, under EC2's and
 * CloudWatch's documented rates. Events, sweeps and the looks that a sweep starts are invocations, as Lambda runs them.
 */
import { likelyBehaviour } from "../local/ec2/behaviour.ts";
import { realTimings } from "../local/ec2/timings.ts";
import { seeded } from "../local/random.ts";
import { onHealthEvent } from "../shared/health-event.ts";
import { sweep } from "../shared/sweep.ts";
import { Fleet, groupsOf, MINUTE, SECOND } from "../tests/fleet/fleet.ts";
import { ATTACH, DETACH } from "./durations.ts";
import { LambdaQueue } from "./lambda-queue.ts";
import { latencies } from "./latency.ts";
import { percentile } from "./percentiles.ts";

type Failing = "stopped" | "alarms";

export interface Storm {
  readonly groups: number;
  readonly failing: Failing;
  /** When each group that moved was in use on its standby, milliseconds after the failure. */
  readonly inUseMs: readonly number[];
  /** What the bucket of detaches alone takes: 50 at once, then five a second. */
  readonly bucketMs: number;
  /** When EC2 accepted the last group's detach. */
  readonly lastDetachMs: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly throttled: number;
  readonly threw: number;
  readonly most: { readonly events: number; readonly looks: number };
  readonly dropped: number;
  /** The outcomes of all reports, and one message of each that was to be notified. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly told: Readonly<Record<string, string>>;
  readonly notified: number;
}

const LONGEST_MS = 20 * MINUTE;
const MUTATING = { capacity: 50, perSecond: 5 };

async function storm(failing: Failing, groups: number, seed: number, atOnce: number): Promise<Storm> {
  const fleet = stage(groups, seed);
  const events = new LambdaQueue(fleet, { atOnce, oldestMs: 300 * SECOND });
  const looks = new LambdaQueue(fleet, { atOnce: 1_000, oldestMs: 120 * SECOND });
  fleet.deliver = (what, work) => looks.deliver(what, work);
  // Alarms that have just been made tell that they are OK: that is not of this story.
  fleet.cloud.tick(fleet.now());
  const began = fleet.now();
  const inUse = new Map<string, number>();
  let nextSweep = began + MINUTE / 2;
  fail(fleet, failing);
  while (fleet.now() < began + LONGEST_MS) {
    for (const event of fleet.cloud.tick(fleet.now())) {
      events.deliver("event", (world, tell) => onHealthEvent(event, fleet.config, world, tell));
    }
    if (fleet.now() >= nextSweep) {
      nextSweep += MINUTE;
      looks.deliver("sweep", (world, tell) =>
        sweep({ groups: fleet.groups, named: false }, fleet.config, world, tell),
      );
    }
    note(fleet, began, inUse);
    if (inUse.size === groups || isOver(failing, fleet.now() - began)) break;
    await fleet.pass(SECOND / 4);
  }
  return resultOf(fleet, { failing, began, inUse, events, looks });
}

/** Of alarms most groups are held: what came of it is seen after a few minutes. */
function isOver(failing: Failing, afterMs: number): boolean {
  return failing === "alarms" && afterMs > 4 * MINUTE;
}

function stage(groups: number, seed: number): Fleet {
  const still = { median: 0, p99: 0 };
  const timings = {
    ...realTimings,
    stop: still,
    stopForced: still,
    detach: DETACH,
    detachForced: DETACH,
    detachStopped: DETACH,
    attach: ATTACH,
  };
  const behaviour = { ...likelyBehaviour, lag: { usual: 0, slow: 0, slowShare: 0 } };
  return new Fleet(groupsOf(groups), {
    seed,
    ec2: { timings, behaviour },
    latency: latencies(seeded(seed + 1)),
  });
}

function fail(fleet: Fleet, failing: Failing): void {
  for (const { members } of fleet.groups) {
    const [active] = members;
    if (active === undefined) continue;
    const [alarm = ""] = active.alarms;
    if (failing === "alarms") fleet.cloud.alarms.report(alarm, 1, fleet.now());
    else fleet.cloud.ec2.break({ kind: "stop", instance: active.instance, force: true }, fleet.now());
  }
}

function note(fleet: Fleet, began: number, inUse: Map<string, number>): void {
  const now = fleet.now();
  for (const { name, interfaces, members } of fleet.groups) {
    if (inUse.has(name)) continue;
    const truth = fleet.cloud.ec2.attachmentTruth(interfaces[0]?.eni ?? "", now);
    if (truth?.status === "attached" && truth.instanceId !== members[0]?.instance)
      inUse.set(name, now - began);
  }
}

interface Run {
  readonly failing: Failing;
  readonly began: number;
  readonly inUse: ReadonlyMap<string, number>;
  readonly events: LambdaQueue;
  readonly looks: LambdaQueue;
}

function resultOf(fleet: Fleet, { failing, began, inUse, events, looks }: Run): Storm {
  const outcomes: Record<string, number> = {};
  const told: Record<string, string> = {};
  let notified = 0;
  for (const { report } of fleet.told) {
    const what = `${report.outcome} ${report.because}`;
    outcomes[what] = (outcomes[what] ?? 0) + 1;
    if (!report.notify) continue;
    notified += 1;
    told[report.because] ??= report.message;
  }
  // A forced detach that EC2 is at is asked again after a minute: that lets go of nothing more.
  const detaches = fleet.trace.events.flatMap((event) =>
    event.kind === "call" && event.operation === "DetachNetworkInterface" && event.was === "attached"
      ? [event.at - began]
      : [],
  );
  const groups = fleet.groups.length;
  return {
    groups,
    failing,
    inUseMs: [...inUse.values()],
    bucketMs: (Math.max(0, groups - MUTATING.capacity) / MUTATING.perSecond) * SECOND,
    lastDetachMs: Math.max(0, ...detaches),
    calls: fleet.counted(),
    throttled: fleet.throttled,
    threw: fleet.threw.length,
    most: { events: events.most, looks: looks.most },
    dropped: events.dropped + looks.dropped,
    outcomes,
    told,
    notified,
  };
}

/** The runs that the documentation shows: with and without a reserve for events, and alarms alone. */
export async function measureStorms(groups: number, seed: number): Promise<readonly Storm[]> {
  return [
    await storm("stopped", groups, seed, 70),
    await storm("stopped", groups, seed, 1_000),
    await storm("alarms", groups, seed, 70),
  ];
}

export function stormsInWords(storms: readonly Storm[]): string {
  return storms.map(inWords).join("\n\n");
}

function inWords(of: Storm): string {
  const seconds = (ms: number): string => `${(ms / SECOND).toFixed(0)} s`;
  const at = (percent: number): string => seconds(percentile(of.inUseMs, percent));
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([what, times]) => `${what} ${times.toLocaleString("en")}`)
      .join(", ");
  return [
    `### ${of.groups} groups, ${of.failing}; ${of.most.events} event looks at once`,
    "",
    `- in use on their standby: ${of.inUseMs.length}; p50 ${at(50)}, p99 ${at(99)}, the last ${at(100)}`,
    `- bucket floor of ${of.groups} detaches: ${seconds(of.bucketMs)}; the last detach at ${seconds(of.lastDetachMs)}: ${(of.lastDetachMs / of.bucketMs).toFixed(2)}`,
    `- most invocations at once: ${of.most.events} of events, ${of.most.looks} of the sweep; events dropped ${of.dropped}; invocations that threw ${of.threw}`,
    `- calls: ${list(of.calls)}; throttled ${of.throttled.toLocaleString("en")}`,
    `- reports: ${list(of.outcomes)}; notified ${of.notified}`,
    ...Object.entries(of.told).map(([because, message]) => `- told of \`${because}\`: ${message}`),
  ].join("\n");
}
