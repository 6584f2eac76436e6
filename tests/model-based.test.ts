/**
 * Commands in any order against a small model of what must be true. A failure prints the shortest sequence, its seed and
 * its path: put them, and the `replayPath` that stands at the end of the commands, in place of those below.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { resume } from "../shared/core/commands.ts";
import { onHealthEvent } from "../shared/health-event.ts";
import { commandsOnThree, type Model, type Real } from "./enumeration/commands.ts";
import { groupOf } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";
import type { BusEvent } from "./simulation/bus-events.ts";

const FIXED = { seed: 20_260_101, numRuns: 30 };
/** Cooldown, lease and the table's absence are over by then. */
const SWEEPS = 12;

function setUp(): { model: Model; real: Real } {
  const stage = new Stage(groupOf({ members: 3, interfaces: 2 }));
  const events: BusEvent[] = [];
  stage.onEvent = (event) => {
    events.push(event);
    const name = `event-${events.length}`;
    stage.scheduler.after(300, () => {
      stage.invoke(name, async (world, tell) => {
        await onHealthEvent(event, stage.config, world, tell);
      });
    });
  };
  const model: Model = {
    health: ["well", "well", "well"],
    failures: 0,
    requests: 0,
    paused: false,
    epoch: 0,
  };
  return { model, real: { stage, events } };
}

it("whatever happens in whatever order, the model stays true, and left in peace the group settles", async () => {
  let moves = 0;
  const property = fc.asyncProperty(commandsOnThree(), async (commands) => {
    let used: ReturnType<typeof setUp> | undefined;
    await fc.asyncModelRun(() => {
      used = setUp();
      return used;
    }, commands);
    if (used === undefined) return;
    const { stage } = used.real;
    stage.tableAwayUntil = 0;
    stage.invoke("the end", async (world) => {
      await command(stage.group, stage.config, world, (state, now) => resume(state, { by: "operator" }, now));
    });
    for (let sweeps = 0; sweeps < SWEEPS; sweeps += 1) await stage.sweepOnce();
    await stage.pass(MINUTE);
    moves += stage.state.moves.length;
    const wrong = stage.wrong();
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
  await fc.assert(property, FIXED);
  console.log(`${FIXED.numRuns} sequences of commands, ${moves} moves`);
  expect(moves).toBeGreaterThan(FIXED.numRuns / 2);
});
