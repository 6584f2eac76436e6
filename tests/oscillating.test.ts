/** A day of 24 simulated hours on which an alarm goes on and off every two and a half minutes. */
import { beforeAll, describe, expect, it } from "vitest";
import { oscillatingDay } from "./enumeration/day.ts";
import { groupOf } from "./enumeration/groups.ts";
import type { Stage } from "./enumeration/stage.ts";

const GROUP = groupOf({ members: 3 });

describe("a day of an oscillating alarm", () => {
  let stage: Stage;
  let moves: readonly number[];
  let notified: readonly string[];
  let changes: number;

  beforeAll(async () => {
    stage = await oscillatingDay(GROUP);
    moves = stage.history.filter(({ because }) => because === "active-failing").map(({ at }) => at);
    const told = stage.told.map(({ report }) => report);
    notified = told.filter(({ notify }) => notify).map(({ because }) => because);
    changes = told.filter(({ because }, at) => because !== told[at - 1]?.because).length;
    console.log(
      `${stage.told.length} looks, ${changes} changes, ${moves.length} moves, ${notified.length} notifications, ${stage.writes} writes of the record`,
    );
  }, 120_000);

  it("breaks no law, and ends settled", () => {
    expect(stage.wrong()).toEqual([]);
    expect(moves.length).toBeGreaterThan(10);
  });

  it("never moves more often than the budget allows in any window", () => {
    const { moves: allowed, seconds } = GROUP.policy.budget;
    const most = moves.map((from) => moves.filter((at) => at >= from && at < from + seconds * 1000).length);
    expect(Math.max(...most)).toBeLessThanOrEqual(allowed);
  });

  it("notifies once a change, not once a minute", () => {
    expect(notified.length).toBeGreaterThan(0);
    expect(notified.length).toBeLessThanOrEqual(changes);
    const kept = stage.state.told === undefined ? 0 : 1;
    const entries = stage.history.filter(({ kind }) => kind !== "command").length;
    expect(notified.length).toBeLessThanOrEqual(entries + kept);
  });

  it("wakes people for its moves, and not each time that it holds", () => {
    const woken = stage.cloud.news.filter(({ detail }) => detail.notify);
    expect(woken.length).toBeLessThan(2 * moves.length);
    expect(stage.history.filter(({ kind }) => kind === "refusal").length).toBeGreaterThan(3 * moves.length);
  });

  it("writes when something changes, and not at every look", () => {
    expect(stage.writes).toBeLessThan(stage.told.length);
    expect(stage.writes).toBeLessThanOrEqual(3 * changes);
  });
});
