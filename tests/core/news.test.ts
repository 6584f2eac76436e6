/** What goes to the bus for each entry of the history, and what a person can read of it on a phone. */
import { describe, expect, it } from "vitest";
import { ADVICE } from "../../shared/core/advice.ts";
import { runbookSections } from "../../shared/core/headline.ts";
import type { HistoryEntry } from "../../shared/core/model.ts";
import { newsOf, SOURCE } from "../../shared/core/news.ts";
import { fact, NOW } from "./scene.ts";

const KEY = "2026-03-01T12:00:00.000Z#e5.1";
const entry = (change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at: NOW,
  sequence: "e5.1",
  kind: "move",
  because: "active-failing",
  message: "In use on i-2.",
  from: "i-1",
  to: "i-2",
  epoch: 5,
  by: "controller",
  ...change,
});
const told = (change: Partial<HistoryEntry> = {}) => newsOf("nat-a", KEY, entry(change));

it.each<{ kind: HistoryEntry["kind"]; type: string; headline: string; people: boolean; change?: object }>([
  {
    kind: "started",
    type: "Move Started",
    headline: "moving from i-1 to i-2 (active-failing)",
    people: false,
  },
  { kind: "move", type: "Move Finished", headline: "moved to i-2 (active-failing)", people: true },
  {
    kind: "failed-move",
    type: "Move Failed",
    headline: "the move to i-2 FAILED (active-failing)",
    people: true,
  },
  {
    kind: "failed-move",
    type: "Move Failed",
    headline: "the move FAILED, back on i-1 (target-lost)",
    people: true,
    change: { to: "i-1", because: "target-lost" },
  },
  {
    kind: "planned",
    type: "Move Planned",
    headline: "would move to i-2 (active-failing), but only observes",
    people: true,
  },
  {
    kind: "recovered",
    type: "Move Dropped",
    headline: "the move to i-2 was given up before it began: the active is well again",
    people: false,
  },
  {
    kind: "superseded",
    type: "Move Dropped",
    headline: "the move to i-2 was given up before it began",
    people: false,
  },
  { kind: "serving", type: "Move Serving", headline: "the address answers on i-2", people: false },
  {
    kind: "moved-not-serving",
    type: "Move Not Serving",
    headline: "moved to i-2, but the address DOES NOT ANSWER there",
    people: true,
  },
  {
    kind: "found-moved",
    type: "Move Found",
    headline: "found on i-2: somebody else moved it off i-1",
    people: true,
  },
])("$kind is $type, for people: $people", ({ kind, type, headline, people, change }) => {
  expect(told({ kind, ...change })).toMatchObject({
    type,
    at: NOW,
    detail: { headline: `nat-a: ${headline}`, notify: people },
  });
});

it("a refusal is for people, unless somebody asked and has the answer", () => {
  const { by: _, ...unasked } = entry({ kind: "refusal", because: "no-eligible-standby" });
  expect(newsOf("nat-a", KEY, unasked)?.detail).toMatchObject({
    headline: "nat-a: DOES NOT MOVE (no-eligible-standby)",
    notify: true,
    advice: ADVICE["no-eligible-standby"],
  });
  expect(told({ kind: "refusal", because: "just-moved", by: "anna" })?.detail).toMatchObject({
    headline: "nat-a: anna was refused (just-moved)",
    notify: false,
  });
});

it("a move from nowhere is not told to come from somewhere", () => {
  const { from: _, ...nowhere } = entry({ kind: "started", because: "repair" });
  expect(newsOf("nat-a", KEY, nowhere)?.detail.headline).toBe("nat-a: moving to i-2 (repair)");
});

it("good news asks nothing of anybody", () => {
  expect(told({ kind: "serving" })?.detail.advice).toBe("Nothing.");
});

it("who has the interfaces is asked of status where the entry does not say", () => {
  expect(told()?.detail.now).toBe("Ask status who has it now.");
});

it("every event comes from the source that rules and subscribers name", () => {
  expect(SOURCE).toBe("eni-failover");
});

