import { describe, expect, it } from "vitest";
import type { HistoryEntry, Intent, Move, State } from "../../shared/core/model.ts";
import {
  claim,
  dropIntent,
  type Ending,
  emptyState,
  intentOf,
  release,
  renew,
  settle,
  watchPreferred,
} from "../../shared/core/record.ts";
import {
  askedIntent,
  attached,
  attachmentOf,
  fact,
  groupOf,
  intentTo,
  MINUTE,
  moveOf,
  NOW,
  type Place,
  pastMove,
  SECOND,
  seen,
  stateOf,
} from "./scene.ts";

const KEY = "2026-03-01T12:00:00.000Z";
const LEASE = { holder: "mine", until: NOW + 30 * SECOND };

/** The entries that `after` has in its outbox and `before` has not. */
const written = (before: State, after: State): Record<string, HistoryEntry> =>
  Object.fromEntries(Object.entries(after.outbox).filter(([key]) => !(key in before.outbox)));

it("a group that was never written down has an empty record of the schema that this code writes", () => {
  expect(emptyState()).toEqual({
    schema: 1,
    version: 0,
    epoch: 0,
    moves: [],
    quarantine: {},
    acknowledged: {},
    leaving: {},
    burned: [],
    isolated: {},
    outbox: {},
  });
});

describe("the intent of a move", () => {
  const move = moveOf({
    evidence: [
      fact("healthy", { since: 1 }),
      fact("failing", { since: NOW - 50 }),
      fact("failing", { since: NOW - 90 }),
    ],
  });
  const intend = (change: Partial<Move> = {}, a: Place = "m1", b: Place = "m1"): Intent => {
    const group = groupOf({ interfaces: 2, members: 3 });
    const look = seen(group, { at: NOW - 7, interfaces: { "eni-a": a, "eni-b": b } });
    return intentOf({ ...move, ...change }, group, look, "id-1", NOW);
  };

  it("carries everything that was decided, and nothing done yet", () => {
    expect(intend()).toEqual({
      id: "id-1",
      because: "active-failing",
      why: "it fails",
      from: "m1",
      to: "m2",
      sources: { "eni-a": attachmentOf("eni-a", "m1"), "eni-b": attachmentOf("eni-b", "m1") },
      tried: [],
      force: false,
      automatic: true,
      budgeted: true,
      by: "controller",
      since: NOW,
      phases: { detected: NOW - 90, decided: NOW },
      evidence: move.evidence,
      burns: [],
    });
  });

  it.each<{ a: Place; b: Place; sources: Intent["sources"]; there?: Intent["there"] }>([
    {
      a: "m2",
      b: "m1",
      sources: { "eni-b": attachmentOf("eni-b", "m1") },
      there: { "eni-a": attachmentOf("eni-a", "m2") },
    },
    {
      a: "attaching to m2",
      b: "nothing",
      sources: {},
      there: { "eni-a": attachmentOf("eni-a", "m2") },
    },
    {
      a: "detaching from m2",
      b: "m2",
      sources: { "eni-a": attachmentOf("eni-a", "m2") },
      there: { "eni-b": attachmentOf("eni-b", "m2") },
    },
    {
      a: "detaching from m1",
      b: "attaching to m3",
      sources: { "eni-a": attachmentOf("eni-a", "m1"), "eni-b": attachmentOf("eni-b", "m3") },
    },
    { a: "missing", b: "unread", sources: {} },
  ])(
    "names the attachments that were seen elsewhere, and those on the target: $a and $b",
    ({ a, b, ...named }) => {
      const { sources, there } = intend({}, a, b);
      expect({ sources, there }).toEqual(named);
    },
  );

  it("detection dates from the first evidence of a failure, or else from the look", () => {
    expect(
      intend({ evidence: [fact("dead", { since: NOW - 5 }), fact("failing", { since: NOW - 9 })] }).phases
        .detected,
    ).toBe(NOW - 9);
    expect(intend({ evidence: [fact("dead", { since: NOW - 5 })] }).phases.detected).toBe(NOW - 5);
    expect(
      intend({ evidence: [fact("healthy", { since: 1 }), fact("unknown", { since: 2 })] }).phases.detected,
    ).toBe(NOW - 7);
    expect(intend({ evidence: [] }).phases.detected).toBe(NOW - 7);
  });

  it("keeps an operator's reason and force", () => {
    const change = {
      because: "operator",
      force: true,
      automatic: false,
      budgeted: false,
      by: "anna",
      reason: "drift",
    } as const;
    expect(intend(change)).toMatchObject(change);
  });

  it("without a member that loses the group it names none", () => {
    const { from: _, ...repair } = move;
    const group = groupOf();
    const intent = intentOf({ ...repair, because: "repair" }, group, seen(group), "id-1", NOW);
    expect(intent).not.toHaveProperty("from");
    expect(intent).not.toHaveProperty("reason");
    expect(intent).not.toHaveProperty("lastResort");
  });

  it("remembers that the target is a last resort", () => {
    expect(intend({ because: "last-resort" }).lastResort).toBe(true);
  });
});

