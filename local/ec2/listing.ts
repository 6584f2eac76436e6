/**
 * What all Describe calls share: explicit ids (every one must exist), filters, and pages that go on after the last one
 * seen. Each entity is read as eventually consistent as EC2 is.
 */
import type { Filter } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { compile, type FilterTable, plainValues } from "./filters.ts";
import { checkId, type IdKind, notFound } from "./ids.ts";
import { combination, endDryRun } from "./parameters.ts";
import type { Region } from "./region.ts";
import type { Entry, Table } from "./table.ts";

export interface Listing<T, Row> {
  readonly table: (region: Region) => Table<T>;
  readonly kind: IdKind;
  /** The parameter of explicit ids, as EC2 writes it in messages. */
  readonly idsName: string;
  /** The filter that compares the id. */
  readonly idFilter: string;
  readonly filters: FilterTable<Row>;
  /** What filters and views look at; `at` is the moment that the entity was read at. Undefined: not to be listed. */
  readonly row: (region: Region, value: T, at: number) => Row | undefined;
}

export interface PageRequest {
  readonly ids: readonly string[] | undefined;
  readonly Filters?: Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly DryRun?: boolean | undefined;
}

export interface Page<Row> {
  readonly rows: Row[];
  readonly nextToken: string | undefined;
}

/** One page of a listing. Throws what EC2 answers to bad ids, filters, tokens and combinations of these. */
export function page<T, Row>(
  region: Region,
  listing: Listing<T, Row>,
  request: PageRequest,
  now: number,
): Page<Row> {
  const ids = request.ids !== undefined && request.ids.length > 0 ? request.ids : undefined;
  const most = pageSize(request, ids === undefined ? undefined : listing.idsName);
  const after = position(request.NextToken);
  if (ids !== undefined) for (const id of ids) checkId(listing.kind, id);
  const accept = compile(listing.filters, request.Filters);
  endDryRun(request);
  const rows: Row[] = [];
  const missing = new Set(ids);
  let last = 0;
  for (const entry of candidates(listing.table(region), listing, ids, request.Filters)) {
    if (entry.order <= after) continue;
    const { value, at } = region.seen(entry, now);
    if (value === undefined) continue;
    missing.delete(entry.id);
    const row = listing.row(region, value, at);
    if (row === undefined || !accept(row)) continue;
    if (rows.length === most) return { rows, nextToken: tokenAfter(last) };
    rows.push(row);
    last = entry.order;
  }
  if (missing.size > 0) throw notFound(listing.kind, ...missing);
  return { rows, nextToken: undefined };
}

/** Checks MaxResults; EC2 wants at least 5 and gives at most 1000. */
export function pageSize(request: PageRequest, idsName: string | undefined): number {
  const most = request.MaxResults;
  if (most === undefined) return Number.POSITIVE_INFINITY;
  if (idsName !== undefined) {
    throw combination(`The parameter ${idsName} cannot be used with the parameter maxResults`);
  }
  if (!Number.isInteger(most) || most < 5) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${most} ) for parameter maxResults is invalid. Expecting a value greater than 5.`,
    );
  }
  return Math.min(most, 1000);
}

const tokenPrefix = "after-";

/** Opaque to callers: the place of the last one seen. */
export function tokenAfter(order: number): string {
  return Buffer.from(`${tokenPrefix}${order}`).toString("base64url");
}

/** The place that a token stands for; 0 without one. Throws InvalidPaginationToken. */
export function position(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const text = Buffer.from(token, "base64url").toString();
  const order = Number(text.slice(tokenPrefix.length));
  if (!text.startsWith(tokenPrefix) || !Number.isInteger(order)) {
    throw new AwsError(
      "InvalidPaginationToken",
      "The specified pagination token is not valid or is expired.",
    );
  }
  return order;
}

function candidates<T, Row>(
  table: Table<T>,
  listing: Listing<T, Row>,
  ids: readonly string[] | undefined,
  filters: readonly Filter[] | undefined,
): Iterable<Entry<T>> {
  const named = ids ?? plainValues(filters, listing.idFilter);
  if (named === undefined) return table.entries();
  const found: Entry<T>[] = [];
  for (const id of new Set(named)) {
    const entry = table.entry(id);
    if (entry !== undefined) found.push(entry);
  }
  return found.sort((one, other) => one.order - other.order);
}
