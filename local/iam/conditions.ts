/**
 * The condition block of a policy statement: every operator and key must hold (AND), each with any of its values (OR).
 *
 * What this evaluator can't judge it refuses to judge: an operator or key that it does not know throws, because a
 * condition that silently counted as false (or true) would prove nothing about the policy.
 * Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued keys".
 */
import { type Conditions, many, matchesWildcards } from "./policy.ts";

export type Keys = Readonly<Record<string, readonly string[]>>;

/** A test of one value of the request against one value of the policy. */
type Test = (asked: string, written: string) => boolean;

interface Operator {
  readonly test: Test;
  /** `Not…`: none of the written values may match, and an absent key satisfies it. */
  readonly negated: boolean;
}

const plain = (test: Test): Operator => ({ test, negated: false });
const negated = (test: Test): Operator => ({ test, negated: true });

const equals: Test = (asked, written) => asked === written;
const equalsIgnoringCase: Test = (asked, written) => asked.toLowerCase() === written.toLowerCase();
const like: Test = (asked, written) => matchesWildcards(written, asked);

/** Both Arn operators take wildcards, in each of the six parts by itself. */
const arnLike: Test = (asked, written) => {
  const [left, right] = [arnParts(asked), arnParts(written)];
  return right.every((part, index) => matchesWildcards(part, left[index] ?? ""));
};

const arnParts = (arn: string): string[] => {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
};

const compare =
  (read: (text: string) => number, holds: (asked: number, written: number) => boolean): Test =>
  (asked, written) =>
    holds(read(asked), read(written));

/** ISO 8601, or seconds since the epoch. */
const time = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

function ordered(prefix: string, read: (text: string) => number): [string, Operator][] {
  return [
    [`${prefix}Equals`, plain(compare(read, (a, b) => a === b))],
    [`${prefix}NotEquals`, negated(compare(read, (a, b) => a === b))],
    [`${prefix}LessThan`, plain(compare(read, (a, b) => a < b))],
    [`${prefix}LessThanEquals`, plain(compare(read, (a, b) => a <= b))],
    [`${prefix}GreaterThan`, plain(compare(read, (a, b) => a > b))],
    [`${prefix}GreaterThanEquals`, plain(compare(read, (a, b) => a >= b))],
  ];
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ["StringEquals", plain(equals)],
  ["StringNotEquals", negated(equals)],
  ["StringEqualsIgnoreCase", plain(equalsIgnoringCase)],
  ["StringNotEqualsIgnoreCase", negated(equalsIgnoringCase)],
  ["StringLike", plain(like)],
  ["StringNotLike", negated(like)],
  ["ArnLike", plain(arnLike)],
  ["ArnEquals", plain(arnLike)],
  ["ArnNotLike", negated(arnLike)],
  ["ArnNotEquals", negated(arnLike)],
  ["Bool", plain(equalsIgnoringCase)],
  ...ordered("Numeric", Number),
  ...ordered("Date", time),
]);

/**
 * Keys that a request may lack without that being a gap of ours: what is tagged, sent or asked for only sometimes.
 * Any other key must be among those that the service put into the question.
 */
const SOMETIMES = [
  /^(aws|ec2):(resourcetag|requesttag)\/./,
  /^aws:(tagkeys|sourcearn|sourceaccount|principaltag\/.+|calledvia)$/,
  /^lambda:sourcefunctionarn$/,
  /^dynamodb:(leadingkeys|attributes|select|returnvalues)$/,
];

/** Whether every condition of the block holds. Throws on an operator or a key that can't be judged. */
export function conditionsHold(conditions: Conditions | undefined, keys: Keys): boolean {
  // All are looked at, so that one which can't be judged is never hidden behind one that fails.
  return Object.entries(conditions ?? {})
    .flatMap(([operator, block]) => Object.entries(block).map((entry) => [operator, ...entry] as const))
    .map(([operator, key, values]) => holds(operator, key, many(values).map(String), keys))
    .every(Boolean);
}

function holds(written: string, key: string, values: readonly string[], keys: Keys): boolean {
  const asked = keys[known(key, keys)];
  const { set, name, ifExists } = parse(written);
  if (name === "Null") return (asked === undefined) === (values[0]?.toLowerCase() === "true");
  const operator = OPERATORS.get(name);
  if (operator === undefined)
    throw new Error(`condition operator ${written} is not one that can be judged here`);
  const variable = values.find((value) => value.includes("${"));
  if (variable !== undefined) throw new Error(`policy variables are not judged here: ${variable}`);
  if (asked === undefined || asked.length === 0)
    return ifExists || set === "all" || (set === "" && operator.negated);
  const fits = (one: string) => {
    const any = values.some((value) => operator.test(one, value));
    return operator.negated ? !any : any;
  };
  // Without a set operator a negated one must hold for each value; with ForAnyValue one is enough.
  const every = set === "all" || (set === "" && operator.negated);
  return every ? asked.every(fits) : asked.some(fits);
}

function parse(written: string): { set: "all" | "any" | ""; name: string; ifExists: boolean } {
  const [, quantifier, rest = written] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(written) ?? [];
  const set = quantifier === undefined ? "" : quantifier === "ForAllValues" ? "all" : "any";
  const ifExists = rest.endsWith("IfExists");
  return { set, name: ifExists ? rest.slice(0, -"IfExists".length) : rest, ifExists };
}

function known(key: string, keys: Keys): string {
  const lower = key.toLowerCase();
  if (lower in keys || SOMETIMES.some((pattern) => pattern.test(lower))) return lower;
  throw new Error(`condition key ${key} is not one that can be judged here`);
}
