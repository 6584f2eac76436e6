/** `drills:` of the configuration: when drills may begin, and the schedule on which they do. */
import * as v from "valibot";
import { type Finding, must, wrongWord } from "../check.ts";
import { DAYS, type DrillTimes } from "../core/drill-times.ts";
import { iso } from "../core/words.ts";
import { GroupName } from "./values.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DATE = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;

const time = (end: string, example: string) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^(([01]\\d|2[0-3]):[0-5]\\d${end})$`)),
    must("a time in UTC, hours and minutes", { example }),
  );

const WindowSource = v.pipe(
  v.strictObject({
    days: v.exactOptional(
      v.pipe(
        v.array(v.picklist(DAYS)),
        v.minLength(1),
        v.description("The days on which it opens. Every day, unless said."),
        must(`a list of days out of ${DAYS.join(", ")}`, { remedy: "write for example [sat, sun]" }),
      ),
    ),
    from: time("", "02:00"),
    to: v.pipe(time("|24:00", "04:00"), v.description("Before from: it closes on the day after.")),
  }),
  v.description("When drills may begin, in UTC. At any time, unless said."),
  must("a map of from, to and days", { example: { days: ["sat", "sun"], from: "02:00", to: "04:00" } }),
);

const BlockedDate = v.pipe(
  v.string(),
  v.regex(new RegExp(`^${DATE}(/${DATE})?$`)),
  must("a date, or the first and the last of some with / between", { example: "2026-12-20/2027-01-06" }),
);

const ScheduleSource = v.pipe(
  v.strictObject({
    at: v.pipe(
      v.string(),
      v.regex(/^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\))$/),
      v.description("When: rate(7 days), or cron(minutes hours day-of-month month day-of-week year) in UTC."),
      must("a schedule of EventBridge", { example: "cron(0 3 ? * SUN *)" }),
    ),
    groups: v.exactOptional(
      v.pipe(
        v.array(GroupName),
        v.minLength(1),
        v.description("The groups that are drilled. All, unless said."),
        must("a list of groups", { remedy: "write for example [nat-a]" }),
      ),
    ),
    andBack: v.exactOptional(
      v.pipe(
        v.boolean(),
        v.description("Switch every group back afterwards."),
        must("true or false", { example: true }),
      ),
    ),
  }),
  v.description("Drills on a schedule, one group after another. None, unless said."),
  must("a map of at, groups and andBack", { example: { at: "cron(0 3 ? * SUN *)", andBack: true } }),
);

export const DrillsSource = v.pipe(
  v.strictObject({
    window: v.exactOptional(WindowSource),
    blockedDates: v.exactOptional(
      v.pipe(
        v.array(BlockedDate),
        v.description("Dates in UTC on which no drill begins, or from the first to the last of some."),
        must("a list of dates", { remedy: "write for example [2026-12-24, 2026-12-31/2027-01-02]" }),
      ),
    ),
    schedule: v.exactOptional(ScheduleSource),
  }),
  v.description("Drills: when they may begin, and on which schedule they do."),
  must("a map of window, blockedDates and schedule", {
    example: { window: { from: "02:00", to: "04:00" }, blockedDates: ["2026-12-24"] },
  }),
);

export interface Drills extends DrillTimes {
  /** Absent: none by themselves. */
  readonly schedule?: {
    /** A schedule expression of EventBridge. */
    readonly at: string;
    readonly groups: readonly string[];
    readonly andBack: boolean;
  };
}

/** The drills of a configuration whose groups are these. */
export function drillsOf(source: v.InferOutput<typeof DrillsSource>, groups: readonly string[]): Drills {
  const { window, blockedDates = [], schedule } = source;
  return {
    blocked: blockedDates.map((written) => ({ ...span(written), written })),
    ...(window === undefined
      ? {}
      : { window: { days: window.days ?? DAYS, from: clock(window.from), to: clock(window.to) } }),
    ...(schedule === undefined ? {} : { schedule: { groups, andBack: false, ...schedule } }),
  };
}

/** What no single value of `drills` can break alone; parts that are wrong by themselves are told elsewhere. */
export function drillFindings(value: unknown): readonly Finding[] {
  const { drills, groups } = value as { drills?: Readonly<Record<string, unknown>>; groups?: object };
  if (typeof drills !== "object" || drills === null) return [];
  return [
    ...windowFindings(drills.window),
    ...dateFindings(drills.blockedDates),
    ...groupFindings(drills.schedule, Object.keys(groups ?? {})),
  ];
}

function windowFindings(window: unknown): readonly Finding[] {
  if (!v.is(WindowSource, window) || window.from !== window.to) return [];
  const message = `the window closes as it opens, at ${window.to}`;
  const remedy = "leave window out for drills at any time, or make to another time";
  return [{ path: ["drills", "window", "to"], at: "value", message, remedy }];
}

function dateFindings(dates: unknown): readonly Finding[] {
  if (!Array.isArray(dates)) return [];
  return dates.flatMap((written: unknown, index): readonly Finding[] => {
    if (!v.is(BlockedDate, written)) return [];
    const finding = (message: string, remedy: string) =>
      [{ path: ["drills", "blockedDates", index], at: "value", message, remedy }] as const;
    const none = written.split("/").find((date) => !isDate(date));
    if (none !== undefined) return finding(`there is no ${none}`, "write a date that there is");
    const { from, to } = span(written);
    return from < to ? [] : finding(`${written} ends before it begins`, "write the earlier date first");
  });
}

function groupFindings(schedule: unknown, known: readonly string[]): readonly Finding[] {
  const { groups } = (schedule ?? {}) as { groups?: unknown };
  if (!Array.isArray(groups)) return [];
  return groups.flatMap((name: unknown, index): readonly Finding[] => {
    if (!v.is(GroupName, name) || known.includes(name)) return [];
    return [{ path: ["drills", "schedule", "groups", index], at: "value", ...wrongWord(known, name) }];
  });
}

/** The notation is right; but no February has thirty days. */
function isDate(written: string): boolean {
  const at = Date.parse(`${written}T00:00Z`);
  return !Number.isNaN(at) && iso(at).startsWith(written);
}

/** From the beginning of the first date to the end of the last. */
function span(written: string): { readonly from: number; readonly to: number } {
  const [first = written, last = first] = written.split("/");
  return { from: Date.parse(`${first}T00:00Z`), to: Date.parse(`${last}T00:00Z`) + DAY_MS };
}

function clock(written: string): number {
  const [hours = 0, minutes = 0] = written.split(":").map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}
