/** Time that passes only when everybody sleeps, and addresses that answer by a script: a prober without a network. */
import { setMaxListeners } from "node:events";
import type { Asked } from "../../shared/prober/ask.ts";
import type { Site } from "../../shared/prober/run.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class Virtual {
  now = Date.UTC(2026, 0, 15, 12);
  readonly #sleepers: Sleeper[] = [];

  /** A site in which `answers` says whether an address answers at a time; who does not takes the whole timeout. */
  site(answers: (address: string, now: number) => boolean): Site & { readonly measured: string[] } {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const measured: string[] = [];
    const sleep = (milliseconds: number) => this.#sleep(milliseconds, controller.signal);
    return {
      clock: { now: () => this.now, sleep },
      ask: async (address, _check, timeoutMs): Promise<Asked> => {
        const ok = answers(address, this.now);
        await sleep(ok ? 1 : timeoutMs);
        return { ok, detail: ok ? "answered" : "no answer" };
      },
      measure: (group, address, { ok }) => measured.push(`${group} ${address} ${ok ? "+" : "-"}`),
      stop: () => controller.abort(),
      signal: controller.signal,
      measured,
    };
  }

  /** Lets `work` run to its end, and answers what it answered. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    void work.finally(() => {
      state.over = true;
    });
    while (!state.over) {
      await new Promise((resolve) => setImmediate(resolve));
      if (state.over) break;
      this.#sleepers.sort((left, right) => left.at - right.at);
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error("everybody waits, and nobody sleeps");
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
    return await work;
  }

  #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      this.#sleepers.push({ at: this.now + milliseconds, wake: resolve });
      signal.addEventListener("abort", () => resolve());
    });
  }
}
