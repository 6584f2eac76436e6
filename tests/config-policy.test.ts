/** Every policy key: what it takes, at its edges, and what it refuses. */
import { describe, expect, it } from "vitest";
import { PolicySource } from "../shared/config/policy.ts";
import { fileOf, parsed, problemsOf } from "./config-fixture.ts";

interface Row {
  readonly key: string;
  readonly takes: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const ROWS: readonly Row[] = [
  { key: "mode", takes: ["act", "observe"], refuses: ["off", "Act", true] },
  { key: "detach", takes: ["auto", "graceful", "force"], refuses: ["forced", 1] },
  { key: "graceSeconds", takes: [0, 15, 170], refuses: [-1, 171, 300, 1.5, "15", "15s"] },
  { key: "impairedSeconds", takes: [0, 60, 86_400], refuses: [-1, 86_401, "1m"] },
  { key: "witnesses", takes: [1, 2], refuses: [0, 21, 1.5] },
  { key: "cooldownSeconds", takes: [61, 300, 3600], refuses: [0, 60, 604_801] },
  {
    key: "budget",
    takes: [{ moves: 3, seconds: 3600 }, { moves: 1 }, { seconds: 300 }, { moves: 10 }, {}],
    refuses: [3, { moves: 0 }, { moves: 11 }, { seconds: 60 }, { moves: 1, minutes: 5 }, []],
  },
  { key: "failback", takes: ["manual", "auto"], refuses: ["never", false] },
  { key: "failbackAfterSeconds", takes: [60, 900], refuses: [59, -1] },
  { key: "leaveBeforeSeconds", takes: [0, 3600, 1_209_600], refuses: [-1, 1_209_601] },
  {
    key: "fence",
    takes: ["none", "stop", { isolate: "sg-0123456789abcdef0" }, { isolate: "sg-0123abcd" }],
    refuses: ["isolate", { isolate: "web" }, { isolate: "sg-0123abcd", too: 1 }, {}, true],
  },
  { key: "fenceFirst", takes: [false], refuses: ["no", 0] },
  { key: "rtoSeconds", takes: [1, 60], refuses: [0, -60] },
];

const cases = (pick: "takes" | "refuses") =>
  ROWS.flatMap((row) => row[pick].map((value) => [row.key, value] as const));

describe("a policy key", () => {
  it("is in the table, every one of them", () => {
    expect(ROWS.map(({ key }) => key)).toEqual(Object.keys(PolicySource.entries));
  });

  it.each(cases("takes"))("%s takes %j", (key, value) => {
    expect(problemsOf(fileOf({ policy: { [key]: value } }))).toEqual([]);
  });

  it.each(cases("refuses"))("%s refuses %j, in one problem", (key, value) => {
    const problems = problemsOf(fileOf({ policy: { [key]: value } }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(` groups.nat-a.policy.${key}`);
  });

  it.each(ROWS.map(({ key, takes }) => [key, takes[0]]))("%s may stand in defaults", (key, value) => {
    const own = parsed(fileOf({ policy: { [String(key)]: value } })).groups["nat-a"]?.policy;
    const inherited = parsed(fileOf({ top: { defaults: { [String(key)]: value } } })).groups["nat-a"]?.policy;
    expect(inherited).toEqual(own);
  });

  it("tells what was probably meant", () => {
    expect(problemsOf(fileOf({ policy: { graceSecond: 10 } }))[0]).toContain(
      'unknown key "graceSecond" — did you mean graceSeconds?',
    );
    expect(problemsOf(fileOf({ policy: { mode: "Observer" } }))[0]).toContain(
      'is "Observer" — did you mean observe?',
    );
  });

  it("stops first where it fences by stopping", () => {
    const { policy } = parsed(fileOf({ policy: { fence: "stop", fenceFirst: true } })).groups["nat-a"] ?? {};
    expect(policy).toMatchObject({ fence: { kind: "stop" }, fenceFirst: true });
  });
});
