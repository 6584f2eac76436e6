/**
 * One read of AWS, asked again while that can help.
 *
 * This is the only layer that retries: the SDK's own retries are off (see `world.ts`), so that a change is sent
 * exactly once and the number of calls a read can make is the one written here.
 */
import type { Failure } from "../errors.ts";
import { failureOf, isThrottle } from "../errors.ts";
import type { World } from "../world.ts";

/**
 * EC2 answers a read by id in some hundred milliseconds. Joint and apart (see `apart.ts`) have to fit twice into
 * the 10 s for which evidence is fresh.
 */
const READ_TIMEOUT_MS = 3000;
/** No attempt is begun later than this after the first. */
const BUDGET_MS = 3000;
const ATTEMPTS = 6;
const BACKOFF_MS = 100;
const THROTTLED_BACKOFF_MS = 400;
const BACKOFF_MAX_MS = 1000;

/** What one attempt may take: the invocation's signal ends it, and so does its time. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}

/** The budget of a read that is repeated anyway: it is sent once. */
export const ONCE = 0;

/**
 * Sends a read, and again after throttling, timeouts and trouble of AWS's own, with full jitter, for `budgetMs`; a
 * throttle comes at once, so it has the usual budget, unless the read is sent once. `send` gets the options of one
 * attempt. Throws `Failure`.
 */
export async function ask<T>(
  world: World,
  send: (options: SendOptions) => Promise<T>,
  budgetMs: number = BUDGET_MS,
): Promise<T> {
  const began = world.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send({ abortSignal: world.signal, requestTimeout: READ_TIMEOUT_MS });
    } catch (error) {
      const failure = failureOf(error, "read");
      if (isThrottle(failure.code)) world.memory.throttledAt = world.clock.now();
      const pause = world.random() * ceiling(failure, attempt);
      const budget = isThrottle(failure.code) && budgetMs !== ONCE ? BUDGET_MS : budgetMs;
      const late = world.clock.now() + pause - began >= budget;
      if (failure.next !== "retry" || attempt >= ATTEMPTS || late || world.signal.aborted) throw failure;
      await world.clock.sleep(pause);
      if (world.signal.aborted) throw failure;
    }
  }
}

function ceiling(failure: Failure, attempt: number): number {
  const base = isThrottle(failure.code) ? THROTTLED_BACKOFF_MS : BACKOFF_MS;
  return Math.min(BACKOFF_MAX_MS, base * 2 ** (attempt - 1));
}
