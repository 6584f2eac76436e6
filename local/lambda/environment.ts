/**
 * An execution environment: one child process that runs one invocation at a time and is used again while it lives.
 *
 * The process sees what Lambda would show it and nothing of ours: its own package as working directory, its function's
 * variables, the credentials of its role. Not emulated: the freeze between invocations (timers of an idle environment
 * go on here), the memory limit, and the read-only file system.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FunctionFailure } from "./function.ts";
import { LogStream } from "./log-stream.ts";

const BOOTSTRAP = fileURLToPath(new URL("./bootstrap.mjs", import.meta.url));

/** How an invocation ended, as the environment saw it. */
export type Ending =
  | { readonly kind: "result"; readonly payload: string }
  | { readonly kind: "error"; readonly error: FunctionFailure }
  /** The process ended before it answered. */
  | { readonly kind: "exit"; readonly how: string }
  | { readonly kind: "timeout" };

export interface Work {
  readonly requestId: string;
  readonly event: string;
  readonly functionArn: string;
  readonly trace: string;
  readonly timeoutMs: number;
  readonly clientContext?: unknown;
}

export interface Run {
  readonly ending: Ending;
  readonly lines: readonly string[];
  readonly durationMs: number;
  /** Only for the first invocation of the environment: how long it took to load. */
  readonly initMs: number | undefined;
  readonly memoryBytes: number;
}

interface Message {
  readonly kind: "ready" | "init-error" | "result" | "error";
  readonly payload?: string;
  readonly error?: FunctionFailure;
  readonly memoryBytes?: number;
  /** The process ends itself after this. */
  readonly last?: boolean;
}

export class Environment {
  readonly #process: ChildProcess;
  readonly #stdout: LogStream;
  readonly #stderr: LogStream;
  readonly #started = Date.now();
  #initMs: number | undefined;
  #memoryBytes = 0;
  #ending = false;
  /** Takes the next message of the child, or its end. */
  #settle: (ending: Ending | { kind: "ready" }) => void = () => undefined;
  readonly #loaded: Promise<Ending | { kind: "ready" }>;
  readonly #exited: Promise<void>;

  constructor(codeDirectory: string, variables: Readonly<Record<string, string>>) {
    this.#process = spawn(process.execPath, [BOOTSTRAP], {
      cwd: codeDirectory,
      env: variables,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#stdout = new LogStream(this.#process.stdout);
    this.#stderr = new LogStream(this.#process.stderr);
    this.#loaded = this.#next();
    this.#process.on("message", (message: Message) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      // `close` comes after `exit`, when the pipes have been read to their end.
      this.#process.once("close", (code, signal) => {
        this.#settle({ kind: "exit", how: described(code, signal) });
        resolve();
      });
      this.#process.once("error", (error) => {
        this.#settle({ kind: "exit", how: error.message });
        resolve();
      });
    });
  }

  /** Whether it can take another invocation. */
  get alive(): boolean {
    const { exitCode, signalCode, connected } = this.#process;
    return !this.#ending && exitCode === null && signalCode === null && connected;
  }

  /** Runs one invocation to its end. Never two at a time. */
  async run(work: Work): Promise<Run> {
    const loaded = await this.#loaded;
    const first = this.#initMs === undefined;
    if (first) this.#initMs = Date.now() - this.#started;
    const begun = Date.now();
    const ending = loaded.kind === "ready" ? await this.#invoke(work, begun) : loaded;
    const id = loaded.kind === "ready" ? work.requestId : "init";
    if (ending.kind === "result" || ending.kind === "error") {
      await Promise.race([Promise.all([this.#stdout.reached(id), this.#stderr.reached(id)]), this.#exited]);
    } else {
      await this.#exited;
    }
    return {
      ending,
      lines: [...this.#stdout.take(), ...this.#stderr.take()],
      durationMs: Date.now() - begun,
      initMs: first ? this.#initMs : undefined,
      memoryBytes: this.#memoryBytes,
    };
  }

  /** Ends the process at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  async #invoke({ timeoutMs, ...work }: Work, begun: number): Promise<Ending> {
    const answer = this.#next();
    const timer = setTimeout(() => {
      this.#settle({ kind: "timeout" });
      this.#process.kill("SIGKILL");
    }, timeoutMs);
    if (this.alive) this.#process.send({ ...work, deadline: begun + timeoutMs });
    else this.#settle({ kind: "exit", how: described(this.#process.exitCode, this.#process.signalCode) });
    const ending = await answer;
    clearTimeout(timer);
    return ending.kind === "ready" ? { kind: "exit", how: "the runtime started twice" } : ending;
  }

  #next(): Promise<Ending | { kind: "ready" }> {
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  #receive(message: Message): void {
    this.#memoryBytes = Math.max(this.#memoryBytes, message.memoryBytes ?? 0);
    this.#ending = message.last === true;
    if (message.kind === "ready") this.#settle({ kind: "ready" });
    else if (message.kind === "result") this.#settle({ kind: "result", payload: message.payload ?? "null" });
    else {
      const error = message.error ?? { errorType: "Runtime.Unknown", errorMessage: "" };
      this.#settle({ kind: "error", error });
    }
  }
}

function described(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === "SIGKILL") return "Runtime exited with error: signal: killed";
  if (signal !== null) return `Runtime exited with error: signal: ${signal}`;
  return code === 0
    ? "Runtime exited without providing a reason"
    : `Runtime exited with error: exit status ${code ?? "unknown"}`;
}
