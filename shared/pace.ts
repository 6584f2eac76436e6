/** So many at once, and then so many a second: the rhythm of AWS's own token buckets. */
import type { Clock } from "./world.ts";

export interface Rhythm {
  /** What may be taken at once. */
  readonly capacity: number;
  readonly perSecond: number;
}

export class Pace {
  readonly #clock: Clock;
  readonly #rhythm: Rhythm;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, rhythm: Rhythm) {
    this.#clock = clock;
    this.#rhythm = rhythm;
    this.#tokens = rhythm.capacity;
    this.#at = clock.now();
  }

  /** Takes `cost`; resolves when it is that one's turn. Who asks first is served first. */
  async take(cost: number): Promise<void> {
    const waitMs = this.waitMs(cost);
    this.#tokens -= cost;
    if (waitMs > 0) await this.#clock.sleep(waitMs);
  }

  /** How long `take` would wait now. */
  waitMs(cost: number): number {
    const { capacity, perSecond } = this.#rhythm;
    const now = this.#clock.now();
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    return (Math.max(0, cost - this.#tokens) / perSecond) * 1000;
  }
}
