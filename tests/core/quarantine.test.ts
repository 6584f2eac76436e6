import { describe, expect, it } from "vitest";
import { budgetLeft, cooldownUntil, failedBackLately, leftBefore } from "../../shared/core/limits.ts";
import type { Burn, Intent, PastMove, State } from "../../shared/core/model.ts";
import { inQuarantine, quarantines } from "../../shared/core/quarantine.ts";
import {
  askedIntent,
  groupOf,
  HOUR,
  intentTo,
  LAUNCHED,
  MINUTE,
  NOW,
  POLICY,
  pastMove,
  SECOND,
  stateOf,
} from "./scene.ts";

const off = (agoMs: number, change: Partial<PastMove> = {}) =>
  pastMove(agoMs, { from: "m1", to: "m2", ...change });

describe("cooldown", () => {
  it.each([
    { name: "nothing has moved", moves: [], is: undefined },
    { name: "a moment within", moves: [off(5 * MINUTE - 1)], is: NOW + 1 },
    { name: "over", moves: [off(5 * MINUTE)], is: undefined },
    { name: "the newest move counts", moves: [off(5 * MINUTE), off(MINUTE)], is: NOW + 4 * MINUTE },
    { name: "a failed move counts", moves: [off(MINUTE, { failed: true })], is: NOW + 4 * MINUTE },
    { name: "a repair starts none", moves: [off(MINUTE, { because: "repair" })], is: undefined },
    { name: "uniting starts none", moves: [off(MINUTE, { because: "unite" })], is: undefined },
    {
      name: "a last resort off a dead member starts one",
      moves: [off(MINUTE, { because: "last-resort" })],
      is: NOW + 4 * MINUTE,
    },
    {
      name: "a last resort for what was on nothing is a repair, and starts none",
      moves: [off(MINUTE, { because: "last-resort", budgeted: false })],
      is: undefined,
    },
    {
      name: "a repair does not hide a move",
      moves: [off(2 * MINUTE), off(MINUTE, { because: "repair" })],
      is: NOW + 3 * MINUTE,
    },
  ])("$name", ({ moves, is }) => {
    expect(cooldownUntil(stateOf({ moves }), POLICY, NOW)).toBe(is);
  });
});

describe("budget", () => {
  const left = (moves: readonly PastMove[], change: Partial<State> = {}) =>
    budgetLeft(stateOf({ moves, ...change }), POLICY, NOW);
  it.each([
    { name: "untouched", moves: [], is: { left: 3, of: 3 } },
    { name: "one used", moves: [off(MINUTE)], is: { left: 2, of: 3 } },
    { name: "one just out of the window", moves: [off(HOUR)], is: { left: 3, of: 3 } },
    { name: "one just in the window", moves: [off(HOUR - 1)], is: { left: 2, of: 3 } },
    { name: "not budgeted", moves: [off(MINUTE, { budgeted: false })], is: { left: 3, of: 3 } },
    {
      name: "all used: the oldest comes free first",
      moves: [off(50 * MINUTE), off(40 * MINUTE), off(30 * MINUTE)],
      is: { left: 0, of: 3, refillsAt: NOW + 10 * MINUTE },
    },
    {
      name: "overdrawn by moves off dead members: one is free when fewer than three are in the window",
      moves: [off(50 * MINUTE), off(40 * MINUTE), off(30 * MINUTE), off(20 * MINUTE)],
      is: { left: 0, of: 3, refillsAt: NOW + 20 * MINUTE },
    },
  ])("$name", ({ moves, is }) => {
    expect(left(moves)).toEqual(is);
  });

  it("refilled: only later moves count", () => {
    const moves = [off(50 * MINUTE), off(40 * MINUTE), off(30 * MINUTE)];
    expect(left(moves, { budgetRefilledAt: NOW - 40 * MINUTE }).left).toBe(2);
    expect(left(moves, { budgetRefilledAt: NOW - 40 * MINUTE - 1 }).left).toBe(1);
    expect(left([off(2 * HOUR)], { budgetRefilledAt: NOW - 3 * HOUR }).left).toBe(3);
  });
});

