/**
 * Entities with a short past. Values are immutable: a change puts a new version on top of the old ones, so that a read
 * can answer what was true a moment ago (EC2 is eventually consistent) without anything being cloned.
 */

interface Version<T> {
  /** From when this version was true, epoch milliseconds. */
  readonly at: number;
  /** Undefined: removed. */
  readonly value: T | undefined;
  older: Version<T> | undefined;
}

export interface Entry<T> {
  readonly id: string;
  /** Grows with each creation: the order of listings and the position in a page token. */
  readonly order: number;
  newest: Version<T>;
}

export class Table<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** Versions that were over for longer than this are forgotten, milliseconds. */
  readonly #memory: number;
  #created = 0;
  #changes = 0;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** How often something was put or removed. */
  get changes(): number {
    return this.#changes;
  }

  /** The value now, or undefined where there is none (never was, or removed). */
  current(id: string): T | undefined {
    return this.#entries.get(id)?.newest.value;
  }

  put(id: string, value: T, at: number): void {
    this.#changes += 1;
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#created += 1;
      this.#entries.set(id, { id, order: this.#created, newest: { at, value, older: undefined } });
      return;
    }
    this.#push(entry, value, at);
  }

  remove(id: string, at: number): void {
    const entry = this.#entries.get(id);
    if (entry?.newest.value === undefined) return;
    this.#changes += 1;
    this.#push(entry, undefined, at);
  }

  /** Drops all that is left of a removed entity, once nobody can read its past any more. */
  forget(id: string): void {
    if (this.#entries.get(id)?.newest.value === undefined) this.#entries.delete(id);
  }

  entry(id: string): Entry<T> | undefined {
    return this.#entries.get(id);
  }

  entries(): IterableIterator<Entry<T>> {
    return this.#entries.values();
  }

  #push(entry: Entry<T>, value: T | undefined, at: number): void {
    entry.newest = { at, value, older: entry.newest };
    for (let version = entry.newest; version.older !== undefined; version = version.older) {
      if (version.at <= at - this.#memory) {
        version.older = undefined;
        return;
      }
    }
  }
}

/** What was true at `at`: undefined before the entity existed and after it was removed. */
export function asOf<T>(entry: Entry<T>, at: number): T | undefined {
  for (let version: Version<T> | undefined = entry.newest; version !== undefined; version = version.older) {
    if (version.at <= at) return version.value;
  }
  return undefined;
}
