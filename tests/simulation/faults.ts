/** What may go wrong in a run, and how often: all drawn from the seed up front, and printed. */
import type { Random } from "../../local/random.ts";

/** Rates are probabilities a call, an event or a sweep. Zero: this kind of fault is off in this run. */
export interface Faults {
  /** A call takes effect, but its answer is lost. */
  readonly loseAnswer: number;
  /** A call never arrives. */
  readonly loseRequest: number;
  readonly throttle: number;
  readonly serverError: number;
  /** A call takes seconds. */
  readonly slow: number;
  /** The invocation is killed before a call, or after its effect. */
  readonly kill: number;
  /** Between two calls, or after a read, the process stands still for up to a minute, as a frozen or starved one may. */
  readonly freeze: number;
  readonly eventLost: number;
  readonly eventDuplicated: number;
  /** An event comes up to ten minutes late. */
  readonly eventLate: number;
  readonly sweepLost: number;
  /** How far an invocation's clock may be off, milliseconds. */
  readonly skewMs: number;
  /** The table does not answer for a while, so often in a run. */
  readonly tableAway: number;
  /** Reads of EC2 may be so far behind, milliseconds. */
  readonly staleReadsMs: number;
}

export const NO_FAULTS: Faults = {
  loseAnswer: 0,
  loseRequest: 0,
  throttle: 0,
  serverError: 0,
  slow: 0,
  kill: 0,
  freeze: 0,
  eventLost: 0,
  eventDuplicated: 0,
  eventLate: 0,
  sweepLost: 0,
  skewMs: 0,
  tableAway: 0,
  staleReadsMs: 0,
};

/** The highest rate of each fault; a run draws up to it, and leaves out about a third of the kinds altogether. */
const HIGHEST: Faults = {
  loseAnswer: 0.04,
  loseRequest: 0.04,
  throttle: 0.08,
  serverError: 0.05,
  slow: 0.08,
  kill: 0.02,
  freeze: 0.02,
  eventLost: 0.4,
  eventDuplicated: 0.5,
  eventLate: 0.3,
  sweepLost: 0.3,
  skewMs: 2_000,
  tableAway: 1.5,
  staleReadsMs: 2_000,
};

export function drawFaults(random: Random): Faults {
  const drawn = Object.entries(HIGHEST).map(([name, highest]: [string, number]) => {
    const on = random() < 0.67;
    return [name, on ? highest * random() : 0];
  });
  return Object.fromEntries(drawn) as Faults;
}