it.each(["operator", "drill", "failback", "active-leaving"] as const)(
  "a move before which nothing had failed was not detected: %s",
  (because) => {
    const phases = { detected: NOW - 9_800, inUse: NOW - 1_000 };
    expect(told({ because, phases })?.detail.headline).toBe(
      `nat-a: moved to i-2 (${because}), in use after 8.8 s`,
    );
  },
);

it.each(["resume", "target-lost"] as const)(
  "of a move that was taken up, or went on, its evidence says whether anything was detected: %s",
  (because) => {
    const phases = { detected: NOW - 9_800, inUse: NOW - 1_000 };
    const headline = (says: "healthy" | "failing" | "dead") =>
      told({ because, phases, evidence: [fact("unknown"), fact(says)] })?.detail.headline;
    expect(headline("healthy")).toBe(`nat-a: moved to i-2 (${because}), in use after 8.8 s`);
    expect(headline("failing")).toMatch(/, in use 8.8 s after it was detected$/);
    expect(headline("dead")).toMatch(/, in use 8.8 s after it was detected$/);
  },
);

it("how long a move took is not told where that is not known", () => {
  for (const phases of [{ inUse: NOW }, { detected: NOW }]) {
    expect(told({ phases })?.detail.headline).toBe("nat-a: moved to i-2 (active-failing)");
  }
});

it("a move that ended where it began is told as back there", () => {
  const back = { kind: "failed-move", because: "target-lost", to: "i-1" } as const;
  expect(told(back)?.detail.headline).toBe("nat-a: the move FAILED, back on i-1 (target-lost)");
  const { from: _, ...nowhere } = entry(back);
  expect(newsOf("nat-a", KEY, nowhere)?.detail.headline).toBe("nat-a: the move to i-1 FAILED (target-lost)");
});

it("a move that ended in nobody's hands on its way back is not told as back there", () => {
  const lost = { kind: "failed-move", because: "no-eligible-standby", to: "i-1" } as const;
  expect(told(lost)?.detail.headline).toBe("nat-a: the move FAILED (no-eligible-standby)");
});

it("a move that only fails again is on the bus, and for nobody's phone", () => {
  expect(told({ kind: "failed-move", again: true })?.detail.notify).toBe(false);
});

it("the runbook has sections of their own for what is no because", () => {
  expect(runbookSections()).toEqual(["move-planned", "move-not-serving", "drill-failed"]);
  expect(told({ kind: "planned" })?.detail.runbook).toBe("move-planned");
  expect(told()?.detail.runbook).toBe("active-failing");
});

it("what is only planned again is on the bus, and for nobody's phone", () => {
  expect(told({ kind: "planned", again: true })?.detail.notify).toBe(false);
});

it("a refusal that has only come back is on the bus, and for nobody's phone", () => {
  const { by: _, ...unasked } = entry({ kind: "refusal", because: "budget", again: true });
  expect(newsOf("nat-a", KEY, unasked)?.detail).toMatchObject({ notify: false });
});

it("a command is no news", () => {
  expect(told({ kind: "command", because: "operator" })).toBeUndefined();
});

it("an event about a move says everything that the history does, for programs", () => {
  const change = {
    move: "id-1",
    reason: "drift",
    interfaces: { "eni-a": "i-2", "eni-b": null },
    phases: { inUse: NOW - 1_000, detected: NOW - 9_800 },
    evidence: [fact("failing", { source: "system-check", detail: "impaired" })],
  };
  expect(told(change)?.detail).toEqual({
    schema: 1,
    id: "nat-a/id-1/move/i-2",
    group: "nat-a",
    because: "active-failing",
    at: "2026-03-01T12:00:00.000Z",
    notify: true,
    headline: "nat-a: moved to i-2 (active-failing), in use 8.8 s after it was detected",
    message: "In use on i-2.",
    now: "Now: eni-a on i-2, eni-b on NOTHING.",
    advice: ADVICE["active-failing"],
    runbook: "active-failing",
    move: "id-1",
    from: "i-1",
    to: "i-2",
    epoch: 5,
    by: "controller",
    reason: "drift",
    interfaces: change.interfaces,
    phases: { detected: "2026-03-01T11:59:50.200Z", inUse: "2026-03-01T11:59:59.000Z" },
    evidence: ["system-check impaired (failing)"],
  });
});

