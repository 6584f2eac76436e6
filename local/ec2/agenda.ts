/**
 * What will happen by itself, in the order of time: a binary heap, ties in the order of planning. An entry is never
 * taken back; whoever carries it out looks whether it still applies.
 */

interface Planned<T> {
  readonly due: number;
  readonly order: number;
  readonly what: T;
}

function before<T>(one: Planned<T>, other: Planned<T>): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

export class Agenda<T> {
  readonly #heap: Planned<T>[] = [];
  #planned = 0;

  /** When the next entry is due, epoch milliseconds. */
  get nextDue(): number | undefined {
    return this.#heap[0]?.due;
  }

  plan(due: number, what: T): void {
    this.#planned += 1;
    const heap = this.#heap;
    const item = { due, order: this.#planned, what };
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || before(parent, item)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = item;
  }

  /** Takes the next entry that is due at `now`; undefined when there is none. */
  take(now: number): { readonly due: number; readonly what: T } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.due > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  #sink(item: Planned<T>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const rightFirst = right !== undefined && before(right, left);
      const least = rightFirst ? right : left;
      if (before(item, least)) break;
      heap[index] = least;
      index = 2 * index + (rightFirst ? 2 : 1);
    }
    heap[index] = item;
  }
}
