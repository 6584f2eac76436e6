/**
 * Every duration of the benchmark, with where it comes from; the same for all contenders. AWS publishes none of them.
 *
 * "Seen" means seen in public issues and logs, "assumed" that nothing was found and a plausible value was chosen. The
 * embedded cloud has its own (local/ec2/timings.ts); for EC2's two transitions they agree.
 */
import { realTimings, type Spread } from "../local/ec2/timings.ts";

/** From the accepted call to nothing, forced or not, whatever the instance's state. Seen: almost at once in the console, 2 s waits in
 * the VPC CNI, minutes in the tail (Terraform issue 45835: 148 s; ansible-collections/amazon.aws PR 501: over 200 s). */
export const DETACH: Spread = realTimings.detach;

/** From the accepted call to `attached`. Seen: 1 to 5 s in the logs of CNI plugins. */
export const ATTACH: Spread = realTimings.attach;

/** The round trips of one call from a Lambda in the Region, by what is called. */
export const ROUND_TRIPS = {
  /**
   * DescribeNetworkInterfaces, DescribeInstanceStatus, DescribeInstances with filters or ids. Seen: of 187 DescribeSecurityGroups of a
   * Cilium operator 62 took at most 50 ms, 147 at most 100, 183 at most 250, all at most 500 (its metrics in
   * DataDog/integrations-core issue 10143).
   */
  ec2Read: { median: 70, p99: 350 },
  /**
   * DetachNetworkInterface, AttachNetworkInterface. Seen: 740 ms on average of six attaches, all under a second (the same
   * metrics). Assumed lower, which is the stricter choice, since it belongs to the floor.
   */
  ec2Change: { median: 300, p99: 900 },
  /** DescribeAlarms, ListAlarmMuteRules. Assumed. */
  cloudwatch: { median: 50, p99: 250 },
  /** Consistent reads and conditional writes of one item. Documented: "single-digit millisecond" inside the service; the rest is the way. */
  dynamodb: { median: 8, p99: 50 },
  /** Invoke, asynchronous. Assumed. */
  lambda: { median: 30, p99: 150 },
} as const satisfies Record<string, Spread>;
