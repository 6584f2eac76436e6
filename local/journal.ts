/**
 * The journal of the embedded cloud: everything that happened in it, each entry with the id of its cause.
 *
 * It is how a test proves that a chain was real: breakage → status check → metric → alarm → event → rule →
 * invocation → API call. Entries are only ever appended.
 */

export type JournalKind =
  | "breakage" // somebody broke something: hang, stop, impair, …
  | "instance-state" // an instance changed state
  | "status-check" // a status check changed
  | "metric" // a datapoint that made an alarm change
  | "alarm" // an alarm changed state
  | "event" // an event reached the bus
  | "rule" // a rule matched an event, or a schedule came due
  | "message" // something was published to a topic
  | "invocation" // a function was invoked
  | "invocation-end" // … and answered, failed, timed out or was killed
  | "call"; // an API call arrived on the wire

export interface JournalEntry {
  readonly id: string;
  readonly cause: string | undefined;
  /** Wall time, epoch milliseconds. */
  readonly at: number;
  readonly kind: JournalKind;
  /** What it is about: an instance id, alarm name, rule name, function name, or `ec2:DetachNetworkInterface`. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export class Journal {
  readonly entries: JournalEntry[] = [];
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  #count = 0;

  /** Appends an entry and answers its id, to be given as the cause of what follows from it. */
  add(entry: Omit<JournalEntry, "id">): string {
    this.#count += 1;
    const id = `j-${this.#count}`;
    const whole = { id, ...entry };
    this.entries.push(whole);
    for (const listener of this.#listeners) listener(whole);
    return id;
  }

  /** Calls `listener` with every entry from now on; the answer stops it. */
  subscribe(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The entry and all its causes, newest first. */
  chain(id: string): JournalEntry[] {
    const chain: JournalEntry[] = [];
    for (let next: string | undefined = id; next !== undefined; ) {
      const entry = this.entries.find((candidate) => candidate.id === next);
      if (entry === undefined) break;
      chain.push(entry);
      next = entry.cause;
    }
    return chain;
  }
}
