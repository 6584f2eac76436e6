/**
 * The outbox: what has to be written down and told, kept in the state item until both are known to be done. So a move, its
 * history and its event can't part: done twice is harmless, lost is not possible.
 */
import { send } from "./bus.ts";
import type { HistoryEntry, State } from "./core/model.ts";
import { type News, newsOf } from "./core/news.ts";
import { rememberSent } from "./memory.ts";
import { clearOutbox, writeHistory } from "./store.ts";
import type { World } from "./world.ts";

/** So long an entry is its writer's to deliver: others would tell the same at the same time. */
const WRITERS_OWN_MS = 20_000;
/** EventBridge itself gives a target up after a day. What can't be told must not fill the record up. */
const GIVE_UP_AFTER_MS = 86_400_000;
const WAITING_AT_MOST = 50;

export interface Delivery {
  readonly historyDays: number;
  /** Entries that this look has written itself. */
  readonly ours: (key: string, entry: HistoryEntry) => boolean;
  /** False: events are left to somebody who may send them. */
  readonly mayTell?: boolean;
}

/** The entries that a write has added. */
export function addedBy(before: State, after: State): Delivery["ours"] {
  return (key) => !(key in before.outbox) && key in after.outbox;
}

/**
 * Writes the history items of a state's outbox and sends its events, side by side, then clears what is done. A failure
 * here loses nothing and stops nothing: the entries stay, and the next look that finds them tries again.
 */
export async function deliverOutbox(
  world: World,
  group: string,
  { outbox }: State,
  { historyDays, ours, mayTell = true }: Delivery,
): Promise<void> {
  const now = world.clock.now();
  const due = Object.entries(outbox).filter(
    ([key, entry]) => ours(key, entry) || (mayTell && now - entry.at >= WRITERS_OWN_MS),
  );
  if (due.length === 0) return;
  const [written, told] = await Promise.all([
    write(world, group, due, historyDays),
    mayTell ? tell(world, group, due) : untold(group, due),
  ]);
  const done = due.map(([key]) => key).filter((key) => written && told.has(key));
  if (done.length > 0) await clear(world, group, done);
}

type Entries = readonly (readonly [string, HistoryEntry])[];

/** Tells of what has just been claimed, beside what is being done: it stays in the outbox until the end. */
export async function tellAhead(
  world: World,
  group: string,
  { outbox }: State,
  epoch: number,
): Promise<void> {
  const ahead = Object.entries(outbox).filter(
    ([, { kind, epoch: of }]) => kind === "started" && of === epoch,
  );
  await tell(world, group, ahead);
}

/** Sends what this environment has not sent yet. Answers the keys that need no more telling. */
async function tell(world: World, group: string, entries: Entries): Promise<ReadonlySet<string>> {
  const { sent } = world.memory;
  const news = newsByKey(group, entries);
  const fresh = [...news.values()].filter(({ detail }) => !sent.has(detail.id));
  for (const id of await send(world, fresh)) rememberSent(world.memory, id);
  const now = world.clock.now();
  const pending = entries.filter(([key]) => news.has(key) && !sent.has(news.get(key)?.detail.id ?? ""));
  const lost = pending.filter(
    ([, { at }], index) => now - at >= GIVE_UP_AFTER_MS || pending.length - index > WAITING_AT_MOST,
  );
  if (lost.length > 0) {
    const keys = lost.map(([key]) => key);
    world.log("error", "events are given up", { kind: "bus", group, keys });
  }
  const waiting = new Set(pending.filter((entry) => !lost.includes(entry)).map(([key]) => key));
  return new Set(entries.map(([key]) => key).filter((key) => !waiting.has(key)));
}

/** The keys of entries that nobody has to be told of. */
function untold(group: string, entries: Entries): ReadonlySet<string> {
  const news = newsByKey(group, entries);
  return new Set(entries.map(([key]) => key).filter((key) => !news.has(key)));
}

function newsByKey(group: string, entries: Entries): ReadonlyMap<string, News> {
  return new Map(
    entries.flatMap(([key, entry]) => {
      const news = newsOf(group, key, entry);
      return news === undefined ? [] : [[key, news] as const];
    }),
  );
}

/** A move that has begun has no history item of its own: its end has. */
async function write(world: World, group: string, entries: Entries, historyDays: number): Promise<boolean> {
  const items = entries.filter(([, { kind }]) => kind !== "started");
  try {
    await writeHistory(world, group, Object.fromEntries(items), historyDays);
    return true;
  } catch (error) {
    const waiting = items.length;
    world.log("warn", "history could not be written; it waits in the record", { group, waiting, error });
    return false;
  }
}

async function clear(world: World, group: string, keys: readonly string[]): Promise<void> {
  try {
    await clearOutbox(world, group, keys);
  } catch (error) {
    world.log("warn", "the outbox could not be cleared; it is delivered again", { group, keys, error });
  }
}