describe("a claim", () => {
  const intent = intentTo("m2");

  const begun = (of: Intent) => ({
    at: NOW,
    sequence: "e5.5",
    kind: "started",
    because: of.because,
    message: `Moving from m1 to ${of.to}: it fails.`,
    move: of.id,
    from: "m1",
    to: of.to,
    epoch: 5,
    by: of.by,
    evidence: of.evidence,
  });

  it("is a new epoch, a lease of 30 s and the intent, and tells that the move has begun; nothing else changes", () => {
    const state = stateOf({ version: 7, epoch: 4, moves: [pastMove(MINUTE)] });
    expect(claim(state, intent, "mine", NOW)).toEqual({
      ...state,
      epoch: 5,
      intent,
      lease: LEASE,
      outbox: { [`${KEY}#e5.5`]: begun(intent) },
    });
  });

  it("of a move that is begun again because its fence was not confirmed does not tell it again", () => {
    const told = { because: "fence-unconfirmed", since: NOW - MINUTE, notifiedAt: NOW - MINUTE } as const;
    expect(claim(stateOf({ epoch: 4, told }), intent, "mine", NOW).outbox).toEqual({});
  });

  it("of an intent that stands already adds nothing to the history", () => {
    const state = stateOf({ epoch: 4, intent });
    expect(claim(state, { ...intent, to: "m3" }, "mine", NOW)).toEqual({
      ...state,
      epoch: 5,
      intent: { ...intent, to: "m3" },
      lease: LEASE,
    });
  });

  it("over an intent that never began tells of that", () => {
    const state = stateOf({ epoch: 4, intent: askedIntent("m3", { id: "old" }) });
    const claimed = claim(state, intent, "mine", NOW);
    expect(written(state, claimed)).toEqual({
      [`${KEY}#e5.5`]: begun(intent),
      [`${KEY}#e5.0`]: {
        at: NOW,
        sequence: "e5.0",
        kind: "superseded",
        because: "operator",
        message: "The move to m3 never began. Moving from m1 to m2: it fails.",
        move: "old",
        from: "m1",
        to: "m3",
        epoch: 5,
        by: "anna",
      },
    });
  });
});

it("renewing gives the lease another 30 s and writes the intent as it is now", () => {
  const intent = intentTo("m3", { tried: ["m2"] });
  const state = stateOf({ epoch: 5, intent: intentTo("m2"), lease: { holder: "mine", until: NOW } });
  expect(renew(state, intent, "mine", NOW)).toEqual({ ...state, intent, lease: LEASE });
});

it("letting go clears the lease and keeps the intent as it is now", () => {
  const state = stateOf({ epoch: 5, intent: intentTo("m2"), lease: LEASE });
  const intent = intentTo("m3");
  expect(release(state, intent)).toEqual(stateOf({ epoch: 5, intent }));
});

