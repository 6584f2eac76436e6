/** The only place that knows the time. Apart from the World, since a prober needs a clock and no SDK client. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `milliseconds`, or at once (never rejecting) when the invocation's signal aborts. */
  sleep(milliseconds: number): Promise<void>;
}

/** The real time; its sleeps end with the signal. */
export function liveClock(signal: AbortSignal): Clock {
  return { now: Date.now, sleep: (milliseconds) => sleep(milliseconds, signal) };
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", wake);
  });
}
