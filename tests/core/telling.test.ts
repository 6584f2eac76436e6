import { describe, expect, it } from "vitest";
import type { Because, Hold, HoldBecause, State } from "../../shared/core/model.ts";
import { dropIntent } from "../../shared/core/record.ts";
import { adopt, isKnownToFail, refusal, tell, tellPlanned, wakes } from "../../shared/core/telling.ts";
import { fact, intentTo, MINUTE, moveOf, NOW, pastMove, stateOf } from "./scene.ts";

const KEY = "2026-03-01T12:00:00.000Z";
const hold = (because: HoldBecause, notify: boolean): Hold => ({
  kind: "hold",
  because,
  message: `It is ${because}.`,
  notify,
});
const toldOf = (because: Because, change: object = {}): State =>
  stateOf({ version: 8, epoch: 5, told: { because, since: NOW - MINUTE, ...change } });

describe("people are woken", () => {
  const told = { because: "cooldown", since: NOW, notifiedAt: NOW } as const;
  it.each([
    { name: "by what is told of for the first time", before: {}, after: { told }, is: true },
    {
      name: "by something else than before",
      before: { told: { ...told, since: 0 } },
      after: { told },
      is: true,
    },
    { name: "not by what stands there already", before: { told }, after: { told }, is: false },
    {
      name: "not by what is only remembered",
      before: {},
      after: { told: { because: "paused", since: NOW } },
      is: false,
    },
    { name: "not by the end of it", before: { told }, after: {}, is: false },
  ] as const)("$name: $is", ({ before, after, is }) => {
    expect(wakes(before, after)).toBe(is);
  });
});

describe("what is told of a hold", () => {
  it("a new one that somebody wants to know of is told, and goes into the history", () => {
    expect(tell(stateOf({ version: 8, epoch: 5 }), hold("cooldown", true), NOW)).toEqual(
      stateOf({
        version: 8,
        epoch: 5,
        told: { because: "cooldown", since: NOW, notifiedAt: NOW },
        woken: { cooldown: NOW },
        outbox: {
          [`${KEY}#v8`]: {
            at: NOW,
            sequence: "v8",
            kind: "refusal",
            because: "cooldown",
            message: "It is cooldown.",
            epoch: 5,
          },
        },
      }),
    );
  });

  it("a new one that nobody needs to know of is only remembered", () => {
    expect(tell(stateOf(), hold("paused", false), NOW)).toEqual(
      stateOf({ told: { because: "paused", since: NOW } }),
    );
  });

  it("the same again changes nothing, however often", () => {
    const notified = toldOf("cooldown", { notifiedAt: NOW - MINUTE });
    expect(tell(notified, hold("cooldown", true), NOW)).toBe(notified);
    expect(tell(notified, hold("cooldown", false), NOW)).toBe(notified);
    const quiet = toldOf("unconfirmed");
    expect(tell(quiet, hold("unconfirmed", false), NOW)).toBe(quiet);
  });

  it("one that becomes worth knowing is told with the time since when", () => {
    const next = tell(toldOf("unconfirmed"), hold("unconfirmed", true), NOW);
    expect(next.told).toEqual({ because: "unconfirmed", since: NOW - MINUTE, notifiedAt: NOW });
    expect(Object.keys(next.outbox)).toEqual([`${KEY}#v8`]);
  });

  it("another than before is told anew", () => {
    const next = tell(toldOf("cooldown", { notifiedAt: 1 }), hold("budget", true), NOW);
    expect(next.told).toEqual({ because: "budget", since: NOW, notifiedAt: NOW });
  });

  it("healthy again: what was told is forgotten, so that the next time is told anew", () => {
    const next = tell(toldOf("cooldown"), hold("healthy", false), NOW);
    expect(next).toEqual(stateOf({ version: 8, epoch: 5 }));
    const silent = stateOf();
    expect(tell(silent, hold("healthy", false), NOW)).toBe(silent);
  });

  describe("one that comes back within half an hour", () => {
    const woken = { cooldown: NOW - 20 * MINUTE };
    const back = () => tell(stateOf({ version: 8, woken }), hold("cooldown", true), NOW);

    it("is in the history, and wakes nobody", () => {
      expect(back()).toMatchObject({
        told: { because: "cooldown", since: NOW, again: true },
        woken: { cooldown: NOW },
        outbox: { [`${KEY}#v8`]: { kind: "refusal", because: "cooldown", again: true } },
      });
      expect(back().told).not.toHaveProperty("notifiedAt");
    });

    it("is told all the same once it has lasted three minutes, and not again", () => {
      const soon = NOW + 3 * MINUTE - 1;
      expect(tell(back(), hold("cooldown", true), soon)).toEqual(back());
      const lasting = tell({ ...back(), version: 9 }, hold("cooldown", true), soon + 1);
      expect(lasting.told).toEqual({ because: "cooldown", since: NOW, notifiedAt: soon + 1 });
      expect(Object.values(lasting.outbox).map(({ again }) => again)).toEqual([true, undefined]);
      expect(tell(lasting, hold("cooldown", true), soon + MINUTE)).toBe(lasting);
    });

    it("and goes on coming back is the same trouble, however long it flaps", () => {
      let state = back();
      for (let minutes = 5; minutes < 300; minutes += 5) {
        const well = tell(state, hold("healthy", false), NOW + minutes * MINUTE - 1);
        state = tell(well, hold("cooldown", true), NOW + minutes * MINUTE);
        expect(state.told).toHaveProperty("again", true);
      }
    });

    it("is another trouble when it comes later, or under another word", () => {
      const late = { cooldown: NOW - 30 * MINUTE };
      expect(tell(stateOf({ woken: late }), hold("cooldown", true), NOW)).toMatchObject({
        told: { notifiedAt: NOW },
        woken: { cooldown: NOW },
      });
      expect(tell(stateOf({ woken }), hold("budget", true), NOW)).toMatchObject({
        told: { notifiedAt: NOW },
        woken: { cooldown: NOW - 20 * MINUTE, budget: NOW },
      });
    });
  });

  it.each(["already-there", "in-progress", "just-moved", "newer-record"] as const)(
    "%s is about this look only, and leaves what was told",
    (because) => {
      const state = toldOf("cooldown");
      expect(tell(state, hold(because, true), NOW)).toBe(state);
    },
  );
});

