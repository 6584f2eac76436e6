/**
 * What DynamoDB refuses about a condition before it looks at any item: unknown functions, operands of a wrong number or
 * type, a path compared with itself. An expression that would fail in production must not pass in a simulation.
 */
import { type Condition, compare, samePath } from "./conditions.ts";
import { validation } from "./errors.ts";
import { givenValue, type Operand, type Scope } from "./operands.ts";
import { typeOf, type Value } from "./values.ts";

type Call = Operand & { readonly kind: "call" };

const OPERANDS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};

const TYPES: ReadonlySet<Value> = new Set(["S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M"]);

/** Throws ValidationException. `what` names the expression. */
export function checkCondition(condition: Condition, scope: Scope, what: string): void {
  switch (condition.kind) {
    case "and":
    case "or":
      checkCondition(condition.left, scope, what);
      checkCondition(condition.right, scope, what);
      return;
    case "not":
    case "group":
      checkCondition(condition.condition, scope, what);
      return;
    case "compare":
      checkSized([condition.left, condition.right], scope, what);
      checkDistinct(condition.comparator, condition.left, condition.right, scope, what);
      return;
    case "between":
      checkSized([condition.operand, condition.low, condition.high], scope, what);
      checkBounds(condition.low, condition.high, scope, what);
      return;
    case "in":
      checkSized([condition.operand, ...condition.list], scope, what);
      return;
    case "call":
      if (condition.name === "size") throw misused(condition.name, what);
      checkCall(condition, scope, what);
  }
}

/** Of all calls only `size` may stand where a value does. */
function checkSized(operands: readonly Operand[], scope: Scope, what: string): void {
  for (const operand of operands) {
    if (operand.kind !== "call") continue;
    checkCall(operand, scope, what);
    if (operand.name !== "size") throw misused(operand.name, what);
  }
}

function checkCall(call: Call, scope: Scope, what: string): void {
  const { name, operands } = call;
  if (OPERANDS[name] === undefined) throw invalid(what, `Invalid function name; function: ${name}`);
  const [first, second] = operands;
  if (operands.length !== OPERANDS[name] || first === undefined) {
    throw invalid(
      what,
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  checkSized(operands, scope, what);
  if (second !== undefined) checkDistinct(name, first, second, scope, what);
  checkOperandTypes(name, first, second, scope, what);
}

function checkOperandTypes(
  name: string,
  first: Operand,
  second: Operand | undefined,
  scope: Scope,
  what: string,
): void {
  if (name.startsWith("attribute_") && name !== "attribute_type" && first.kind !== "path") {
    throw invalid(what, `Operator or function requires a document path; operator or function: ${name}`);
  }
  const types = [first, second].map((operand) => operand && staticType(operand, scope));
  if (name === "begins_with") {
    const wrong = types.find((type) => type !== undefined && type !== "S");
    if (wrong !== undefined) throw wrongType(name, wrong, what);
  }
  if (name === "size" && ["N", "BOOL", "NULL"].includes(types[0] ?? "")) {
    throw wrongType(name, types[0] ?? "", what);
  }
  if (name === "attribute_type") {
    if (types[1] !== "S") throw wrongType(name, types[1] ?? "", what);
    const asked = second?.kind === "value" ? givenValue(second.name, scope) : undefined;
    if (asked === undefined || !TYPES.has(asked)) {
      throw invalid(what, `Invalid attribute type name found; type: ${String(asked)}`);
    }
  }
}

/** The type of an operand, where it does not depend on the item. */
function staticType(operand: Operand, scope: Scope): string | undefined {
  if (operand.kind === "value") return typeOf(givenValue(operand.name, scope));
  return operand.kind === "call" ? "N" : undefined;
}

function checkDistinct(name: string, left: Operand, right: Operand, scope: Scope, what: string): void {
  if (!samePath(left, right, scope)) return;
  throw invalid(
    what,
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}`,
  );
}

function checkBounds(low: Operand, high: Operand, scope: Scope, what: string): void {
  if (low.kind !== "value" || high.kind !== "value") return;
  const [lower, upper] = [givenValue(low.name, scope), givenValue(high.name, scope)];
  if (typeOf(lower) !== typeOf(upper)) {
    throw invalid(what, "The BETWEEN operator requires same data type for lower and upper bounds");
  }
  if (compare(">", lower, upper)) {
    throw invalid(
      what,
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
    );
  }
}

function wrongType(name: string, type: string, what: string): Error {
  return invalid(
    what,
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );
}

function misused(name: string, what: string): Error {
  return invalid(what, `The function is not allowed to be used this way in an expression; function: ${name}`);
}

function invalid(what: string, message: string): Error {
  return validation(`Invalid ${what}: ${message}`);
}
