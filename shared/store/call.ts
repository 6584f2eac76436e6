/**
 * One call to the table: bounded in time, sorted by what its failure means, and repeated where that is safe.
 *
 * The client's own timeout bounds one attempt of the SDK; what is bounded here is the whole call with the SDK's
 * retries, so that a table that does not answer is noticed within seconds.
 */
import { Failure, failureOf } from "../errors.ts";
import type { World } from "../world.ts";
import { watch } from "./watch.ts";

const TRY_MS = 1_000;
export const TRIES = 3;
const BACKOFF_MS = 100;

/** Makes one try of a call: answers what it answers, or throws what it throws, or TimeoutError after one second. */
export async function answered<Answer>(
  world: World,
  call: (abortSignal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(world.signal.reason);
  world.signal.addEventListener("abort", abort);
  if (world.signal.aborted) abort();
  let unwatch: (() => unknown) | undefined;
  const timeout = new Promise<never>((_, reject) => {
    unwatch = watch(world.clock, TRY_MS, () => {
      reject(timeoutError());
      // Ended, and not only forgotten: it must not be sent by a later invocation of a thawed environment.
      stop.abort();
    });
  });
  try {
    return await Promise.race([timeout, call(stop.signal)]);
  } finally {
    unwatch?.();
    world.signal.removeEventListener("abort", abort);
  }
}

function timeoutError(): Error {
  const error = new Error(`DynamoDB did not answer within ${TRY_MS} ms`);
  error.name = "TimeoutError";
  return error;
}

/** What the call was for: a failure says it. */
export type Purpose = "read" | "record";

/** The failure of a call that may be tried again. Throws it if it may not: a bug, or the operator's to mend. */
export function passing(error: unknown, world: World, purpose: Purpose): Failure {
  const failure = failureOf(error, purpose);
  if (failure.next === "bug" || failure.next === "operator" || world.signal.aborted) throw failure;
  return failure;
}

/**
 * Tries a read, or an idempotent write, up to three times within about three seconds. Throws Failure.
 * A ConditionalCheckFailedException is thrown as it is: only the caller knows what it means.
 */
export async function insist<Answer>(
  world: World,
  purpose: Purpose,
  call: (abortSignal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answered(world, call);
    } catch (error) {
      if (conditionFailed(error)) throw error;
      const failure = passing(error, world, purpose);
      if (attempt === TRIES) throw failure;
    }
    await backOff(world, attempt);
  }
}

/** Full jitter, doubling: up to 100 ms after the first try, 200 ms after the second. */
export async function backOff(world: World, attempt: number): Promise<void> {
  await world.clock.sleep(world.random() * BACKOFF_MS * 2 ** (attempt - 1));
}

export function conditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

/** Why the table is away. Throws what is no matter of the table: a bug, a broken record, the end of the invocation. */
export function awayBecause(caught: unknown, world: World): string {
  try {
    return passing(caught, world, "read").message;
  } catch (failure) {
    const refused =
      failure instanceof Failure && failure.next === "operator" && failure.code !== "BrokenRecord";
    if (refused && !world.signal.aborted) return failure.message;
    throw failure;
  }
}