describe("a member that a failover has taken the group off before", () => {
  it.each([
    { name: "never", moves: [], is: false },
    { name: "just in the window", moves: [off(HOUR - 1)], is: true },
    { name: "just out of it", moves: [off(HOUR)], is: false },
    { name: "another member", moves: [off(MINUTE, { from: "m2" })], is: false },
    {
      name: "by an operator",
      moves: [off(MINUTE, { because: "operator", automatic: false, budgeted: false })],
      is: false,
    },
    { name: "because it was dead", moves: [off(MINUTE, { because: "active-dead" })], is: true },
    { name: "for a last resort", moves: [off(MINUTE, { because: "last-resort" })], is: true },
    { name: "and on to a second target", moves: [off(MINUTE, { because: "target-lost" })], is: true },
    { name: "by a failback", moves: [off(MINUTE, { because: "failback" })], is: false },
    { name: "because it was leaving", moves: [off(MINUTE, { because: "active-leaving" })], is: false },
    { name: "in vain", moves: [off(MINUTE, { failed: true })], is: false },
    { name: "by a repair", moves: [off(MINUTE, { because: "repair", budgeted: false })], is: false },
  ])("$name: $is", ({ moves, is }) => {
    expect(leftBefore(stateOf({ moves }), POLICY, "m1", NOW)).toBe(is);
  });

  it("counts again from the acknowledgement", () => {
    const acknowledged = { m1: NOW - MINUTE };
    const left = (agoMs: number) =>
      leftBefore(stateOf({ moves: [off(agoMs)], acknowledged }), POLICY, "m1", NOW);
    expect([left(MINUTE), left(MINUTE - 1)]).toEqual([false, true]);
  });
});

describe("a member that the group failed back to lately", () => {
  const back = (agoMs: number, change: Partial<PastMove> = {}) =>
    pastMove(agoMs, { because: "failback", from: "m2", to: "m1", ...change });
  it.each([
    { name: "a moment less than 30 minutes ago", moves: [back(30 * MINUTE - 1)], is: true },
    { name: "30 minutes ago", moves: [back(30 * MINUTE)], is: false },
    { name: "to another member", moves: [back(MINUTE, { to: "m3" })], is: false },
    { name: "not by a failback", moves: [back(MINUTE, { because: "operator" })], is: false },
    { name: "in vain", moves: [back(MINUTE, { failed: true })], is: false },
  ])("$name: $is", ({ moves, is }) => {
    expect(failedBackLately(stateOf({ moves }), "m1", NOW)).toBe(is);
  });

  it("counts again from the acknowledgement", () => {
    const failed = (agoMs: number) =>
      failedBackLately(stateOf({ moves: [back(agoMs)], acknowledged: { m1: NOW - MINUTE } }), "m1", NOW);
    expect([failed(MINUTE), failed(MINUTE - 1)]).toEqual([false, true]);
  });
});

