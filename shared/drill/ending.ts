/** The end of a drill: awaited in the record, where the look that its alarm starts writes it. */
import { command } from "../command.ts";
import type { Config } from "../config.ts";
import { endDrill, lapseDrill, openDrill } from "../core/drill.ts";
import type { Drill, Group, State } from "../core/model.ts";
import { readState } from "../store.ts";
import type { World } from "../world.ts";

const POLL_MS = 500;
/** What is left to do when the function's time runs out: the alarm, and the answer. */
const LEAVE_BEFORE_DEADLINE_MS = 15_000;

/** Waits until the drill has ended, or has lapsed; without an end where this invocation must end before. */
export async function ending(group: Group, config: Config, begun: Drill, world: World): Promise<Drill> {
  let last = begun;
  for (;;) {
    await world.clock.sleep(POLL_MS);
    const record = await readState(world, group.name);
    const now = world.clock.now();
    const state = record.read === "ok" ? record.state : undefined;
    if (state?.drill?.id === begun.id) last = state.drill;
    if (last.end !== undefined || now > world.deadline - LEAVE_BEFORE_DEADLINE_MS) return last;
    const over = openDrill({ drill: last }, now) === undefined;
    if (state?.intent === undefined && state !== undefined && over)
      last = await end(group, config, last, world, lapseDrill);
  }
}

/** Ends a drill whose alarm could not be set. */
export async function giveUp(
  group: Group,
  config: Config,
  begun: Drill,
  world: World,
  why: string,
): Promise<void> {
  const message = `The alarm could not be set: ${why}`;
  await end(group, config, begun, world, (state, at) => {
    // Whoever holds the group by then ends the drill with the move.
    if (state.intent !== undefined) return state;
    return endDrill(
      state,
      { at, outcome: "failed", because: "operator-needed", message },
      `v${state.version}.3`,
    );
  });
}

/** The drill as it stands once `apply` is written. */
async function end(
  group: Group,
  config: Config,
  begun: Drill,
  world: World,
  apply: (state: State, now: number) => State,
): Promise<Drill> {
  let drill = begun;
  await command(group, config, world, (state, now) => {
    const next = apply(state, now);
    if (next.drill?.id === begun.id) drill = next.drill;
    return { state: next, changed: next !== state, message: drill.end?.message ?? "The drill goes on." };
  });
  return drill;
}
