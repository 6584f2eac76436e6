/**
 * State, status checks and scheduled events of instances.
 *
 * Joint first, then apart. In the disruption of a zone a describe call fails when it names an instance there, and
 * works when it names only others (EC2's DescribeInstances documentation); and one id that EC2 does not know fails
 * the call for all. So what fails for all is asked for each: what is known of a standby never hangs on the active.
 */
import type { InstanceStatus } from "@aws-sdk/client-ec2";
import { DescribeInstanceStatusCommand } from "@aws-sdk/client-ec2";
import type { InstanceSeen, InstanceState, ScheduledEvent } from "../core/model.ts";
import { Failure, inShort } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { checksOf } from "./checks.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

/** DescribeInstanceStatus takes at most 100 explicit ids. */
const IDS = 100;
/** A joint call that hung is not asked again: the time is better spent apart. */
const JOINT_BUDGET_MS = 1500;

const STATES: ReadonlySet<string> = new Set([
  "pending",
  "running",
  "stopping",
  "stopped",
  "shutting-down",
  "terminated",
] satisfies InstanceState[]);

/** Every instance by id: seen, `not-found`, or `failed`. Throws only what is our own bug. */
export async function readStatuses(
  world: World,
  instances: readonly string[],
): Promise<Record<string, InstanceSeen>> {
  const parts = await together(portions(instances, IDS).map((some) => readJoint(world, some)));
  return Object.assign({}, ...parts);
}

async function readJoint(world: World, instances: readonly string[]): Promise<Record<string, InstanceSeen>> {
  if (instances.length === 1) return await readApart(world, instances);
  try {
    return await describe(world, instances, JOINT_BUDGET_MS);
  } catch (error) {
    if (!(error instanceof Failure) || error.next === "bug") throw error;
    world.log("warn", "instances are read apart", { instances, error: error.message });
    return await readApart(world, instances);
  }
}

async function readApart(world: World, instances: readonly string[]): Promise<Record<string, InstanceSeen>> {
  const parts = await together(
    instances.map(async (instance): Promise<Record<string, InstanceSeen>> => {
      try {
        return await describe(world, [instance]);
      } catch (error) {
        if (!(error instanceof Failure) || error.next === "bug") throw error;
        if (error.code === "InvalidInstanceID.NotFound") return { [instance]: { read: "not-found" } };
        world.log("warn", "an instance could not be read", { instance, error: error.message });
        return { [instance]: { read: "failed", error: inShort(error) } };
      }
    }),
  );
  return Object.assign({}, ...parts);
}

async function describe(
  world: World,
  instances: readonly string[],
  budgetMs?: number,
): Promise<Record<string, InstanceSeen>> {
  // Explicit ids and MaxResults exclude each other; 100 ids fit on one page.
  const command = new DescribeInstanceStatusCommand({
    InstanceIds: [...instances],
    IncludeAllInstances: true,
  });
  const answer = await ask(world, (options) => world.ec2.send(command, options), budgetMs);
  const found = new Map((answer.InstanceStatuses ?? []).map((one) => [one.InstanceId, one]));
  return Object.fromEntries(instances.map((instance) => [instance, instanceSeen(found.get(instance))]));
}

function instanceSeen(found: InstanceStatus | undefined): InstanceSeen {
  if (found === undefined) return { read: "failed", error: "EC2 answered without it" };
  const state = found.InstanceState?.Name;
  if (state === undefined || !STATES.has(state)) {
    return { read: "failed", error: `EC2 answered the state ${state ?? "nothing"}` };
  }
  return {
    read: "ok",
    state,
    zone: found.AvailabilityZone ?? "",
    checks: checksOf(found),
    scheduled: (found.Events ?? []).flatMap(scheduledOf),
  };
}

/**
 * EC2 goes on describing an event for up to a week after its end, and says so in the description alone: it then
 * "starts with the following text: [Completed]" (InstanceStatusEvent); cancelled ones start with [Canceled].
 */
const OVER = ["[Completed]", "[Canceled]"];

function scheduledOf(event: NonNullable<InstanceStatus["Events"]>[number]): ScheduledEvent[] {
  const { Code, NotBefore, Description = "" } = event;
  if (Code === undefined || NotBefore === undefined) return [];
  if (OVER.some((word) => Description.startsWith(word))) return [];
  return [{ code: Code, notBefore: NotBefore.getTime() }];
}
