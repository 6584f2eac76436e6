/** What is told where the record can't remember it: the table is away, or its record is a newer version's to write. */
import { send } from "./bus.ts";
import type { HistoryEntry, Hold } from "./core/model.ts";
import { newsOf } from "./core/news.ts";
import { type Refusal, refused } from "./core/telling.ts";
import { rememberSent } from "./memory.ts";
import type { World } from "./world.ts";

interface Aside {
  readonly group: string;
  readonly entry: Omit<HistoryEntry, "sequence">;
}

/** Sends the events, now or never: there is no outbox for them. */
export async function tellAside(world: World, asides: readonly Aside[]): Promise<void> {
  const news = asides.flatMap(({ group, entry }) => {
    const key = `${new Date(entry.at).toISOString()}#aside`;
    return newsOf(group, key, { ...entry, sequence: "aside" }) ?? [];
  });
  const fresh = news.filter(({ detail }) => !world.memory.sent.has(detail.id));
  for (const id of await send(world, fresh)) rememberSent(world.memory, id);
}

interface HoldAside {
  readonly group: string;
  readonly hold: Hold;
  readonly epoch: number;
  readonly more: Refusal;
}

/** Tells of holds, once a change as far as this environment knows. Answers the groups for which that was news. */
export async function tellHoldsAside(
  world: World,
  holds: readonly HoldAside[],
): Promise<ReadonlySet<string>> {
  const { toldAside } = world.memory;
  const news = holds.filter(({ group, hold }) => hold.notify && toldAside.get(group) !== hold.because);
  for (const { group, hold } of news) toldAside.set(group, hold.because);
  const at = world.clock.now();
  await tellAside(
    world,
    news.map(({ group, hold, epoch, more }) => ({ group, entry: refused(hold, epoch, at, more) })),
  );
  return new Set(news.map(({ group }) => group));
}

/** The same of one hold. Answers whether it was news. */
export async function tellHoldAside(world: World, aside: HoldAside): Promise<boolean> {
  return (await tellHoldsAside(world, [aside])).size > 0;
}
