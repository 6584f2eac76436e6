/** ConditionExpression: grammar and meaning. NOT binds tighter than AND, AND tighter than OR. */
import { givenValue, type Operand, parseCall, parseOperand, read, resolve, type Scope } from "./operands.ts";
import { Tokens } from "./tokens.ts";
import { equal, type Item, isList, order, sizeOf, typeOf, type Value } from "./values.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not" | "group"; readonly condition: Condition }
  | {
      readonly kind: "compare";
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: "between"; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly list: readonly Operand[] }
  | (Operand & { readonly kind: "call" });

const COMPARATORS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

/** `what` names the expression in errors: a KeyConditionExpression has the same grammar. */
export function parseCondition(text: string, what = "ConditionExpression"): Condition {
  const tokens = new Tokens(what, text);
  const condition = parseOr(tokens);
  tokens.expectEnd();
  return condition;
}

function parseOr(tokens: Tokens): Condition {
  let left = parseAnd(tokens);
  while (tokens.acceptKeyword("OR")) left = { kind: "or", left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: Tokens): Condition {
  let left = parseNot(tokens);
  while (tokens.acceptKeyword("AND")) left = { kind: "and", left, right: parseNot(tokens) };
  return left;
}

function parseNot(tokens: Tokens): Condition {
  if (tokens.acceptKeyword("NOT")) return { kind: "not", condition: parseNot(tokens) };
  return tokens.accept("(") ? parseParenthesised(tokens) : parseComparison(tokens);
}

function parseParenthesised(tokens: Tokens): Condition {
  const condition = parseOr(tokens);
  tokens.expect(")");
  if (condition.kind === "group") throw tokens.error("The expression has redundant parentheses;");
  return { kind: "group", condition };
}

function parseComparison(tokens: Tokens): Condition {
  const operand = parseOperand(tokens);
  if (tokens.acceptKeyword("BETWEEN")) {
    const low = parseOperand(tokens);
    if (!tokens.acceptKeyword("AND")) throw tokens.error("Syntax error; BETWEEN without AND");
    return { kind: "between", operand, low, high: parseOperand(tokens) };
  }
  if (tokens.isKeyword("IN") && tokens.second === "(") {
    return { kind: "in", operand, list: parseCall(tokens).operands };
  }
  const comparator = tokens.next;
  if (isComparator(comparator)) {
    tokens.take();
    return { kind: "compare", comparator, left: operand, right: parseOperand(tokens) };
  }
  if (operand.kind === "call") return operand;
  throw tokens.error(`Syntax error; token: "${comparator ?? "<EOF>"}"`);
}

function isComparator(token: string | undefined): token is Comparator {
  return token !== undefined && COMPARATORS.has(token);
}

/** True if the item meets the condition. An item that does not exist is an empty one. */
export function holds(condition: Condition, item: Item, scope: Scope): boolean {
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item, scope) && holds(condition.right, item, scope);
    case "or":
      return holds(condition.left, item, scope) || holds(condition.right, item, scope);
    case "not":
      return !holds(condition.condition, item, scope);
    case "group":
      return holds(condition.condition, item, scope);
    case "compare":
      return compare(
        condition.comparator,
        get(condition.left, item, scope),
        get(condition.right, item, scope),
      );
    case "between": {
      const value = get(condition.operand, item, scope);
      const low = get(condition.low, item, scope);
      return compare(">=", value, low) && compare("<=", value, get(condition.high, item, scope));
    }
    case "in": {
      const value = get(condition.operand, item, scope);
      return condition.list.some((candidate) => compare("=", value, get(candidate, item, scope)));
    }
    case "call":
      return callHolds(condition, item, scope);
  }
}

function get(operand: Operand, item: Item, scope: Scope): Value | undefined {
  if (operand.kind === "path") return read(item, operand.path, scope);
  if (operand.kind === "value") return givenValue(operand.name, scope);
  const [sized] = operand.operands;
  return sized === undefined ? undefined : sizeOf(get(sized, item, scope));
}

/** An operand that is not there makes every comparison false, but for `<>`. */
export function compare(comparator: Comparator, left: Value | undefined, right: Value | undefined): boolean {
  if (comparator === "<>") return left === undefined || right === undefined || !equal(left, right);
  if (left === undefined || right === undefined) return false;
  if (comparator === "=") return equal(left, right);
  const difference = order(left, right);
  if (difference === undefined) return false;
  if (comparator === "<") return difference < 0;
  if (comparator === "<=") return difference <= 0;
  return comparator === ">" ? difference > 0 : difference >= 0;
}

function callHolds(call: Operand & { kind: "call" }, item: Item, scope: Scope): boolean {
  const [first, second] = call.operands.map((operand) => get(operand, item, scope));
  switch (call.name) {
    case "attribute_exists":
      return first !== undefined;
    case "attribute_not_exists":
      return first === undefined;
    case "attribute_type":
      return first !== undefined && typeOf(first) === second;
    case "begins_with":
      return typeof first === "string" && typeof second === "string" && first.startsWith(second);
    default:
      return contains(first, second);
  }
}

function contains(whole: Value | undefined, part: Value | undefined): boolean {
  if (part === undefined) return false;
  if (typeof whole === "string") return typeof part === "string" && whole.includes(part);
  return isList(whole) && whole.some((element) => equal(element, part));
}

/** True where two operands are one and the same path, which DynamoDB refuses to compare. */
export function samePath(left: Operand, right: Operand, scope: Scope): boolean {
  if (left.kind !== "path" || right.kind !== "path") return false;
  const [one, other] = [resolve(left.path, scope), resolve(right.path, scope)];
  return one.length === other.length && one.every((piece, at) => piece === other[at]);
}
