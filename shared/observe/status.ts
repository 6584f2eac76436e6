/** State, status checks and scheduled events of instances. */
import type { InstanceStatus } from "@aws-sdk/client-ec2";
import { DescribeInstanceStatusCommand } from "@aws-sdk/client-ec2";
import type { InstanceSeen, InstanceState, ScheduledEvent } from "../core/model.ts";
import { inShort } from "../errors.ts";
import type { World } from "../world.ts";
import { IDS, type Read, readApart } from "./apart.ts";
import { ask } from "./ask.ts";
import { checksOf } from "./checks.ts";
import { readInHalves } from "./halving.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

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
  return await readApart<InstanceSeen>(world, instances, statusRead(world));
}

/**
 * The same for a fleet, in lists of instances that are read together as far as a call takes them: one list a zone, since in
 * the disruption of a zone every call fails that names an instance there.
 */
export async function readManyStatuses(
  world: World,
  lists: readonly (readonly string[])[],
): Promise<Record<string, InstanceSeen>> {
  const spare = { calls: SPARE_CALLS };
  const batches = lists.flatMap((list) => portions(list, IDS));
  const read = statusRead(world);
  const parts = await together(batches.map((batch) => readInHalves(world, batch, read, spare)));
  return Object.assign({}, ...parts);
}

/** A hundred ids take fourteen calls to find the one that fails them: room for two such, and not for a whole zone. */
const SPARE_CALLS = 32;

function statusRead(world: World): Read<InstanceSeen> {
  return {
    describe: (some, budgetMs) => describe(world, some, budgetMs),
    failed: (failure) =>
      failure.code === "InvalidInstanceID.NotFound"
        ? { read: "not-found" }
        : { read: "failed", error: inShort(failure) },
  };
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
