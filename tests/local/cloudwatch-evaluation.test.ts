import { describe, expect, test } from "vitest";
import { type Bin, judge, type StateValue, type TreatMissing } from "../../local/cloudwatch/evaluation.ts";
import { compileMath } from "../../local/cloudwatch/math.ts";
import { reasonDataFor, reasonFor } from "../../local/cloudwatch/reason.ts";
import { alarmsOf, holds, parseRule } from "../../local/cloudwatch/rule.ts";

/** `0` is a good datapoint, `X` one that breaches, `-` a missing one; oldest first, as in the CloudWatch guide. */
function bins(picture: string): Bin[] {
  const values: Record<string, number | undefined> = { "0": 0, X: 1, "-": undefined };
  return picture.split(" ").map((mark, index) => ({ start: index * 60_000, value: values[mark] }));
}

function rule(need: number, of: number, treatMissing: TreatMissing = "missing") {
  return { need, of, treatMissing, threshold: 1, comparison: "GreaterThanOrEqualToThreshold" as const };
}

describe("the tables of the CloudWatch guide on missing data", () => {
  // [datapoints, M of N, missing, ignore ("kept": the current state), breaching, notBreaching]
  const table: [string, number, string, string, string, string][] = [
    ["0 - X - X", 3, "OK", "OK", "OK", "OK"],
    ["0 - - - -", 3, "OK", "OK", "OK", "OK"],
    ["- - - - -", 3, "INSUFFICIENT_DATA", "kept", "ALARM", "OK"],
    ["0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"],
    ["- - X - -", 3, "ALARM", "kept", "ALARM", "OK"],
    ["0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 - X - -", 2, "OK", "OK", "ALARM", "OK"],
    ["- - - - 0", 2, "OK", "OK", "ALARM", "OK"],
    ["- - - X -", 2, "ALARM", "kept", "ALARM", "OK"],
  ];
  const treatments: TreatMissing[] = ["missing", "ignore", "breaching", "notBreaching"];
  for (const [picture, need, ...expected] of table) {
    test.each(treatments.map((treat, index) => [treat, expected[index]] as const))(
      `${picture}, ${need} of 3, treated as %s: %s`,
      (treat, want) => {
        for (const current of ["OK", "ALARM", "INSUFFICIENT_DATA"] as StateValue[]) {
          const verdict = judge(rule(need, 3, treat), bins(picture), current);
          expect(verdict.state).toBe(want === "kept" ? current : want);
        }
      },
    );
  }
});

test("a good datapoint that leaves the evaluation range lets an alarm on silence go off", () => {
  const silence = rule(3, 3, "breaching");
  expect(judge(silence, bins("0 - - - -"), "OK").state).toBe("OK");
  expect(judge(silence, bins("- - - - -"), "OK").state).toBe("ALARM");
});

describe("reasons", () => {
  const at = Date.UTC(2019, 9, 2, 17, 4, 40, 985);
  const start = Date.UTC(2019, 9, 2, 16, 59);

  test("an alarm says which datapoints crossed which threshold, in CloudWatch's words", () => {
    const one = {
      of: 1,
      need: 1,
      threshold: 50,
      comparison: "GreaterThanThreshold",
      treatMissing: "missing",
    } as const;
    const verdict = judge(one, [{ start, value: 99.50160229693434 }], "OK");
    expect(reasonFor(one, verdict, "OK")).toBe(
      "Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)] was greater than " +
        "the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).",
    );
    expect(reasonDataFor(one, verdict, { at, period: 300, statistic: "Average" })).toBe(
      '{"version":"1.0","queryDate":"2019-10-02T17:04:40.985+0000","startDate":"2019-10-02T16:59:00.000+0000",' +
        '"statistic":"Average","period":300,"recentDatapoints":[99.50160229693434],"threshold":50.0}',
    );
  });

  test("a return to OK says what was not crossed, and how many datapoints that needs", () => {
    const two = rule(2, 3);
    const verdict = judge(
      two,
      [0, 0, 1].map((value, index) => ({ start: start + index * 60_000, value })),
      "ALARM",
    );
    expect(reasonFor(two, verdict, "ALARM")).toBe(
      "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (02/10/19 16:59:00), 0.0 (02/10/19 17:00:00)] were not " +
        "greater than or equal to the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).",
    );
  });

  test("silence is told as missing data", () => {
    const silence = rule(3, 3, "breaching");
    expect(reasonFor(silence, judge(silence, bins("- - - - -"), "OK"), "OK")).toBe(
      "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].",
    );
    const plain = rule(1, 1);
    const verdict = judge(plain, bins("- - -"), "OK");
    expect(reasonFor(plain, verdict, "OK")).toBe("Insufficient Data: 1 datapoint was unknown.");
    expect(reasonDataFor(plain, verdict, { at, period: 60 })).toBeUndefined();
  });
});

describe("alarm rules of composite alarms", () => {
  const states: Record<string, StateValue> = { a: "ALARM", b: "OK", "c d": "INSUFFICIENT_DATA" };
  test.each([
    ["ALARM(a)", true],
    ["OK(a)", false],
    ["ALARM(a) AND ALARM(b)", false],
    ["ALARM(a) OR ALARM(b) AND FALSE", true],
    ["(ALARM(a) OR ALARM(b)) AND FALSE", false],
    ['NOT ALARM(b) AND INSUFFICIENT_DATA("c d")', true],
    ["not (alarm(a) and not ok(b))", true],
    ['ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a") AND TRUE', true],
    ["ALARM(gone) OR OK(gone)", false],
  ])("%s holds: %s", (text, want) => {
    expect(holds(parseRule(text), (alarm) => states[alarm])).toBe(want);
  });

  test.each(["", "ALARM", "ALARM(a", "ALARM(a) OR", "AND ALARM(a)", "BROKEN(a)", "ALARM(a) ALARM(b)", "NOT"])(
    "%s is refused",
    (text) => {
      expect(() => parseRule(text)).toThrow("AlarmRule must be a valid rule expression");
    },
  );

  test("the alarms that a rule speaks of are known by name", () => {
    expect(alarmsOf(parseRule("ALARM(a) OR (OK(b) AND NOT ALARM(a))"))).toEqual(["a", "b"]);
  });
});

describe("metric math of one period", () => {
  const values: Record<string, number | undefined> = { m1: 3, m2: 4, none: undefined };
  test.each([
    ["m1 + m2 * 2", 11],
    ["(m1 + m2) * 2", 14],
    ["SUM(METRICS())", 7],
    ["AVG([m1, m2])", 3.5],
    ["MAX(m1, m2) - -1", 5],
    ["m1 + none", undefined],
    ["FILL(none, 9) + m1", 12],
    ["IF(m1 < m2, 1, 0)", 1],
    ["m1 / (m2 - 4)", undefined],
  ])("%s is %s", (text, want) => {
    const formula = compileMath(text, ["m1", "m2", "none"]);
    expect(formula({ metrics: ["m1", "m2", "none"], value: (id) => values[id] })).toBe(want);
  });

  test.each(["m3", "SEARCH('x', 1)", "m1 +", "ANOMALY_DETECTION_BAND(m1)", "m1 m2"])(
    "%s is refused",
    (text) => {
      expect(() => compileMath(text, ["m1", "m2"])).toThrow("Error in expression");
    },
  );
});
