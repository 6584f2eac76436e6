/**
 * What DescribeInstances adds: when an instance was launched, and which device indexes are taken. Read only when
 * about to move.
 */
import type { Instance } from "@aws-sdk/client-ec2";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ANY_TYPE_TAKES } from "../core/indexes.ts";
import type { MemberDetails } from "../core/model.ts";
import type { World } from "../world.ts";
import { readApart } from "./apart.ts";
import { ask } from "./ask.ts";
import { readLimits } from "./limits.ts";

/**
 * By instance id; absent where it could not be read. How many interfaces the type takes is read only where it could be too few
 * for those of `enis` beside what is there. Throws only what is our own bug.
 */
export async function readDetails(
  world: World,
  instances: readonly string[],
  enis: readonly string[],
): Promise<Record<string, MemberDetails>> {
  const found = await readApart<Instance | undefined>(world, instances, {
    describe: (some, budgetMs) => describe(world, some, budgetMs),
    failed: () => undefined,
  });
  const tight = Object.values(found).filter(
    (one) => one !== undefined && wouldBear(one, enis) > ANY_TYPE_TAKES,
  );
  const types = tight.flatMap((one) => one?.InstanceType ?? []);
  const limits = await readLimits(world, types);
  return Object.fromEntries(
    Object.entries(found).flatMap(([instance, one]) => {
      const details = one && detailsOf(one, limits.get(one.InstanceType ?? ""));
      return details === undefined ? [] : [[instance, details]];
    }),
  );
}

/** How many interfaces it would have with all of `enis`. */
function wouldBear({ NetworkInterfaces = [] }: Instance, enis: readonly string[]): number {
  const all = NetworkInterfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
  return new Set([...all, ...enis]).size;
}

async function describe(
  world: World,
  instances: readonly string[],
  budgetMs?: number,
): Promise<Record<string, Instance>> {
  const command = new DescribeInstancesCommand({ InstanceIds: [...instances] });
  const answer = await ask(world, (options) => world.ec2.send(command, options), budgetMs);
  const found = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
  return Object.fromEntries(found.map((one) => [one.InstanceId ?? "", one]));
}

function detailsOf(found: Instance, maxInterfaces: number | undefined): MemberDetails | undefined {
  if (found.LaunchTime === undefined) return undefined;
  const attachments = (found.NetworkInterfaces ?? []).flatMap(({ NetworkInterfaceId: eni, Attachment }) => {
    const { DeviceIndex: deviceIndex, NetworkCardIndex, Status } = Attachment ?? {};
    if (eni === undefined || deviceIndex === undefined || Status === "detached") return [];
    return (NetworkCardIndex ?? 0) === 0 ? [{ deviceIndex, eni }] : [];
  });
  // LaunchTime is that of the last start: a stop and start frees the indexes that a forced detach burned.
  return { launchedAt: found.LaunchTime.getTime(), attachments, maxInterfaces };
}
