/** What EC2 answered to a step that was not accepted, and when the same may be asked again. */
import type { Failure } from "./errors.ts";
import { isThrottle } from "./errors.ts";
import type { World } from "./world.ts";

/** The failure, and when the same may be asked again where EC2 was busy. */
export function noted(
  world: World,
  failure: Failure,
  before: { readonly error?: string; readonly count: number } | undefined,
  at: number,
): { at: number; error: string; count: number; busyUntil?: number } {
  const count = before?.error === failure.code ? before.count + 1 : 1;
  const failed = { at, error: failure.code, count };
  return failure.busy ? { ...failed, busyUntil: at + patience(world, failure, count) } : failed;
}

const THROTTLED_MS = 1_000;
/** EC2 refills five changes a second: whoever is in line asks often enough to meet one, and the last not much later. */
const LONGEST_PATIENCE_MS = 4_000;
/** A change that got no answer may have been made: a read of it can be so far behind. */
const UNANSWERED_MS = 2_000;

/** How long to wait until the same is asked again: full jitter, doubling while EC2 throttles. */
function patience(world: World, failure: Failure, count: number): number {
  if (!isThrottle(failure.code)) return UNANSWERED_MS;
  return world.random() * Math.min(LONGEST_PATIENCE_MS, THROTTLED_MS * 2 ** count);
}
