/**
 * Operands: document paths, `:values` and calls, which conditions and updates have in common.
 *
 * An expression is parsed once for its text and run with the names and values of each request (its Scope).
 */
import { validation } from "./errors.ts";
import type { Tokens } from "./tokens.ts";
import { type Item, isList, isMap, type Value } from "./values.ts";

/** A piece is a list index, an attribute name, or `#name`, looked up in the scope. */
export type Path = readonly (string | number)[];
export type Resolved = readonly (string | number)[];

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly operands: readonly Operand[] };

/** ExpressionAttributeNames and -Values of a request; the values are copies. */
export interface Scope {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Value>>;
}

export function parseOperand(tokens: Tokens): Operand {
  const token = tokens.next;
  if (token?.startsWith(":")) return { kind: "value", name: tokens.take() };
  if (tokens.second === "(" && token !== undefined && /^\w/.test(token)) return parseCall(tokens);
  return { kind: "path", path: parsePath(tokens) };
}

export function parseCall(tokens: Tokens): Operand & { readonly kind: "call" } {
  const name = tokens.take();
  tokens.expect("(");
  const operands = [parseOperand(tokens)];
  while (tokens.accept(",")) operands.push(parseOperand(tokens));
  tokens.expect(")");
  return { kind: "call", name, operands };
}

export function parsePath(tokens: Tokens): Path {
  const path: (string | number)[] = [parseName(tokens)];
  for (;;) {
    if (tokens.accept(".")) path.push(parseName(tokens));
    else if (tokens.accept("[")) {
      const index = tokens.take();
      if (!/^\d+$/.test(index)) throw tokens.error(`Syntax error; token: "${index}"`);
      path.push(Number(index));
      tokens.expect("]");
    } else return path;
  }
}

function parseName(tokens: Tokens): string {
  const name = tokens.take();
  if (!/^[#A-Za-z_]/.test(name)) throw tokens.error(`Syntax error; token: "${name}"`);
  return name;
}

/** The path with its `#names` looked up. */
export function resolve(path: Path, scope: Scope): Resolved {
  return path.map((piece) => (typeof piece === "string" ? givenName(piece, scope) : piece));
}

export function givenName(piece: string, scope: Scope): string {
  if (!piece.startsWith("#")) return piece;
  const name = scope.names[piece];
  if (name === undefined) {
    throw validation(
      `An expression attribute name used in the document path is not defined; attribute name: ${piece}`,
    );
  }
  return name;
}

export function givenValue(name: string, scope: Scope): Value {
  const value = scope.values[name];
  if (value === undefined) {
    throw validation(
      `An expression attribute value used in expression is not defined; attribute value: ${name}`,
    );
  }
  return value;
}

/** What stands at the path; undefined where nothing does. */
export function read(item: Item, path: Path, scope: Scope): Value | undefined {
  let value: Value | undefined = item;
  for (const piece of path) {
    if (typeof piece === "number") value = isList(value) ? value[piece] : undefined;
    else value = isMap(value) ? value[givenName(piece, scope)] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

/** Every path and every `:value` of an operand, nested ones too. */
export function visit(operand: Operand, path: (path: Path) => void, value: (name: string) => void): void {
  if (operand.kind === "path") path(operand.path);
  else if (operand.kind === "value") value(operand.name);
  else for (const nested of operand.operands) visit(nested, path, value);
}
