/** The JSON Schema for editors: up to date, and of one mind with the parser about the shape of a file. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SCHEMA_FILE, schemaText } from "../deploy/schema.ts";
import { ENI, FIRST, fileOf, SECOND } from "./config-fixture.ts";

const EXAMPLE = readFileSync(new URL("../failover.yml", import.meta.url), "utf8");

type Schema = Readonly<Record<string, unknown>>;

/** Does `value` fit `schema`? As much of JSON Schema draft 7 as ours uses; any other keyword fails the test. */
function fits(value: unknown, schema: Schema, root: Schema): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`the keyword ${keyword} is not known here`);
    return rule(value, wanted as never, { schema, root });
  });
}

type Rule = (value: unknown, wanted: never, context: { schema: Schema; root: Schema }) => boolean;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMap,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
};

const anything: Rule = () => true;

const RULES: Readonly<Record<string, Rule>> = {
  $schema: anything,
  $defs: anything,
  title: anything,
  description: anything,
  examples: anything,
  default: anything,
  $ref: (value, wanted: string, { root }) => {
    const found = wanted
      .slice(2)
      .split("/")
      .reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), root);
    return fits(value, found as Schema, root);
  },
  type: (value, wanted: string) => TYPES[wanted]?.(value) ?? false,
  enum: (value, wanted: readonly unknown[]) => wanted.includes(value),
  anyOf: (value, wanted: readonly Schema[], { root }) => wanted.some((schema) => fits(value, schema, root)),
  pattern: (value, wanted: string) => typeof value !== "string" || new RegExp(wanted).test(value),
  minimum: (value, wanted: number) => typeof value !== "number" || value >= wanted,
  maximum: (value, wanted: number) => typeof value !== "number" || value <= wanted,
  exclusiveMinimum: (value, wanted: number) => typeof value !== "number" || value > wanted,
  minLength: (value, wanted: number) => typeof value !== "string" || value.length >= wanted,
  maxLength: (value, wanted: number) => typeof value !== "string" || value.length <= wanted,
  minItems: (value, wanted: number) => !Array.isArray(value) || value.length >= wanted,
  items: (value, wanted: Schema, { root }) =>
    !Array.isArray(value) || value.every((item) => fits(item, wanted, root)),
  minProperties: (value, wanted: number) => !isMap(value) || Object.keys(value).length >= wanted,
  required: (value, wanted: readonly string[]) => !isMap(value) || wanted.every((key) => key in value),
  properties: (value, wanted: Readonly<Record<string, Schema>>, { root }) =>
    !isMap(value) ||
    Object.entries(wanted).every(([key, schema]) => !(key in value) || fits(value[key], schema, root)),
  propertyNames: (value, wanted: Schema, { root }) =>
    !isMap(value) || Object.keys(value).every((key) => fits(key, wanted, root)),
  additionalProperties: (value, wanted: false | Schema, { schema, root }) => {
    if (!isMap(value)) return true;
    const known = isMap(schema.properties) ? schema.properties : {};
    const others = Object.keys(value).filter((key) => !(key in known));
    return others.every((key) => wanted !== false && fits(value[key], wanted, root));
  },
};

const SCHEMA: Schema = JSON.parse(schemaText());

describe("failover.schema.json", () => {
  it("is up to date: `npm run schema` writes it", () => {
    expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(schemaText());
  });

  it("takes the example, which names it in its first line", () => {
    expect(EXAMPLE.split("\n")[0]).toBe("# yaml-language-server: $schema=./failover.schema.json");
    expect(fits(parse(EXAMPLE), SCHEMA, SCHEMA)).toBe(true);
  });

  it("takes the example with every line of it that is commented out", () => {
    const whole = EXAMPLE.replace(
      /^( *)# (?=( *(defaults|graceSeconds|alarms|policy|mode|failback|statusAlarm|historyDays|drills|notifications|probes?|address):))/gm,
      "$1",
    );
    expect(whole).not.toContain("# policy:");
    expect(fits(parse(whole), SCHEMA, SCHEMA)).toBe(true);
  });

  it.each([
    ["deviceIndex 0", fileOf({ interfaces: [{ eni: ENI, deviceIndex: 0 }] })],
    ["one member", fileOf({ members: [{ instance: FIRST }] })],
    ["an unknown key", fileOf({ members: [{ instance: FIRST, alarm: [] }, { instance: SECOND }] })],
    ["a wrong id", fileOf({ members: [{ instance: "web-1" }, { instance: SECOND }] })],
    ["a wrong word in a policy", fileOf({ policy: { mode: "off" } })],
    ["a wrong word in the defaults", fileOf({ top: { defaults: { detach: "no" } } })],
    ["no groups", "{}"],
  ])("refuses %s", (_, text) => {
    expect(fits(JSON.parse(text), SCHEMA, SCHEMA)).toBe(false);
  });

  it("tells an editor the default of every policy key", () => {
    const { policy } = SCHEMA.$defs as { policy: { properties: Record<string, Schema> } };
    for (const [key, property] of Object.entries(policy.properties)) {
      expect(property, key).toHaveProperty("default");
      expect(property, key).toHaveProperty("description");
    }
  });
});
