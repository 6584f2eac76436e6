/**
 * Drills on schedule: one group after another, so that never more than one is away from its usual place, and those first
 * whose last drill is the longest ago. What this run has no time for comes first in the next.
 */
import type { Config } from "../config.ts";
import { type DrillTools, drill } from "../drill.ts";
import { caughtFailure } from "../errors.ts";
import type { Answer } from "../report.ts";
import { answerOf, Refused } from "../report.ts";
import type { DrillRequest } from "../requests/drill.ts";
import { readState } from "../store.ts";
import { throwAll } from "../sweep.ts";
import type { World } from "../world.ts";

export interface Drilled {
  /** Of every group that was drilled or refused: a refusal is an answer here, and was told. */
  readonly drills: readonly Answer[];
  /** The groups that the next run begins with. */
  readonly left: readonly string[];
}

/** No drill begins with less time left: it has to end, and to be switched back. */
const LEAST_MS = 300_000;

/** Throws, after all were tried, what went wrong where a drill was neither made nor refused. */
export async function scheduledDrills(
  asked: readonly DrillRequest[],
  config: Config,
  world: World,
  tools: DrillTools,
): Promise<Drilled> {
  const due = [...(await oldestFirst(asked, world))];
  const drills: Answer[] = [];
  const errors: unknown[] = [];
  while (due.length > 0 && world.deadline - world.clock.now() >= LEAST_MS) {
    const next = due.shift();
    if (next === undefined) break;
    try {
      drills.push(await drill(next, config, world, tools));
    } catch (error) {
      if (error instanceof Refused) drills.push(answerOf(error.report));
      else {
        world.log("error", "a drill failed", { group: next.group.name, error });
        errors.push(error);
      }
    }
  }
  throwAll(errors, asked.length);
  return { drills, left: due.map(({ group }) => group.name) };
}

async function oldestFirst(asked: readonly DrillRequest[], world: World): Promise<readonly DrillRequest[]> {
  const timed = await Promise.all(
    asked.map(async (request) => ({ request, last: await lastDrill(request.group.name, world) })),
  );
  return timed.toSorted((left, right) => left.last - right.last).map(({ request }) => request);
}

/** When the group was last drilled; 0 where that can't be read: its own drill says why. */
async function lastDrill(group: string, world: World): Promise<number> {
  try {
    const record = await readState(world, group);
    return record.read === "ok" ? (record.state.drill?.since ?? 0) : 0;
  } catch (caught) {
    caughtFailure(caught);
    return 0;
  }
}
