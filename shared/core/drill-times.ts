/** When drills may begin: a window of the week, and dates on which there are none. All in UTC. */

export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Day = (typeof DAYS)[number];

export interface DrillTimes {
  /** Absent: at any time. */
  readonly window?: {
    /** The days on which it opens. */
    readonly days: readonly Day[];
    /** Milliseconds after midnight. `to` before `from`: it closes on the day after. */
    readonly from: number;
    readonly to: number;
  };
  /** From the beginning of a date to the end of one, epoch milliseconds; each with the words it was written in. */
  readonly blocked: readonly { readonly from: number; readonly to: number; readonly written: string }[];
}

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 4;

/** Why no drill may begin at `now`, as a sentence; undefined: one may. */
export function drillsBlocked({ window, blocked }: DrillTimes, now: number): string | undefined {
  const date = blocked.find(({ from, to }) => now >= from && now < to);
  if (date !== undefined) return `There are no drills on ${date.written} (drills.blockedDates).`;
  if (window === undefined || isOpen(window, now)) return undefined;
  const days = window.days.length === DAYS.length ? "every day" : `on ${window.days.join(", ")}`;
  return `Drills begin between ${time(window.from)} and ${time(window.to)} UTC ${days} (drills.window).`;
}

function isOpen({ days, from, to }: NonNullable<DrillTimes["window"]>, now: number): boolean {
  const today = Math.floor(now / DAY_MS);
  const clock = now - today * DAY_MS;
  const opensOn = (day: number): boolean => days.includes(DAYS[(day + FIRST_DAY) % DAYS.length] ?? "sun");
  if (from < to) return opensOn(today) && clock >= from && clock < to;
  return (opensOn(today) && clock >= from) || (opensOn(today - 1) && clock < to);
}

function time(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
