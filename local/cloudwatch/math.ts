/**
 * Metric math, the part that alarms use: numbers, metric ids, + - * / and comparisons, METRICS(), SUM AVG MIN MAX ABS
 * CEIL FLOOR IF and FILL with a number. One period at a time: a missing operand makes the result missing, as on AWS.
 * Anything else is refused when the alarm is put, so that no alarm is silently never evaluated.
 */
import { AwsError } from "../aws-error.ts";

/** The values of one period, by query id; undefined where no sample arrived. */
export interface Scope {
  readonly value: (id: string) => number | undefined;
  /** The ids of all queries that read a metric: what METRICS() means. */
  readonly metrics: readonly string[];
}

type Value = number | undefined | readonly (number | undefined)[];
type Term = (scope: Scope) => Value;
export type Formula = (scope: Scope) => number | undefined;

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|<=|>=|==|!=|[-+*/()<>,[\]])/y;
const OPERATORS: readonly (readonly string[])[] = [
  ["<", ">", "<=", ">=", "==", "!="],
  ["+", "-"],
  ["*", "/"],
];

/** Compiles an expression; throws ValidationError where it can't. `ids` are the queries it may name. */
export function compileMath(text: string, ids: readonly string[]): Formula {
  const tokens = tokenise(text);
  let place = 0;
  const take = (wanted: string): void => {
    if (tokens[place] !== wanted) throw invalid(text);
    place += 1;
  };
  const list = (close: string): Term[] => {
    const terms: Term[] = [];
    while (tokens[place] !== close) {
      if (terms.length > 0) take(",");
      terms.push(binary(0));
    }
    take(close);
    return terms;
  };
  const primary = (): Term => {
    const token = tokens[place] ?? "";
    place += 1;
    if (token === "-") return negated(primary());
    if (token === "(") {
      const inner = binary(0);
      take(")");
      return inner;
    }
    if (token === "[") return listed(list("]"));
    if (/^\d/.test(token)) return () => Number(token);
    if (tokens[place] === "(") {
      place += 1;
      return call(token.toUpperCase(), list(")"), text);
    }
    if (!ids.includes(token)) throw invalid(text);
    return (scope) => scope.value(token);
  };
  const binary = (level: number): Term => {
    const operators = OPERATORS[level];
    if (operators === undefined) return primary();
    let left = binary(level + 1);
    for (let token = tokens[place]; token !== undefined && operators.includes(token); token = tokens[place]) {
      place += 1;
      left = combined(token, left, binary(level + 1));
    }
    return left;
  };
  const whole = binary(0);
  if (place !== tokens.length) throw invalid(text);
  return (scope) => single(whole(scope));
}

function call(name: string, terms: readonly Term[], text: string): Term {
  const argument = (scope: Scope, index: number) => single(terms[index]?.(scope));
  const present = (scope: Scope) =>
    terms.flatMap((term) => term(scope)).filter((value): value is number => value !== undefined);
  const some = (how: (values: readonly number[]) => number): Term => {
    if (terms.length === 0) throw invalid(text);
    return (scope) => {
      const values = present(scope);
      return values.length === 0 ? undefined : how(values);
    };
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  switch (name) {
    case "METRICS":
      return (scope) => scope.metrics.map((id) => scope.value(id));
    case "SUM":
      return some(sum);
    case "AVG":
      return some((values) => sum(values) / values.length);
    case "MIN":
      return some((values) => Math.min(...values));
    case "MAX":
      return some((values) => Math.max(...values));
    case "ABS":
      return some(([value = 0]) => Math.abs(value));
    case "CEIL":
      return some(([value = 0]) => Math.ceil(value));
    case "FLOOR":
      return some(([value = 0]) => Math.floor(value));
    case "FILL":
      return (scope) => argument(scope, 0) ?? argument(scope, 1);
    case "IF":
      return (scope) => {
        const condition = argument(scope, 0);
        return condition === undefined ? undefined : argument(scope, condition === 0 ? 2 : 1);
      };
    default:
      throw invalid(text);
  }
}

function combined(operator: string, left: Term, right: Term): Term {
  return (scope) => {
    const a = single(left(scope));
    const b = single(right(scope));
    return a === undefined || b === undefined ? undefined : apply(operator, a, b);
  };
}

function apply(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? undefined : a / b;
    case "<":
      return a < b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    case "==":
      return a === b ? 1 : 0;
    default:
      return a !== b ? 1 : 0;
  }
}

function listed(terms: readonly Term[]): Term {
  return (scope) => terms.flatMap((term) => term(scope));
}

function negated(term: Term): Term {
  return (scope) => {
    const value = single(term(scope));
    return value === undefined ? undefined : -value;
  };
}

/** A list of one is that one: several series where one is wanted can't be judged. */
function single(value: Value): number | undefined {
  return typeof value === "object" ? (value.length === 1 ? value[0] : undefined) : value;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match?.[1] === undefined) throw invalid(text);
    tokens.push(match[1]);
  }
  return tokens;
}

function invalid(text: string): AwsError {
  return new AwsError("ValidationError", `Invalid metrics list: Error in expression: ${text}`);
}
