/**
 * Query parameters (`Filter.1.Value.2=b`) into an input, driven by the model: shared by the two query protocols, which
 * differ in how they spell members and lists.
 */
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../aws-error.ts";
import type { HttpRequest } from "./http.ts";

/** How a query protocol spells things. */
export interface Spelling {
  member(schema: NormalizedSchema, name: string): string;
  /** The name between a list and its numbers (`member`), or undefined where the numbers follow at once. */
  listItem(list: NormalizedSchema): string | undefined;
  /** Whether a parameter that the model does not know is an error. */
  readonly strict: boolean;
}

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** Parameters that belong to the protocol and its signature, not to the operation. */
const PROTOCOL =
  /^(Action|Version|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|Expires|SecurityToken|X-Amz-.*)$/i;

/** All parameters of a GET or POST, in order. */
export function parametersOf(request: HttpRequest): URLSearchParams {
  const all = new URLSearchParams(request.query);
  for (const [key, value] of new URLSearchParams(request.body.toString("utf8"))) all.append(key, value);
  return all;
}

/** Reads the operation's input; throws UnknownParameter and InvalidParameterValue with the parameter's own name. */
export function readParameters(
  input: NormalizedSchema,
  parameters: URLSearchParams,
  spelling: Spelling,
): Record<string, unknown> {
  const root: Node = { children: new Map() };
  for (const [key, value] of parameters) {
    if (PROTOCOL.test(key)) continue;
    let node = root;
    for (const part of key.split(".")) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  if (input.isUnitSchema()) return {};
  return readStruct(input, root, "", spelling);
}

function readStruct(
  schema: NormalizedSchema,
  node: Node,
  path: string,
  spelling: Spelling,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, member] of schema.structIterator()) {
    const key = spelling.member(member, name);
    const child = node.children.get(key);
    if (child === undefined) continue;
    known.add(key);
    value[name] = read(member, child, join(path, key), spelling);
  }
  refuseUnknown(node, known, path, spelling);
  return value;
}

function read(schema: NormalizedSchema, node: Node, path: string, spelling: Spelling): unknown {
  if (schema.isListSchema()) return readList(schema, node, path, spelling);
  if (schema.isStructSchema()) return readStruct(schema, node, path, spelling);
  if (schema.isMapSchema()) return readMap(schema, node, path, spelling);
  refuseUnknown(node, new Set(), path, spelling);
  return readScalar(schema, node.value ?? "", path);
}

function readList(schema: NormalizedSchema, node: Node, path: string, spelling: Spelling): unknown[] {
  const item = spelling.listItem(schema);
  const numbered = item === undefined ? node : node.children.get(item);
  if (numbered === undefined) return [];
  const keys = [...numbered.children.keys()];
  const bad = keys.find((key) => !/^\d+$/.test(key));
  if (bad !== undefined && spelling.strict) throw unknown(join(path, bad));
  return keys
    .filter((key) => key !== bad)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) =>
      read(schema.getValueSchema(), numbered.children.get(key) ?? node, join(path, key), spelling),
    );
}

function readMap(
  schema: NormalizedSchema,
  node: Node,
  path: string,
  spelling: Spelling,
): Record<string, unknown> {
  const entries = [...(node.children.get("entry") ?? node).children.values()].map((entry) => {
    const value = entry.children.get("value") ?? { children: new Map() };
    return [
      entry.children.get("key")?.value ?? "",
      read(schema.getValueSchema(), value, path, spelling),
    ] as const;
  });
  return Object.fromEntries(entries);
}

function readScalar(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isBooleanSchema()) {
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
    throw invalid(path, text, "Expected a boolean");
  }
  if (schema.isTimestampSchema()) {
    const at = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
    if (Number.isNaN(at.getTime())) throw invalid(path, text, "Expected a timestamp");
    return at;
  }
  if (schema.isBlobSchema()) return Buffer.from(text, "base64");
  if (schema.isNumericSchema()) {
    if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
    throw invalid(path, text, "Expected a number");
  }
  return text;
}

function refuseUnknown(node: Node, known: ReadonlySet<string>, path: string, spelling: Spelling): void {
  if (!spelling.strict) return;
  for (const key of node.children.keys()) {
    if (!known.has(key)) throw unknown(join(path, key));
  }
}

function unknown(path: string): AwsError {
  return new AwsError("UnknownParameter", `The parameter ${path} is not recognized`);
}

function invalid(path: string, text: string, expected: string): AwsError {
  return new AwsError(
    "InvalidParameterValue",
    `Value (${text}) for parameter ${path} is invalid. ${expected}.`,
  );
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
