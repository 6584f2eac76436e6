/**
 * Writes of the record: one conditional UpdateItem a write, safe to repeat under its guard.
 *
 *   send ── answered ───────────────────────────────→ written
 *    │ └─── condition failed ─→ read back ─ landed ─→ written after all (the answer of an earlier send was lost)
 *    │                                    └─ else ──→ not written, and the state as it stands
 *    └───── no answer ────────→ read back ─ landed ─→ written after all
 *                                         └─ else ──→ send again, three times at most: the guard decides
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { State } from "../core/model.ts";
import { SCHEMA } from "../core/model.ts";
import { Failure } from "../errors.ts";
import type { World } from "../world.ts";
import { answered, backOff, conditionFailed, passing, TRIES } from "./call.ts";
import { type Change, difference, everything, type Guard, updateOf } from "./difference.ts";
import { MAPS, stateOf } from "./item.ts";
import { stateKey } from "./keys.ts";
import { landed, type Write } from "./landed.ts";
import { readOnce } from "./read.ts";

/** After this long no further try begins. */
const INSIST_MS = 3_000;

/** Whether the state was written, and the state as it stands now. */
export type WriteResult =
  | { readonly written: true; readonly state: State }
  | { readonly written: false; readonly state: State };

/** What one send came to; a failure: nobody knows whether it was written. */
type Sent = WriteResult | "refused" | Failure;

/**
 * Writes the difference between two states, if there is any, where the guard holds. Losing is an answer, no error.
 * Throws Failure: `bug` for a record of a newer schema, else when no answer could be had within about three seconds.
 */
export async function writeState(
  world: World,
  group: string,
  before: State,
  after: State,
  guard: Guard,
): Promise<WriteResult> {
  if (before.schema > SCHEMA || after.schema > SCHEMA) {
    throw new Failure(
      "bug",
      "NewerRecord",
      "record",
      `The record of group ${group} has a newer schema and must not be written.`,
    );
  }
  const fresh = guard.kind === "version" && guard.version === 0;
  const changed = difference(before, after);
  if (changed.length === 0) return { written: true, state: before };
  const changes: readonly Change[] = fresh ? everything(after) : changed;
  return await insistOn(world, group, { before, after, changes, guard });
}

async function insistOn(world: World, group: string, write: Write): Promise<WriteResult> {
  const until = world.clock.now() + INSIST_MS;
  for (let attempt = 1; ; attempt += 1) {
    const sent = await sendOnce(world, group, write);
    if (sent !== "refused" && !(sent instanceof Failure)) return sent;
    const result = await readBack(world, group, write, sent);
    if (!(result instanceof Failure)) return result;
    if (attempt === TRIES || world.clock.now() >= until) throw result;
    await backOff(world, attempt);
  }
}

async function sendOnce(world: World, group: string, write: Write): Promise<Sent> {
  const command = new UpdateCommand(updateOf(world.table, group, write.changes, write.guard));
  const send = () => answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
  try {
    const { Attributes } = await send().catch(async (error: unknown) => {
      if (!isPathMissing(error, write)) throw error;
      await addMaps(world, group);
      return await send();
    });
    return { written: true, state: stateOf(group, Attributes) };
  } catch (error) {
    return conditionFailed(error) ? "refused" : passing(error, world, "record");
  }
}

/** What the record says of a write that was refused or not answered; a Failure: it does not say, so send again. */
async function readBack(
  world: World,
  group: string,
  write: Write,
  sent: "refused" | Failure,
): Promise<WriteResult | Failure> {
  try {
    const state = await readOnce(world, group);
    if (landed(write, state)) return { written: true, state };
    return sent === "refused" ? { written: false, state } : sent;
  } catch (error) {
    const failure = passing(error, world, "read");
    return sent === "refused" ? failure : sent;
  }
}

/** A key of a map can't be set where the map is missing: in an item that was made by hand, or by an older version. */
function isPathMissing(error: unknown, { changes }: Write): boolean {
  const byKey = changes.some(({ key }) => key !== undefined);
  return byKey && error instanceof Error && error.name === "ValidationException";
}

/** Adds the maps that are missing. It changes nothing that anybody reads, so the version stays as it is. */
async function addMaps(world: World, group: string): Promise<void> {
  const command = new UpdateCommand({
    TableName: world.table,
    Key: stateKey(group),
    UpdateExpression: `SET ${MAPS.map((name) => `#${name} = if_not_exists(#${name}, :empty)`).join(", ")}`,
    ConditionExpression: "attribute_exists(#pk)",
    ExpressionAttributeNames: { "#pk": "pk", ...Object.fromEntries(MAPS.map((name) => [`#${name}`, name])) },
    ExpressionAttributeValues: { ":empty": {} },
  });
  await answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
}
