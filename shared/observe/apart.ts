/**
 * Reads instances jointly and, when that fails, each apart.
 *
 * In the disruption of a zone a describe call fails when it names an instance there, and works when it names only
 * others (DescribeInstances documentation); and one id that EC2 does not know fails the call for all. What is known
 * of a standby must never hang on the active.
 */
import type { Failure } from "../errors.ts";
import { caughtFailure, isThrottle } from "../errors.ts";
import type { World } from "../world.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

/** Both DescribeInstanceStatus and DescribeInstances are asked for at most so many ids. */
export const IDS = 100;
/** A joint call that hung is not asked again: the time is better spent apart. */
const JOINT_BUDGET_MS = 1500;

export interface Read<Seen> {
  /** One call; throws `Failure`. Without a budget it has the usual one. */
  readonly describe: (instances: readonly string[], budgetMs?: number) => Promise<Record<string, Seen>>;
  /** What to answer for an instance that could not be read. */
  readonly failed: (failure: Failure) => Seen;
}

/** What `describe` answers of each instance, or what `failed` makes of it. Throws only what is our own bug. */
export async function readApart<Seen>(
  world: World,
  instances: readonly string[],
  read: Read<Seen>,
): Promise<Record<string, Seen>> {
  const parts = await together(portions(instances, IDS).map((some) => readSome(world, some, read)));
  return Object.assign({}, ...parts);
}

async function readSome<Seen>(
  world: World,
  instances: readonly string[],
  read: Read<Seen>,
): Promise<Record<string, Seen>> {
  try {
    return await read.describe(instances, instances.length > 1 ? JOINT_BUDGET_MS : undefined);
  } catch (caught) {
    const error = caughtFailure(caught);
    // A member that is gone stays in the configuration for a while, and is looked at every minute.
    const level = error.code === "InvalidInstanceID.NotFound" ? "debug" : "warn";
    world.log(level, "instances could not be read", { instances, error: error.message });
    if (instances.length > 1 && helpsApart(error) && !world.signal.aborted) {
      return Object.assign({}, ...(await together(instances.map((one) => readSome(world, [one], read)))));
    }
    return Object.fromEntries(instances.map((instance) => [instance, read.failed(error)]));
  }
}

/** More calls make throttling worse, and a permission to describe is one for all instances. */
export function helpsApart(failure: Failure): boolean {
  return !isThrottle(failure.code) && failure.next !== "operator";
}
