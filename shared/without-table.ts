/**
 * A look without the table (two tries of a second each). The controller must not need its notebook to save the day: it
 * takes the group off members that are dead beyond doubt, and nothing more. Once the table answers, it stops and decides
 * anew with what the record says.
 */
import { tellAside } from "./aside.ts";
import { carry } from "./carry.ts";
import type { Group, Move, Observation, RecordRead, Request, State } from "./core/model.ts";
import { intentOf, settle, started } from "./core/record.ts";
import { SCHEMA } from "./core/state.ts";
import { type Blind, decideWithout, knownState } from "./core/without.ts";
import { Failure } from "./errors.ts";
import { together } from "./observe/together.ts";
import { observe } from "./observe.ts";
import type { Report } from "./report.ts";
import { writeState } from "./store.ts";
import { Unclaimed } from "./unclaimed.ts";
import type { World } from "./world.ts";

/** The record that could not be read, and what was seen meanwhile. */
export interface Away {
  readonly record: Extract<RecordRead, { read: "away" }>;
  readonly observation: Observation;
}

/** What the look may do: a plan, and a group that only observes, may do nothing without the record. */
export interface Asking {
  readonly request?: Request;
  readonly plan?: boolean;
  readonly planId?: string;
}

/** Acts where that is safe; undefined: look again. Throws `TableAway` where the record is needed. */
export async function actWithoutTable(
  group: Group,
  asking: Asking,
  { record, observation }: Away,
  world: World,
): Promise<Report | undefined> {
  const never = asking.plan === true || asking.planId !== undefined || group.policy.mode === "observe";
  if (never) throw away(record.error, "nothing is done without the record");
  const blind = (seen: Observation): Blind => {
    return { group, observation: seen, copy: record.copy, request: asking.request, now: world.clock.now() };
  };
  const first = decideWithout(blind(observation));
  if (typeof first === "string") throw away(record.error, first);
  const detailed = observation.detailed ? observation : await observe(world, group, { details: true });
  const scene = blind(detailed);
  const move = decideWithout(scene);
  if (typeof move === "string") throw away(record.error, move);
  world.log("warn", "acting without the table", { group: group.name, to: move.to, error: record.error });
  const intent = unfenced(move, scene, world.nonce());
  const state = { ...knownState(scene), intent };
  const claim = new Unclaimed(world, group, state);
  const now = world.clock.now();
  const carrying = carry({ group, observation: detailed, claim, resumed: false }, world);
  const telling = tellAside(world, [{ group: group.name, entry: started(intent, state.epoch, now) }]);
  return (await together([carrying, telling]))[0].report;
}

/** Fencing changes what only the record could give back. */
function unfenced(move: Move, { group, observation, now }: Blind, id: string) {
  const { fence: _, ...intent } = intentOf(move, group, observation, id, now);
  return intent;
}

function away(error: string, why: string): Failure {
  return new Failure(
    "retry",
    "TableAway",
    "record",
    `the table did not answer: ${error}; without it: ${why}`,
  );
}

/**
 * Records what this environment did without the table, as the move that it was. Where somebody has recorded a later
 * move since (or found this one), that stands.
 */
export async function recordLate(group: Group, state: State, world: World): Promise<State> {
  const { unrecorded } = world.memory;
  const late = unrecorded.get(group.name);
  const busy = state.lease !== undefined || state.intent !== undefined || state.schema > SCHEMA;
  if (late === undefined || busy) return state;
  const forget = (): void => {
    if (unrecorded.get(group.name) === late) unrecorded.delete(group.name);
  };
  if ((state.moves.at(-1)?.at ?? 0) >= late.at) {
    forget();
    return state;
  }
  const { intent, message, phases, interfaces, at } = late;
  const because = intent.because;
  const told = `${message} It was made without the table.`;
  const next = settle(
    state,
    group,
    intent,
    { kind: "moved", because, message: told, phases, interfaces },
    at,
  );
  const guard = { kind: "version", version: state.version } as const;
  const result = await writeState(world, group.name, state, next, guard);
  if (result.written) forget();
  return result.state;
}
