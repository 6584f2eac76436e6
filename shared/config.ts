/**
 * The configuration: the one file a user edits, and the environment. Nothing else reads either.
 *
 * `parseConfig` (YAML, with line and column) is in `config/parse.ts`, apart: it brings the YAML parser along, and a
 * Lambda starts from a JSON copy without it.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildConfig } from "./config/build.ts";
import type { StatusAlarm } from "./config/check-alarms.ts";
import type { Drills } from "./config/drills.ts";
import type { Notifications } from "./config/notifications.ts";
import { ConfigError } from "./config/problem.ts";
import type { Group, Surge } from "./core/model.ts";

export { ConfigError } from "./config/problem.ts";

export interface Config {
  /** By name. */
  readonly groups: Readonly<Record<string, Group>>;
  readonly surge: Surge;
  readonly historyDays: number;
  readonly statusAlarm: StatusAlarm;
  readonly drills: Drills;
  readonly notifications: Notifications;
}

/** What the environment says. */
export interface Settings {
  /** FAILOVER_CONFIG: the path of the configuration. */
  readonly configPath: string | undefined;
  /** FAILOVER_TABLE: the name of the DynamoDB table; else the one that the stack makes. */
  readonly table: string;
  /** FAILOVER_STACK: the name of the stack, and the prefix of the alarms that it makes. */
  readonly stack: string;
  /** AWS_REGION */
  readonly region: string | undefined;
  /** AWS_LAMBDA_FUNCTION_NAME: what the function is called, wherever it runs. */
  readonly functionName: string | undefined;
  /** The same, where Lambda itself runs the function: it can then be invoked anew. */
  readonly ownFunction: string | undefined;
}

const SERVICE = "eni-failover";

/** Reads the environment, now. An empty variable is an unset one. */
export function settings(): Settings {
  const { FAILOVER_CONFIG, FAILOVER_TABLE, FAILOVER_STACK, AWS_REGION } = process.env;
  const { AWS_EXECUTION_ENV, AWS_LAMBDA_FUNCTION_NAME } = process.env;
  // `sls invoke local` names the function too, but says nothing of Lambda's own environment.
  const inLambda = AWS_EXECUTION_ENV?.startsWith("AWS_Lambda_") === true;
  const stack = FAILOVER_STACK || `${SERVICE}-dev`;
  return {
    configPath: FAILOVER_CONFIG || undefined,
    table: FAILOVER_TABLE || `${stack}-state`,
    stack,
    region: AWS_REGION || undefined,
    functionName: AWS_LAMBDA_FUNCTION_NAME || undefined,
    ownFunction: (inLambda && AWS_LAMBDA_FUNCTION_NAME) || undefined,
  };
}

/**
 * Reads the configuration from `path`, else from FAILOVER_CONFIG, else from where `findConfig` finds one. Throws one
 * `ConfigError` that carries every problem.
 */
export async function loadConfig(path?: string): Promise<Config> {
  const { configPath, stack } = settings();
  const file = path ?? configPath ?? findConfig(stack);
  const text = await read(file);
  const config = packaged(text, stack);
  if (config !== undefined) return config;
  const { parseConfig } = await import("./config/parse.ts");
  return parseConfig(text, { path: file, stack });
}

/**
 * Where the configuration is when nobody says: beside the handler, where packaging puts its JSON copy, then in the
 * working directory; of the stage, where there is one, before the common one.
 */
function findConfig(stack: string): string {
  const stage = stack.startsWith(`${SERVICE}-`) ? stack.slice(SERVICE.length + 1) : undefined;
  const names = ["failover.yml", "failover.json"];
  if (stage !== undefined) names.unshift(`failover.${stage}.yml`);
  const directories = [dirname(fileURLToPath(import.meta.url)), process.cwd()];
  const files = directories.flatMap((directory) => names.map((name) => join(directory, name)));
  // Nothing there: the last place, so that the message names where a user would put it.
  return files.find((file) => existsSync(file)) ?? join(process.cwd(), "failover.yml");
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const message = `the file can't be read (${code})`;
    const remedy = "write it, or name another with FAILOVER_CONFIG";
    throw new ConfigError(file, [{ line: 0, column: 0, path: "", message, remedy }]);
  }
}

/**
 * The configuration out of a text as packaging writes it; undefined for any other text, and for one with problems, since
 * the whole parser knows their lines. A text that comes back the same from `JSON.parse` hides nothing from it, such
 * as a key written twice.
 */
function packaged(text: string, stack: string): Config | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (`${JSON.stringify(value, undefined, 2)}\n` !== text) return undefined;
    const built = buildConfig(value, stack);
    return built.ok ? built.config : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
