/**
 * Virtual time. Everything that happens in the simulation is a callback at a time; two at the same time run in the
 * order in which they were asked for. Between two callbacks the code under test runs until it waits again.
 *
 * That needs a macrotask between callbacks: a promise chain of unknown length hangs on each answer, and one microtask
 * hop would let the next callback overtake it. Real timers are never used.
 */
interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Scheduler {
  #now: number;
  #order = 0;
  #stopped = false;
  /** A binary heap by (at, order). */
  readonly #heap: Due[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Runs `callback` after `milliseconds` of virtual time. */
  after(milliseconds: number, callback: () => void): void {
    this.#order += 1;
    this.#push({ at: this.#now + Math.max(0, milliseconds), order: this.#order, run: callback });
  }

  /** Lets `run` return: what is due is not run any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Lets time pass until `until`, until nothing is left to do, or until `stop`. */
  async run(until: number): Promise<void> {
    // Within a callback of Node's the first tick comes before the promises; from here on none does.
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.at;
      next.run();
      await settled();
      if (this.#stopped) return;
    }
    this.#now = Math.max(this.#now, until);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let child = heap.push(due) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, due)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      if (right !== undefined && before(right, left)) child += 1;
      const smaller = heap[child];
      if (smaller === undefined || !before(smaller, last)) break;
      heap[hole] = smaller;
      hole = child;
    }
    heap[hole] = last;
  }
}

/**
 * After every promise chain that can run has run: Node takes a tick only once its microtask queue is empty. A turn of
 * the event loop (`setImmediate`) says the same, but asks the operating system each time and costs more than all else.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function before(left: Due, right: Due): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