it("a refusal says who has the group, and what speaks against the active since when", () => {
  const against = [fact("failing", { since: NOW - MINUTE })];
  const next = tell(stateOf(), hold("cooldown", true), NOW, {
    interfaces: { "eni-a": "i-1" },
    evidence: against,
  });
  expect(Object.values(next.outbox)).toMatchObject([
    {
      interfaces: { "eni-a": "i-1" },
      evidence: against,
      phases: { detected: NOW - MINUTE, decided: NOW },
    },
  ]);
});

it("a refusal names who asked", () => {
  const next = refusal(stateOf({ version: 3 }), hold("just-moved", false), NOW, { by: "anna" });
  expect(next.outbox).toEqual({
    [`${KEY}#v3`]: {
      at: NOW,
      sequence: "v3",
      kind: "refusal",
      because: "just-moved",
      message: "It is just-moved.",
      epoch: 0,
      by: "anna",
    },
  });
});

describe("what an observed group would have done", () => {
  const move = moveOf({ because: "active-dead", why: "stopped" });
  it("is told once", () => {
    const next = tellPlanned(stateOf({ version: 3, epoch: 2 }), move, NOW);
    expect(next).toEqual(
      stateOf({
        version: 3,
        epoch: 2,
        told: { because: "active-dead", since: NOW, notifiedAt: NOW },
        woken: { "active-dead": NOW },
        outbox: {
          [`${KEY}#v3`]: {
            at: NOW,
            sequence: "v3",
            kind: "planned",
            because: "active-dead",
            message: "Observing only. The group would move from m1 to m2: stopped.",
            from: "m1",
            to: "m2",
            epoch: 2,
            evidence: move.evidence,
          },
        },
      }),
    );
    expect(tellPlanned(next, move, NOW + MINUTE)).toBe(next);
    expect(tellPlanned(next, { ...move, because: "active-failing" }, NOW + MINUTE).told?.because).toBe(
      "active-failing",
    );
  });

  it("again so soon is written down, and wakes nobody", () => {
    const woken = { "active-dead": NOW - 20 * MINUTE };
    expect(tellPlanned(stateOf({ version: 3, woken }), move, NOW)).toMatchObject({
      told: { because: "active-dead", since: NOW, again: true },
      woken: { "active-dead": NOW },
      outbox: { [`${KEY}#v3`]: { kind: "planned", again: true } },
    });
    const [first] = Object.values(tellPlanned(stateOf(), move, NOW).outbox);
    expect(first).not.toHaveProperty("again");
  });

  it("says who has the interfaces, where that was read", () => {
    const [entry] = Object.values(tellPlanned(stateOf(), move, NOW, { "eni-a": "i-m1" }).outbox);
    expect(entry?.interfaces).toEqual({ "eni-a": "i-m1" });
  });

  it("names the target of an intent that it would finish", () => {
    const finish = {
      kind: "finish",
      because: "resume",
      message: "Finishing.",
      intent: intentTo("m3"),
    } as const;
    expect(Object.values(tellPlanned(stateOf(), finish, NOW).outbox)).toMatchObject([
      { to: "m3", because: "resume" },
    ]);
  });
});

