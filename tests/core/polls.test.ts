/** When to look next at a change that EC2 is making. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { looked, type Polls, pauseBefore } from "../../shared/core/polls.ts";

const SECOND = 1_000;

/** The times of the looks at a change that takes so long, where every answer takes `answerMs`. */
function looks(lastsMs: number, { answerMs = 0, throttled = false, atEase = false } = {}): number[] {
  let polls: Polls = { since: 0, lookedAt: 0, stretch: 1 };
  const times: number[] = [];
  for (let now = 0; now < lastsMs; ) {
    now += pauseBefore(polls, { now, chance: 0.5, atEase });
    times.push(now);
    polls = looked(polls, now, throttled);
    now += answerMs;
  }
  return times;
}

it.each([
  [3 * SECOND, 30],
  [10 * SECOND, 65],
  [60 * SECOND, 125],
  [300 * SECOND, 365],
])("a change of %d ms is looked at %d times at most", (lastsMs, most) => {
  expect(looks(lastsMs).length).toBeLessThanOrEqual(most);
});

it("what is lost by looking late is a small share of the time, or a tenth of a second", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 * SECOND }), (lastsMs) => {
      const lost = (looks(lastsMs).at(-1) ?? 0) - lastsMs;
      expect(lost).toBeLessThanOrEqual(Math.max(100, Math.min(SECOND, 0.05 * lastsMs)));
    }),
  );
});

it("looks are as far apart as the pause says, however long an answer takes", () => {
  const [first = 0, second = 0] = looks(SECOND, { answerMs: 60 });
  expect(second - first).toBeCloseTo(100);
  // An answer that takes longer than the pause is not overtaken.
  const [before = 0, after = 0] = looks(2 * SECOND, { answerMs: 500 });
  expect(after - before).toBe(500);
});

it("the share is of the time since the change was asked for, whenever that was", () => {
  const since = 1_000 * SECOND;
  const pause = (passedMs: number) => {
    const now = since + passedMs;
    return pauseBefore({ since, lookedAt: now, stretch: 1 }, { now, chance: 0.5, atEase: false });
  };
  expect([0, 5 * SECOND, 50 * SECOND].map((passedMs) => Math.round(pause(passedMs)))).toEqual([
    100, 200, 1_000,
  ]);
});

it("an attach, for whose end no step waits, is looked at less often", () => {
  expect(looks(2 * SECOND, { atEase: true }).length).toBeLessThanOrEqual(6);
});

it("while EC2 throttles, the looks are up to sixteen times as far apart, and come closer again afterwards", () => {
  const apart = looks(60 * SECOND, { throttled: true });
  expect((apart.at(-1) ?? 0) - (apart.at(-2) ?? 0)).toBe(16 * SECOND);
  let polls: Polls = { since: 0, lookedAt: 0, stretch: 16 };
  for (let times = 0; times < 13; times += 1) polls = looked(polls, 0, false);
  expect(polls.stretch).toBe(1);
});

it("looks of many moves do not fall together", () => {
  const pauses = [0, 0.5, 0.999].map((chance) =>
    pauseBefore({ since: 0, lookedAt: 0, stretch: 1 }, { now: 0, chance, atEase: false }),
  );
  expect(pauses.map(Math.round)).toEqual([80, 100, 120]);
});
