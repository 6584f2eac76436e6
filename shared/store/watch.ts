/**
 * Bounds calls in time with one timer for all of them. The clock's sleep can't be taken back: with a timer a call, each
 * answered call would leave one behind, for a second, with a listener on the invocation's signal.
 */
import type { Clock } from "../world.ts";

interface Waiting {
  readonly until: number;
  readonly expire: () => void;
}

const watches = new WeakMap<Clock, Set<Waiting>>();

/** Calls `expire` after `milliseconds`, the same for all who share a clock, unless the answer is called before. */
export function watch(clock: Clock, milliseconds: number, expire: () => void): () => void {
  const one: Waiting = { until: clock.now() + milliseconds, expire };
  const waiting = watches.get(clock);
  if (waiting === undefined) {
    const all = new Set([one]);
    watches.set(clock, all);
    void keep(clock, all);
    return () => all.delete(one);
  }
  waiting.add(one);
  return () => waiting.delete(one);
}

/** Sleeps until the first of them runs out, then the next. A set is walked in order, with what is added on the way. */
async function keep(clock: Clock, waiting: Set<Waiting>): Promise<void> {
  for (const one of waiting) {
    await clock.sleep(Math.max(0, one.until - clock.now()));
    if (waiting.delete(one)) one.expire();
  }
  watches.delete(clock);
}
