/**
 * AWS's own models, read from the schemas inside the JavaScript SDK. This file and the walks over `NormalizedSchema`
 * are all that relies on the SDK's internal layout; `wire-schema.test.ts` says exactly what that is.
 */
import { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../aws-error.ts";

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export interface Operation {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

/** Places in the SDK's schema tuples. */
const NAME = 2;
const TRAITS = 3;
const INPUT = 4;
const OUTPUT = 5;
const REQUIRED_COUNT = 6;
const OPERATION = 9;
const ERROR = -3;

export class Model {
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #operations = new Map<string, Operation>();
  /** Code in the query protocols → name of the error's shape. */
  readonly #shapes = new Map<string, string>();

  /** `exports`: everything that a client package of the SDK exports. */
  constructor(exports: Readonly<Record<string, unknown>>) {
    this.#exports = exports;
    for (const schema of Object.values(exports)) {
      if (!Array.isArray(schema) || schema[0] !== ERROR) continue;
      const traits: unknown = schema[TRAITS];
      const code = (traits as { awsQueryError?: readonly unknown[] }).awsQueryError?.[0];
      const name = String(schema[NAME]);
      // Two shapes share `ResourceNotFound`: the one that is called so is meant.
      if (typeof code === "string" && (name === code || !this.#shapes.has(code)))
        this.#shapes.set(code, name);
    }
  }

  /** The operation of that name, or undefined where the service has none. */
  operation(name: string): Operation | undefined {
    const known = this.#operations.get(name);
    if (known !== undefined) return known;
    const schema = Object.hasOwn(this.#exports, `${name}$`) ? this.#exports[`${name}$`] : undefined;
    if (!Array.isArray(schema) || schema[0] !== OPERATION) return undefined;
    const normalise = (index: number) => NormalizedSchema.of(schema[index] as SchemaRef);
    const operation = { name, input: normalise(INPUT), output: normalise(OUTPUT) };
    this.#operations.set(name, operation);
    return operation;
  }

  /** The name of the error shape that a query code stands for: `ValidationError` → `ValidationException`. */
  errorShape(code: string): string {
    return this.#shapes.get(code) ?? code;
  }
}

/** The path of the first required member that `value` lacks, outermost first; undefined when it lacks none. */
function missingMember(schema: NormalizedSchema, value: unknown): readonly NormalizedSchema[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (schema.isListSchema()) {
    for (const item of Array.isArray(value) ? value : []) {
      const missing = missingMember(schema.getValueSchema(), item);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  if (!schema.isStructSchema() || value instanceof Date) return undefined;
  const required = requiredCount(schema);
  let index = 0;
  for (const [name, member] of schema.structIterator()) {
    const own: unknown = (value as Readonly<Record<string, unknown>>)[name];
    if (index < required && own === undefined) return [member];
    const inner = missingMember(member, own);
    if (inner !== undefined) return [member, ...inner];
    index += 1;
  }
  return undefined;
}

/** Refuses an input that lacks what the model marks required; `nameOf` says how the service spells a member. */
export function requireMembers(
  operation: Operation,
  input: unknown,
  nameOf: (member: NormalizedSchema) => string,
): void {
  const missing = missingMember(operation.input, input);
  if (missing === undefined) return;
  const path = missing.map(nameOf).join(".");
  throw new AwsError("MissingParameter", `The request must contain the parameter ${path}`);
}

/** Required members come first in a structure's schema, and their number stands behind its members. */
function requiredCount(schema: NormalizedSchema): number {
  const layout: unknown = schema.getSchema();
  const count: unknown = Array.isArray(layout) ? layout[REQUIRED_COUNT] : undefined;
  return typeof count === "number" ? count : 0;
}
