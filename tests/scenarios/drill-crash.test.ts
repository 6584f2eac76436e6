/**
 * Crash at every step of a drill: the command, and the look that its alarm's event starts, killed before and after each of
 * their calls. Whoever dies: the drill has one end, the group moved once or not at all, and in the end all is at rest.
 */
import { expect, it } from "vitest";
import { FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { type Crash, Stage } from "../enumeration/stage.ts";
import { ask, connectBus, settled } from "./drills.ts";

const STATUS = "status-first";

function group() {
  const plain = groupOf();
  const members = plain.members.map((one) => (one.name === FIRST ? { ...one, statusAlarm: STATUS } : one));
  return { ...plain, members };
}

interface Aftermath {
  readonly calls: number;
  readonly wrong: readonly string[];
  /** How the drill ended; undefined: it never began. */
  readonly end: string | undefined;
}

/** A drill of which one invocation is killed at one call, and sweeps until long after it has lapsed. */
async function afterCrash(of: "command" | "look", crash?: Crash): Promise<Aftermath> {
  const stage = await settled(new Stage(group()));
  const looks = connectBus(stage, () => 1, of === "look" ? crash : undefined);
  const { invocation } = ask(stage, { group: "nat-a" }, of === "command" ? crash : undefined);
  for (let sweeps = 0; sweeps < 4; sweeps += 1) await stage.sweepOnce();
  const { state, holders, history } = stage;
  const end = state.drill?.end?.outcome;
  const wrong = [...stage.wrong()];
  const demand = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  const moved = end === "moved";
  demand(`the drill has no end`, state.drill === undefined || end !== undefined);
  demand(
    `it ended ${end}, and the group is on ${holders.join()}`,
    holders.join() === (moved ? SECOND_MEMBER : FIRST),
  );
  demand(`${state.moves.length} moves are remembered`, state.moves.length === (moved ? 1 : 0));
  const ends = history.filter(
    ({ kind, message }) => kind === "failed-drill" || message.includes("has ended"),
  );
  demand(`its end was told ${ends.length} times`, ends.length === (state.drill === undefined ? 0 : 1));
  demand("the alarm is in ALARM", stage.cloud.cloudwatch.stateTruth(STATUS) === "OK");
  return { calls: (of === "command" ? invocation : looks[0])?.calls ?? 0, wrong, end };
}

it.each(["command", "look"] as const)("the %s of a drill, killed at any call", async (of) => {
  const { calls, wrong: leftAlone, end } = await afterCrash(of);
  expect({ leftAlone, end }).toEqual({ leftAlone: [], end: "moved" });
  const found: string[] = [];
  const ends = new Set<string | undefined>();
  for (let call = 1; call <= calls; call += 1) {
    for (const after of [false, true]) {
      const { wrong, end } = await afterCrash(of, { call, after });
      ends.add(end);
      found.push(...wrong.map((what) => `killed ${after ? "after" : "before"} call ${call}: ${what}`));
    }
  }
  console.log(`${of}: ${calls * 2} crashes, ended ${[...ends].join(", ")}`);
  expect(found).toEqual([]);
  expect(ends).toContain("moved");
  expect(ends).toContain("failed");
});