describe("a group that is elsewhere than the last move left it", () => {
  const state = (change: Partial<State> = {}): State =>
    stateOf({ version: 8, epoch: 5, moves: [pastMove(MINUTE)], ...change });

  it("was moved by hand: that is adopted", () => {
    expect(adopt(state(), "m2", "found-1", NOW)).toEqual(
      state({
        moves: [
          pastMove(MINUTE),
          {
            id: "found-1",
            at: NOW,
            because: "found-moved",
            from: "m1",
            to: "m2",
            automatic: false,
            budgeted: false,
          },
        ],
        outbox: {
          [`${KEY}#v8.1`]: {
            at: NOW,
            sequence: "v8.1",
            kind: "found-moved",
            because: "found-moved",
            message: "The group was on m1 after the last move and is on m2 now: somebody moved it.",
            from: "m1",
            to: "m2",
            epoch: 5,
          },
        },
      }),
    );
  });

  it.each([
    { name: "it is where the move left it", state: state(), active: "m1" },
    { name: "nobody is active", state: state(), active: undefined },
    { name: "nothing is remembered", state: stateOf(), active: "m2" },
    { name: "an intent stands", state: state({ intent: intentTo("m2") }), active: "m2" },
    {
      name: "reads may still be behind the move",
      state: state({ moves: [pastMove(MINUTE - 1)] }),
      active: "m2",
    },
    {
      name: "the last move failed, and left it nobody knows where",
      state: state({ moves: [pastMove(MINUTE, { failed: true })] }),
      active: "m2",
    },
    {
      name: "a repair put it there since",
      state: state({ moves: [pastMove(10 * MINUTE), pastMove(5 * MINUTE, { because: "repair", to: "m2" })] }),
      active: "m2",
    },
  ])("is not adopted: $name", ({ state, active }) => {
    expect(adopt(state, active, "found-1", NOW)).toBe(state);
  });

  it("after a move that was put back, the old active is where it was", () => {
    const back = state({ moves: [pastMove(MINUTE, { from: "m1", to: "m1", failed: true })] });
    expect(adopt(back, "m1", "found-1", NOW)).toBe(back);
    expect(adopt(back, "m2", "found-1", NOW).moves.at(-1)).toMatchObject({
      because: "found-moved",
      from: "m1",
    });
  });
});

it("one look that drops an intent, finds a move and tells of a hold writes three entries", () => {
  const before = stateOf({ version: 8, epoch: 5, intent: intentTo("m2"), moves: [pastMove(MINUTE)] });
  const dropped = dropIntent(before, "superseded", "The cooldown is on.", NOW);
  const adopted = adopt(dropped, "m2", "found-1", NOW);
  const after = tell(adopted, hold("cooldown", true), NOW);
  expect(
    Object.values(after.outbox)
      .map((one) => one.kind)
      .toSorted(),
  ).toEqual(["found-moved", "refusal", "superseded"]);
});

describe("whether people know that a move fails for this", () => {
  const TOLD = NOW - 30 * MINUTE + 1;
  const woken = { "failed: no-eligible-standby": TOLD, cooldown: NOW };
  it.each<{ name: string; at?: number; because?: Because; automatic?: boolean; is: boolean }>([
    { name: "they were told within half an hour", is: true },
    { name: "half an hour is over", at: NOW + 1, is: false },
    { name: "it failed for another reason", because: "operator-needed", is: false },
    { name: "they were told of a hold", because: "cooldown", is: false },
    { name: "an operator asked for it", automatic: false, is: false },
  ])("$name: $is", ({ at = NOW, because = "no-eligible-standby", automatic = true, is }) => {
    expect(isKnownToFail({ woken }, { automatic }, because, at)).toBe(is);
  });

  it("not where nobody was ever told anything", () => {
    expect(isKnownToFail({}, { automatic: true }, "operator-needed", NOW)).toBe(false);
  });
});