describe("settling a move", () => {
  const moved: Ending = {
    kind: "moved",
    because: "active-failing",
    message: "In use on m2.",
    phases: { inUse: NOW },
  };
  const failed: Ending = { kind: "failed", because: "operator-needed", message: "EC2 refused.", phases: {} };
  const claimed = (change: Partial<State> = {}): State =>
    stateOf({ epoch: 5, lease: LEASE, intent: intentTo("m2"), ...change });
  const settleOf = (intent: Intent, ending = moved, change: Partial<State> = {}) =>
    settle(claimed(change), groupOf({ members: 3 }), intent, ending, NOW);

  it("takes lease, intent and what was told away, and remembers the move", () => {
    const told = { because: "cooldown", since: NOW } as const;
    const settled = settleOf(intentTo("m2"), moved, { told, preferredHealthySince: NOW });
    const { outbox: _, ...rest } = settled;
    const { outbox: _outbox, ...empty } = emptyState();
    expect(rest).toEqual({
      ...empty,
      epoch: 5,
      moves: [
        {
          id: "intent-1",
          at: NOW,
          because: "active-failing",
          from: "m1",
          to: "m2",
          automatic: true,
          budgeted: true,
          phases: moved.phases,
        },
      ],
    });
  });

  it("goes into the history with who has the group now, phases and evidence", () => {
    const intent = askedIntent("m2", { reason: "drift", evidence: [fact("failing")] });
    const interfaces = { "eni-a": "i-m2" };
    expect(written(claimed(), settleOf(intent, { ...moved, interfaces }))).toEqual({
      [`${KEY}#e5.1`]: {
        at: NOW,
        sequence: "e5.1",
        kind: "move",
        because: "active-failing",
        message: "In use on m2.",
        move: "intent-1",
        from: "m1",
        to: "m2",
        epoch: 5,
        by: "anna",
        reason: "drift",
        interfaces,
        phases: { inUse: NOW },
        evidence: [fact("failing")],
      },
    });
  });

  it("a failed one goes into the history as such, and is remembered as such", () => {
    const settled = settleOf(intentTo("m2"), failed);
    expect(Object.values(settled.outbox)).toMatchObject([
      { kind: "failed-move", because: "operator-needed" },
    ]);
    expect(settled.moves).toMatchObject([{ to: "m2", failed: true }]);
  });

  it("one that failed is known to fail for that, until a move succeeds", () => {
    const woken = { cooldown: NOW };
    const known = { "failed: operator-needed": NOW };
    expect(settleOf(intentTo("m2"), failed, { woken }).woken).toEqual({ ...woken, ...known });
    expect(settleOf(intentTo("m2"), moved, { woken: { ...woken, ...known } }).woken).toEqual(woken);
    expect(settleOf(intentTo("m2"), moved, { woken }).woken).toBe(woken);
  });

  it("one that fails again is marked so in the history, and wakes nobody anew", () => {
    const woken = { "failed: operator-needed": NOW - MINUTE };
    const settled = settleOf(intentTo("m2"), { ...failed, again: true }, { woken });
    expect(Object.values(settled.outbox)).toMatchObject([{ kind: "failed-move", again: true }]);
    expect(settled.woken).toBe(woken);
    expect(Object.values(settleOf(intentTo("m2"), failed).outbox)[0]).not.toHaveProperty("again");
  });

  it("without a member that lost the group it names none", () => {
    const { from: _, ...nobody } = intentTo("m2");
    const settled = settleOf(nobody);
    expect(settled.moves[0]).not.toHaveProperty("from");
    expect(Object.values(settled.outbox)[0]).not.toHaveProperty("from");
    expect(Object.values(settled.outbox)[0]).not.toHaveProperty("reason");
  });

  it("the newest twenty moves are remembered, newest last", () => {
    const moves = Array.from({ length: 20 }, (_, n) => pastMove((40 - n) * MINUTE));
    const settled = settleOf(intentTo("m2"), moved, { moves });
    expect(settled.moves).toHaveLength(20);
    expect(settled.moves[0]).toBe(moves[1]);
    expect(settled.moves.at(-1)?.id).toBe("intent-1");
  });

  it("what a budget counts is remembered, however often an operator moves the group meanwhile", () => {
    const spent = Array.from({ length: 11 }, (_, n) => pastMove((60 - n) * MINUTE));
    const asked = Array.from({ length: 20 }, (_, n) =>
      pastMove((40 - n) * MINUTE, { because: "operator", automatic: false, budgeted: false }),
    );
    const { moves } = settleOf(intentTo("m2"), moved, { moves: [...spent, ...asked] });
    expect(moves.filter(({ budgeted }) => budgeted)).toEqual([
      ...spent.slice(2),
      expect.objectContaining({ id: "intent-1" }),
    ]);
    expect(moves.filter(({ budgeted }) => !budgeted)).toEqual(asked.slice(1));
    expect(moves.at(-1)?.id).toBe("intent-1");
  });

  it.each(["repair", "unite"] as const)("of repairs only the last is remembered: %s", (because) => {
    const move = pastMove(10 * MINUTE);
    const repairs = [pastMove(5 * MINUTE, { because: "repair" }), pastMove(4 * MINUTE, { because: "unite" })];
    const settled = settleOf(intentTo("m3", { because }), moved, { moves: [move, ...repairs] });
    expect(settled.moves).toEqual([move, expect.objectContaining({ because, to: "m3" })]);
    expect(
      settleOf(intentTo("m2"), moved, { moves: [move, ...repairs] }).moves.map((one) => one.because),
    ).toEqual(["active-failing", "active-failing"]);
  });

  it("what it burned is kept, the newest of each index", () => {
    const burn = (member: string, deviceIndex: number, launchedAt: number) => ({
      member,
      deviceIndex,
      eni: "eni-a",
      launchedAt,
    });
    const old = [burn("m1", 1, 10), burn("m1", 2, 10), burn("m2", 1, 10)];
    const settled = settleOf(intentTo("m2", { burns: [burn("m1", 1, 99)] }), moved, { burned: old });
    expect(settled.burned).toEqual([burn("m1", 2, 10), burn("m2", 1, 10), burn("m1", 1, 99)]);
    expect(settleOf(intentTo("m2"), moved, { burned: old }).burned).toBe(old);
    const both = { burns: [burn("m1", 1, 99), burn("m2", 1, 99)] };
    expect(settleOf(intentTo("m3", both), moved, { burned: old }).burned).toEqual([
      burn("m1", 2, 10),
      burn("m1", 1, 99),
      burn("m2", 1, 99),
    ]);
  });

  it("a quarantine of others stays", () => {
    const quarantine = { m3: { why: "operator", since: 1 } } as const;
    const burns = [{ member: "m1", deviceIndex: 1, eni: "eni-a", launchedAt: 10 }];
    expect(settleOf(intentTo("m2", { burns }), moved, { quarantine }).quarantine).toEqual({
      ...quarantine,
      m1: { why: "forced-detach", since: NOW, untilLaunchAfter: 10 },
    });
  });
});

