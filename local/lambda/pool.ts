/** The execution environments of one function: idle ones are used again, and a crashed one never. */
import { Environment, type Run, type Work } from "./environment.ts";
import type { FunctionConfig } from "./function.ts";

/** What an environment adds to the function's own variables: its credentials, and who is told what it is doing. */
export interface Identity {
  readonly variables: Readonly<Record<string, string>>;
  /** From now on the environment's calls are made by this invocation; undefined: by none. */
  readonly busyWith: (invocation: string | undefined) => void;
}

interface Slot {
  readonly environment: Environment;
  readonly identity: Identity;
}

export class Pool {
  config: FunctionConfig;
  readonly #identify: (config: FunctionConfig) => Identity;
  readonly #idle: Slot[] = [];
  readonly #busy = new Set<Slot>();
  #retired = false;

  constructor(config: FunctionConfig, identify: (config: FunctionConfig) => Identity) {
    this.config = config;
    this.#identify = identify;
  }

  /** Invocations under way. */
  get running(): number {
    return this.#busy.size;
  }

  /** Runs `work` in an idle environment, or in a new one. `invocation` is its journal entry. */
  async run(work: Work, invocation: string): Promise<Run> {
    const slot = this.#take();
    this.#busy.add(slot);
    slot.identity.busyWith(invocation);
    try {
      return await slot.environment.run(work);
    } finally {
      slot.identity.busyWith(undefined);
      this.#busy.delete(slot);
      if (this.#retired) await slot.environment.kill();
      else if (slot.environment.alive) this.#idle.push(slot);
    }
  }

  /** Kills every environment that is in the middle of an invocation. */
  async killBusy(): Promise<number> {
    const busy = [...this.#busy];
    await Promise.all(busy.map(({ environment }) => environment.kill()));
    return busy.length;
  }

  /** Ends idle environments now, and busy ones with their invocation: the function has been replaced. */
  async retire(): Promise<void> {
    this.#retired = true;
    await Promise.all(this.#idle.splice(0).map(({ environment }) => environment.kill()));
  }

  /** Ends every environment, in the middle of whatever it does. */
  async close(): Promise<void> {
    const all = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(all.map(({ environment }) => environment.kill()));
  }

  #take(): Slot {
    for (let slot = this.#idle.pop(); slot !== undefined; slot = this.#idle.pop()) {
      if (slot.environment.alive) return slot;
    }
    const identity = this.#identify(this.config);
    const variables = { ...this.config.environment, ...reserved(this.config), ...identity.variables };
    return { environment: new Environment(this.config.codeDirectory, variables), identity };
  }
}

/**
 * What the runtime sets, whatever the function's own variables say. Of our own environment only what Node needs to run.
 * Source: Lambda developer guide, "Defined runtime environment variables".
 */
function reserved(config: FunctionConfig): Record<string, string> {
  const region = config.arn.split(":")[3] ?? "";
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    ...inherited(["PATH", "HOME", "TMPDIR"]),
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${crypto.randomUUID().replaceAll("-", "")}`,
    LAMBDA_TASK_ROOT: config.codeDirectory,
    _HANDLER: config.handler,
  };
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
