/** What a verdict makes of the record, and when it becomes news that the address serves after a move, or does not. */
import { describe, expect, it } from "vitest";
import type { PastMove, Probed, ProbeFinding, State } from "../../shared/core/model.ts";
import { newsOf } from "../../shared/core/news.ts";
import { hear } from "../../shared/core/verdict.ts";
import { HOUR, intentTo, MINUTE, NOW, pastMove, SECOND, stateOf } from "./scene.ts";

const finding = (says: ProbeFinding["says"], change: Partial<ProbeFinding> = {}): ProbeFinding => ({
  says,
  since: NOW - MINUTE,
  detail: says === "serving" ? "answered" : "no answer within 2 s",
  answeredAt: NOW - (says === "serving" ? SECOND : MINUTE),
  ...change,
});

const verdict = (change: Partial<Probed> = {}): Probed => ({
  at: NOW - SECOND,
  floating: finding("serving"),
  members: { m1: finding("serving"), m2: finding("serving") },
  ...change,
});

const QUIET = stateOf({ version: 7, probed: verdict({ at: NOW - MINUTE }) });

describe("what is written", () => {
  const written = (state: State, heard: Probed) => hear(state, heard, NOW).state !== state;

  it("the first verdict is", () => {
    const { state, look } = hear(stateOf(), verdict(), NOW);
    expect(state).toEqual({ ...stateOf(), probed: verdict() });
    expect(look).toBe(true);
  });

  it("nothing while everybody serves and the record knows it, and there is nothing to look at", () => {
    expect(hear(QUIET, verdict(), NOW)).toEqual({ state: QUIET, look: false });
  });

  it("but for once in half an hour, so that the prober is known to live", () => {
    const old = verdict({ at: NOW - SECOND - 30 * MINUTE });
    expect(written(stateOf({ probed: old }), verdict())).toBe(true);
    expect(written(stateOf({ probed: { ...old, at: old.at + 1 } }), verdict())).toBe(false);
  });

  it("silence is, every time, or it would lapse", () => {
    const silent = verdict({ members: { m1: finding("silent"), m2: finding("serving") } });
    const state = stateOf({ probed: { ...silent, at: NOW - 20 * SECOND } });
    expect(hear(state, silent, NOW)).toMatchObject({ state: { probed: silent }, look: true });
  });

  it.each([
    ["the end of a silence", verdict({ floating: finding("silent") }), verdict()],
    ["a prober that is cut off", verdict(), verdict({ floating: finding("unknown") })],
    ["a member that is not probed any more", verdict(), verdict({ members: { m1: finding("serving") } })],
  ])("%s is", (_, before, now) => {
    expect(written(stateOf({ probed: { ...before, at: NOW - MINUTE } }), now)).toBe(true);
  });

  const { answeredAt: _, ...never } = finding("unknown");
  it.each([
    ["that it has answered since, though it says no more", never, finding("unknown"), true],
    ["nothing of what has never answered", never, never, false],
  ])("of a prober that is cut off: %s", (_, before, now, is) => {
    const cutOff = (m1: ProbeFinding, at: number) => verdict({ at, members: { m1 } });
    expect(written(stateOf({ probed: cutOff(before, NOW - MINUTE) }), cutOff(now, NOW - SECOND))).toBe(is);
  });

  it.each([
    ["a verdict that has lapsed on its way", { ...verdict(), at: NOW - 30 * SECOND }],
    ["a verdict from the future", { ...verdict(), at: NOW + 30 * SECOND }],
  ])("%s is not heard", (_, late) => {
    const silent = { ...late, members: { m1: finding("silent") } };
    expect(hear(QUIET, silent, NOW)).toEqual({ state: QUIET, look: false });
  });

  it.each([0, SECOND])("a verdict that is no newer than the last, but %i ms older, is not heard", (older) => {
    const state = stateOf({ probed: verdict() });
    const silent = verdict({ at: NOW - SECOND - older, members: { m1: finding("silent") } });
    expect(hear(state, silent, NOW)).toEqual({ state, look: false });
  });

  it("what an earlier prober knew of answers is kept", () => {
    const { answeredAt: _, ...fresh } = finding("silent");
    const { state } = hear(QUIET, verdict({ members: { m1: fresh, m2: fresh } }), NOW);
    expect(state.probed?.members.m1?.answeredAt).toBe(NOW - SECOND);
  });

  it("claim and intent are left alone", () => {
    const held = { ...QUIET, epoch: 3, lease: { holder: "h", until: NOW + SECOND }, intent: intentTo("m2") };
    const { state } = hear(held, verdict({ floating: finding("silent") }), NOW);
    const { probed: _, ...rest } = state;
    const { probed: __, ...before } = held;
    expect(rest).toEqual(before);
  });
});