describe("dropping an intent that never began", () => {
  it("takes intent and lease away, and tells of it", () => {
    const state = stateOf({
      version: 8,
      epoch: 5,
      intent: askedIntent("m2"),
      lease: LEASE,
      moves: [pastMove(1)],
    });
    const dropped = dropIntent(state, "superseded", "Somebody moved it.", NOW);
    const { outbox: _, ...rest } = dropped;
    const { outbox: _outbox, ...expected } = stateOf({ version: 8, epoch: 5, moves: [pastMove(1)] });
    expect(rest).toEqual(expected);
    expect(dropped.outbox).toEqual({
      [`${KEY}#e5.2`]: {
        at: NOW,
        sequence: "e5.2",
        kind: "superseded",
        because: "operator",
        message: "Somebody moved it.",
        move: "intent-1",
        from: "m1",
        to: "m2",
        epoch: 5,
        by: "anna",
      },
    });
  });

  it("by somebody who holds no claim it has a key of that version", () => {
    const state = stateOf({ version: 8, epoch: 5, intent: intentTo("m2") });
    expect(Object.keys(dropIntent(state, "recovered", "It is well.", NOW).outbox)).toEqual([`${KEY}#v8.2`]);
  });

  it("without an intent nothing changes", () => {
    const state = stateOf({ lease: LEASE });
    expect(dropIntent(state, "recovered", "It is well.", NOW)).toBe(state);
  });
});

it("one claim writes no two entries under one key, even within one millisecond", () => {
  const group = groupOf();
  const claimed = claim(stateOf({ intent: askedIntent("m2", { id: "old" }) }), intentTo("m2"), "mine", NOW);
  const ending: Ending = { kind: "moved", because: "active-dead", message: "", phases: {} };
  const settled = settle(claimed, group, intentTo("m2"), ending, NOW);
  const dropped = dropIntent(claimed, "superseded", "", NOW);
  const keys = [...Object.keys(settled.outbox), ...Object.keys(dropped.outbox)];
  expect([...new Set(keys)].map((key) => key.slice(KEY.length))).toEqual([
    "#e1.5",
    "#e1.0",
    "#e1.1",
    "#e1.2",
  ]);
});

describe("since when the preferred member has been well", () => {
  const auto = groupOf({ policy: { failback: "auto" } });
  const since = stateOf({ preferredHealthySince: NOW - MINUTE });
  it.each([
    { name: "well for the first time", state: stateOf(), well: true, is: NOW },
    { name: "still well", state: since, well: true, is: NOW - MINUTE },
    { name: "not well any more", state: since, well: false, is: undefined },
    { name: "still not well", state: stateOf(), well: false, is: undefined },
  ])("$name", ({ state, well, is }) => {
    const next = watchPreferred(state, auto, well, NOW);
    expect(next.preferredHealthySince).toBe(is);
    expect("preferredHealthySince" in next).toBe(is !== undefined);
    if (is === state.preferredHealthySince) expect(next).toBe(state);
  });

  it("is not followed where failback is by hand", () => {
    const state = stateOf();
    expect(watchPreferred(state, groupOf(), true, NOW)).toBe(state);
    expect(watchPreferred(since, groupOf(), false, NOW)).toBe(since);
  });
});

it("an attachment seen at the claim is named as it was seen", () => {
  const group = groupOf();
  const odd = attached("eni-a", "m1", { attachmentId: "eni-attach-0abc" });
  const look = seen(group, { interfaces: { "eni-a": odd } });
  const move = {
    kind: "move",
    because: "repair",
    why: "",
    to: "m2",
    force: false,
    automatic: true,
    budgeted: false,
    by: "x",
    evidence: [],
  } as const;
  expect(intentOf(move, group, look, "id", NOW).sources).toEqual({ "eni-a": "eni-attach-0abc" });
});
