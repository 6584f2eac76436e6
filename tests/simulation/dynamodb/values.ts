/**
 * The values of the DynamoDB stand-in: what lib-dynamodb makes of JavaScript values, without the sets and binaries
 * that the controller does not use. A stored value is never changed in place, so that items may share parts.
 */
import { validation } from "./errors.ts";

export type Value = string | number | boolean | null | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [name: string]: Value;
}
export type Item = ValueMap;
export type ValueType = "S" | "N" | "BOOL" | "NULL" | "L" | "M";

export function typeOf(value: Value): ValueType {
  if (value === null) return "NULL";
  if (typeof value === "string") return "S";
  if (typeof value === "number") return "N";
  if (typeof value === "boolean") return "BOOL";
  return isList(value) ? "L" : "M";
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Deep equality, as `=` means it: a number never equals a string, maps compare by key. */
export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((value, at) => same(value, right[at]));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => same(left[name], right[name]));
}

function same(left: Value | undefined, right: Value | undefined): boolean {
  return left !== undefined && right !== undefined && equal(left, right);
}

/**
 * A copy that shares nothing with `value`. Refuses what the document client refuses by default: `undefined`
 * (removeUndefinedValues is off unless asked for), numbers that are not finite or not exact, functions, class instances.
 */
function copy(value: unknown): Value {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return checkedNumber(value);
  if (typeof value !== "object") throw unsupported(value);
  if (Array.isArray(value)) return value.map(copy);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unsupported(value);
  return copyMap(value);
}

/** As `copy`, of a whole item or map. */
export function copyMap(value: object): ValueMap {
  const copied: Record<string, Value> = {};
  for (const name in value) copied[name] = copy((value as Record<string, unknown>)[name]);
  return copied;
}

function checkedNumber(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`Special numeric value ${value} is not allowed`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Error(
      `Number ${value} is greater than Number.MAX_SAFE_INTEGER. Use NumberValue from @aws-sdk/lib-dynamodb.`,
    );
  }
  return Object.is(value, -0) ? 0 : value;
}

function unsupported(value: unknown): Error {
  if (value === undefined) {
    return new Error(
      "Pass options.removeUndefinedValues=true to remove undefined values from map/array/set.",
    );
  }
  return new Error(`The stand-in for DynamoDB does not store ${Object.prototype.toString.call(value)}`);
}

/** `left` in the order of DynamoDB before, with or after `right`: below, equal to or above zero. Undefined: no order. */
export function order(left: Value | undefined, right: Value | undefined): number | undefined {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  return undefined;
}

/** What `size()` answers: characters, elements or entries; undefined where a value has no size. */
export function sizeOf(value: Value | undefined): number | undefined {
  if (typeof value === "string" || isList(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}

/** A key attribute: a string that is not empty. */
export function keyPart(key: Record<string, unknown>, name: string): string {
  const value = key[name];
  if (typeof value !== "string") throw validation("The provided key element does not match the schema");
  if (value === "") {
    throw validation(
      `One or more parameter values were invalid: The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  }
  return value;
}
