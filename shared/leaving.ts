/** An announced end that arrived as an event: noted in the record, since the event comes only once. */
import type { State } from "./core/model.ts";
import { SCHEMA } from "./core/model.ts";
import { Failure } from "./errors.ts";
import { readState, writeState } from "./store.ts";
import type { World } from "./world.ts";

const TRIES = 3;

/**
 * Notes that a member leaves. Touches only its own key, under the version, so that no claim is disturbed.
 * Throws `Failure` when the table does not take it: the event is then delivered again.
 */
export async function announceLeaving(
  world: World,
  group: string,
  member: string,
  leaving: State["leaving"][string],
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const record = await readState(world, group);
    if (record.read === "away") throw new Failure("retry", "TableAway", "record", record.error);
    const { state } = record;
    // Not ours to write; the look that follows says so.
    if (state.schema > SCHEMA) return;
    if ((state.leaving[member]?.at ?? 0) >= leaving.at) return;
    const after = { ...state, leaving: { ...state.leaving, [member]: leaving } };
    const result = await writeState(world, group, state, after, { kind: "version", version: state.version });
    if (result.written) return;
  }
  throw new Failure("retry", "Contention", "record", `the announced end of ${member} could not be noted`);
}
