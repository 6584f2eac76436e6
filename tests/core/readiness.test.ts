import { describe, expect, it } from "vitest";
import type { PastMove } from "../../shared/core/model.ts";
import { ifActiveFailed, lastProven } from "../../shared/core/readiness.ts";
import { fact, groupOf, inShort, MINUTE, pastMove, situationOf, stateOf } from "./scene.ts";

describe("if the active failed now", () => {
  const asked = (...input: Parameters<typeof situationOf>) => {
    const decision = ifActiveFailed(situationOf(...input));
    return decision === undefined ? undefined : inShort(decision);
  };

  it.each<{ name: string; input: Parameters<typeof situationOf>; is: string | undefined }>([
    { name: "all is well", input: [groupOf()], is: "active-failing m1 → m2" },
    {
      name: "the standby is not",
      input: [groupOf(), { members: { m2: "unknown" } }],
      is: "hold no-eligible-standby",
    },
    {
      name: "within the cooldown",
      input: [groupOf(), {}, { moves: [pastMove(MINUTE)] }],
      is: "hold cooldown",
    },
    {
      name: "others move on alarms alone: this would be EC2's own checks",
      input: [groupOf(), {}, {}, { surge: { recent: 9, limit: 5 } }],
      is: "active-failing m1 → m2",
    },
    {
      name: "an operator asks at this moment: that is another question",
      input: [groupOf({ members: 3 }), {}, {}, { request: { to: "m3", by: "anna", force: false } }],
      is: "active-failing m1 → m2",
    },
    { name: "nobody is active", input: [groupOf(), { interfaces: { "eni-a": "nothing" } }], is: undefined },
  ])("$name → $is", ({ input, is }) => {
    expect(asked(...input)).toBe(is);
  });

  it("what would hold the group says if, and nothing of a failure that nobody has seen", () => {
    expect(ifActiveFailed(situationOf(groupOf(), {}, { moves: [pastMove(MINUTE)] }))).toMatchObject({
      message:
        "If m1 failed now, the group would not move, since the group moved lately: the cooldown ends at 12:04:00 UTC.",
    });
    expect(ifActiveFailed(situationOf(groupOf(), { members: { m2: "dead" } }))).toMatchObject({
      message: "If m1 failed now, the group would not move, since no standby is eligible: m2 is dead.",
    });
  });

  it("the evidence is said to be supposed", () => {
    expect(ifActiveFailed(situationOf(groupOf()))).toMatchObject({
      why: "instance-check supposed to fail",
      evidence: [fact("failing", { detail: "supposed to fail" })],
    });
  });
});

describe("a member was last proven", () => {
  const to = (member: string, change: Partial<PastMove> = {}) =>
    pastMove(MINUTE, { from: "m1", to: member, ...change });
  it.each<{ name: string; moves: readonly PastMove[]; id: number | undefined }>([
    { name: "never", moves: [], id: undefined },
    { name: "by a move to it", moves: [to("m2")], id: 0 },
    { name: "by a move off it", moves: [to("m1", { from: "m2" })], id: 0 },
    {
      name: "by a move off it, though it failed: it held the group until then",
      moves: [to("m1", { from: "m2", failed: true })],
      id: 0,
    },
    { name: "by the newest of them", moves: [to("m2"), to("m2"), to("m3")], id: 1 },
    { name: "never by a move that failed", moves: [to("m2", { failed: true })], id: undefined },
    { name: "never by a move to another", moves: [to("m3")], id: undefined },
  ])("$name", ({ moves, id }) => {
    expect(lastProven(stateOf({ moves }), "m2")).toBe(id === undefined ? undefined : moves[id]);
  });
});
