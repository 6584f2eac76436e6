/**
 * Alarm mute rules: when a rule mutes its alarms. A muted alarm still changes state and still sends its event (with
 * `muteDetail`); only its actions are held back.
 *
 * Windows are wall time: they are set by people, so the cloud's detection speed does not touch them.
 */
import type { PutAlarmMuteRuleInput } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";

export interface MuteRule {
  readonly arn: string;
  readonly input: PutAlarmMuteRuleInput;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  readonly schedule: Schedule;
  readonly durationMs: number;
}

export interface Window {
  readonly start: number;
  readonly end: number;
}

type Schedule =
  | { readonly kind: "at"; readonly at: number }
  | { readonly kind: "cron"; readonly fields: readonly ReadonlySet<number>[]; readonly offsetMs: number };

const MINUTE = 60_000;
const LONGEST = 15 * 24 * 60 * MINUTE;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** Minutes, hours, day of month, month, day of week: lowest, highest and names. */
const FIELDS: readonly { low: number; high: number; names: readonly string[] }[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: ["", ...MONTHS] },
  { low: 0, high: 6, names: DAYS },
];

/** Parses what PutAlarmMuteRule was given; throws ValidationError. */
export function muteRule(arn: string, input: PutAlarmMuteRuleInput, now: number): MuteRule {
  const schedule = input.Rule?.Schedule;
  const durationMs = parseDuration(schedule?.Duration ?? "");
  const offsetMs = zoneOffset(schedule?.Timezone ?? "UTC", now);
  return {
    arn,
    input,
    updatedAt: now,
    schedule: parseSchedule(schedule?.Expression ?? "", offsetMs),
    durationMs,
  };
}

/** The window that mutes at `now`, or undefined. */
export function muteWindow(rule: MuteRule, now: number): Window | undefined {
  const { StartDate, ExpireDate } = rule.input;
  if (StartDate !== undefined && now < StartDate.getTime()) return undefined;
  if (ExpireDate !== undefined && now >= ExpireDate.getTime()) return undefined;
  const start = lastStart(rule.schedule, now, rule.durationMs);
  if (start === undefined || now >= start + rule.durationMs) return undefined;
  return { start, end: start + rule.durationMs };
}

/** SCHEDULED, ACTIVE or EXPIRED, as ListAlarmMuteRules says it. */
export function muteStatus(rule: MuteRule, now: number): "ACTIVE" | "SCHEDULED" | "EXPIRED" {
  if (muteWindow(rule, now) !== undefined) return "ACTIVE";
  const over = rule.schedule.kind === "at" && now >= rule.schedule.at + rule.durationMs;
  const expired = rule.input.ExpireDate !== undefined && now >= rule.input.ExpireDate.getTime();
  return over || expired ? "EXPIRED" : "SCHEDULED";
}

function lastStart(schedule: Schedule, now: number, durationMs: number): number | undefined {
  if (schedule.kind === "at") return now >= schedule.at ? schedule.at : undefined;
  for (let at = Math.floor(now / MINUTE) * MINUTE; at > now - durationMs; at -= MINUTE) {
    const local = new Date(at + schedule.offsetMs);
    const parts = [
      local.getUTCMinutes(),
      local.getUTCHours(),
      local.getUTCDate(),
      local.getUTCMonth() + 1,
      local.getUTCDay(),
    ];
    if (schedule.fields.every((allowed, index) => allowed.has(parts[index] ?? -1))) return at;
  }
  return undefined;
}

function parseSchedule(expression: string, offsetMs: number): Schedule {
  const at = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2})\)$/.exec(expression);
  if (at !== null) return { kind: "at", at: Date.parse(`${at[1]}:00Z`) - offsetMs };
  const cron = /^cron\((.+)\)$/.exec(expression);
  const parts = cron?.[1]?.trim().split(/\s+/) ?? [];
  if (parts.length !== FIELDS.length) throw invalid("expression", expression);
  return { kind: "cron", offsetMs, fields: parts.map((part, index) => parseField(part, index, expression)) };
}

function parseField(text: string, index: number, expression: string): ReadonlySet<number> {
  const { low, high, names } = FIELDS[index] ?? { low: 0, high: 0, names: [] };
  const number = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 && word !== "" ? named : Number(word);
    if (!Number.isInteger(value) || value < low || value > high) throw invalid("expression", expression);
    return value;
  };
  const allowed = new Set<number>();
  for (const part of text.split(",")) {
    const [from = "", to] = part.split("-");
    const first = from === "*" ? low : number(from);
    const last = from === "*" ? high : number(to ?? from);
    for (let value = first; value <= last; value += 1) allowed.add(value);
  }
  return allowed;
}

function parseDuration(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text);
  const [, days = "0", hours = "0", minutes = "0"] = match ?? [];
  const duration = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * MINUTE;
  if (match === null || duration < MINUTE || duration > LONGEST) throw invalid("duration", text);
  return duration;
}

/** How far the zone is from UTC now. Not exact for windows that span a change of daylight saving time. */
function zoneOffset(zone: string, now: number): number {
  if (zone === "UTC") return 0;
  try {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      timeZoneName: "longOffset",
    }).formatToParts(now);
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = /([+-])(\d{2}):(\d{2})/.exec(name);
    if (match === null) return 0;
    return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * MINUTE;
  } catch {
    throw invalid("timezone", zone);
  }
}

function invalid(what: string, value: string): AwsError {
  return new AwsError("ValidationError", `The schedule ${what} '${value}' is not valid.`);
}