describe("the id", () => {
  it("of the end of a move is the same whoever records it, and however often", () => {
    const again = newsOf(
      "nat-a",
      "2026-03-01T12:05:00.000Z#e7.1",
      entry({ move: "id-1", at: NOW + 300_000 }),
    );
    expect(again?.detail.id).toBe(told({ move: "id-1" })?.detail.id);
    expect(told({ move: "id-1", kind: "failed-move" })?.detail.id).not.toBe(again?.detail.id);
  });

  it("of what belongs to no move is its entry's", () => {
    expect(told({ kind: "planned" })?.detail.id).toBe(`nat-a/${KEY}`);
  });

  it("of a refusal is its own, though one move may meet more than one", () => {
    expect(told({ kind: "refusal", move: "id-1" })?.detail.id).toBe(`nat-a/${KEY}`);
  });
});

it("has no character that an input transformer would have to escape, and a first line that fits a phone", () => {
  const message = 'Alarm "a\\b"\n\tis <on>, '.repeat(20);
  const detail = told({ kind: "refusal", because: "surge", by: `"x" ${"y".repeat(200)}`, message })?.detail;
  for (const text of [detail?.headline, detail?.message, detail?.now, detail?.advice]) {
    expect(text).not.toMatch(/["\\<>\n\t]/);
  }
  expect(detail?.headline).toHaveLength(160);
  expect(detail?.headline).toMatch(/y…$/);
  expect(detail?.message).toMatch(/^Alarm 'a\/b' is \(on\), Alarm.*\(on\),$/);
  const fits = told({ kind: "refusal", because: "surge", by: "y".repeat(133) })?.detail.headline;
  expect([fits?.length, fits?.endsWith("(surge)")]).toEqual([160, true]);
});

it("there is advice in a line for every word, plain enough to be sent as it is", () => {
  const ofKinds = (
    ["started", "planned", "recovered", "serving", "moved-not-serving", "failed-drill"] as const
  ).map((kind) => told({ kind })?.detail.advice);
  for (const advice of [...Object.values(ADVICE), ...ofKinds]) {
    expect(advice).toMatch(/^[^"\\<>\n]{5,140}$/);
  }
});

it("a failover that is over says first that nothing has to be done tonight", () => {
  for (const because of ["active-dead", "active-failing", "active-leaving", "resume"] as const) {
    expect(told({ because })?.detail.advice).toMatch(/^The group is served. Nothing to do tonight. [A-Z]/);
  }
});

describe("a finding of the doctor", () => {
  const finding = { check: "member-zone", severity: "error", subject: "i-2", change: "new" } as const;
  const found = (change: object) =>
    told({
      kind: "finding",
      because: "doctor",
      message: "i-2 is elsewhere.",
      finding: { ...finding, ...change },
    });

  it("has the name of its check where a move has its word", () => {
    expect(found({ mend: "npx sls deploy" })).toMatchObject({
      type: "Doctor Finding",
      detail: {
        because: "member-zone",
        notify: true,
        headline: "nat-a: the doctor finds member-zone (i-2)",
        runbook: "member-zone",
        advice: "npx sls deploy",
        finding: { subject: "i-2", mend: "npx sls deploy" },
      },
    });
  });

  it("has a command in the message only where that is the command itself", () => {
    expect(found({ mend: 'npx sls invoke -f resume -d \'{"group":"nat-a"}\'' })?.detail.advice).toBe(
      ADVICE.doctor,
    );
  });

  it("is for people where it would stop a failover, and not when it is gone", () => {
    expect(found({ severity: "warning" })?.detail.notify).toBe(false);
    expect(found({ change: "gone" })?.detail).toMatchObject({
      notify: false,
      headline: "nat-a: gone is member-zone (i-2)",
    });
  });
});
