import { describe, expect, it } from "vitest";
import { drillsBlocked } from "../../shared/core/drill-times.ts";
import { fileOf, parsed, problemsOf } from "../config-fixture.ts";

const blockedAt = (drills: object, time: string): string | undefined =>
  drillsBlocked(parsed(fileOf({ top: { drills } })).drills, Date.parse(time));

describe("drills", () => {
  const nights = { window: { from: "22:00", to: "04:00" } };
  const weekend = { window: { days: ["fri", "sat"], from: "22:00", to: "04:00" } };
  const morning = { window: { days: ["sun"], from: "02:00", to: "04:00" } };
  const half = { window: { from: "02:30", to: "04:00" } };
  const holidays = { blockedDates: ["2026-12-24", "2026-12-31/2027-01-02"] };
  // 2026-12-20 is a Sunday.
  it.each<[name: string, drills: object, time: string, may: boolean]>([
    ["at any time, where nothing is said", {}, "2026-12-20T12:00:00Z", true],
    ["from the beginning of the window", morning, "2026-12-20T02:00:00.000Z", true],
    ["not a moment before", morning, "2026-12-20T01:59:59.999Z", false],
    ["from the minute that is said", half, "2026-12-20T02:30:00Z", true],
    ["not a moment before that minute", half, "2026-12-20T02:29:59Z", false],
    ["to the end of it", morning, "2026-12-20T03:59:59.999Z", true],
    ["and no longer", morning, "2026-12-20T04:00:00.000Z", false],
    ["not on another day", morning, "2026-12-21T03:00:00Z", false],
    ["over midnight, before it", nights, "2026-12-20T23:00:00Z", true],
    ["over midnight, after it", nights, "2026-12-20T03:00:00Z", true],
    ["over midnight, from the beginning", nights, "2026-12-20T22:00:00.000Z", true],
    ["over midnight, no longer than to the end", nights, "2026-12-20T04:00:00.000Z", false],
    ["over midnight, at noon", nights, "2026-12-20T12:00:00Z", false],
    ["on the day after the window has opened", weekend, "2026-12-20T03:59:59Z", true],
    ["not on the day before it opens", weekend, "2026-12-18T03:00:00Z", false],
    ["not on the evening of that day after", weekend, "2026-12-20T23:00:00Z", false],
    ["to the end of the day", { window: { from: "12:00", to: "24:00" } }, "2026-12-20T23:59:59Z", true],
    ["not on a blocked date", holidays, "2026-12-24T00:00:00Z", false],
    ["to the end of it ", holidays, "2026-12-24T23:59:59.999Z", false],
    ["but on the next", holidays, "2026-12-25T00:00:00Z", true],
    ["not on one between two", holidays, "2027-01-01T12:00:00Z", false],
    ["nor on the last", holidays, "2027-01-02T23:59:59Z", false],
    ["but after it", holidays, "2027-01-03T00:00:00Z", true],
    ["not on a blocked date within the window", { ...nights, ...holidays }, "2026-12-24T23:00:00Z", false],
  ])("may begin %s", (_, drills, time, may) => {
    expect(blockedAt(drills, time) === undefined).toBe(may);
  });

  it("say when they may begin", () => {
    expect(blockedAt(weekend, "2026-12-24T12:00:00Z")).toBe(
      "Drills begin between 22:00 and 04:00 UTC on fri, sat (drills.window).",
    );
    expect(blockedAt(nights, "2026-12-24T12:00:00Z")).toBe(
      "Drills begin between 22:00 and 04:00 UTC every day (drills.window).",
    );
    expect(blockedAt(holidays, "2027-01-01T12:00:00Z")).toBe(
      "There are no drills on 2026-12-31/2027-01-02 (drills.blockedDates).",
    );
  });
});

it("every mistake in drills is told at once, with a remedy", () => {
  const drills = {
    window: { days: ["sunday"], from: "2:00", to: "25:00" },
    blockedDates: ["2026-02-30", "24.12.2026", "2027-01-02/2027-01-01", "2027-01-02/2027-01-02"],
    schedule: { at: "every night", groups: ["nat-b"], andBack: "yes" },
  };
  const same = { window: { from: "02:00", to: "02:00" }, schedule: { at: "rate(1 days)", groups: ["nat"] } };
  expect(problemsOf(JSON.stringify({ ...JSON.parse(fileOf({})), drills }, undefined, 1))).toEqual([
    '23:5 drills.window.days[0]: must be sun, mon, tue, wed, thu, fri or sat, is "sunday" — write sun, mon, tue, wed, thu, fri or sat',
    '25:12 drills.window.from: must be a time in UTC, hours and minutes, is "2:00" — write for example 02:00',
    '26:10 drills.window.to: must be a time in UTC, hours and minutes, is "25:00" — write for example 04:00',
    "29:4 drills.blockedDates[0]: there is no 2026-02-30 — write a date that there is",
    '30:4 drills.blockedDates[1]: must be a date, or the first and the last of some with / between, is "24.12.2026" — write for example 2026-12-20/2027-01-06',
    "31:4 drills.blockedDates[2]: 2027-01-02/2027-01-01 ends before it begins — write the earlier date first",
    '35:10 drills.schedule.at: must be a schedule of EventBridge, is "every night" — write for example cron(0 3 ? * SUN *)',
    '37:5 drills.schedule.groups[0]: must be nat-a, is "nat-b" — did you mean nat-a?',
    '39:15 drills.schedule.andBack: must be true or false, is "yes" — write for example true',
  ]);
  expect(problemsOf(fileOf({ top: { drills: same } }))).toEqual([
    "1:42 drills.window.to: the window closes as it opens, at 02:00 — leave window out for drills at any time, or make to another time",
    '1:68 drills.schedule.at: must be a schedule of EventBridge, is "rate(1 days)" — write for example cron(0 3 ? * SUN *)',
    '1:93 drills.schedule.groups[0]: must be nat-a, is "nat" — write nat-a',
  ]);
  expect(
    problemsOf(fileOf({ top: { drills: { schedule: { at: "rate(1 day)", groups: ["nat"] } } } })),
  ).toEqual(['1:53 drills.schedule.groups[0]: must be nat-a, is "nat" — write nat-a']);
});
