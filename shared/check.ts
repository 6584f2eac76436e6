/**
 * Checks what a person or AWS wrote against a valibot schema and says every mistake in words a person can act on.
 *
 * valibot tells what a value is not; here it becomes what the value must be, what to write instead, and for an
 * unknown key or word the one that was probably meant. Two things are looked for beside valibot, which stops at the
 * first unknown key of a map and takes a list for a map.
 */
import * as v from "valibot";
import { nearest } from "./nearest.ts";

export type Path = readonly (string | number)[];

/** One mistake. `at` says whether the key itself is wrong or what stands under it. */
export interface Finding {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly remedy: string;
  readonly allowed?: readonly string[];
}

/**
 * What a value must be, in words that complete "must be …", and what to do when it is not: write the like of an
 * example, or what `remedy` says.
 */
export function must<T>(
  be: string,
  instead: { example: unknown } | { remedy: string },
): v.MetadataAction<T, Metadata> {
  return v.metadata({ must: be, ...("example" in instead ? { examples: [instead.example] } : instead) });
}

interface Metadata extends Record<string, unknown> {
  readonly must?: string;
  readonly remedy?: string;
  readonly examples?: readonly unknown[];
}

/** The parts of a valibot schema that a walk along a path needs. */
interface Walkable {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Walkable>>;
  readonly item?: Walkable;
  readonly key?: Walkable;
  readonly value?: Walkable;
  readonly wrapped?: Walkable;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

type Schema = v.GenericSchema;

/** Every mistake in `value`, at most one for each place. */
export function check(schema: Schema, value: unknown): readonly Finding[] {
  const shapes = [...shapeFindings(schema as unknown as Walkable, value, [])];
  const found = new Map<string, Finding>();
  for (const { whole: _, ...finding } of shapes) found.set(pathText(finding.path), finding);
  for (const issue of v.safeParse(schema, value).issues ?? []) {
    // Told by the shape: maps that valibot finds empty after it has dropped their names.
    if (issue.type === "min_entries") continue;
    const finding = issueFinding(schema, issue);
    const key = pathText(finding.path);
    const told = found.has(key) || shapes.some((shape) => shape.whole && begins(finding.path, shape.path));
    if (!told) found.set(key, finding);
  }
  return [...found.values()];
}

/** A finding of the shape: `whole` when nothing inside is worth telling. */
interface Shape extends Finding {
  readonly whole: boolean;
}

function begins(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

/** Keys of a prototype: valibot skips them in silence, and a look-up by name would find the prototype's. */
const UNUSABLE_KEYS = new Set(["__proto__", "prototype", "constructor"]);

/** Unknown keys, lists where a map must be, and lists and maps that are too short, whatever else is wrong inside. */
function* shapeFindings(schema: Walkable, value: unknown, path: Path): Generator<Shape> {
  const bare = unwrap(schema);
  if (bare.type === "array" && Array.isArray(value)) {
    if (tooShort(bare, value)) yield { path, at: "value", whole: false, ...wrongValue(bare, value) };
    for (const [index, item] of value.entries()) {
      if (bare.item !== undefined) yield* shapeFindings(bare.item, item, [...path, index]);
    }
    return;
  }
  const isMap = bare.entries !== undefined || bare.type === "record";
  if (!isMap || typeof value !== "object" || value === null) return;
  const empty = !Array.isArray(value) && tooShort(bare, value);
  if (Array.isArray(value) || empty) yield { path, at: "value", whole: true, ...wrongValue(bare, value) };
  else yield* keyFindings(bare, value, path);
}

function tooShort(schema: Walkable, value: object): boolean {
  const least = schema.pipe?.find(({ type }) => type === "min_length" || type === "min_entries")?.requirement;
  return typeof least === "number" && Object.keys(value).length < least;
}

function* keyFindings(map: Walkable, value: object, path: Path): Generator<Shape> {
  for (const [key, item] of Object.entries(value)) {
    const next = map.entries === undefined ? map.value : own(map.entries, key);
    const unusable = UNUSABLE_KEYS.has(key);
    if (next !== undefined && !unusable) yield* shapeFindings(next, item, [...path, key]);
    else if (unusable || map.type === "strict_object") {
      yield { ...unknownKey(map, [...path, key], key), whole: true };
    }
  }
}

function unknownKey(map: Walkable, path: Path, key: string): Finding {
  const allowed = Object.keys(map.entries ?? {});
  if (allowed.length === 0) {
    return { path, at: "key", message: `"${key}" can't be used as a name`, remedy: "choose another name" };
  }
  const meant = nearest(key, allowed);
  const remedy =
    meant === undefined ? `remove it; allowed here: ${allowed.join(", ")}` : `did you mean ${meant}?`;
  return { path, at: "key", message: `unknown key "${key}"`, remedy, allowed };
}

function issueFinding(schema: Schema, issue: v.BaseIssue<unknown>): Finding {
  const items = issue.path ?? [];
  const path = items.map((item) => item.key as string | number);
  const isKey = items.at(-1)?.origin === "key";
  if (isKey && issue.input === undefined) {
    const { remedy = "it has no default", examples } = metadata(schemaAt(schema, path));
    const example = examples?.[0];
    const add =
      example === undefined ? `add it: ${remedy}` : `add for example ${path.at(-1)}: ${shown(example)}`;
    return { path, at: "key", message: "is missing", remedy: add };
  }
  if (isKey) {
    const names = schemaAt(schema, path.slice(0, -1))?.key;
    return { path, at: "key", ...wrongValue(names, issue.input) };
  }
  // What is wrong inside a union is told of the whole: its own words say what is allowed.
  const union = items.findIndex((_, index) => schemaAt(schema, path.slice(0, index))?.type === "union");
  if (union === -1) return { path, at: "value", ...wrongValue(schemaAt(schema, path), issue.input) };
  const whole = path.slice(0, union);
  return { path: whole, at: "value", ...wrongValue(schemaAt(schema, whole), items[union]?.input) };
}

function wrongValue(
  schema: Walkable | undefined,
  value: unknown,
): Pick<Finding, "message" | "remedy" | "allowed"> {
  if (schema?.type === "picklist") {
    const allowed = (schema.options ?? []).map(String);
    return { ...wrongWord(allowed, value), allowed };
  }
  const { must: be = "something else", remedy = "correct it", examples } = metadata(schema);
  const example = examples?.[0];
  return {
    message: `must be ${be}, is ${described(value)}`,
    remedy: example === undefined ? remedy : `write for example ${shown(example)}`,
  };
}

/** What to say of a value that is none of the allowed words. */
export function wrongWord(allowed: readonly string[], value: unknown): Pick<Finding, "message" | "remedy"> {
  const meant = typeof value === "string" ? nearest(value, allowed) : undefined;
  return {
    message: `must be ${inWords(allowed)}, is ${described(value)}`,
    remedy: meant === undefined ? `write ${inWords(allowed)}` : `did you mean ${meant}?`,
  };
}

function inWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function unwrap(schema: Walkable): Walkable {
  return schema.wrapped === undefined ? schema : unwrap(schema.wrapped);
}

function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The schema of what stands at `path`; undefined where there is none, or a union on the way. */
function schemaAt(schema: Schema, path: Path): Walkable | undefined {
  let current: Walkable | undefined = unwrap(schema as unknown as Walkable);
  for (const step of path) {
    if (current === undefined) return undefined;
    const next: Walkable | undefined =
      current.entries === undefined ? (current.item ?? current.value) : own(current.entries, String(step));
    current = next === undefined ? undefined : unwrap(next);
  }
  return current;
}

function metadata(schema: Walkable | undefined): Metadata {
  return schema === undefined ? {} : (v.getMetadata(schema as unknown as Schema) as Metadata);
}

/** A value as a person would write it. */
function shown(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) =>
    token.startsWith('"') ? JSON.parse(token) : `${token} `,
  );
}

/** A value as it is told of in a message: itself where it is short. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (typeof value === "string") return value.length > 60 ? `"${value.slice(0, 57)}…"` : `"${value}"`;
  if (typeof value !== "object") return String(value);
  const what = Array.isArray(value) ? "list" : "map";
  if (Object.keys(value).length === 0) return `an empty ${what}`;
  const whole = shown(value);
  if (whole.length <= 60) return whole;
  return Array.isArray(value) ? `a list of ${value.length}` : "a map";
}

/** A path as a person reads it: `groups.nat-a.members[1].instance`. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
