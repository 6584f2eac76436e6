/** The items of a table by partition and sort key, in the order of the sort key. */
import type { Item } from "./values.ts";

interface Partition {
  readonly items: Map<string, Item>;
  /** The sort keys in order. */
  readonly order: string[];
}

export class Items {
  readonly #partitions = new Map<string, Partition>();

  get(pk: string, sk: string): Item | undefined {
    return this.#partitions.get(pk)?.items.get(sk);
  }

  put(pk: string, sk: string, item: Item): void {
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = { items: new Map(), order: [] };
      this.#partitions.set(pk, partition);
    }
    if (!partition.items.has(sk)) partition.order.splice(position(partition.order, sk), 0, sk);
    partition.items.set(sk, item);
  }

  delete(pk: string, sk: string): void {
    const partition = this.#partitions.get(pk);
    if (partition?.items.delete(sk)) partition.order.splice(position(partition.order, sk), 1);
  }

  /** The items of a partition, by sort key ascending or descending, beginning after the key `after`. */
  *walk(pk: string, forward: boolean, after?: string): Generator<Item> {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return;
    const keys = forward ? partition.order : partition.order.toReversed();
    for (const sk of keys) {
      if (after !== undefined && (forward ? sk <= after : sk >= after)) continue;
      const item = partition.items.get(sk);
      if (item !== undefined) yield item;
    }
  }

  *all(): Generator<Item> {
    for (const { items } of this.#partitions.values()) yield* items.values();
  }
}

/** Where `sk` stands, or would stand, in the ordered keys. */
function position(keys: readonly string[], sk: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") < sk) low = middle + 1;
    else high = middle;
  }
  return low;
}
