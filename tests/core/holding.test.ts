import { describe, expect, it } from "vitest";
import { afterHold, handsOff, mayBeMuted, upkeepDue } from "../../shared/core/holding.ts";
import type { HoldBecause, Intent, InterfaceSeen, State } from "../../shared/core/model.ts";
import {
  alarm,
  askedIntent,
  attached,
  groupOf,
  impaired,
  intentTo,
  MINUTE,
  NOW,
  pastMove,
  running,
  type Seen,
  seen,
  situationOf,
} from "./scene.ts";

const hold = (because: HoldBecause, notify = false) =>
  ({ kind: "hold", because, message: `It is ${because}.`, notify }) as const;
const entries = (state: State) =>
  Object.values(state.outbox).map(({ kind, because, by }) => [
    kind,
    because,
    ...(by === undefined ? [] : [by]),
  ]);

describe("whether a mute could make something else of a hold", () => {
  it.each<{ because: HoldBecause; ringing?: Parameters<typeof alarm>[1]; is: boolean }>([
    { because: "no-eligible-standby", is: true },
    { because: "cooldown", is: true },
    { because: "budget", is: true },
    { because: "surge", is: true },
    { because: "alarm-not-cleared", is: true },
    { because: "healthy", is: false },
    { because: "cooldown", ringing: { state: "OK" }, is: false },
    { because: "cooldown", ringing: { suppressed: true }, is: false },
  ])("$because, $ringing: $is", ({ because, ringing, is }) => {
    const quiet = alarm("b", { state: "INSUFFICIENT_DATA" });
    expect(mayBeMuted(hold(because), seen(groupOf(), { alarms: [quiet, alarm("a", ringing)] }))).toBe(is);
  });
});

describe("the record after a hold", () => {
  it.each(["in-progress", "newer-record"] as const)("is somebody else's when it is %s", (because) => {
    const situation = situationOf(
      groupOf(),
      { interfaces: { "eni-a": "m2" } },
      { moves: [pastMove(MINUTE)] },
    );
    expect(handsOff(hold(because))).toBe(true);
    expect(afterHold(situation, hold(because))).toBe(situation.state);
  });

  it("is the very same where nothing is to be told", () => {
    const situation = situationOf(groupOf());
    expect(handsOff(hold("healthy"))).toBe(false);
    expect(afterHold(situation, hold("healthy"))).toBe(situation.state);
  });

  it("a group that is found elsewhere is told with who has it now", () => {
    const situation = situationOf(
      groupOf(),
      { interfaces: { "eni-a": "m2" } },
      { moves: [pastMove(MINUTE)] },
    );
    expect(Object.values(afterHold(situation, hold("healthy")).outbox)).toMatchObject([
      { kind: "found-moved", interfaces: { "eni-a": "i-m2" } },
    ]);
  });

  const INTENT = { intent: intentTo("m2") };
  it.each<{
    name: string;
    two?: true;
    seen?: Seen;
    intent?: Intent;
    because?: HoldBecause;
    left: readonly string[] | "the intent";
  }>([
    {
      name: "goes as recovered where the active is healthy",
      left: ["recovered", "active-failing", "controller"],
    },
    {
      name: "goes as superseded where it is not",
      seen: { members: { m1: "failing" } },
      left: ["superseded", "active-failing", "controller"],
    },
    {
      name: "goes as superseded where nothing had failed that could be well again",
      intent: askedIntent("m2"),
      left: ["superseded", "operator", "anna"],
    },
    {
      name: "goes as superseded where another is active and healthy",
      intent: intentTo("m2", { from: "m2" }),
      left: ["superseded", "active-failing", "controller"],
    },
    {
      name: "stays while an interface is unread",
      seen: { interfaces: { "eni-a": "unread" } },
      left: "the intent",
    },
    {
      name: "stays while one of two is unread",
      two: true,
      seen: { interfaces: { "eni-b": "unread" } },
      left: "the intent",
    },
    { name: "stays when a plan no longer holds", because: "world-changed", left: "the intent" },
  ])(
    "an intent that never began $name",
    ({ two, seen: change, because = "already-there", left, intent = INTENT.intent }) => {
      const group = groupOf({ interfaces: two === true ? 2 : 1 });
      const after = afterHold(situationOf(group, change, { intent }), hold(because));
      expect(after.intent).toEqual(left === "the intent" ? intent : undefined);
      expect(entries(after)).toEqual(left === "the intent" ? [] : [left]);
    },
  );

  it("remembers a move by hand as found at this look, once the intent is gone", () => {
    const state = { ...INTENT, moves: [pastMove(2 * MINUTE)] };
    const after = afterHold(
      situationOf(groupOf(), { interfaces: { "eni-a": "m2" } }, state),
      hold("healthy"),
    );
    expect(after.moves.at(-1)).toMatchObject({ id: `found-${NOW}`, from: "m1", to: "m2" });
  });

  it.each<{ name: string; seen?: Seen; state?: Partial<State>; since: number | undefined }>([
    {
      name: "the preferred member is well and not active",
      seen: { interfaces: { "eni-a": "m2" } },
      since: NOW,
    },
    { name: "the preferred member is active", since: undefined },
    {
      name: "the preferred member is not well",
      seen: { interfaces: { "eni-a": "m2" }, members: { m1: "unknown" } },
      since: undefined,
    },
  ])("$name: well and waiting since $since", ({ seen: change, since }) => {
    const group = groupOf({ policy: { failback: "auto" } });
    const state = since === undefined ? { preferredHealthySince: NOW - MINUTE } : {};
    const after = afterHold(situationOf(group, change, state), hold("healthy"));
    expect(after.preferredHealthySince).toBe(since);
  });

  it.each<{ name: string; because: HoldBecause; asked: boolean; told: boolean; history: unknown[] }>([
    {
      name: "what nobody asked for is told",
      because: "cooldown",
      asked: false,
      told: true,
      history: [["refusal", "cooldown"]],
    },
    {
      name: "what was asked for is refused by name, each time",
      because: "cooldown",
      asked: true,
      told: false,
      history: [["refusal", "cooldown", "anna"]],
    },
    { name: "there already is no refusal", because: "already-there", asked: true, told: false, history: [] },
  ])("$name", ({ because, asked, told, history }) => {
    const rest = asked ? { request: { by: "anna", force: false } } : {};
    const after = afterHold(situationOf(groupOf(), {}, {}, rest), hold(because, true));
    expect(after.told !== undefined).toBe(told);
    expect(entries(after)).toEqual(history);
  });
});

