/** The comparison operators of event patterns: what one element of a pattern's array says about the leaves of a field. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** A value of an event that is neither an object nor an array. */
export type Leaf = string | number | boolean | null;

/** `leaves` are the values of the field: none where it is absent, several where it holds an array. */
export type LeafMatcher = (leaves: readonly Leaf[]) => boolean;

/** Makes the error that refuses a pattern. */
export type Refuse = (reason: string) => Error;

type Test = (leaf: Leaf) => boolean;

const any =
  (test: Test): LeafMatcher =>
  (leaves) =>
    leaves.some(test);

/** The matcher of one element, a literal or `{operator: operand}`. Throws what `refuse` makes of a reason. */
export function leafMatcher(element: unknown, path: string, refuse: Refuse): LeafMatcher {
  if (isLeaf(element)) return any((leaf) => leaf === element);
  const [name, operand] = only(element, path, refuse);
  if (name === "exists") {
    if (typeof operand !== "boolean") throw refuse(`"exists" at "${path}" must be true or false`);
    return (leaves) => leaves.length > 0 === operand;
  }
  // Each element of an array is compared by itself: ["a", "b"] is anything but "a", for it holds "b".
  if (name === "anything-but") return any(anythingBut(operand, path, refuse));
  return any(test(name, operand, path, refuse));
}

function test(name: string, operand: unknown, path: string, refuse: Refuse): Test {
  switch (name) {
    case "prefix":
    case "suffix":
      return affix(name, operand, path, refuse);
    case "equals-ignore-case": {
      const wanted = text(operand, name, path, refuse).toLowerCase();
      return (leaf) => typeof leaf === "string" && leaf.toLowerCase() === wanted;
    }
    case "wildcard": {
      const wanted = wildcard(text(operand, name, path, refuse), path, refuse);
      return (leaf) => typeof leaf === "string" && wanted.test(leaf);
    }
    case "numeric":
      return numeric(operand, path, refuse);
    case "cidr":
      return cidr(text(operand, name, path, refuse), path, refuse);
    default:
      throw refuse(`Unrecognized match type ${name} at "${path}"`);
  }
}

function affix(name: "prefix" | "suffix", operand: unknown, path: string, refuse: Refuse): Test {
  const [inner, value] = isLeaf(operand) ? [undefined, operand] : only(operand, path, refuse);
  if (inner !== undefined && inner !== "equals-ignore-case") {
    throw refuse(`Unrecognized match type ${inner} in "${name}" at "${path}"`);
  }
  const fold = inner === undefined ? (one: string) => one : (one: string) => one.toLowerCase();
  const wanted = fold(text(value, name, path, refuse));
  const fits = (one: string) => (name === "prefix" ? one.startsWith(wanted) : one.endsWith(wanted));
  return (leaf) => typeof leaf === "string" && fits(fold(leaf));
}

/** Literals, or one of four operators, of one value or a list: what matches none of them. */
function anythingBut(operand: unknown, path: string, refuse: Refuse): Test {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  if (!isObject(operand)) {
    const literals = new Set(list(operand));
    const usable = [...literals].every((one) => typeof one === "string" || typeof one === "number");
    if (literals.size === 0 || !usable) {
      throw refuse(`"anything-but" at "${path}" takes strings, numbers or one operator`);
    }
    return (leaf) => !literals.has(leaf);
  }
  const [name, value] = only(operand, path, refuse);
  if (!["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(name)) {
    throw refuse(`Unsupported anything-but pattern ${name} at "${path}"`);
  }
  const values = list(value);
  if (values.length === 0) throw refuse(`Empty arrays are not allowed at "${path}"`);
  const tests = values.map((one) => test(name, one, path, refuse));
  return (leaf) => !tests.some((fits) => fits(leaf));
}

/** `["=", 5]`, or a lower and an upper bound: `[">", 0, "<=", 5]`. */
function numeric(operand: unknown, path: string, refuse: Refuse): Test {
  const bad = () => refuse(`"numeric" at "${path}" takes one comparison, or a lower and an upper bound`);
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw bad();
  const tests = [operand.slice(0, 2), operand.slice(2)]
    .filter((pair) => pair.length > 0)
    .map(([sign, bound]: unknown[]) => {
      const compare = COMPARISONS.get(sign);
      if (compare === undefined || typeof bound !== "number") throw bad();
      return (value: number) => compare(value, bound);
    });
  const isRange = /^>=?$/.test(String(operand[0])) && /^<=?$/.test(String(operand[2]));
  if (tests.length === 2 && !isRange) throw bad();
  return (leaf) => typeof leaf === "number" && tests.every((holds) => holds(leaf));
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ["=", (value, bound) => value === bound],
  ["<", (value, bound) => value < bound],
  ["<=", (value, bound) => value <= bound],
  [">", (value, bound) => value > bound],
  [">=", (value, bound) => value >= bound],
]);

function cidr(operand: string, path: string, refuse: Refuse): Test {
  const [address = "", bits = ""] = operand.split("/");
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  if (family === undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === "ipv4" ? 32 : 128)) {
    throw refuse(`Malformed CIDR ${operand} at "${path}"`);
  }
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family);
  return (leaf) => {
    if (typeof leaf !== "string") return false;
    return isIPv4(leaf) ? range.check(leaf, "ipv4") : isIPv6(leaf) && range.check(leaf, "ipv6");
  };
}

/** `*` is any run of characters; a backslash takes the meaning off a `*` or a backslash. */
function wildcard(pattern: string, path: string, refuse: Refuse): RegExp {
  if (/(?<!\\)\*\*/.test(pattern)) throw refuse(`Consecutive wildcard characters at "${path}"`);
  const source = pattern.replace(/\\[\\*]|[\\^$.*+?()[\]{}|]/g, (found) =>
    found === "*" ? "[^]*" : `\\${found.at(-1)}`,
  );
  return new RegExp(`^${source}$`);
}

function only(element: unknown, path: string, refuse: Refuse): [string, unknown] {
  const entries = isObject(element) ? Object.entries(element) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    throw refuse(`"${path}": an element is a literal or an object with one operator`);
  }
  return entry;
}

function text(operand: unknown, name: string, path: string, refuse: Refuse): string {
  if (typeof operand !== "string") throw refuse(`${name} match pattern must be a string at "${path}"`);
  return operand;
}

const isLeaf = (value: unknown): value is Leaf =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
