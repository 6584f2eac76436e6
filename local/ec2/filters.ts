/**
 * The filters of the Describe calls: a table of readers for each resource, `*` and `?` as wildcards, values are
 * alternatives and filters must all match. Case counts. Limits are those of "List and filter your resources".
 */
import type { Filter } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Tags } from "./entities.ts";

/** What a filter compares: one value, several of which one must match, or none. */
type Reader<Row> = (row: Row) => string | readonly string[] | undefined;

export interface FilterTable<Row> {
  readonly readers: Readonly<Record<string, Reader<Row>>>;
  /** Undefined where the resource cannot be filtered by its tags. */
  readonly tags: ((row: Row) => Tags) | undefined;
}

interface Compiled<Row> {
  readonly read: Reader<Row>;
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly RegExp[];
}

const mostFilters = 50;
const mostValues = 200;

/** The test that all of `filters` make together. Throws InvalidParameterValue for a filter that does not exist. */
export function compile<Row>(
  table: FilterTable<Row>,
  filters: readonly Filter[] | undefined,
): (row: Row) => boolean {
  if (filters === undefined || filters.length === 0) return () => true;
  if (filters.length > mostFilters) throw limitExceeded();
  const compiled = filters.map((filter) => compileOne(table, filter));
  return (row) => compiled.every((filter) => matches(filter, row));
}

function compileOne<Row>(table: FilterTable<Row>, filter: Filter): Compiled<Row> {
  const read = readerOf(table, filter.Name ?? "");
  if (read === undefined) {
    throw new AwsError("InvalidParameterValue", `The filter '${filter.Name ?? "null"}' is invalid`);
  }
  const values = filter.Values ?? [];
  if (values.length > mostValues) throw limitExceeded();
  const wild = values.filter((value) => /[*?\\]/.test(value));
  const exact = wild.length === 0 ? values : values.filter((value) => !wild.includes(value));
  return { read, exact: new Set(exact), patterns: wild.map(wildcard) };
}

function limitExceeded(): AwsError {
  return new AwsError("FilterLimitExceeded", "The request uses too many filters or too many filter values.");
}

function readerOf<Row>(table: FilterTable<Row>, name: string): Reader<Row> | undefined {
  const { readers, tags } = table;
  if (Object.hasOwn(readers, name)) return readers[name];
  if (tags === undefined) return undefined;
  if (name === "tag-key") return (row) => [...tags(row).keys()];
  if (name.startsWith("tag:") && name.length > 4) {
    const key = name.slice(4);
    return (row) => tags(row).get(key);
  }
  return undefined;
}

/** `*`: any characters, also none; `?`: one; a backslash makes the next character plain. */
function wildcard(value: string): RegExp {
  let source = "";
  for (let index = 0; index < value.length; index += 1) {
    let character = value.charAt(index);
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else {
      if (character === "\\" && index + 1 < value.length) {
        index += 1;
        character = value.charAt(index);
      }
      source += character.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    }
  }
  return new RegExp(`^${source}$`, "su");
}

function matches<Row>(filter: Compiled<Row>, row: Row): boolean {
  const value = filter.read(row);
  if (value === undefined) return false;
  if (typeof value === "string") return accepts(filter, value);
  return value.some((one) => accepts(filter, one));
}

function accepts<Row>(filter: Compiled<Row>, value: string): boolean {
  return filter.exact.has(value) || filter.patterns.some((pattern) => pattern.test(value));
}

/** The plain values of the filter `name`, so that a listing need not look at everything; undefined where it must. */
export function plainValues(
  filters: readonly Filter[] | undefined,
  name: string,
): readonly string[] | undefined {
  const values = filters?.find((filter) => filter.Name === name)?.Values;
  if (values === undefined || values.some((value) => /[*?\\]/.test(value))) return undefined;
  return values;
}

/** How a yes-or-no is written in a filter. */
export function flag(value: boolean): string {
  return value ? "true" : "false";
}
