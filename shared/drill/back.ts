/**
 * The way back after a drill: by the ordinary `failover`, in an invocation of its own. So a drill needs no permission to
 * move anything, and the way back is refused, recorded and told like any other switchover.
 */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { failureOf } from "../errors.ts";
import type { Invocable, World } from "../world.ts";

export interface SwitchBack {
  readonly group: string;
  readonly to: string;
  readonly by: string;
  readonly reason: string;
}

/** The answer of `failover`; `errorType` and `errorMessage` where it refused or failed. */
export type Back = Readonly<Record<string, unknown>>;

/** What is left when it has answered: this invocation's own answer. */
const LEAVE_BEFORE_DEADLINE_MS = 5_000;

/** Asks `failover` to switch the group back, and waits for its answer. Throws `Failure` where there is none. */
export async function switchBack(world: World, failover: Invocable, input: SwitchBack): Promise<Back> {
  const command = new InvokeCommand({
    FunctionName: failover.functionName,
    Payload: Buffer.from(JSON.stringify(input)),
  });
  const left = world.deadline - LEAVE_BEFORE_DEADLINE_MS - world.clock.now();
  const options = { abortSignal: world.signal, requestTimeout: Math.max(1_000, left) };
  try {
    const { Payload } = await failover.lambda.send(command, options);
    return JSON.parse(Buffer.from(Payload ?? []).toString() || "{}");
  } catch (error) {
    throw failureOf(error, "start");
  }
}
