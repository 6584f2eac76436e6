/** Puts news on the default event bus of the account. What people and other systems are told starts there. */
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { type News, SOURCE } from "./core/news.ts";
import { failureOf } from "./errors.ts";
import type { World } from "./world.ts";

/** EventBridge takes ten entries a call. Source: Amazon EventBridge API reference, PutEvents. */
const ENTRIES_A_CALL = 10;
const TIMEOUT_MS = 2_000;
const TRIES = 3;
const BACKOFF_MS = 200;

/**
 * Sends the news, and answers the ids of those that the bus has taken; what is missing was not, or nobody knows. It never
 * throws: that somebody could not be told stands in nobody's way. Sending one twice is harmless: its id is the same.
 */
export async function send(world: World, news: readonly News[]): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  for (let at = 0; at < news.length; at += ENTRIES_A_CALL) {
    for (const id of await insist(world, news.slice(at, at + ENTRIES_A_CALL))) taken.add(id);
  }
  return taken;
}

async function insist(world: World, news: readonly News[]): Promise<readonly string[]> {
  let left = news;
  let why = "";
  for (let attempt = 1; attempt <= TRIES && left.length > 0; attempt += 1) {
    if (attempt > 1) await world.clock.sleep(world.random() * BACKOFF_MS * 2 ** attempt);
    if (world.signal.aborted) break;
    try {
      const refused = await put(world, left);
      left = left.filter((_, index) => refused.has(index));
      why = [...refused.values()].join(", ");
    } catch (error) {
      const failure = failureOf(error, "tell");
      why = failure.message;
      if (failure.next === "operator") break;
    }
  }
  if (left.length > 0) {
    const ids = left.map(({ detail }) => detail.id);
    world.log("error", "events could not be sent", { kind: "bus", ids, why });
  }
  return news.filter((one) => !left.includes(one)).map(({ detail }) => detail.id);
}

/** One call. Answers why entries were not taken, by their place: the others were. */
async function put(world: World, news: readonly News[]): Promise<ReadonlyMap<number, string>> {
  const Entries = news.map(({ type, at, detail }) => ({
    Source: SOURCE,
    DetailType: type,
    Detail: JSON.stringify({ stack: world.stack, ...detail }),
    Time: new Date(at),
  }));
  const answer = await world.eventbridge.send(new PutEventsCommand({ Entries }), {
    abortSignal: world.signal,
    requestTimeout: TIMEOUT_MS,
  });
  const results = Entries.map((_, index) => answer.Entries?.[index]);
  return new Map(
    results.flatMap((result, index) =>
      result?.EventId === undefined ? [[index, result?.ErrorCode ?? "no answer"] as const] : [],
    ),
  );
}
