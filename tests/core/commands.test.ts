/** The operators' commands on the record: what they change, what they leave alone, and what they say. */
import { describe, expect, it } from "vitest";
import { acknowledge, pause, released, resume } from "../../shared/core/commands.ts";
import { decide } from "../../shared/core/decide.ts";
import type { Pause, State } from "../../shared/core/model.ts";
import { groupOf, HOUR, inShort, intentTo, MINUTE, NOW, pastMove, situationOf, stateOf } from "./scene.ts";

const ANNA = { by: "anna", reason: "kernel upgrade" };
const TEN_MINUTES = { ...ANNA, seconds: 600 };
const paused = (change: Partial<Pause> = {}): State =>
  stateOf({ version: 7, epoch: 3, pause: { by: "bert", since: NOW - HOUR, ...change } });

const entriesOf = (state: State) => Object.values(state.outbox);

describe("pause", () => {
  it("says who, why and until when, and goes into the history", () => {
    const { state, changed, message } = pause(stateOf({ version: 7, epoch: 3 }), TEN_MINUTES, NOW);
    expect(changed).toBe(true);
    expect(message).toBe("Paused: no move begins, until 12:10:00 UTC.");
    expect(state.pause).toEqual({
      by: "anna",
      reason: "kernel upgrade",
      since: NOW,
      until: NOW + 10 * MINUTE,
    });
    expect(state.outbox).toEqual({
      "2026-03-01T12:00:00.000Z#v7": {
        at: NOW,
        sequence: "v7",
        kind: "command",
        because: "operator",
        message,
        epoch: 3,
        ...ANNA,
      },
    });
  });

  it("that lasts for days says on which day it ends", () => {
    expect(pause(stateOf(), { by: "anna", seconds: 3 * 86_400 }, NOW).message).toBe(
      "Paused: no move begins, until 2026-03-04 12:00:00 UTC.",
    );
  });

  it("without seconds lasts until resumed", () => {
    const { state, message } = pause(stateOf(), { by: "anna" }, NOW);
    expect(state.pause).toEqual({ by: "anna", since: NOW });
    expect(message).toBe("Paused: no move begins, until resumed.");
  });

  it.each([
    ["for ever, asked for ten minutes", {}, "Paused by bert already, until resumed."],
    ["for longer", { until: NOW + HOUR }, "Paused by bert already, until 13:00:00 UTC."],
    ["for as long", { until: NOW + 10 * MINUTE }, "Paused by bert already, until 12:10:00 UTC."],
  ])("that stands %s is not made shorter", (_, old, message) => {
    const before = paused(old);
    expect(pause(before, TEN_MINUTES, NOW)).toEqual({ state: before, changed: false, message });
  });

  it.each([
    ["for ever", { by: "anna" }, undefined],
    ["for ten minutes", TEN_MINUTES, NOW + 10 * MINUTE],
  ])("that stands for a minute more is made longer %s, from when it began", (_, asking, until) => {
    const { state, changed, message } = pause(
      paused({ until: NOW + MINUTE, reason: "patching" }),
      { reason: "patching", ...asking },
      NOW,
    );
    expect(changed).toBe(true);
    expect(state.pause).toMatchObject({ by: "anna", since: NOW - HOUR });
    expect(state.pause?.until).toBe(until);
    expect(message).toMatch(/^The pause is longer now: no move begins, until/);
  });

  it("after one that has run out is a new one, with its own reason", () => {
    const { state } = pause(paused({ until: NOW, reason: "patching" }), { by: "anna", seconds: 60 }, NOW);
    expect(state.pause).toEqual({ by: "anna", since: NOW, until: NOW + MINUTE });
  });
});

describe("resume", () => {
  it("ends the pause, and goes into the history", () => {
    const { state, changed, message } = resume(paused(), ANNA, NOW);
    expect(changed).toBe(true);
    expect(state).not.toHaveProperty("pause");
    expect(message).toBe("Resumed: the pause by bert is over.");
    expect(entriesOf(state)).toMatchObject([{ kind: "command", ...ANNA, message }]);
  });

  it.each([
    ["a group that is not paused", stateOf(), "The group is not paused."],
    [
      "a group whose pause has run out",
      paused({ until: NOW - MINUTE }),
      "The group is not paused. The last pause ran out at 11:59:00 UTC.",
    ],
  ])("of %s is answered, and changes nothing", (_, before, message) => {
    expect(resume(before, ANNA, NOW)).toEqual({ state: before, changed: false, message });
  });
});

