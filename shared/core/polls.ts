/**
 * When to look next at a change that EC2 is making.
 *
 * How long EC2 takes spreads over two orders of magnitude, and the longer it has taken, the longer it will still take. So the
 * pause between two looks is a share of the time that has passed: what is lost by looking late stays a small share of the
 * whole, and the looks grow with the logarithm of the time. While EC2 is too busy to answer, the pauses are longer.
 */

/** Of the time passed. Half of a pause is lost on average. */
const SHARE = 1 / 25;
const SHORTEST_MS = 100;
/** Of an attach nothing waits for the end but our own report. */
const SHORTEST_AT_EASE_MS = 400;
const LONGEST_MS = 1_000;
/** Looks of many invocations must not fall together: each pause is up to so much shorter or longer. */
const JITTER = 0.2;
/** EC2 refills twenty reads a second: at sixteen times the pause, hundreds of moves together ask for no more. */
const MOST_STRETCHED = 16;

export interface Polls {
  /** When the change was asked for, or the last one was seen to end. */
  readonly since: number;
  /** When the last look was sent. */
  readonly lookedAt: number;
  /** The factor of all pauses: 1 while EC2 answers. */
  readonly stretch: number;
}

/**
 * How long to wait before the next look is sent; `chance` is in [0, 1). Looks are that far apart, however long an answer takes.
 * `atEase`: no step waits for what the look will show.
 */
export function pauseBefore(
  { since, lookedAt, stretch }: Polls,
  { now, chance, atEase }: { readonly now: number; readonly chance: number; readonly atEase: boolean },
): number {
  const shortest = atEase ? SHORTEST_AT_EASE_MS : SHORTEST_MS;
  const share = Math.min(LONGEST_MS, Math.max(shortest, SHARE * (now - since)));
  const pause = share * stretch * (1 + JITTER * (2 * chance - 1));
  return Math.max(0, lookedAt + pause - now);
}

/** After a look was sent at `lookedAt`: further apart when EC2 throttled it, else closer again. */
export function looked(polls: Polls, lookedAt: number, throttled: boolean): Polls {
  const stretch = throttled ? Math.min(MOST_STRETCHED, polls.stretch * 2) : Math.max(1, polls.stretch / 1.25);
  return { ...polls, lookedAt, stretch };
}
