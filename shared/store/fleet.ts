/**
 * The recent moves of all groups on alarm evidence alone, for the surge rule. Approximate by design: one item, one
 * attribute a group, no guard; a failure here never stops a move.
 */
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import type { MoveBecause } from "../core/model.ts";
import type { World } from "../world.ts";
import { answered, conditionFailed } from "./call.ts";
import { FLEET_KEY } from "./keys.ts";

/** When and why each group last moved on alarm evidence, by group. */
export type Fleet = Readonly<Record<string, FleetMove>>;
export interface FleetMove {
  readonly at: number;
  readonly because: MoveBecause;
  /** A nonce of the look that noted it: who takes back what it has noted takes back nothing else. */
  readonly by: string;
}

/** The longest that `surge.seconds` may be. */
const KEPT_MS = 86_400_000;
const PREFIX = "GROUP#";
/** A `since` by which whatever is noted is written over. */
export const NOTHING_STANDS = Number.POSITIVE_INFINITY;

const moveShape: v.GenericSchema<unknown, FleetMove> = v.object({
  at: v.number(),
  because: v.custom<MoveBecause>((value) => typeof value === "string"),
  by: v.string(),
});

/** The moves of the last day; none of them where the table does not answer. */
export async function readFleet(world: World): Promise<Fleet> {
  const command = new GetCommand({ TableName: world.table, Key: FLEET_KEY, ConsistentRead: true });
  try {
    const { Item } = await answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
    return fleetOf(Item ?? {}, world.clock.now() - KEPT_MS).recent;
  } catch (error) {
    world.log("warn", "the recent moves of the fleet could not be read", { error });
    return {};
  }
}

/**
 * Notes that a group is about to move, drops what is older than a day, and answers all that is noted, this group
 * included; nothing where the table does not answer. What is noted of the group stands if it is newer than `since`: what is
 * older says nothing to the others of this move, and is written over.
 */
export async function noteFleet(
  world: World,
  group: string,
  move: Pick<FleetMove, "because" | "by">,
  since = Number.NEGATIVE_INFINITY,
): Promise<Fleet> {
  const now = world.clock.now();
  try {
    const command = new UpdateCommand({
      TableName: world.table,
      Key: FLEET_KEY,
      UpdateExpression:
        since === NOTHING_STANDS ? "SET #group = :move" : "SET #group = if_not_exists(#group, :move)",
      ExpressionAttributeNames: { "#group": `${PREFIX}${group}` },
      ExpressionAttributeValues: { ":move": { at: now, ...move } },
      ReturnValues: "ALL_NEW",
    });
    const { Attributes } = await answered(world, (abortSignal) =>
      world.dynamodb.send(command, { abortSignal }),
    );
    const { recent, old } = fleetOf(Attributes ?? {}, now - KEPT_MS);
    const stands = (recent[group]?.at ?? Number.NEGATIVE_INFINITY) > since;
    if (!stands && since !== NOTHING_STANDS) return await noteFleet(world, group, move, NOTHING_STANDS);
    await dropOld(world, old);
    return recent;
  } catch (error) {
    world.log("warn", "the move could not be noted for the fleet", { group, error });
    return {};
  }
}

/** Takes back what this look has noted of a group that does not move after all; what another has noted stands. */
export async function forgetFleet(world: World, group: string, by: string): Promise<void> {
  try {
    await remove(world, [{ name: `${PREFIX}${group}`, still: { by } }]);
  } catch (error) {
    if (conditionFailed(error)) return;
    world.log("warn", "the fleet still shows a move that was not made", { group, error });
  }
}

interface Noted {
  /** The attribute. */
  readonly name: string;
  /** It goes only while this is so: it may have been noted anew meanwhile. */
  readonly still?: Readonly<Record<string, unknown>>;
}

/** Drops what is old. What is left of it says nothing to anybody, and goes with the next move that is noted. */
async function dropOld(world: World, old: readonly Noted[]): Promise<void> {
  try {
    if (old.length > 0) await remove(world, old);
  } catch (error) {
    if (conditionFailed(error)) return;
    world.log("warn", "old moves of the fleet could not be dropped", { error });
  }
}

/** Removes these, all of them or none. */
async function remove(world: World, noted: readonly Noted[]): Promise<void> {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const conditions: string[] = [];
  noted.forEach(({ name, still = {} }, at) => {
    names[`#g${at}`] = name;
    for (const [field, value] of Object.entries(still)) {
      names[`#${field}`] = field;
      values[`:${field}${at}`] = value;
      conditions.push(`#g${at}.#${field} = :${field}${at}`);
    }
  });
  const guard = { ConditionExpression: conditions.join(" AND "), ExpressionAttributeValues: values };
  const command = new UpdateCommand({
    TableName: world.table,
    Key: FLEET_KEY,
    UpdateExpression: `REMOVE ${noted.map((_, at) => `#g${at}`).join(", ")}`,
    ExpressionAttributeNames: names,
    ...(conditions.length === 0 ? {} : guard),
  });
  await answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
}

/** The moves since `from`, by group, and the attributes that are older, or not to be understood. */
function fleetOf(
  item: Readonly<Record<string, unknown>>,
  from: number,
): { recent: Fleet; old: readonly Noted[] } {
  const recent: Record<string, FleetMove> = {};
  const old: Noted[] = [];
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith(PREFIX)) continue;
    const parsed = v.safeParse(moveShape, value);
    if (!parsed.success) old.push({ name });
    else if (parsed.output.at >= from) recent[name.slice(PREFIX.length)] = parsed.output;
    else old.push({ name, still: { at: parsed.output.at } });
  }
  return { recent, old: old.slice(0, 50) };
}
