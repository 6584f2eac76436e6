/**
 * Timers of the peers in virtual time. They are programs as people write them, with `setTimeout` and the SDK's own waiters, which
 * know no clock but the process's: for the length of a run that is the simulation's.
 */
import type { Random } from "../local/random.ts";
import type { Scheduler } from "../tests/simulation/scheduler.ts";

/** Runs `work` with the timers, the clock and the chance of the simulation, and gives the process its own back. */
export async function inVirtualTime<T>(
  scheduler: Scheduler,
  random: Random,
  work: () => Promise<T>,
): Promise<T> {
  const real = { setTimeout: globalThis.setTimeout, now: Date.now, random: Math.random };
  globalThis.setTimeout = ((callback: () => void, milliseconds = 0) => {
    scheduler.after(milliseconds, callback);
  }) as unknown as typeof setTimeout;
  Date.now = () => scheduler.now();
  Math.random = random;
  try {
    return await work();
  } finally {
    globalThis.setTimeout = real.setTimeout;
    Date.now = real.now;
    Math.random = real.random;
  }
}
