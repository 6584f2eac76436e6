/**
 * Once a day each group is looked at by the doctor. The sweep sees to it: the record, which it has just read, says when
 * the last time was, so it costs nothing to know. A few are started a minute, spread over half a day, at the end of a
 * sweep and in invocations of their own: no failover waits for them, nor for the tokens that their dry runs take.
 */
import type { Config } from "./config.ts";
import { examinationDue } from "./core/finding-changes.ts";
import type { Group } from "./core/model.ts";
import { SCHEMA } from "./core/model.ts";
import { failureOf } from "./errors.ts";
import { startExamination } from "./start.ts";
import type { World } from "./world.ts";

/** In so many sweeps every group of the fleet has had its turn. */
const SWEEPS = 720;
/** A look that was started and left no trace is not started anew at every sweep. */
const AGAIN_AFTER_MS = 3_600_000;

/** Starts the doctor for the groups whose turn it is, longest ago first; nothing where only some groups were swept. */
export async function startExaminations(
  groups: readonly Group[],
  config: Config,
  world: World,
): Promise<void> {
  const all = Object.keys(config.groups).length;
  if (world.self?.doctor === undefined || groups.length < all) return;
  for (const name of dueIn(groups, world).slice(0, Math.ceil(all / SWEEPS))) {
    world.memory.examined.set(name, world.clock.now());
    try {
      await startExamination(world, name);
    } catch (error) {
      // The look that the sweep is there for has been taken; this one comes again.
      const { message } = failureOf(error, "start");
      world.log("warn", "the doctor could not be asked to look", { group: name, error: message });
    }
  }
}

function dueIn(groups: readonly Group[], { clock, memory }: World): readonly string[] {
  const now = clock.now();
  const due = groups.flatMap(({ name }) => {
    const state = memory.copies.get(name)?.state;
    const asked = memory.examined.get(name) ?? Number.NEGATIVE_INFINITY;
    if (state === undefined || state.schema > SCHEMA || now - asked < AGAIN_AFTER_MS) return [];
    return examinationDue(state, now) ? [{ name, at: state.examined?.at ?? 0 }] : [];
  });
  return due.sort((left, right) => left.at - right.at).map(({ name }) => name);
}
