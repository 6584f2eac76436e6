/** How many interfaces an instance type takes on network card 0, the only card that floating interfaces use. */
import type { _InstanceType, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { DescribeInstanceTypesCommand } from "@aws-sdk/client-ec2";
import { caughtFailure } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";

/**
 * What was learnt, by client: a type's limits never change, so a type is read once a cold start. Kept by client and
 * not by module, so that two worlds (two runs of a simulation) do not learn from each other.
 */
const known = new WeakMap<World["ec2"], Map<string, number>>();

/** DescribeInstanceTypes takes at most 100 types; a group has a handful. */
const TYPES = 100;

/** By instance type; absent where it could not be read. Throws only what is our own bug. */
export async function readLimits(
  world: World,
  types: readonly _InstanceType[],
): Promise<ReadonlyMap<string, number>> {
  const limits = known.get(world.ec2) ?? new Map<string, number>();
  known.set(world.ec2, limits);
  const unknown = [...new Set(types)].filter((type) => !limits.has(type)).slice(0, TYPES);
  if (unknown.length === 0) return limits;
  try {
    const command = new DescribeInstanceTypesCommand({ InstanceTypes: unknown });
    const answer = await ask(world, (options) => world.ec2.send(command, options));
    for (const info of answer.InstanceTypes ?? []) {
      const limit = limitOf(info);
      if (info.InstanceType !== undefined && limit !== undefined) limits.set(info.InstanceType, limit);
    }
  } catch (caught) {
    const error = caughtFailure(caught);
    world.log("warn", "instance types could not be read", { types: unknown, error: error.message });
  }
  return limits;
}

function limitOf({ NetworkInfo }: InstanceTypeInfo): number | undefined {
  const card = NetworkInfo?.NetworkCards?.find((one) => one.NetworkCardIndex === 0);
  return card?.MaximumNetworkInterfaces ?? NetworkInfo?.MaximumNetworkInterfaces;
}
