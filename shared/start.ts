/** What the sweep has done in an invocation of its own: looks at some groups by another run of itself, or by the doctor. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { failureOf } from "./errors.ts";
import type { World } from "./world.ts";

/** Lambda takes an asynchronous invocation into its queue, and answers at once. */
const TIMEOUT_MS = 3_000;

/**
 * Starts a look at each of the groups, all in one invocation. Twice is harmless: the claims decide. Throws `Failure`, and
 * where the answer was lost the looks may have been started all the same.
 */
export async function startLooks(world: World, groups: readonly string[]): Promise<void> {
  await invoke(world, world.self?.functionName, groups.length === 1 ? { group: groups[0] } : { groups });
}

/** Starts the doctor's daily look at the group. Throws `Failure`. */
export async function startExamination(world: World, group: string): Promise<void> {
  await invoke(world, world.self?.doctor, { group, daily: true });
}

async function invoke(world: World, functionName: string | undefined, input: object): Promise<void> {
  if (world.self === undefined || functionName === undefined)
    throw new Error("there is no function to invoke");
  const command = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: "Event",
    Payload: Buffer.from(JSON.stringify(input)),
  });
  try {
    await world.self.lambda.send(command, { abortSignal: world.signal, requestTimeout: TIMEOUT_MS });
  } catch (error) {
    throw failureOf(error, "start");
  }
}
