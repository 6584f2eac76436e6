import { describe, expect, it } from "vitest";
import { decide } from "../../shared/core/decide.ts";
import type { State } from "../../shared/core/model.ts";
import { sentenceOf } from "../../shared/core/moving.ts";
import {
  askedIntent,
  attached,
  details,
  groupOf,
  HOUR,
  inShort,
  instanceThatIs,
  MINUTE,
  NOW,
  pastMove,
  running,
  type Seen,
  situationOf,
} from "./scene.ts";

interface Row {
  readonly name: string;
  readonly members?: number;
  readonly seen: Seen;
  readonly state?: Partial<State>;
  readonly to?: string;
  readonly force?: boolean;
  readonly is: string;
}

function situation(row: Omit<Row, "name" | "is">, interfaces: number) {
  const { to, force } = row;
  const asked = to !== undefined || force !== undefined;
  const request = { by: "anna", force: force ?? false, ...(to === undefined ? {} : { to }) };
  const group = groupOf({ members: row.members ?? 2, interfaces });
  return situationOf(group, row.seen, row.state, asked ? { request } : {});
}

const rule = (interfaces: number, rows: readonly Row[]) =>
  it.each(rows)("$name → $is", (row) => {
    expect(inShort(decide(situation(row, interfaces)))).toBe(row.is);
  });

const quarantine = (why: "operator" | "forced-detach") => ({ m1: { why, since: NOW - HOUR } });
const leaving = running({ scheduled: [{ code: "instance-stop", notBefore: NOW + MINUTE }] });
const nothing = { interfaces: { "eni-a": "nothing" } } as const;

it("a healthy member in quarantine does not take what another that lives can hold", () => {
  const seen: Seen = { interfaces: { "eni-b": "m2" } };
  const apart = situation({ seen, state: { quarantine: quarantine("operator") } }, 2);
  expect(inShort(decide(apart))).toBe("unite m1 → m2");
});

