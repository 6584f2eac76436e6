/** From single probes to a finding: K failed ones of the last N, one answer, and what a run takes over from another. */
import { describe, expect, it } from "vitest";
import type { ProbeFinding } from "../../shared/core/model.ts";
import { answersAgain, doubts, inDoubt, known, probedOnce, type Track } from "../../shared/core/probing.ts";
import { NOW, SECOND } from "./scene.ts";

const THREE = { failAfter: 3, of: 3 };
const TWO_OF_FOUR = { failAfter: 2, of: 4 };

/** `+` answers, `-` fails, `x` fails while nothing else answers either; a second each. */
function tracked(probes: string, rule = THREE, from: Track = { last: [] }): Track {
  return [...probes].reduce((track, probe, index) => {
    const began = NOW + index * SECOND;
    const detail = probe === "+" ? "answered" : "connection refused";
    return probedOnce(track, { ok: probe === "+", began, ended: began + 10, detail }, probe !== "x", rule);
  }, from);
}

describe("K of the last N", () => {
  it.each<readonly [string, typeof THREE, ProbeFinding["says"] | undefined]>([
    ["", THREE, undefined],
    ["+", THREE, "serving"],
    ["-", THREE, undefined],
    ["--", THREE, undefined],
    ["---", THREE, "silent"],
    ["+--", THREE, "serving"],
    ["+---", THREE, "silent"],
    ["+--+--", THREE, "serving"],
    ["+---+", THREE, "serving"],
    ["+---+--", THREE, "serving"],
    ["+-+-", TWO_OF_FOUR, "silent"],
    ["+-+-+", TWO_OF_FOUR, "silent"],
    ["+-+-++", TWO_OF_FOUR, "serving"],
    ["+xxx", THREE, "unknown"],
    ["+---x", THREE, "unknown"],
    ["+xxx-", THREE, "silent"],
    ["+xxx+", THREE, "serving"],
  ])("%s by %j is %s", (probes, rule, says) => {
    expect(tracked(probes, rule).finding?.says).toBe(says);
  });

  it("silence is since the first probe that failed, and remembers the last answer", () => {
    expect(tracked("+----").finding).toEqual({
      says: "silent",
      since: NOW + SECOND,
      detail: "connection refused",
      answeredAt: NOW + 10,
    });
  });

  it("is told with what the last failed probe came to, and with less where nothing else answers", () => {
    const { last } = tracked("--");
    const again = {
      ok: false,
      began: NOW + 5 * SECOND,
      ended: NOW + 7 * SECOND,
      detail: "no answer within 2 s",
    };
    expect(probedOnce({ last }, again, true, THREE).finding?.detail).toBe("no answer within 2 s");
    expect(probedOnce({ last }, again, false, THREE).finding?.detail).toBe(
      "nothing else answers: the prober may be cut off",
    );
  });

  it("silence of what never answered does not pretend that it did", () => {
    expect(tracked("---").finding).not.toHaveProperty("answeredAt");
  });

  it("serving is since the first answer after a silence", () => {
    expect(tracked("+---++").finding).toMatchObject({
      since: NOW + 4 * SECOND + 10,
      answeredAt: NOW + 5 * SECOND + 10,
    });
  });
});

it("it is in doubt from the first failed probe until it is sure", () => {
  expect(["+", "+-", "+--", "+---", "+-+", "x", "xxx"].map((probes) => inDoubt(tracked(probes)))).toEqual([
    false,
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
});

it("it answers again after a single failed probe", () => {
  expect(
    ["+", "++", "+-", "--", "+-+", "---+", "+-++"].map((probes) => answersAgain(tracked(probes))),
  ).toEqual([false, false, false, false, true, true, false]);
});

describe("a run that takes over", () => {
  const takenOver = (track: Track) => known(track.finding, doubts(track), THREE);

  it.each([
    ["+--", "-", "silent"],
    ["+--", "+", "serving"],
    ["+-", "-", "serving"],
    ["-", "--", "silent"],
    ["+---", "-", "silent"],
    ["+---", "+", "serving"],
    ["+xxx", "-", "silent"],
  ])("after %s goes on with %s to %s", (before, probes, says) => {
    expect(tracked(probes, THREE, takenOver(tracked(before))).finding?.says).toBe(says);
  });

  it("goes on with the silence that it was told of, not with one of its own", () => {
    const before = tracked("+---");
    expect(tracked("-", THREE, takenOver(before)).finding).toEqual(before.finding);
  });
});
