/**
 * UpdateExpression: grammar and meaning. All operands are read from the item as it was; then removals and settings are
 * made. An item is never changed in place: what an update does not touch is shared between the old item and the new.
 */
import { validation } from "./errors.ts";
import {
  givenValue,
  type Operand,
  type Path,
  parseOperand,
  parsePath,
  type Resolved,
  read,
  resolve,
  type Scope,
} from "./operands.ts";
import { Tokens } from "./tokens.ts";
import { type Item, isList, isMap, typeOf, type Value } from "./values.ts";

type Sum = {
  readonly kind: "sum";
  readonly operator: "+" | "-";
  readonly left: Operand;
  readonly right: Operand;
};

export type Action =
  | { readonly kind: "SET"; readonly path: Path; readonly to: Operand | Sum }
  | { readonly kind: "REMOVE"; readonly path: Path }
  | { readonly kind: "ADD"; readonly path: Path; readonly value: string };

export function parseUpdate(text: string): readonly Action[] {
  const tokens = new Tokens("UpdateExpression", text);
  const actions: Action[] = [];
  const sections = new Set<string>();
  do {
    const section = tokens.take().toUpperCase();
    if (sections.has(section)) {
      throw tokens.error(`The "${section}" section can only be used once in an update expression;`);
    }
    sections.add(section);
    do actions.push(parseAction(section, tokens));
    while (tokens.accept(","));
  } while (tokens.next !== undefined);
  return actions;
}

function parseAction(section: string, tokens: Tokens): Action {
  if (section === "DELETE") throw new Error("The stand-in for DynamoDB has no sets, so no DELETE");
  if (section !== "SET" && section !== "REMOVE" && section !== "ADD") {
    throw tokens.error(`Syntax error; token: "${section}"`);
  }
  const path = parsePath(tokens);
  if (section === "REMOVE") return { kind: section, path };
  if (section === "ADD") return { kind: section, path, value: tokens.take() };
  tokens.expect("=");
  const left = parseOperand(tokens);
  const operator = tokens.next;
  if (operator !== "+" && operator !== "-") return { kind: section, path, to: left };
  tokens.take();
  return { kind: section, path, to: { kind: "sum", operator, left, right: parseOperand(tokens) } };
}

/**
 * What DynamoDB refuses about an update before it looks at the item: key attributes, overlapping paths, operands of a
 * wrong type. Throws ValidationException.
 */
