/**
 * Random items and expressions of the kinds that the store uses.
 *
 * Left out on purpose, because the real implementation at hand is known to differ from DynamoDB there: equality of maps
 * and lists, empty strings and `false` under IN and BETWEEN, two paths compared where both are absent, several list
 * elements removed at once, NOT after NOT, a value copied and its source changed by the same update. The stand-in does
 * there what DynamoDB documents.
 */
import fc from "fast-check";

/** Every placeholder that the expressions may use. */
export const NAMES: Readonly<Record<string, string>> = {
  "#n": "n",
  "#s": "s",
  "#m": "m",
  "#l": "l",
  "#new": "2026-11-03T04:05:06.789Z#e1.0",
};

export const VALUES: Readonly<Record<string, unknown>> = {
  ":zero": 0,
  ":one": 1,
  ":two": 2,
  ":a": "a",
  ":ab": "ab",
  ":yes": true,
  ":map": { n: 1, m: {} },
  ":empty": {},
  ":list": [1, "a"],
};

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("a", "ab", "b"),
  fc.constant(true),
  fc.constant(null),
);
const name = fc.constantFrom("n", "s", "m", "l");

const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;

/** An item with attributes that are often of the type that their name says: number, string, map, list. */
export const anyItem: fc.Arbitrary<object> = fc.record(
  {
    n: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) }, value),
    s: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "ab", "abc") }, value),
    m: fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }) },
      value,
    ),
    l: fc.oneof({ weight: 4, arbitrary: fc.array(value, { maxLength: 3 }) }, value),
  },
  { requiredKeys: ["m"], noNullPrototype: true },
);

const head = fc.constantFrom("n", "s", "m", "l", "#n", "#s", "#m", "#l", "absent");
const step = fc.constantFrom(".n", ".#m", ".s", ".#new", "[0]", "[1]", ".#l");
const path = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("n", "#n", "s", "m", "#m", "l", "absent") },
  { weight: 3, arbitrary: fc.constantFrom("m.n", "m.s", "#m.#new", "#m.l", "l[0]", "l[1]") },
  fc.tuple(head, fc.array(step, { maxLength: 2 })).map(([first, rest]) => first + rest.join("")),
);

const number = fc.constantFrom(":zero", ":one", ":two");
const string = fc.constantFrom(":a", ":ab");
const comparable = fc.oneof(number, string);
const scalarValue = fc.oneof(comparable, fc.constant(":yes"));
const any = fc.constantFrom(...Object.keys(VALUES));

const simple: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(path, fc.constantFrom("=", "<>"), scalarValue).map((parts) => parts.join(" ")),
  fc.tuple(path, fc.constantFrom("<", "<=", ">", ">="), comparable).map((parts) => parts.join(" ")),
  fc
    .tuple(fc.constantFrom("attribute_exists", "attribute_not_exists"), path)
    .map(([call, of]) => `${call}(${of})`),
  fc.tuple(path, string).map(([of, prefix]) => `begins_with(${of}, ${prefix})`),
  fc.tuple(path, comparable).map(([of, part]) => `contains(${of}, ${part})`),
  fc.tuple(path, number, number).map(([of, low, high]) => `${of} BETWEEN ${low} AND ${high}`),
  fc
    .tuple(path, fc.array(comparable, { minLength: 1, maxLength: 3 }))
    .map(([of, list]) => `${of} IN (${list.join(", ")})`),
  fc.tuple(path, number).map(([of, size]) => `size(${of}) >= ${size}`),
);

export const anyCondition: fc.Arbitrary<string> = fc.letrec<{ condition: string; operand: string }>(
  (tie) => ({
    condition: fc.oneof(
      { depthSize: "small" },
      simple,
      fc.tuple(tie("operand"), fc.constantFrom("AND", "OR"), tie("operand")).map((parts) => parts.join(" ")),
      tie("operand")
        .filter((condition) => !condition.startsWith("NOT"))
        .map((condition) => `NOT ${condition}`),
    ),
    operand: fc.oneof(
      simple,
      simple.map((condition) => `(${condition})`),
      fc.tuple(simple, fc.constantFrom("AND", "OR"), simple).map((parts) => `(${parts.join(" ")})`),
      tie("condition"),
    ),
  }),
).condition;

const assignment = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, any).map(([to, from]) => `${to} = ${from}`) },
  { weight: 2, arbitrary: fc.tuple(path, path, number).map(([to, from, by]) => `${to} = ${from} + ${by}`) },
);

const topOf = (of: string) => of.replaceAll("#", "").split(/[.[]/)[0];
const apart = fc.tuple(path, path).filter(([to, from]) => topOf(to) !== topOf(from));
const copying = fc.oneof(
  fc.tuple(apart, any).map(([[to, from], or]) => `${to} = if_not_exists(${from}, ${or})`),
  apart.map(([to, from]) => `${to} = list_append(${from}, :list)`),
  apart.map(([to, from]) => `${to} = ${from}`),
);

const sets = fc
  .oneof(
    { weight: 2, arbitrary: fc.array(assignment, { minLength: 1, maxLength: 2 }) },
    copying.map((one) => [one]),
  )
  .map((list) => `SET ${list.join(", ")}`);
const removal = path.map((of) => `REMOVE ${of}`);
const addition = fc.tuple(path, fc.oneof(number, string)).map(([to, by]) => `ADD ${to} ${by}`);

export const anyUpdate: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: sets },
  { weight: 2, arbitrary: removal },
  addition,
  fc.tuple(assignment, removal).map(([set, remove]) => `SET ${set} ${remove}`),
  fc.tuple(addition, assignment).map(([add, set]) => `${add} SET ${set}`),
);

/** The names and values that an expression uses, as a request wants them. */
export function used(
  expression: string,
  names: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>,
): object {
  const pick = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => new RegExp(`${key}\\b`).test(expression)));
  const [usedNames, usedValues] = [pick(names), pick(values)];
  return {
    ...(Object.keys(usedNames).length === 0 ? {} : { ExpressionAttributeNames: usedNames }),
    ...(Object.keys(usedValues).length === 0 ? {} : { ExpressionAttributeValues: usedValues }),
  };
}
