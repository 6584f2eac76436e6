/** The outbox: history that stands in the state item until its own item is known to be there. */
import type { State } from "./core/model.ts";
import { clearOutbox, writeHistory } from "./store.ts";
import type { World } from "./world.ts";

/**
 * Writes the history items of a state's outbox, then clears it. A failure here loses nothing and stops nothing: the
 * entries stay in the outbox, and the next look that finds them tries again. Writing one twice is harmless.
 */
export async function deliverOutbox(
  world: World,
  group: string,
  state: State,
  historyDays: number,
): Promise<void> {
  const keys = Object.keys(state.outbox);
  if (keys.length === 0) return;
  try {
    await writeHistory(world, group, state.outbox, historyDays);
    await clearOutbox(world, group, keys);
  } catch (error) {
    world.log("warn", "history could not be written; it waits in the record", {
      group,
      entries: keys.length,
      error,
    });
  }
}
