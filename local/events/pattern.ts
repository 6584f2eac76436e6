/**
 * EventBridge's event patterns, as a pure function. A pattern is checked in full before it is used: one that AWS would
 * refuse is refused here, in words, and not taken for one that never matches.
 * Source: EventBridge user guide, "Creating event patterns" and "Comparison operators".
 *
 * Arrays are AWS's one surprise: a field that holds an array matches if any of its elements does, and a pattern that
 * reaches into an array of objects must be satisfied by one and the same object.
 */
import { AwsError } from "../aws-error.ts";
import { type Leaf, leafMatcher } from "./comparison.ts";

type Matcher = (event: unknown) => boolean;

/** Whether `event` matches `pattern`. Throws InvalidEventPatternException where AWS would refuse the pattern. */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  return compilePattern(pattern)(event);
}

/** A pattern checked once, to be matched often. Throws InvalidEventPatternException. */
function compilePattern(pattern: unknown): Matcher {
  if (!isObject(pattern)) throw invalid("Filter is not an object");
  return objectMatcher(pattern, "");
}

/** `pattern` as it arrives on the wire, as JSON text. */
export function parsePattern(text: string): Matcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid("the pattern is not valid JSON");
  }
  return compilePattern(pattern);
}

function objectMatcher(pattern: Record<string, unknown>, path: string): Matcher {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw invalid(`Empty objects are not allowed at ${path || "the top"}`);
  const matchers = fields.map(([name, value]) =>
    name === "$or" && isAlternatives(value) ? alternatives(value, path) : fieldMatcher(name, value, path),
  );
  const all: Matcher = (event) => matchers.every((matcher) => matcher(event));
  return (event) => (Array.isArray(event) && event.length > 0 ? event.some(all) : all(event));
}

function fieldMatcher(name: string, pattern: unknown, parent: string): Matcher {
  const path = parent === "" ? name : `${parent}.${name}`;
  if (isObject(pattern)) {
    const nested = objectMatcher(pattern, path);
    return (event) => nested(field(event, name));
  }
  if (!Array.isArray(pattern)) throw invalid(`"${path}" must be an object or an array`);
  if (pattern.length === 0) throw invalid(`Empty arrays are not allowed at "${path}"`);
  const matchers = pattern.map((one: unknown) => leafMatcher(one, path, invalid));
  return (event) => {
    const leaves = leavesOf(field(event, name));
    return matchers.some((matches) => matches(leaves));
  };
}

/** `$or` is only read as such where it holds two or more patterns; any other use is a field of that name. */
const isAlternatives = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.length > 1 && value.every(isObject);

function alternatives(patterns: readonly Record<string, unknown>[], path: string): Matcher {
  const matchers = patterns.map((pattern) => objectMatcher(pattern, path));
  return (event) => matchers.some((matcher) => matcher(event));
}

/** An object is no leaf, and an empty array holds none: `exists` says false of both. */
function leavesOf(value: unknown): Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (value === null) return [null];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [value] : [];
}

const field = (event: unknown, name: string): unknown =>
  isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const invalid = (reason: string) =>
  new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