describe("the only interface is on nothing", () => {
  rule(1, [
    { name: "everybody is healthy", seen: nothing, is: "repair → m1" },
    {
      name: "detaching counts as on nothing",
      seen: { interfaces: { "eni-a": "detaching from m1" } },
      is: "repair → m1",
    },
    { name: "the preferred is failing", seen: { ...nothing, members: { m1: "failing" } }, is: "repair → m2" },
    { name: "the preferred is unknown", seen: { ...nothing, members: { m1: "unknown" } }, is: "repair → m2" },
    { name: "the preferred is leaving", seen: { ...nothing, members: { m1: leaving } }, is: "repair → m2" },
    {
      name: "everybody is leaving",
      seen: { ...nothing, members: { m1: leaving, m2: leaving } },
      is: "repair → m1",
    },
    {
      name: "within the cooldown, the budget used up",
      seen: nothing,
      state: { moves: [3, 2, 1].map((ago) => pastMove(ago * MINUTE)) },
      is: "repair → m1",
    },
    {
      name: "last resort: unknown",
      seen: { ...nothing, members: { m1: "failing", m2: "unknown" } },
      is: "last-resort → m2",
    },
    {
      name: "last resort: failing",
      seen: { ...nothing, members: { m1: "failing", m2: "dead" } },
      is: "last-resort → m1",
    },
    {
      name: "last resort: quarantined for its burned index only",
      seen: { ...nothing, members: { m2: "dead" } },
      state: { quarantine: quarantine("forced-detach") },
      is: "last-resort → m1",
    },
    {
      name: "nobody is left but one that an operator has quarantined",
      seen: { ...nothing, members: { m2: "dead" } },
      state: { quarantine: quarantine("operator") },
      is: "hold no-eligible-standby",
    },
    {
      name: "everybody is dead",
      seen: { ...nothing, members: { m1: "dead", m2: "dead" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "an operator forces a member that is not eligible",
      seen: { ...nothing, members: { m2: "unknown" } },
      to: "m2",
      force: true,
      is: "repair → m2",
    },
    {
      name: "an operator forces a member that is dead",
      seen: { ...nothing, members: { m2: "dead" } },
      to: "m2",
      force: true,
      is: "repair → m1",
    },
    {
      name: "an operator forces it, and only a quarantined member is left",
      seen: { ...nothing, members: { m2: "dead" } },
      state: { quarantine: quarantine("operator") },
      force: true,
      is: "repair → m1",
    },
    { name: "paused", seen: nothing, state: { pause: { by: "anna", since: NOW } }, is: "hold paused" },
    { name: "an operator names a member", seen: nothing, to: "m2", is: "repair → m2" },
    {
      name: "an operator names a member that is not eligible",
      seen: { ...nothing, members: { m2: "unknown" } },
      to: "m2",
      is: "repair → m1",
    },
    {
      name: "an operator's request is within the cooldown",
      seen: nothing,
      state: { moves: [pastMove(MINUTE)] },
      force: false,
      is: "repair → m1",
    },
  ]);

  it("is nobody's move off a member, and no part of the budget", () => {
    expect(decide(situation({ seen: nothing }, 1))).toEqual({
      kind: "move",
      because: "repair",
      why: "an interface was attached to nothing",
      to: "m1",
      force: false,
      automatic: true,
      budgeted: false,
      by: "controller",
      evidence: [],
    });
  });

  it("the evidence is of who loses the rest, not of who takes it: it dates the failure", () => {
    const failing: Seen = { members: { m1: "failing" }, interfaces: { "eni-a": "m1", "eni-b": "nothing" } };
    const decision = decide(situation({ seen: failing }, 2));
    expect(inShort(decision)).toBe("repair m1 → m2");
    expect(decision).toMatchObject({
      evidence: [{ says: "healthy" }, { source: "instance-check", says: "failing" }],
    });
  });

  it("says who asked", () => {
    expect(decide(situation({ seen: nothing, to: "m2", force: true }, 1))).toMatchObject({
      by: "anna",
      force: true,
    });
  });

  it("says why nobody can take it, and of no override where nobody could be forced to", () => {
    const seen: Seen = { ...nothing, members: { m1: "dead", m2: "dead" } };
    expect(decide(situation({ seen }, 1))).toEqual({
      kind: "hold",
      because: "no-eligible-standby",
      message: "The interfaces are not all attached, and nobody can take them: m1 is dead, m2 is dead.",
      notify: true,
    });
  });
});

const apart = { interfaces: { "eni-a": "m1", "eni-b": "m2" } } as const;
const half = { interfaces: { "eni-a": "m2", "eni-b": "nothing" } } as const;

describe("two interfaces, one of them on nothing", () => {
  rule(2, [
    { name: "the member that holds the other takes both", seen: half, is: "repair → m2" },
    {
      name: "unknown, it takes both all the same",
      seen: { ...half, members: { m2: "unknown" } },
      is: "repair → m2",
    },
    {
      name: "unread, it keeps what it has, and EC2 is asked whether it takes the other",
      seen: { ...half, members: { m2: { read: "failed", error: "Throttling" } } },
      is: "repair → m2",
    },
    {
      name: "quarantined, it takes both all the same",
      seen: half,
      state: { quarantine: { m2: { why: "flapping", since: NOW } } },
      is: "repair → m2",
    },
    { name: "failing, it does not", seen: { ...half, members: { m2: "failing" } }, is: "repair m2 → m1" },
    { name: "dead, it does not", seen: { ...half, members: { m2: "dead" } }, is: "repair m2 → m1" },
    { name: "leaving, it does not", seen: { ...half, members: { m2: leaving } }, is: "repair m2 → m1" },
    {
      name: "unknown and without room for the other, it does not",
      seen: { ...half, members: { m2: "unknown" }, details: { m2: details({ maxInterfaces: 2 }) } },
      is: "repair m2 → m1",
    },
    {
      name: "without room for the other, it does not",
      seen: { ...half, details: { m2: details({ maxInterfaces: 2 }) } },
      is: "repair m2 → m1",
    },
    {
      name: "failing, and the other is not eligible: last resort",
      seen: { ...half, members: { m1: "unknown", m2: "failing" } },
      is: "last-resort m2 → m1",
    },
    {
      name: "healthy and isolated, it keeps what it has: no last resort takes it away",
      seen: { ...half, members: { m1: "unknown" } },
      state: { isolated: { m2: { "eni-x": ["sg-a"] } } },
      is: "hold no-eligible-standby",
    },
    {
      name: "healthy and isolated, it gives it to one that is well",
      seen: half,
      state: { isolated: { m2: { "eni-x": ["sg-a"] } } },
      is: "repair m2 → m1",
    },
    {
      name: "healthy and without room for the other, it keeps what it has",
      seen: {
        ...half,
        members: { m1: "unknown" },
        details: { m2: details({ maxInterfaces: 2 }) },
      },
      is: "hold no-eligible-standby",
    },
    { name: "an operator names another", seen: half, to: "m1", is: "repair m2 → m1" },
    {
      name: "both on nothing",
      seen: { interfaces: { "eni-a": "nothing", "eni-b": "nothing" } },
      is: "repair → m1",
    },
    {
      name: "one detaching counts as on nothing",
      seen: { interfaces: { "eni-b": "detaching from m1" } },
      is: "repair → m1",
    },
  ]);
});

describe("three interfaces, one of them on nothing", () => {
  const each = { interfaces: { "eni-a": "m1", "eni-b": "m2", "eni-c": "nothing" } } as const;
  const isolated = { m1: { "eni-x": ["sg-a"] }, m2: { "eni-y": ["sg-a"] } };
  rule(3, [
    {
      name: "two that are healthy and isolated keep what they have",
      members: 3,
      seen: { ...each, members: { m3: "unknown" } },
      state: { isolated },
      is: "hold no-eligible-standby",
    },
    {
      name: "one of them is failing: the other keeps what it has",
      members: 3,
      seen: { ...each, members: { m1: "failing", m3: "unknown" } },
      state: { isolated },
      is: "hold no-eligible-standby",
    },
    {
      name: "of two of whom nobody knows, the one that holds some takes all",
      members: 3,
      seen: { ...each, members: { m1: "dead", m2: "unknown", m3: "unknown" } },
      is: "last-resort m1 → m2",
    },
    {
      name: "of two of whom nobody knows, it does so from behind too",
      members: 3,
      seen: {
        interfaces: { "eni-a": "m1", "eni-b": "m3", "eni-c": "nothing" },
        members: { m1: "dead", m2: "unknown", m3: "unknown" },
      },
      is: "last-resort m1 → m3",
    },
    {
      name: "of neither holder anybody knows anything: not on a rumour",
      members: 3,
      seen: { ...each, members: { m1: "unknown", m2: "unknown", m3: "unknown" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "both fail: last resort",
      members: 3,
      seen: { ...each, members: { m1: "failing", m2: "failing", m3: "unknown" } },
      state: { isolated },
      is: "last-resort m1 → m3",
    },
  ]);
});

describe("two interfaces on different members", () => {
  rule(2, [
    { name: "both healthy: the preferred of two equals keeps its own", seen: apart, is: "unite m2 → m1" },
    { name: "the preferred is failing", seen: { ...apart, members: { m1: "failing" } }, is: "unite m1 → m2" },
    { name: "the preferred is dead", seen: { ...apart, members: { m1: "dead" } }, is: "unite m1 → m2" },
    {
      name: "the preferred is unknown: nothing is taken for its sake",
      seen: { ...apart, members: { m1: "unknown" } },
      is: "unite m1 → m2",
    },
    { name: "the other is failing", seen: { ...apart, members: { m2: "failing" } }, is: "unite m2 → m1" },
    {
      name: "both fail, nobody else",
      seen: { ...apart, members: { m1: "failing", m2: "failing" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "both fail, a third is healthy",
      members: 3,
      seen: { ...apart, members: { m1: "failing", m2: "failing" } },
      is: "unite m1 → m3",
    },
    {
      name: "one is dead, the other unknown: not on a rumour",
      seen: { ...apart, members: { m1: "dead", m2: "unknown" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "one is dead, the other in quarantine: it has them half already, and the dead lose nothing",
      seen: { ...apart, members: { m1: "dead" } },
      state: { quarantine: { m2: { why: "flapping", since: NOW - HOUR } } },
      is: "unite m1 → m2",
    },
    {
      name: "both are dead, a third is unknown: last resort",
      members: 3,
      seen: { ...apart, members: { m1: "dead", m2: "dead", m3: "unknown" } },
      is: "last-resort m1 → m3",
    },
    {
      name: "both unknown",
      seen: { ...apart, members: { m1: "unknown", m2: "unknown" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "attaching elsewhere counts as there",
      seen: { interfaces: { "eni-b": "attaching to m2" } },
      is: "unite m2 → m1",
    },
    { name: "an operator names one", seen: apart, to: "m2", is: "unite m1 → m2" },
    {
      name: "an operator's request that stands names a third",
      members: 3,
      seen: apart,
      state: { intent: askedIntent("m3") },
      is: "unite m1 → m3",
    },
    { name: "within the cooldown", seen: apart, state: { moves: [pastMove(1)] }, is: "unite m2 → m1" },
    { name: "paused", seen: apart, state: { pause: { by: "anna", since: NOW } }, is: "hold paused" },
  ]);

  it("says so", () => {
    expect(decide(situation({ seen: apart }, 2))).toMatchObject({
      why: "the interfaces were on different members",
      automatic: true,
      budgeted: false,
    });
    const failing: Seen = { ...apart, members: { m1: "failing", m2: "failing" } };
    expect(sentenceOf(decide(situation({ seen: failing }, 2)))).toBe(
      "The interfaces are on different members, and nobody can take them: m1 is failing, m2 is failing.",
    );
  });
});

describe("three interfaces", () => {
  const most: Seen = { interfaces: { "eni-a": "m1", "eni-b": "m2", "eni-c": "m2" } };
  rule(3, [
    { name: "the member that holds most keeps them", seen: most, is: "unite m1 → m2" },
    {
      name: "the member that holds most fails",
      seen: { ...most, members: { m2: "failing" } },
      is: "unite m2 → m1",
    },
    {
      name: "most on a healthy member, one on nothing, one elsewhere",
      seen: { interfaces: { "eni-a": "m1", "eni-b": "nothing", "eni-c": attached("eni-c", "m1") } },
      is: "repair → m1",
    },
    {
      name: "one each on two members, one on nothing",
      seen: { interfaces: { "eni-a": "nothing", "eni-b": "m2", "eni-c": "m1" } },
      is: "repair m2 → m1",
    },
    {
      name: "the member that holds most is unknown, and holds not all of what is attached",
      members: 3,
      seen: { ...most, members: { m2: instanceThatIs("unknown") } },
      is: "unite m2 → m1",
    },
  ]);
});
