/** Lambda's asynchronous invocations of one function, as far as they take time: a queue, and so many at once. */
import type { Fleet, Work } from "../tests/fleet/fleet.ts";

export interface Limits {
  /** Reserved concurrency; unreserved, a new account's limit for all functions. */
  readonly atOnce: number;
  /** An event that has waited longer is dropped. */
  readonly oldestMs: number;
}

/** Documented ("Asynchronous invocation"): a throttled event is tried again after 1 s, growing to 5 minutes. */
const BACKOFF_MS = { first: 1_000, longest: 300_000 };
/** From the event to the handler. Seen: 113 to 387 ms from EventBridge to Lambda (bitesizedserverless.com, 2023). */
const DELIVERY_MS = 150;

export class LambdaQueue {
  readonly #fleet: Fleet;
  readonly #limits: Limits;
  #running = 0;
  /** The most that ran at once, and the events that were never run. */
  most = 0;
  dropped = 0;

  constructor(fleet: Fleet, limits: Limits) {
    this.#fleet = fleet;
    this.#limits = limits;
  }

  deliver(what: string, work: Work): void {
    const { scheduler } = this.#fleet;
    const since = scheduler.now();
    const attempt = (backoffMs: number): void => {
      if (this.#running < this.#limits.atOnce) return void this.#run(what, work);
      if (scheduler.now() + backoffMs - since > this.#limits.oldestMs) this.dropped += 1;
      else scheduler.after(backoffMs, () => attempt(Math.min(BACKOFF_MS.longest, backoffMs * 2)));
    };
    scheduler.after(DELIVERY_MS, () => attempt(BACKOFF_MS.first));
  }

  async #run(what: string, work: Work): Promise<void> {
    this.#running += 1;
    this.most = Math.max(this.most, this.#running);
    await this.#fleet.invoke(what, work);
    this.#running -= 1;
  }
}
