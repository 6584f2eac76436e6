/** Who moves the interface: ours by its own event handler, the peers by their own code. All on the same front. */
import type { EC2Client } from "@aws-sdk/client-ec2";
import { onHealthEvent } from "../shared/health-event.ts";
import { sweep } from "../shared/sweep.ts";
import { type Fleet, MINUTE } from "../tests/fleet/fleet.ts";
import type { BusEvent } from "../tests/simulation/bus-events.ts";
import { attachLoop } from "./peers/attach-loop.ts";
import { boto3Waiter } from "./peers/boto3-waiter.ts";
import { describeLoop } from "./peers/describe-loop.ts";
import type { Peer, Task } from "./peers/peer.ts";
import { sdkWaiters } from "./peers/sdk-waiters.ts";

export interface Contender {
  readonly name: string;
  /** Begins when the event arrives; resolves when the contender thinks that it is done. */
  readonly run: (fleet: Fleet, event: BusEvent) => Promise<unknown>;
}

const ours: Contender = {
  name: "eni-failover",
  run: async (fleet, event) => {
    await fleet.invoke("event", (world, tell) => onHealthEvent(event, fleet.config, world, tell));
    // What an invocation does not end, the sweep of the next minute takes up.
    while (fleet.told.at(-1)?.report.outcome === "in-progress") {
      await new Promise<void>((resolve) => fleet.scheduler.after(MINUTE, resolve));
      await fleet.invoke("sweep", (world, tell) =>
        sweep({ groups: fleet.groups, named: false }, fleet.config, world, tell),
      );
    }
  },
};

function peer(name: string, move: Peer): Contender {
  return {
    name,
    run: (fleet) => fleet.invoke(name, (world) => move(taskOf(fleet, world.ec2 as EC2Client))),
  };
}

function taskOf({ groups: [group] }: Fleet, ec2: EC2Client): Task {
  const [one] = group?.interfaces ?? [];
  const standby = group?.members[1];
  if (one === undefined || standby === undefined) throw new Error("a group has an interface and a standby");
  return { ec2, eni: one.eni, instance: standby.instance, deviceIndex: one.deviceIndexes[0] ?? 1 };
}

export const CONTENDERS: readonly Contender[] = [
  ours,
  peer("describe every 5 s (MHA::AWS)", describeLoop),
  peer("attach every 5 s (fck-nat)", attachLoop),
  peer("boto3's waiter, 20 s", boto3Waiter),
  peer("SDK v3's waiter, 20 to 120 s", sdkWaiters),
];
