/** A look at one group in an invocation of its own: the sweep asks Lambda for another run of itself. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { failureOf } from "./errors.ts";
import type { World } from "./world.ts";

/** Lambda takes an asynchronous invocation into its queue, and answers at once. */
const TIMEOUT_MS = 3_000;

/**
 * Starts a look at the group. Twice is harmless: the claim decides. Throws `Failure`, and where the answer was lost the
 * look may have been started all the same.
 */
export async function startLook(world: World, group: string): Promise<void> {
  if (world.self === undefined) throw new Error("there is no function to invoke");
  const command = new InvokeCommand({
    FunctionName: world.self.functionName,
    InvocationType: "Event",
    Payload: Buffer.from(JSON.stringify({ group })),
  });
  try {
    await world.self.lambda.send(command, { abortSignal: world.signal, requestTimeout: TIMEOUT_MS });
  } catch (error) {
    throw failureOf(error, "start");
  }
}
