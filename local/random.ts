/** Seeded randomness: the same seed gives the same cloud, the same durations and the same faults. */

export type Random = () => number;

/** Mulberry32: 32 bits of state, good enough for scenarios and fast enough for simulation. In [0, 1). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A log-normal draw given its median and its 99th percentile. */
export function logNormal(random: Random, median: number, p99: number): number {
  const sigma = Math.log(p99 / median) / 2.326_347_9;
  const u = Math.max(random(), Number.EPSILON);
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** `count` lower-case hexadecimal digits. */
export function hex(random: Random, count: number): string {
  let digits = "";
  while (digits.length < count) digits += Math.floor(random() * 16).toString(16);
  return digits;
}

/** In the form of a UUID. */
export function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => hex(random, length)).join("-");
}
