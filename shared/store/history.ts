/**
 * The history of a group, and the outbox that makes sure of it: an entry stands in the state item until its history
 * item is known to be there. Writing it twice is harmless, losing it is not possible.
 */
import { PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import type { HistoryEntry } from "../core/model.ts";
import { SCHEMA } from "../core/model.ts";
import { together } from "../observe/together.ts";
import type { World } from "../world.ts";
import { conditionFailed, insist } from "./call.ts";
import { plain } from "./item.ts";
import { EVENT_PREFIX, historyKey, partitionOf, stateKey } from "./keys.ts";
import { historyEntry } from "./shapes.ts";

const DAY_SECONDS = 86_400;
/** So many keys go in one update: its expression may have 4 KB. */
const KEYS_AT_ONCE = 50;

type Entries = Readonly<Record<string, HistoryEntry>>;

/** Writes the entries, by their outbox keys; they expire `days` after they happened. Idempotent. Throws Failure. */
export async function writeHistory(
  world: World,
  group: string,
  entries: Entries,
  days: number,
): Promise<void> {
  await together(
    Object.entries(entries).map(([key, entry]) => {
      const ttl = Math.ceil(entry.at / 1_000) + days * DAY_SECONDS;
      const command = new PutCommand({
        TableName: world.table,
        Item: { ...(plain(entry) as object), ttl, ...historyKey(group, key) },
      });
      return insist(world, "record", (abortSignal) => world.dynamodb.send(command, { abortSignal }));
    }),
  );
}

/** The newest `count` entries, newest first. An entry that can't be understood is left out, and logged. */
export async function readHistory(world: World, group: string, count: number): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let from: Record<string, unknown> | undefined;
  while (entries.length < count) {
    const command = new QueryCommand({
      TableName: world.table,
      KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
      ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
      ExpressionAttributeValues: { ":pk": partitionOf(group), ":prefix": EVENT_PREFIX },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: count - entries.length,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    const page = await insist(world, "read", (abortSignal) => world.dynamodb.send(command, { abortSignal }));
    for (const item of page.Items ?? []) entries.push(...entryOf(world, group, item));
    from = page.LastEvaluatedKey;
    if (from === undefined) break;
  }
  return entries;
}

function entryOf(world: World, group: string, item: Record<string, unknown>): readonly HistoryEntry[] {
  const { pk: _pk, sk, ttl: _ttl, ...entry } = item;
  const parsed = v.safeParse(historyEntry, entry);
  if (parsed.success) return [parsed.output];
  world.log("warn", "a history item is broken and left out", {
    group,
    sk,
    problem: parsed.issues[0].message,
  });
  return [];
}

/**
 * Takes entries out of the outbox. Touches nothing else, and adds one to the version if any was there. In the record of a
 * newer version they stay: done twice is harmless.
 */
export async function clearOutbox(world: World, group: string, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    await clearKeys(world, group, keys.slice(at, at + KEYS_AT_ONCE));
  }
}

async function clearKeys(world: World, group: string, keys: readonly string[]): Promise<void> {
  const paths = keys.map((_, at) => `#outbox.#k${at}`);
  const command = new UpdateCommand({
    TableName: world.table,
    Key: stateKey(group),
    UpdateExpression: `SET #version = #version + :one REMOVE ${paths.join(", ")}`,
    ConditionExpression: `#schema <= :schema AND (${paths.map((path) => `attribute_exists(${path})`).join(" OR ")})`,
    ExpressionAttributeNames: {
      "#version": "version",
      "#outbox": "outbox",
      "#schema": "schema",
      ...Object.fromEntries(keys.map((key, at) => [`#k${at}`, key])),
    },
    ExpressionAttributeValues: { ":one": 1, ":schema": SCHEMA },
  });
  try {
    await insist(world, "record", (abortSignal) => world.dynamodb.send(command, { abortSignal }));
  } catch (error) {
    // None of them is there any more, since somebody else has delivered them; or the record is not ours to write.
    if (!conditionFailed(error)) throw error;
  }
}
