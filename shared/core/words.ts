/** How facts are put to a person: evidence, spans and times as words. */
import type { Evidence, Health, Phases } from "./model.ts";

/** The evidence that made a member's health what it is, in words. */
export function because(evidence: readonly Evidence[], health: Health): string {
  const says = health === "unknown" ? (["unknown", "failing"] as const) : ([health] as const);
  const telling = evidence.filter((one) => (says as readonly Health[]).includes(one.says));
  return telling.map((one) => `${one.source} ${one.detail}`).join(", ") || "no evidence";
}

/** One piece of evidence: `system-check impaired (failing)`. */
export function inWords(evidence: Evidence): string {
  return `${evidence.source} ${evidence.detail} (${evidence.says})`;
}

/** When a failure was detected: since when the first of the evidence says failing or dead. */
export function detected(evidence: readonly Evidence[]): Pick<Phases, "detected"> {
  const telling = evidence.filter(({ says }) => says === "failing" || says === "dead");
  return telling.length === 0 ? {} : { detected: Math.min(...telling.map(({ since }) => since)) };
}

/** Phases as ISO times, in the order in which they were reached. */
export function times(phases: Phases): Record<string, string> {
  const reached = Object.entries(phases).filter((entry): entry is [string, number] => entry[1] !== undefined);
  reached.sort((left, right) => left[1] - right[1]);
  return Object.fromEntries(reached.map(([name, at]) => [name, iso(at)]));
}

/** A span of milliseconds as a person says it: `42 s`, `7 min`, `3 h`. */
export function ago(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const DAY_MS = 86_400_000;

/** An epoch time as `HH:MM:SS UTC`, with its date where `now` is a day or more away: pauses and cooldowns may last for weeks. */
export function clock(at: number, now: number): string {
  const [date, time] = [iso(at).slice(0, 10), `${iso(at).slice(11, 19)} UTC`];
  return Math.abs(at - now) < DAY_MS ? time : `${date} ${time}`;
}

/**
 * An epoch time as ISO 8601 with milliseconds. Arithmetic instead of `Date`, which the core may not name because it
 * also tells the time: days since 0000-03-01, in eras of 400 years, as in Howard Hinnant's civil calendar.
 */
export function iso(at: number): string {
  const days = Math.floor(at / DAY_MS) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const time = at - Math.floor(at / DAY_MS) * DAY_MS;
  const hours = pad(time / 3_600_000, 2);
  const minutes = pad((time / 60_000) % 60, 2);
  const seconds = pad((time / 1000) % 60, 2);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${hours}:${minutes}:${seconds}.${pad(time % 1000, 3)}Z`;
}

function pad(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, "0");
}
