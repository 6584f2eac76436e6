/**
 * Inputs and outputs as documents, the JSON data model that AWS JSON and CBOR share; the protocols differ in how they
 * write times and bytes.
 */
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../aws-error.ts";

/** How a protocol puts what JSON has no type for. */
export interface Scalars {
  readonly time: (date: Date) => unknown;
  readonly bytes: (bytes: Uint8Array) => unknown;
}

/** A document into an input. Unknown members are ignored, as AWS does; a wrong type is a SerializationException. */
export function fromDocument(schema: NormalizedSchema, value: unknown, path = ""): unknown {
  if (value === undefined || value === null) return undefined;
  if (schema.isUnitSchema()) return {};
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw unexpected(path, "a list");
    return value.map((item, index) => fromDocument(schema.getValueSchema(), item, `${path}[${index}]`));
  }
  if (schema.isStructSchema()) {
    const members = record(value, path);
    const input: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) {
      const own = fromDocument(member, members[name], path === "" ? name : `${path}.${name}`);
      if (own !== undefined) input[name] = own;
    }
    return input;
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(record(value, path));
    return Object.fromEntries(
      entries.map(([key, own]) => [key, fromDocument(schema.getValueSchema(), own, path)]),
    );
  }
  return scalarFrom(schema, value, path);
}

/** An output into a document: only members that the model knows, and only those that are there. */
export function toDocument(schema: NormalizedSchema, value: unknown, scalars: Scalars): unknown {
  if (schema.isUnitSchema()) return {};
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((item) => toDocument(schema.getValueSchema(), item, scalars));
  }
  if (schema.isStructSchema()) {
    const document: Record<string, unknown> = {};
    const members = value as Readonly<Record<string, unknown>>;
    for (const [name, member] of schema.structIterator()) {
      const own = members[name];
      if (own !== undefined && own !== null) document[name] = toDocument(member, own, scalars);
    }
    return document;
  }
  if (value instanceof Date) return scalars.time(value);
  if (value instanceof Uint8Array) return scalars.bytes(value);
  return value;
}

function scalarFrom(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (schema.isTimestampSchema()) return timeFrom(value, path);
  if (schema.isBlobSchema()) {
    if (value instanceof Uint8Array) return value;
    if (typeof value === "string") return Buffer.from(value, "base64");
    throw unexpected(path, "bytes");
  }
  if (schema.isNumericSchema()) {
    if (typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
    throw unexpected(path, "a number");
  }
  if (schema.isBooleanSchema()) {
    if (typeof value === "boolean") return value;
    throw unexpected(path, "a boolean");
  }
  if (typeof value !== "string") throw unexpected(path, "a string");
  return value;
}

/** Epoch seconds, bare (JSON) or under tag 1 (CBOR), or an ISO string. */
function timeFrom(value: unknown, path: string): Date {
  const tagged = typeof value === "object" && value !== null && "value" in value ? value.value : value;
  const at =
    tagged instanceof Date ? tagged : typeof tagged === "string" ? new Date(tagged) : secondsFrom(tagged);
  if (at === undefined || Number.isNaN(at.getTime())) throw unexpected(path, "a timestamp");
  return at;
}

function secondsFrom(value: unknown): Date | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  return new Date(Math.round(Number(value) * 1000));
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unexpected(path, "an object");
  return value as Readonly<Record<string, unknown>>;
}

function unexpected(path: string, what: string): AwsError {
  return new AwsError("SerializationException", `Expected ${what}${path === "" ? "" : ` at ${path}`}`);
}
