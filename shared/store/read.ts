/** Reads of the record: always consistent, since decisions rest on them. */
import { BatchGetCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { RecordRead, State } from "../core/model.ts";
import { Failure } from "../errors.ts";
import type { World } from "../world.ts";
import { answered, awayBecause, backOff } from "./call.ts";
import { stateOf } from "./item.ts";
import { type Key, partitionOf, stateKey } from "./keys.ts";

const READ_TRIES = 2;
/** What BatchGetItem takes in one call. */
const BATCH = 100;

/**
 * Reads the record of a group. `away` when the table gave no answer in two tries of a second each, whatever the reason:
 * the controller must not need its notebook to save the day. Throws Failure for a bug and for a broken record.
 */
export async function readState(world: World, group: string): Promise<RecordRead> {
  let error = "";
  for (let attempt = 1; attempt <= READ_TRIES; attempt += 1) {
    try {
      return { read: "ok", state: await readOnce(world, group) };
    } catch (caught) {
      error = awayBecause(caught, world);
    }
  }
  return away(world, group, error);
}

function away(world: World, group: string, error: string): RecordRead {
  const copy = world.memory.copies.get(group);
  return { read: "away", error, ...(copy === undefined ? {} : { copy }) };
}

/** What was read, kept for the time that the table is away. As old as the moment at which it was asked for. */
function kept(world: World, group: string, state: State, at: number): State {
  world.memory.copies.set(group, { at, state });
  return state;
}

/** One consistent read, one try. Throws what the SDK throws, TimeoutError, or Failure for a broken record. */
export async function readOnce(world: World, group: string): Promise<State> {
  const at = world.clock.now();
  const command = new GetCommand({ TableName: world.table, Key: stateKey(group), ConsistentRead: true });
  const { Item } = await answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
  return kept(world, group, stateOf(group, Item), at);
}

/** Asks for the record once: does the table answer? What it says is read again by whoever then decides. */
export async function tableAnswers(world: World, group: string): Promise<boolean> {
  try {
    await readOnce(world, group);
    return true;
  } catch (caught) {
    awayBecause(caught, world);
    return false;
  }
}

/**
 * Reads the records of many groups in calls of a hundred, for a look at all of them. A record that is broken, or that
 * the table left out, is `away` here: a group of its own look finds out why.
 */
export async function readStates(
  world: World,
  groups: readonly string[],
): Promise<ReadonlyMap<string, RecordRead>> {
  const unique = [...new Set(groups)];
  const pages: string[][] = [];
  for (let at = 0; at < unique.length; at += BATCH) pages.push(unique.slice(at, at + BATCH));
  const read = await Promise.all(pages.map((page) => readPage(world, page)));
  return new Map(read.flat());
}

async function readPage(world: World, groups: readonly string[]): Promise<[string, RecordRead][]> {
  let wanted: readonly Key[] = groups.map(stateKey);
  const items = new Map<unknown, Record<string, unknown>>();
  let error = "the table did not answer for this group";
  const at = world.clock.now();
  for (let attempt = 1; attempt <= READ_TRIES && wanted.length > 0; attempt += 1) {
    if (attempt > 1) await backOff(world, attempt);
    try {
      const page = await readBatch(world, wanted);
      for (const item of page.items) items.set(item.pk, item);
      wanted = page.left;
    } catch (caught) {
      error = awayBecause(caught, world);
    }
  }
  const left = new Set(wanted.map(({ pk }) => pk));
  return groups.map((group) => {
    const pk = partitionOf(group);
    return [group, left.has(pk) ? away(world, group, error) : parsed(world, group, items.get(pk), at)];
  });
}

async function readBatch(
  world: World,
  keys: readonly Key[],
): Promise<{ items: readonly Record<string, unknown>[]; left: readonly Key[] }> {
  const command = new BatchGetCommand({
    RequestItems: { [world.table]: { Keys: [...keys], ConsistentRead: true } },
  });
  const answer = await answered(world, (abortSignal) => world.dynamodb.send(command, { abortSignal }));
  const unprocessed = answer.UnprocessedKeys?.[world.table]?.Keys ?? [];
  const left = new Set(unprocessed.map((key) => key.pk));
  return { items: answer.Responses?.[world.table] ?? [], left: keys.filter(({ pk }) => left.has(pk)) };
}

function parsed(
  world: World,
  group: string,
  item: Record<string, unknown> | undefined,
  at: number,
): RecordRead {
  try {
    return { read: "ok", state: kept(world, group, stateOf(group, item), at) };
  } catch (caught) {
    if (!(caught instanceof Failure)) throw caught;
    return { read: "away", error: caught.message, broken: true };
  }
}