describe("acknowledge", () => {
  const group = groupOf({ policy: { budget: { moves: 2, seconds: 3600 } } });
  const flapping = { why: "flapping", since: NOW - HOUR } as const;
  const spent = [pastMove(20 * MINUTE), pastMove(10 * MINUTE)];
  const lift = { ...ANNA, member: "m2", budget: false };

  it("lifts the quarantine of one member, and of no other", () => {
    const before = stateOf({ quarantine: { m1: flapping, m2: flapping } });
    const { state, changed, message } = acknowledge(before, group, lift, NOW);
    expect(changed).toBe(true);
    expect(state.quarantine).toEqual({ m1: flapping });
    expect(state.acknowledged).toEqual({ m2: NOW });
    expect(message).toBe("m2 is out of quarantine (flapping).");
    expect(entriesOf(state)).toMatchObject([{ kind: "command", message, ...ANNA }]);
  });

  it("refills the budget", () => {
    const { state, message } = acknowledge(stateOf({ moves: spent }), group, { ...ANNA, budget: true }, NOW);
    expect(state.budgetRefilledAt).toBe(NOW);
    expect(message).toBe("The budget is full again: 2 automatic moves, of which 0 were left.");
    const failing = situationOf(group, { members: { m1: "failing" } }, { moves: spent }, {});
    const later = { ...failing, now: NOW + HOUR / 4 };
    expect(inShort(decide(later))).toBe("hold budget");
    expect(inShort(decide({ ...later, state: { ...later.state, budgetRefilledAt: NOW } }))).toBe(
      "active-failing m1 → m2",
    );
  });

  it("does both at once, with one entry", () => {
    const before = stateOf({ quarantine: { m2: flapping }, moves: spent });
    const { state, message } = acknowledge(before, group, { ...lift, budget: true }, NOW);
    expect(message).toMatch(/^m2 is out of quarantine \(flapping\)\. The budget is full again/);
    expect(entriesOf(state)).toHaveLength(1);
  });

  it.each([
    ["a member that is well", lift, "m2 is not in quarantine."],
    ["a full budget", { ...ANNA, budget: true }, "The budget is full: 2 automatic moves."],
  ])("of %s is answered, and changes nothing", (_, asking, message) => {
    const before = stateOf({ quarantine: { m1: flapping } });
    expect(acknowledge(before, group, asking, NOW)).toEqual({ state: before, changed: false, message });
  });
});

it("no command touches epoch, lease, intent or moves", () => {
  const group = groupOf();
  const before = stateOf({
    version: 9,
    epoch: 4,
    lease: { holder: "h", until: NOW + MINUTE },
    intent: intentTo("m2"),
    moves: [pastMove(MINUTE)],
    pause: { by: "bert", since: NOW },
    quarantine: { m1: { why: "operator", since: NOW } },
  });
  for (const { state } of [
    pause({ ...before, pause: { by: "bert", since: NOW, until: NOW + 1 } }, ANNA, NOW),
    resume(before, ANNA, NOW),
    acknowledge(before, group, { by: "anna", member: "m1", budget: true }, NOW),
  ]) {
    const { pause: _p, quarantine: _q, acknowledged: _a, budgetRefilledAt: _b, outbox, ...rest } = state;
    const { pause: _p0, quarantine: _q0, acknowledged: _a0, outbox: _o, ...untouched } = before;
    expect(Object.keys(outbox)).toHaveLength(1);
    expect(rest).toEqual(untouched);
  }
});

describe("released", () => {
  const isolated = { m1: { "eni-x": ["sg-a", "sg-b"], "eni-y": ["sg-c"] }, m2: { "eni-z": ["sg-a"] } };
  const before = stateOf({ isolated });
  const give = (member: string, enis: readonly string[]) =>
    released(before, member, enis, { by: "anna", reason: "it is well" }, NOW);

  it("strikes what was given back, and keeps what was not", () => {
    expect(give("m1", ["eni-x"]).state.isolated).toEqual({ ...isolated, m1: { "eni-y": ["sg-c"] } });
    expect(give("m1", ["eni-x", "eni-y"]).state.isolated).toEqual({ m2: isolated.m2 });
    expect(give("m1", ["eni-x"]).message).toBe("m1 has its security groups back: eni-x bears sg-a, sg-b.");
    expect(give("m1", ["eni-x", "eni-y"]).message).toMatch(/: eni-x bears sg-a, sg-b; eni-y bears sg-c\.$/);
  });
  it("is told in the history, with who asked", () => {
    expect(Object.values(give("m1", ["eni-x"]).state.outbox)).toMatchObject([
      { kind: "command", by: "anna", reason: "it is well" },
    ]);
  });
  it.each([
    ["m3", ["eni-x"], "m3 is not isolated."],
    ["m1", [], "m1 is still isolated."],
  ] as const)("of %s with %j given back changes nothing", (member, enis, message) => {
    expect(give(member, enis)).toEqual({ state: before, changed: false, message });
  });
});
