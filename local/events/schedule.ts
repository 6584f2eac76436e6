/**
 * `rate(…)` and `cron(…)` of EventBridge rules: when a schedule comes due, in UTC.
 * Source: EventBridge user guide, "Cron-based schedules" and "Rate-based schedules".
 * Not emulated: `W` (nearest weekday) and `L` in the day-of-week field; they are refused.
 */
import { AwsError } from "../aws-error.ts";

/** The first time strictly after `after` (epoch milliseconds) at which the schedule comes due; undefined: never. */
export type Schedule = (after: number) => number | undefined;

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** How many days ahead a cron expression is searched: past two leap years. */
const HORIZON_DAYS = 3_000;

/** `created` is when a rate begins to count: its first run comes one period later. Throws ValidationException. */
export function parseSchedule(expression: string, created: number): Schedule {
  const [, kind, body = ""] = /^(rate|cron)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rate(body, created);
  if (kind === "cron") return cron(body.trim().split(/\s+/));
  throw invalid();
}

function rate(body: string, created: number): Schedule {
  const [, count = "", unit = "", plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(body) ?? [];
  const value = Number(count);
  // rate(1 minutes) and rate(5 minute) are refused by AWS.
  if (value < 1 || (value === 1) !== (plural === "")) throw invalid();
  const period = value * { minute: MINUTE, hour: 60 * MINUTE, day: DAY }[unit as "minute" | "hour" | "day"];
  return (after) => created + (Math.max(0, Math.floor((after - created) / period)) + 1) * period;
}

function cron(fields: readonly string[]): Schedule {
  const [minutes, hours, dom, months, dow, years] = fields;
  if (fields.length !== 6 || !minutes || !hours || !dom || !months || !dow || !years) throw invalid();
  // Exactly one of the two day fields says `?`.
  if ((dom === "?") === (dow === "?")) throw invalid();
  const minute = numbers(minutes, 0, 59);
  const hour = numbers(hours, 0, 23);
  const month = numbers(months, 1, 12, MONTHS);
  const year = numbers(years, 1970, 2199);
  const day = dow === "?" ? dayOfMonth(dom) : dayOfWeek(dow);
  const times = hour.flatMap((h) => minute.map((m) => (h * 60 + m) * MINUTE));
  return (after) => {
    for (
      let index = 0, start = Math.floor(after / DAY) * DAY;
      index < HORIZON_DAYS;
      index += 1, start += DAY
    ) {
      const date = new Date(start);
      const fits =
        month.includes(date.getUTCMonth() + 1) && year.includes(date.getUTCFullYear()) && day(date);
      const due = fits ? times.find((time) => start + time > after) : undefined;
      if (due !== undefined) return start + due;
    }
    return undefined;
  };
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Sunday is 1. */
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function dayOfMonth(field: string): (date: Date) => boolean {
  if (field === "L") {
    return (date) => new Date(date.getTime() + DAY).getUTCDate() === 1;
  }
  const allowed = numbers(field, 1, 31);
  return (date) => allowed.includes(date.getUTCDate());
}

function dayOfWeek(field: string): (date: Date) => boolean {
  const [, which = "", nth] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  const allowed = numbers(nth === undefined ? field : which, 1, 7, DAYS);
  const inWeek = (date: Date) => nth === undefined || Math.ceil(date.getUTCDate() / 7) === Number(nth);
  return (date) => allowed.includes(date.getUTCDay() + 1) && inWeek(date);
}

/** `*`, `5`, `1-5`, `0/15`, `MON-FRI`, and lists of them, as the numbers they stand for, in order. */
function numbers(field: string, low: number, high: number, names: readonly string[] = []): number[] {
  const read = (text: string) => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) throw invalid();
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step] = part.split("/");
    const [first = "", last] = range.split("-");
    const from = range === "*" ? low : read(first);
    const open = range === "*" || step !== undefined;
    const to = last !== undefined ? read(last) : open ? high : from;
    const by = step === undefined ? 1 : Number(step);
    if (!(Number.isInteger(by) && by > 0) || to < from) throw invalid();
    for (let value = from; value <= to; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

const invalid = () => new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
