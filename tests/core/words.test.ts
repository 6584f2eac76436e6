import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ago, because, clock, iso, times } from "../../shared/core/words.ts";
import { fact } from "./scene.ts";

describe("a time", () => {
  it.each([
    "1970-01-01T00:00:00.000Z",
    "2000-02-29T23:59:59.999Z",
    "2100-02-28T23:59:59.999Z",
    "2100-03-01T00:00:00.000Z",
    "2024-12-31T23:59:59.001Z",
    "2026-01-01T00:00:00.010Z",
    "1999-12-31T12:34:56.789Z",
    "0001-03-01T00:00:00.000Z",
  ])("%s is written as it is read", (text) => {
    expect(iso(Date.parse(text))).toBe(text);
  });

  it("is written as Date writes it, from the year 0 to 9999", () => {
    const time = fc.integer({
      min: Date.parse("0000-01-01T00:00:00.000Z"),
      max: Date.parse("9999-12-31T23:59:59.999Z"),
    });
    fc.assert(
      fc.property(time, (at) => {
        expect(iso(at)).toBe(new Date(at).toISOString());
      }),
      { numRuns: 2000 },
    );
  });

  it("is right on each day of a whole era of 400 years", () => {
    const day = 86_400_000;
    for (let at = Date.parse("1999-12-31T00:00:00.000Z"), n = 0; n < 146_100; n += 1, at += day)
      if (iso(at) !== new Date(at).toISOString())
        throw new Error(`${iso(at)} is ${new Date(at).toISOString()}`);
  });

  it("on the clock has hours, minutes and seconds, and says that it is UTC; and its date where it is a day away", () => {
    const at = Date.parse("2026-03-01T04:05:06.789Z");
    const day = 86_400_000;
    expect(clock(at, at - day + 1)).toBe("04:05:06 UTC");
    expect(clock(at, at + day - 1)).toBe("04:05:06 UTC");
    expect(clock(at, at - day)).toBe("2026-03-01 04:05:06 UTC");
    expect(clock(at, at + day)).toBe("2026-03-01 04:05:06 UTC");
  });
});

it.each([
  [0, "0 s"],
  [499, "0 s"],
  [500, "1 s"],
  [42_000, "42 s"],
  [119_499, "119 s"],
  [119_500, "2 min"],
  [150_000, "3 min"],
  [7_199_499, "120 min"],
  [7_199_500, "2 h"],
  [3 * 3_600_000, "3 h"],
])("a span of %d ms is %s", (milliseconds, text) => {
  expect(ago(milliseconds)).toBe(text);
});

it("phases are told in the order in which they were reached, and those that were not are left out", () => {
  const phases = { detached: 3, detected: 1, inUse: 5, detachAsked: 2, attachAsked: 4 };
  const unreached = { fenced: undefined } as object;
  expect(Object.entries(times({ ...phases, ...unreached }))).toEqual([
    ["detected", iso(1)],
    ["detachAsked", iso(2)],
    ["detached", iso(3)],
    ["attachAsked", iso(4)],
    ["inUse", iso(5)],
  ]);
});

describe("the evidence for a health", () => {
  const all = [
    fact("healthy", { source: "system-check", detail: "ok" }),
    fact("unknown", { source: "ebs-check", detail: "initializing" }),
    fact("failing", { source: "alarm:a", detail: "in ALARM" }),
    fact("dead", { source: "instance-state", detail: "instance is stopped" }),
  ];
  it.each([
    ["healthy", "system-check ok"],
    ["failing", "alarm:a in ALARM"],
    ["dead", "instance-state instance is stopped"],
    // With two witnesses asked for, one that says failing makes unknown.
    ["unknown", "ebs-check initializing, alarm:a in ALARM"],
  ] as const)("%s: %s", (health, text) => {
    expect(because(all, health)).toBe(text);
  });

  it("may be none", () => {
    expect(because([], "unknown")).toBe("no evidence");
    expect(because(all.slice(0, 1), "failing")).toBe("no evidence");
  });
});
