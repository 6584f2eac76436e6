/**
 * The whole parser: text to configuration, every problem with its line and column.
 *
 * It brings the YAML parser along, which a Lambda with a JSON copy never needs: `loadConfig` asks for it when it does.
 */
import { pathText } from "../check.ts";
import type { Config } from "../config.ts";
import { buildConfig } from "./build.ts";
import { ConfigError } from "./problem.ts";
import { readYaml } from "./yaml.ts";

export interface ParseOptions {
  /** How messages name the file. */
  readonly path: string;
  /** The name of the stack: the prefix of the alarms that it makes. */
  readonly stack: string;
}

/** Parses YAML or JSON. Throws one `ConfigError` that carries every problem. */
export function parseConfig(text: string, { path, stack }: ParseOptions): Config {
  const reading = readYaml(text);
  if (!reading.sound) throw new ConfigError(path, reading.problems);
  const built = buildConfig(reading.value, stack);
  if (built.ok && reading.problems.length === 0) return built.config;
  const findings = built.ok ? [] : built.findings;
  const located = findings.map(({ path, at, message, remedy }) => ({
    ...reading.locate(path, at),
    path: pathText(path),
    message,
    remedy,
  }));
  throw new ConfigError(path, [...reading.problems, ...located]);
}
