/** The lines that an environment writes, up to the mark that ends an invocation (see `bootstrap.mjs`). */
import type { Readable } from "node:stream";

export class LogStream {
  #lines: string[] = [];
  #rest = "";
  readonly #marks = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(stream: Readable | null) {
    stream?.setEncoding("utf8").on("data", (text: string) => this.#append(text));
  }

  /** Resolves when everything up to the mark of this invocation has been read. */
  reached(requestId: string): Promise<void> {
    if (this.#marks.delete(requestId)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
    });
  }

  /** The lines since the last call. */
  take(): string[] {
    const lines = this.#rest === "" ? this.#lines : [...this.#lines, this.#rest];
    this.#lines = [];
    this.#rest = "";
    return lines;
  }

  #append(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [before = "", requestId] = line.split("\u0000");
      if (before !== "") this.#lines.push(before);
      if (requestId !== undefined) this.#mark(requestId);
    }
  }

  #mark(requestId: string): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) this.#marks.add(requestId);
    this.#waiting.delete(requestId);
    waiting?.();
  }
}