describe("a refusal of what was asked", () => {
  const refused = (seenNow: Seen, request: { by: string; reason?: string }) => {
    const rest = { request: { force: false, ...request } };
    const after = afterHold(situationOf(groupOf({ interfaces: 2 }), seenNow, {}, rest), hold("cooldown"));
    return Object.values(after.outbox)[0];
  };

  it("says who asked and why, where the interfaces are, and what speaks against the active", () => {
    const checks = { system: { status: "ok" }, instance: impaired(2 * MINUTE) } as const;
    const seenNow: Seen = {
      members: { m1: running({ checks }) },
      interfaces: {
        "eni-b": attached("eni-b", "m1", { instance: undefined }),
      },
    };
    expect(refused({ members: seenNow.members ?? {} }, { by: "anna", reason: "drift" })).toMatchObject({
      by: "anna",
      reason: "drift",
      interfaces: { "eni-a": "i-m1", "eni-b": "i-m1" },
      evidence: [{ source: "instance-check", says: "failing" }],
    });
    expect(refused(seenNow, { by: "anna" })?.interfaces).toEqual({ "eni-a": "i-m1", "eni-b": null });
  });

  it("of an interface on nothing says so, and of one that could not be read nothing", () => {
    const seenNow: Seen = { interfaces: { "eni-a": "nothing", "eni-b": "unread" } };
    const entry = refused(seenNow, { by: "anna" });
    expect(entry?.interfaces).toEqual({ "eni-a": null });
    expect(entry).not.toHaveProperty("reason");
    expect(entry).not.toHaveProperty("evidence");
  });
});

describe("DeleteOnTermination goes", () => {
  const doomed = { deleteOnTermination: true };
  it.each<{ name: string; one: InterfaceSeen; due: boolean }>([
    { name: "of an interface on a member", one: attached("eni-a", "m2", doomed), due: true },
    { name: "where it is there", one: attached("eni-a", "m2"), due: false },
    {
      name: "once it is attached",
      one: attached("eni-a", "m2", { ...doomed, state: "attaching" }),
      due: false,
    },
    { name: "while it stays", one: attached("eni-a", "m2", { ...doomed, state: "detaching" }), due: false },
    {
      name: "where EC2 lets it",
      one: attached("eni-a", "m2", { ...doomed, unmovable: "primary" }),
      due: false,
    },
    { name: "where a member holds it", one: attached("eni-a", "m9", doomed), due: false },
    { name: "of what is attached", one: { state: "available", zone: "eu-west-1a" }, due: false },
  ])("$name → $due", ({ one, due }) => {
    const group = groupOf();
    const observation = seen(group, { interfaces: { "eni-a": one } });
    expect(upkeepDue({ group, observation })).toEqual(due ? [{ eni: "eni-a", seen: one }] : []);
  });
});

it("an interface that no look has seen needs no upkeep", () => {
  const group = groupOf();
  expect(upkeepDue({ group, observation: { ...seen(group), interfaces: {} } })).toEqual([]);
});