export function checkUpdate(actions: readonly Action[], scope: Scope, keys: readonly string[]): void {
  const paths = actions.map((action) => resolve(action.path, scope));
  paths.forEach((path, at) => {
    for (let earlier = 0; earlier < at; earlier += 1) checkApart(paths[earlier] ?? [], path);
  });
  for (const action of actions) {
    if (action.kind === "SET") checkOperand(action.to, scope);
    if (action.kind === "ADD") checkAdded(givenValue(action.value, scope));
  }
  for (const path of paths) {
    if (typeof path[0] !== "string" || !keys.includes(path[0])) continue;
    throw validation(
      `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
    );
  }
}

function checkApart(one: Resolved, other: Resolved): void {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    if (typeof one[at] !== typeof other[at]) throw invalid("Two document paths conflict with each other");
    if (one[at] !== other[at]) return;
  }
  throw invalid("Two document paths overlap with each other");
}

function checkOperand(operand: Operand | Sum, scope: Scope): void {
  if (operand.kind === "sum") {
    for (const side of [operand.left, operand.right]) {
      checkOperand(side, scope);
      checkType(side, "N", operand.operator, scope);
    }
  }
  if (operand.kind !== "call") return;
  const [first, second] = operand.operands;
  if (operand.name !== "if_not_exists" && operand.name !== "list_append") {
    throw invalid(`Invalid function name; function: ${operand.name}`);
  }
  if (operand.operands.length !== 2 || first === undefined || second === undefined) {
    throw invalid(
      `Incorrect number of operands for operator or function; operator or function: ${operand.name}`,
    );
  }
  if (operand.name === "if_not_exists" && first.kind !== "path") {
    throw invalid(`Operator or function requires a document path; operator or function: ${operand.name}`);
  }
  for (const nested of operand.operands) {
    checkOperand(nested, scope);
    if (operand.name === "list_append") checkType(nested, "L", operand.name, scope);
  }
}

function checkType(operand: Operand, type: "N" | "L", operator: string, scope: Scope): void {
  if (operand.kind !== "value") return;
  const found = typeOf(givenValue(operand.name, scope));
  if (found !== type) throw invalidType(operator, found);
}

function checkAdded(value: Value): void {
  if (typeof value !== "number") throw invalidType("ADD", typeOf(value));
}

/** The item after the update. Throws ValidationException where a path or operand does not fit the item. */
export function update(item: Item, actions: readonly Action[], scope: Scope): Item {
  const writes = actions.map((action) => ({
    path: resolve(action.path, scope),
    value: result(action, item, scope),
  }));
  let updated: Value = { ...item };
  for (const { path, value } of inOrder(writes)) updated = write(updated, path, 0, value);
  return updated as Item;
}

interface Write {
  readonly path: Resolved;
  readonly value: Value | undefined;
}

/**
 * Elements set beyond the end of a list are appended in the order of their numbers. Removed elements are counted in the
 * old list: the last goes first, so that the others keep their places.
 */
function inOrder(writes: readonly Write[]): readonly Write[] {
  const elements = writes.filter(({ path }) => typeof path.at(-1) === "number");
  if (elements.length === 0) return writes;
  elements.sort((one, other) => Number(one.path.at(-1)) - Number(other.path.at(-1)));
  return [
    ...writes.filter(({ path }) => typeof path.at(-1) !== "number"),
    ...elements.filter(({ value }) => value !== undefined),
    ...elements.filter(({ value }) => value === undefined).toReversed(),
  ];
}

/** What the action leaves at its path; undefined: nothing. */
function result(action: Action, item: Item, scope: Scope): Value | undefined {
  if (action.kind === "REMOVE") return undefined;
  if (action.kind === "SET") return evaluate(action.to, item, scope);
  const old = read(item, action.path, scope);
  return (old === undefined ? 0 : number(old)) + number(givenValue(action.value, scope));
}

function evaluate(operand: Operand | Sum, item: Item, scope: Scope): Value {
  if (operand.kind === "value") return givenValue(operand.name, scope);
  if (operand.kind === "path") return present(read(item, operand.path, scope));
  if (operand.kind === "sum") {
    const left = number(evaluate(operand.left, item, scope));
    const right = number(evaluate(operand.right, item, scope));
    return operand.operator === "+" ? left + right : left - right;
  }
  const [first, second] = operand.operands;
  if (first === undefined || second === undefined) throw invalid("Incorrect number of operands");
  if (operand.name === "if_not_exists" && first.kind === "path") {
    const old = read(item, first.path, scope);
    return old === undefined ? evaluate(second, item, scope) : old;
  }
  return [...list(evaluate(first, item, scope)), ...list(evaluate(second, item, scope))];
}

function present(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw validation("The provided expression refers to an attribute that does not exist in the item");
}

function number(value: Value): number {
  if (typeof value === "number") return value;
  throw validation("An operand in the update expression has an incorrect data type");
}

function list(value: Value): readonly Value[] {
  if (isList(value)) return value;
  throw validation("An operand in the update expression has an incorrect data type");
}

/** A copy of `parent` with `value` at `path`, from its piece `at` on. Only the last piece may be new. */
function write(parent: Value | undefined, path: Resolved, at: number, value: Value | undefined): Value {
  const piece = path[at];
  const last = at === path.length - 1;
  if (typeof piece === "string" && isMap(parent)) {
    const written = last ? value : write(parent[piece], path, at + 1, value);
    if (written !== undefined) return { ...parent, [piece]: written };
    const { [piece]: _, ...others } = parent;
    return others;
  }
  if (typeof piece === "number" && isList(parent)) {
    if (last && value === undefined) return parent.filter((_, index) => index !== piece);
    const written = last ? value : write(parent[piece], path, at + 1, value);
    if (written === undefined) return parent;
    return piece < parent.length ? parent.with(piece, written) : [...parent, written];
  }
  throw validation("The document path provided in the update expression is invalid for update");
}

function invalidType(operator: string, type: string): Error {
  return invalid(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  );
}

function invalid(message: string): Error {
  return validation(`Invalid UpdateExpression: ${message}`);
}