describe("who goes into quarantine", () => {
  const burn = (change: Partial<Burn> = {}): Burn => ({
    member: "m1",
    deviceIndex: 1,
    eni: "eni-a",
    launchedAt: LAUNCHED,
    ...change,
  });
  const flapping = { m1: { why: "flapping", since: NOW } };
  const forced = { m1: { why: "forced-detach", since: NOW, untilLaunchAfter: LAUNCHED } };
  const rows: readonly {
    name: string;
    intent?: Partial<Intent>;
    state?: Partial<State>;
    moved?: boolean;
    is: object;
  }[] = [
    { name: "nobody, at the first failover", is: {} },
    {
      name: "the member left by failover for the second time",
      state: { moves: [off(10 * MINUTE)] },
      is: flapping,
    },
    {
      name: "the same when it was dead",
      intent: { because: "active-dead" },
      state: { moves: [off(10 * MINUTE)] },
      is: flapping,
    },
    {
      name: "the same when the first target was lost",
      intent: { because: "target-lost", cause: "active-failing" },
      state: { moves: [off(10 * MINUTE)] },
      is: flapping,
    },
    {
      name: "nobody, when it was a failback that lost its first target",
      intent: { because: "target-lost", cause: "failback" },
      state: { moves: [off(10 * MINUTE)] },
      is: {},
    },
    {
      name: "nobody, when the member announced its end and the first target was lost",
      intent: { because: "target-lost", cause: "active-leaving" },
      state: { moves: [off(10 * MINUTE)] },
      is: {},
    },
    {
      name: "nobody, when the second failover came to nothing",
      state: { moves: [off(10 * MINUTE)] },
      moved: false,
      is: {},
    },
    {
      name: "the member left soon after a failback to it",
      state: { moves: [pastMove(10 * MINUTE, { because: "failback" })] },
      is: flapping,
    },
    {
      name: "nobody, when the second move is a failback",
      intent: { because: "failback" },
      state: { moves: [off(10 * MINUTE)] },
      is: {},
    },
    {
      name: "nobody, when the member announced its end",
      intent: { because: "active-leaving" },
      state: { moves: [off(10 * MINUTE)] },
      is: {},
    },
    {
      name: "nobody, when it was a repair",
      intent: { because: "repair", budgeted: false },
      state: { moves: [off(10 * MINUTE)] },
      is: {},
    },
    {
      name: "the member whose only index was burned, until its restart",
      intent: { burns: [burn()] },
      is: forced,
    },
    { name: "the same when the move came to nothing", intent: { burns: [burn()] }, moved: false, is: forced },
    {
      name: "nobody, when the index burned is not the one allowed",
      intent: { burns: [burn({ deviceIndex: 2 })] },
      is: {},
    },
    {
      name: "nobody, when who was burned is no member any more",
      intent: { burns: [burn({ member: "m9" })] },
      is: {},
    },
    {
      name: "a target that was passed over, and burned",
      intent: { burns: [burn({ member: "m2" })] },
      is: { m2: { why: "forced-detach", since: NOW, untilLaunchAfter: LAUNCHED } },
    },
    {
      name: "burned twice: the later launch counts",
      intent: { burns: [burn(), burn({ launchedAt: LAUNCHED + 5 }), burn({ launchedAt: LAUNCHED + 2 })] },
      is: { m1: { why: "forced-detach", since: NOW, untilLaunchAfter: LAUNCHED + 5 } },
    },
    {
      name: "flapping outlasts a burned index",
      intent: { burns: [burn()] },
      state: { moves: [off(10 * MINUTE)] },
      is: flapping,
    },
    {
      name: "nobody anew, whom only an acknowledge releases",
      intent: { burns: [burn()] },
      state: { quarantine: { m1: { why: "operator", since: 1 } } },
      is: {},
    },
    {
      name: "anew, whom an earlier restart would have released",
      intent: { burns: [burn()] },
      state: { quarantine: { m1: { why: "forced-detach", since: 1, untilLaunchAfter: 1 } } },
      is: forced,
    },
  ];
  it.each(rows)("$name", ({ intent, state, moved, is }) => {
    expect(
      quarantines(stateOf(state), groupOf(), intentTo("m2", intent), { moved: moved ?? true, now: NOW }),
    ).toEqual(is);
  });

  it("an operator's forced detach burns like any other, but is no failover", () => {
    const ended = { moved: true, now: NOW };
    const state = stateOf({ moves: [off(10 * MINUTE)] });
    expect(quarantines(state, groupOf(), askedIntent("m2", { burns: [burn()] }), ended)).toEqual(forced);
    expect(quarantines(state, groupOf(), askedIntent("m2"), ended)).toEqual({});
  });

  it("a move that took the group off nobody leaves nobody flapping", () => {
    const { from: _, ...nobody } = intentTo("m2");
    expect(
      quarantines(stateOf({ moves: [off(SECOND)] }), groupOf(), nobody, { moved: true, now: NOW }),
    ).toEqual({});
  });

  it("a second allowed index keeps the member out of it; on the member itself if it has indexes of its own", () => {
    const group = groupOf();
    const ended = { moved: true, now: NOW };
    const intent = intentTo("m2", { burns: [burn()] });
    const wide = { ...group, interfaces: [{ eni: "eni-a", deviceIndexes: [1, 2] }] };
    expect(quarantines(stateOf(), wide, intent, ended)).toEqual({});
    const narrow = {
      ...wide,
      members: wide.members.map((one) => ({ ...one, deviceIndexes: { "eni-a": [1] } })),
    };
    expect(quarantines(stateOf(), narrow, intent, ended)).toEqual(forced);
  });
});

describe("whether a quarantine still holds", () => {
  const until = (untilLaunchAfter?: number): State =>
    stateOf({
      quarantine: {
        m1: {
          why: "forced-detach",
          since: 1,
          ...(untilLaunchAfter === undefined ? {} : { untilLaunchAfter }),
        },
      },
    });
  it.each([
    { name: "there is none", state: stateOf(), launchedAt: 5, is: false },
    { name: "only an acknowledge ends it", state: until(), launchedAt: NOW, is: true },
    { name: "launched before it", state: until(100), launchedAt: 99, is: true },
    { name: "launched at that very time", state: until(100), launchedAt: 100, is: true },
    { name: "launched since", state: until(100), launchedAt: 101, is: false },
    { name: "nobody knows when it was launched", state: until(100), launchedAt: undefined, is: true },
  ])("$name: $is", ({ state, launchedAt, is }) => {
    expect(inQuarantine(state, "m1", launchedAt)).toBe(is);
  });
});
