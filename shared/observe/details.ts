/**
 * What DescribeInstances adds: when an instance was launched, and which device indexes are taken. Read only when
 * about to move. Joint, then apart, for the reasons told in `status.ts`.
 */
import type { Instance } from "@aws-sdk/client-ec2";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { MemberDetails } from "../core/model.ts";
import { Failure } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { readLimits } from "./limits.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

const IDS = 100;
const JOINT_BUDGET_MS = 1500;

/** By instance id; absent where it could not be read. Throws only what is our own bug. */
export async function readDetails(
  world: World,
  instances: readonly string[],
): Promise<Record<string, MemberDetails>> {
  const parts = await together(portions(instances, IDS).map((some) => readJoint(world, some)));
  const found = parts.flat();
  const limits = await readLimits(
    world,
    found.flatMap((one) => one.InstanceType ?? []),
  );
  return Object.fromEntries(
    found.flatMap((one) => {
      const details = detailsOf(one, limits.get(one.InstanceType ?? ""));
      return one.InstanceId === undefined || details === undefined ? [] : [[one.InstanceId, details]];
    }),
  );
}

async function readJoint(world: World, instances: readonly string[]): Promise<Instance[]> {
  try {
    return await describe(world, instances, instances.length > 1 ? JOINT_BUDGET_MS : undefined);
  } catch (error) {
    if (!(error instanceof Failure) || error.next === "bug") throw error;
    world.log("warn", "details could not be read", { instances, error: error.message });
    if (instances.length === 1) return [];
    return (await together(instances.map((one) => readJoint(world, [one])))).flat();
  }
}

async function describe(world: World, instances: readonly string[], budgetMs?: number): Promise<Instance[]> {
  const command = new DescribeInstancesCommand({ InstanceIds: [...instances] });
  const answer = await ask(world, (options) => world.ec2.send(command, options), budgetMs);
  const asked = new Set(instances);
  return (answer.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((one) => one.InstanceId !== undefined && asked.has(one.InstanceId));
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
