/**
 * Every duration of the EC2 model, with where it comes from.
 *
 * AWS publishes no latencies for attach and detach. "Seen" means seen in public issues and logs, "documented" in
 * AWS's own pages, "assumed" that nothing was found and a plausible value was chosen.
 */
import { logNormal, type Random } from "../random.ts";

/** A log-normal duration, in milliseconds. Median and 99th percentile zero: no time at all. */
export interface Spread {
  readonly median: number;
  readonly p99: number;
}

export interface Timings {
  /** A graceful detach, from a guest that answers. Seen: almost at once in the console, 2 s waits in the VPC CNI, up to
   * minutes in the tail (Terraform 148 s, Ansible over 200 s). */
  readonly detach: Spread;
  /** A forced detach does not wait for the guest. Assumed. */
  readonly detachForced: Spread;
  /** From a stopped instance there is no guest to ask. Assumed. */
  readonly detachStopped: Spread;
  /** From the call to `attached`; the guest sees the interface 1 to 18 s later, which EC2 never shows. Seen. */
  readonly attach: Spread;
  /** From RunInstances or StartInstances (`pending`) to `running`. Seen. */
  readonly launch: Spread;
  /** `stopping` of a guest that shuts down when asked. Seen. */
  readonly stop: Spread;
  /** StopInstances with Force or SkipOsShutdown. Documented: can take over ten minutes on a bad host. */
  readonly stopForced: Spread;
  /** `stopping` of a hung guest, until EC2 loses patience. Seen. */
  readonly stopHung: Spread;
  /** `shutting-down`, hung or not: termination does not wait for the guest long. Seen. */
  readonly terminate: Spread;
  /** From `terminated` until an interface that outlives the instance is `available`. Seen: attach must be retried. */
  readonly release: Spread;
  /** A guest that does not shut down is rebooted hard after four minutes. Documented (RebootInstances). */
  readonly hardRebootMilliseconds: number;
  /** How long a terminated instance can still be described. Documented: about an hour. */
  readonly terminatedVisibleMilliseconds: number;
  /** How long checks are `initializing` after `running`, in check periods. Documented: "a few minutes". */
  readonly initializingPeriods: number;
  /** How long a reboot, or an automatic recovery, keeps the guest from answering, in check periods: long enough that
   * one run of the checks falls into it. Documented: the instance check fails during a reboot. */
  readonly rebootPeriods: number;
}

export const realTimings: Timings = {
  detach: { median: 3_000, p99: 60_000 },
  detachForced: { median: 1_500, p99: 15_000 },
  detachStopped: { median: 1_000, p99: 5_000 },
  attach: { median: 1_500, p99: 8_000 },
  launch: { median: 10_000, p99: 40_000 },
  stop: { median: 20_000, p99: 90_000 },
  stopForced: { median: 10_000, p99: 120_000 },
  stopHung: { median: 240_000, p99: 600_000 },
  terminate: { median: 25_000, p99: 120_000 },
  release: { median: 3_000, p99: 30_000 },
  hardRebootMilliseconds: 240_000,
  terminatedVisibleMilliseconds: 3_600_000,
  initializingPeriods: 2,
  rebootPeriods: 1,
};

/** No draw is longer than so many times the 99th percentile: a log-normal tail has no end, EC2's waits do. */
const longest = 5;

/** One draw in whole milliseconds, as all of EC2's own times are. */
export function draw(random: Random, { median, p99 }: Spread): number {
  if (median <= 0) return 0;
  return Math.round(Math.min(logNormal(random, median, p99), longest * p99));
}
