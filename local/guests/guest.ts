/**
 * One address of the embedded cloud that something really listens at, on the loopback interface.
 *
 * A silent guest is silent as a dead host is, and refuses nothing: its thread stands still and its short queue of
 * connections is full, so that the kernel drops whoever else wants to connect.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const CODE = fileURLToPath(new URL("./guest.mjs", import.meta.url));

/** A queue of one takes two on Linux; the third finds it full. */
const FULL = 3;

export class Guest {
  readonly address: string;
  readonly port: number;
  readonly #worker: Worker;
  readonly #hung: Int32Array<SharedArrayBuffer>;
  #waiting: Socket[] = [];

  private constructor(address: string, port: number) {
    this.address = address;
    this.port = port;
    this.#hung = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = new Worker(CODE, { workerData: { address, port, hung: this.#hung } });
    this.#worker.unref();
  }

  /** Resolves when it answers. Rejects where the address can't be had. */
  static async start(address: string, port: number): Promise<Guest> {
    const guest = new Guest(address, port);
    await guest.#heard();
    return guest;
  }

  get answers(): boolean {
    return Atomics.load(this.#hung, 0) === 0;
  }

  /** Stands still from now on: nobody who connects gets an answer. */
  async hang(): Promise<void> {
    if (!this.answers) return;
    Atomics.store(this.#hung, 0, 1);
    const still = this.#heard();
    this.#worker.postMessage({});
    await still;
    if (this.answers) return;
    this.#waiting = Array.from({ length: FULL }, () =>
      connect({ host: this.address, port: this.port })
        .on("error", () => undefined)
        .unref(),
    );
  }

  /** Answers again. */
  wake(): void {
    if (this.answers) return;
    Atomics.store(this.#hung, 0, 0);
    Atomics.notify(this.#hung, 0);
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting = [];
  }

  async close(): Promise<void> {
    this.wake();
    await this.#worker.terminate();
  }

  async #heard(): Promise<void> {
    const [{ error }] = (await once(this.#worker, "message")) as [{ error?: string }];
    if (error !== undefined) throw new Error(`no guest at ${this.address}:${this.port}: ${error}`);
  }
}
