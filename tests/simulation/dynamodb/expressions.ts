/**
 * The expressions of one request: parsed once for their text, then checked against the request's names and values.
 * The simulation sends the same few texts thousands of times a second, so what depends on the text alone is kept.
 */
import { checkCondition } from "./checks.ts";
import { type Condition, parseCondition } from "./conditions.ts";
import { validation } from "./errors.ts";
import { givenName, givenValue, type Operand, type Path, parsePath, type Scope, visit } from "./operands.ts";
import { Tokens } from "./tokens.ts";
import { type Action, checkUpdate, parseUpdate } from "./updates.ts";
import { copyMap, type Value } from "./values.ts";

export interface Request {
  readonly TableName?: string;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

export interface Expressions {
  readonly scope: Scope;
  readonly condition: Condition | undefined;
  readonly update: readonly Action[] | undefined;
  readonly key: Condition | undefined;
  readonly projection: readonly Path[] | undefined;
}

type Parsed = Omit<Expressions, "scope"> & {
  /** The `#names` and `:values` that the expressions use. */
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
};

const NOTHING: Readonly<Record<string, never>> = {};

/** Parses and checks. Throws ValidationException. `keys` are the table's key attributes. */
export function expressionsOf(
  request: Request,
  keys: readonly string[],
  cache: Map<string, Parsed>,
): Expressions {
  const parsed = parsedOf(request, cache);
  const names = request.ExpressionAttributeNames ?? NOTHING;
  checkPlaceholders("ExpressionAttributeNames", request.ExpressionAttributeNames, "#", parsed);
  checkPlaceholders("ExpressionAttributeValues", request.ExpressionAttributeValues, ":", parsed);
  const values: Readonly<Record<string, Value>> = copyMap(request.ExpressionAttributeValues ?? NOTHING);
  const scope: Scope = { names, values };
  for (const name of parsed.names) givenName(name, scope);
  for (const value of parsed.values) givenValue(value, scope);
  checkUnused("ExpressionAttributeNames", Object.keys(names), parsed.names);
  checkUnused("ExpressionAttributeValues", Object.keys(values), parsed.values);
  if (parsed.update) checkUpdate(parsed.update, scope, keys);
  if (parsed.condition) checkCondition(parsed.condition, scope, "ConditionExpression");
  return { ...parsed, scope };
}

function checkPlaceholders(what: string, given: object | undefined, sign: "#" | ":", parsed: Parsed): void {
  if (given === undefined) return;
  const { condition, update, key, projection } = parsed;
  if ((condition ?? update ?? key ?? projection) === undefined) {
    throw validation(`${what} can only be specified when using expressions`);
  }
  const placeholders = Object.keys(given);
  if (placeholders.length === 0) throw validation(`${what} must not be empty`);
  const wrong = placeholders.find((name) => !name.startsWith(sign) || !/^.\w+$/.test(name));
  if (wrong !== undefined) throw validation(`${what} contains invalid key: Syntax error; key: "${wrong}"`);
}

function checkUnused(what: string, given: readonly string[], used: ReadonlySet<string>): void {
  const unused = given.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw validation(`Value provided in ${what} unused in expressions: keys: {${unused.join(", ")}}`);
  }
}

function parsedOf(request: Request, cache: Map<string, Parsed>): Parsed {
  const texts = [
    request.ConditionExpression,
    request.UpdateExpression,
    request.KeyConditionExpression,
    request.ProjectionExpression,
  ];
  const text = texts.map((each) => each ?? "").join("\n");
  const known = cache.get(text);
  // An empty expression is an error, and looks like an absent one in the joined text.
  if (known !== undefined && !texts.includes("")) return known;
  const parsed = parse(request);
  cache.set(text, parsed);
  return parsed;
}

function parse(request: Request): Parsed {
  const { ConditionExpression, UpdateExpression, KeyConditionExpression, ProjectionExpression } = request;
  const update = UpdateExpression === undefined ? undefined : parseUpdate(UpdateExpression);
  const condition = ConditionExpression === undefined ? undefined : parseCondition(ConditionExpression);
  const key =
    KeyConditionExpression === undefined
      ? undefined
      : parseCondition(KeyConditionExpression, "KeyConditionExpression");
  const projection = ProjectionExpression === undefined ? undefined : parseProjection(ProjectionExpression);
  return { update, condition, key, projection, ...placeholders(update, [condition, key], projection) };
}

function parseProjection(text: string): readonly Path[] {
  const tokens = new Tokens("ProjectionExpression", text);
  const paths = [parsePath(tokens)];
  while (tokens.accept(",")) paths.push(parsePath(tokens));
  tokens.expectEnd();
  return paths;
}

function placeholders(
  update: readonly Action[] | undefined,
  conditions: readonly (Condition | undefined)[],
  projection: readonly Path[] | undefined,
): { names: Set<string>; values: Set<string> } {
  const names = new Set<string>();
  const values = new Set<string>();
  const path = (used: Path) => {
    for (const piece of used) if (typeof piece === "string" && piece.startsWith("#")) names.add(piece);
  };
  const operand = (used: Operand) => visit(used, path, (name) => values.add(name));
  for (const action of update ?? []) {
    path(action.path);
    if (action.kind === "ADD") values.add(action.value);
    if (action.kind !== "SET") continue;
    for (const each of action.to.kind === "sum" ? [action.to.left, action.to.right] : [action.to])
      operand(each);
  }
  for (const condition of conditions) if (condition) for (const each of operandsOf(condition)) operand(each);
  for (const each of projection ?? []) path(each);
  return { names, values };
}

function operandsOf(condition: Condition): readonly Operand[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...operandsOf(condition.left), ...operandsOf(condition.right)];
    case "not":
    case "group":
      return operandsOf(condition.condition);
    case "compare":
      return [condition.left, condition.right];
    case "between":
      return [condition.operand, condition.low, condition.high];
    case "in":
      return [condition.operand, ...condition.list];
    case "call":
      return [condition];
  }
}
