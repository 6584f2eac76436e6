/** Goal: schedules come due when EventBridge says they do. Method: the next three times of each expression. */
import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../local/events/schedule.ts";

// A Tuesday.
const created = Date.parse("2026-11-24T10:07:30Z");

function nextThree(expression: string): string[] {
  const schedule = parseSchedule(expression, created);
  const times: string[] = [];
  for (let after = created; times.length < 3; ) {
    const due = schedule(after);
    if (due === undefined) break;
    times.push(new Date(due).toISOString().slice(0, 19));
    after = due;
  }
  return times;
}

describe("a schedule comes due", () => {
  it.each<[string, string[]]>([
    ["rate(1 minute)", ["2026-11-24T10:08:30", "2026-11-24T10:09:30", "2026-11-24T10:10:30"]],
    ["rate(2 hours)", ["2026-11-24T12:07:30", "2026-11-24T14:07:30", "2026-11-24T16:07:30"]],
    ["cron(0/15 * * * ? *)", ["2026-11-24T10:15:00", "2026-11-24T10:30:00", "2026-11-24T10:45:00"]],
    ["cron(0 8 ? * MON-FRI *)", ["2026-11-25T08:00:00", "2026-11-26T08:00:00", "2026-11-27T08:00:00"]],
    ["cron(30 9 1 JAN,JUL ? *)", ["2027-01-01T09:30:00", "2027-07-01T09:30:00", "2028-01-01T09:30:00"]],
    ["cron(0 0 L * ? *)", ["2026-11-30T00:00:00", "2026-12-31T00:00:00", "2027-01-31T00:00:00"]],
    ["cron(0 12 ? * 2#1 *)", ["2026-12-07T12:00:00", "2027-01-04T12:00:00", "2027-02-01T12:00:00"]],
    ["cron(0 12 29 2 ? *)", ["2028-02-29T12:00:00", "2032-02-29T12:00:00", "2036-02-29T12:00:00"]],
    ["cron(5 10 24 11 ? 2026)", []],
  ])("%s", (expression, times) => {
    expect(nextThree(expression)).toEqual(times);
  });
});

it.each([
  "rate(1 minutes)",
  "rate(5 minute)",
  "rate(0 minutes)",
  "every(1 minute)",
  "cron(0 12 * * * *)",
  "cron(0 12 * * ?)",
  "cron(61 12 * * ? *)",
  "cron(0 12 ? * FRI-MON *)",
])("%s is refused", (expression) => {
  expect(() => parseSchedule(expression, created)).toThrow(/ScheduleExpression is not valid/);
});