describe("after a move", () => {
  const IN_USE = NOW - 40 * SECOND;
  const move = (change: Partial<PastMove> = {}) =>
    pastMove(39 * SECOND, { phases: { inUse: IN_USE }, ...change });
  const movedLately = (change: Partial<State> = {}) =>
    stateOf({ ...QUIET, epoch: 4, moves: [move()], ...change });
  const NOT_SERVING = { move: move().id, at: NOW - 5 * SECOND, ok: false };

  it("an address that answers again is news, written once", () => {
    const answers = verdict({ floating: finding("serving", { since: IN_USE + 8 * SECOND }) });
    const { state, served, look } = hear(movedLately(), answers, NOW);
    expect(look).toBe(false);
    expect(served).toMatchObject({
      outcome: "serving",
      message: "The address answers on m1, 8 s after it came into use there.",
      at: IN_USE + 8 * SECOND,
      notify: false,
    });
    expect(state.served).toEqual({ move: move().id, at: IN_USE + 8 * SECOND, ok: true });
    expect(Object.values(state.outbox)).toMatchObject([
      {
        sequence: "v7",
        kind: "serving",
        because: "active-failing",
        move: move().id,
        from: "m2",
        to: "m1",
        epoch: 4,
        phases: { inUse: IN_USE, serving: IN_USE + 8 * SECOND },
      },
    ]);
    expect(Object.values(state.outbox)[0]).not.toHaveProperty("late");
    expect(hear(state, { ...answers, at: NOW }, NOW).served).toBeUndefined();
  });

  it("an address that was never seen silent serves since it came into use", () => {
    expect(hear(movedLately(), verdict(), NOW).served).toMatchObject({ outcome: "serving", at: IN_USE });
  });

  it("an address that stays silent is told of, once", () => {
    const silent = verdict({ floating: finding("silent") });
    const { state, served, look } = hear(movedLately(), silent, NOW);
    expect(look).toBe(true);
    expect(served).toMatchObject({ outcome: "moved-not-serving", notify: true });
    expect(Object.values(state.outbox)[0]).not.toHaveProperty("late");
    expect(served?.message).toBe(
      "The interface is in use on m1, but the address has not answered there for 39 s (no answer within 2 s).",
    );
    expect(state.served).toEqual({ move: move().id, at: NOW - SECOND, ok: false });
    expect(hear(state, { ...silent, at: NOW }, NOW).served).toBeUndefined();
  });

  it("and is told of again when it serves in the end, however late", () => {
    const moves = [move({ phases: { inUse: NOW - 11 * MINUTE } })];
    const { state, served } = hear(movedLately({ moves, served: NOT_SERVING }), verdict(), NOW);
    expect(served).toMatchObject({ outcome: "serving", notify: true });
    const [told] = Object.entries(state.outbox).map(([key, entry]) => newsOf("nat-a", key, entry));
    expect(told).toMatchObject({ type: "Move Serving", detail: { notify: true } });
  });

  const silent = verdict({ floating: finding("silent") });
  const inUseAgo = (milliseconds: number) =>
    movedLately({ moves: [move({ phases: { inUse: NOW - SECOND - milliseconds } })] });

  it("what is known of the move before says nothing of this one", () => {
    const served = { move: "before", at: NOW - HOUR, ok: true };
    expect(hear(movedLately({ served }), verdict(), NOW).served).toMatchObject({
      outcome: "serving",
      notify: false,
    });
  });

  it("a guest has half a minute, and a move is watched for ten", () => {
    expect(hear(inUseAgo(30 * SECOND), silent, NOW).served?.outcome).toBe("moved-not-serving");
    expect(hear(inUseAgo(10 * MINUTE), verdict(), NOW).served?.outcome).toBe("serving");
  });

  it.each([
    ["a guest has half a minute to bring the interface up", inUseAgo(30 * SECOND - 1), silent],
    [
      "an answer from before the move proves nothing",
      movedLately(),
      verdict({ floating: finding("serving", { answeredAt: IN_USE }) }),
    ],
    [
      "a prober that is cut off proves nothing",
      movedLately(),
      verdict({ floating: finding("unknown", { answeredAt: NOW - SECOND }) }),
    ],
    ["members' own addresses prove nothing", movedLately(), verdict({ floating: undefined as never })],
    ["a move that failed is not verified", movedLately({ moves: [move({ failed: true })] }), verdict()],
    [
      "a move that somebody made by hand is not ours to verify",
      movedLately({ moves: [move({ because: "found-moved" })] }),
      verdict(),
    ],
    ["a move of ten minutes ago was not watched", inUseAgo(10 * MINUTE + 1), verdict()],
    ["a move in hand comes first", movedLately({ intent: intentTo("m2") }), verdict()],
    [
      "a move that is known to serve is not told again",
      movedLately({ served: { ...NOT_SERVING, ok: true } }),
      verdict(),
    ],
  ])("%s", (_, state, heard) => {
    expect(hear(state, heard, NOW).served).toBeUndefined();
  });

  const MOVED = move().at;
  it.each([
    { before: MOVED - MINUTE, now: MOVED + 1, written: true },
    { before: MOVED, now: MOVED + 1, written: true },
    { before: MOVED - MINUTE, now: MOVED, written: false },
    { before: MOVED + 1, now: MOVED + MINUTE, written: false },
  ])("the first answer on the new active is written, so that a later silence counts: %j", (row) => {
    const at = (answeredAt: number) => finding("serving", { answeredAt });
    const old = verdict({ at: NOW - MINUTE, floating: at(row.before) });
    const state = movedLately({ probed: old, served: { move: move().id, at: NOW, ok: true } });
    const now = verdict({ floating: at(row.now) });
    expect(hear(state, now, NOW).state.probed).toEqual(row.written ? now : old);
  });
});
