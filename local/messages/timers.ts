/** Timeouts that are known, so that all can be taken back when the cloud closes. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();
  #closed = false;

  /** How many are still to fire. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Runs `action` after `milliseconds`, unless closed before. `action` handles its own errors. */
  after(milliseconds: number, action: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      action();
    }, milliseconds);
    this.#pending.add(timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}
