/**
 * What listens at the addresses that a configuration probes: each member at its own while it runs and does not hang, and
 * the floating address while its interface is in use on such a member. Real listeners for a real prober: the
 * configuration names addresses of the loopback network, 127.0.0.0/8, and nothing leaves this machine.
 */
import type { Config } from "../../shared/config.ts";
import type { Group, Probe } from "../../shared/core/model.ts";
import { UsageError } from "../cli/usage.ts";
import type { Cloud } from "../cloud.ts";
import { Guest } from "./guest.ts";

/** Whether an address is answered, now. */
type Answers = () => boolean;

const TICK_MS = 20;

export interface Guests {
  close(): Promise<void>;
}

/** Starts a guest at every address that is probed; none where no group is. Throws where an address can't be had. */
export async function startGuests(cloud: Cloud, config: Config): Promise<Guests> {
  const wanted = Object.values(config.groups).flatMap((group) =>
    group.probe === undefined ? [] : addressesOf(cloud, group, group.probe),
  );
  const away = wanted.find(({ address }) => !address.startsWith("127."));
  if (away !== undefined) {
    throw new UsageError(`${away.address} is not on this machine: name addresses of 127.0.0.0/8 in a probe`);
  }
  const guests = await Promise.all(
    wanted.map(async ({ address, port, answers }) => ({ guest: await Guest.start(address, port), answers })),
  );
  const tick = () => {
    for (const { guest, answers } of guests) {
      if (!answers()) void guest.hang();
      else guest.wake();
    }
  };
  const timer = setInterval(tick, TICK_MS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await Promise.all(guests.map(({ guest }) => guest.close()));
    },
  };
}

function addressesOf(cloud: Cloud, group: Group, { address: floating, check: { port } }: Probe) {
  const own = group.members.flatMap(({ instance, address }) =>
    address === undefined ? [] : { address, port, answers: () => isWell(cloud, instance) },
  );
  const [first] = group.interfaces;
  if (floating === undefined || first === undefined) return own;
  const answers: Answers = () => {
    const attachment = cloud.ec2.attachmentTruth(first.eni, cloud.now());
    return attachment?.status === "attached" && isWell(cloud, attachment.instanceId);
  };
  return [...own, { address: floating, port, answers }];
}

function isWell(cloud: Cloud, instance: string | undefined): boolean {
  if (instance === undefined) return false;
  const truth = cloud.ec2.instanceTruth(instance, cloud.now());
  return truth?.state === "running" && !truth.hung;
}
