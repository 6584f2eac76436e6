/** A sound configuration to break, and what the parser says of a text. */

import { parseConfig } from "../shared/config/parse.ts";
import { type Config, ConfigError } from "../shared/config.ts";

export const FIRST = "i-0123456789abcdef0";
export const SECOND = "i-0fedcba9876543210";
export const ENI = "eni-0a1b2c3d4e5f60718";
export const OTHER_ENI = "eni-0b2c3d4e5f6071829";

/** The configuration of `text`, for the stack `st`. */
export function parsed(text: string): Config {
  return parseConfig(text, { path: "failover.yml", stack: "st" });
}

/** What is wrong with `text`, a line each: `12:9 groups.nat-a: … — …`. */
export function problemsOf(text: string): readonly string[] {
  try {
    parsed(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ line, column, path, message, remedy }) => `${line}:${column} ${path}: ${message} — ${remedy}`,
    );
  }
  return [];
}

/** A file of one group with these parts, in JSON, which is YAML too. */
export function fileOf(parts: {
  readonly interfaces?: readonly unknown[];
  readonly members?: readonly unknown[];
  readonly alarms?: readonly unknown[];
  readonly probe?: object;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly top?: Readonly<Record<string, unknown>>;
}): string {
  const { top, ...group } = parts;
  const whole = {
    interfaces: [{ eni: ENI, deviceIndex: 1 }],
    members: [{ instance: FIRST }, { instance: SECOND }],
    ...group,
  };
  return JSON.stringify({ ...top, groups: { "nat-a": whole } });
}
