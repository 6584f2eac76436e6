/**
 * CloudFormation's intrinsic functions. A value is resolved in its place in the template, so that every problem can say
 * where it is; problems are gathered, and a value that can't be resolved is left out.
 * Source: CloudFormation user guide, "Intrinsic function reference".
 */
import type { Json } from "./template.ts";

/** What the functions refer to. Each answers undefined for what does not exist. */
export interface Names {
  readonly ref: (name: string) => unknown;
  readonly attribute: (logicalId: string, name: string) => unknown;
  readonly condition: (name: string) => Json | undefined;
  readonly mapping: (map: string) => Json | undefined;
  readonly region: string;
  readonly problem: (where: string, what: string) => void;
}

/** What `AWS::NoValue` stands for: the property that has it is not there. */
export const NO_VALUE = Symbol("AWS::NoValue");

/** The value with every intrinsic function in it resolved; NO_VALUE where it is to be left out. */
export function resolve(value: Json, where: string, names: Names): unknown {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return items.map((item, index) => resolve(item, `${where}[${index}]`, names)).filter(isValue);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    const intrinsic = INTRINSICS.get(name);
    if (intrinsic !== undefined) return intrinsic(argument, `${where}.${name}`, names);
    if (name.startsWith("Fn::")) {
      names.problem(where, `${name} is not emulated`);
      return NO_VALUE;
    }
  }
  const resolved = entries.map(([key, one]) => [key, resolve(one, `${where}.${key}`, names)] as const);
  return Object.fromEntries(resolved.filter(([, one]) => isValue(one)));
}

const isValue = (value: unknown) => value !== NO_VALUE;

type Intrinsic = (argument: Json, where: string, names: Names) => unknown;

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ["Ref", (name, where, names) => existing(names.ref(String(name)), where, `there is no ${name}`, names)],
  ["Fn::GetAtt", getAttribute],
  ["Fn::Sub", substitute],
  ["Fn::Join", join],
  ["Fn::Select", select],
  ["Fn::Split", split],
  ["Fn::If", choose],
  ["Condition", (name, where, names) => holds(String(name), where, names)],
  ["Fn::Equals", equal],
  ["Fn::Not", (argument, where, names) => !list(argument, where, names)[0]],
  ["Fn::And", (argument, where, names) => list(argument, where, names).every(Boolean)],
  ["Fn::Or", (argument, where, names) => list(argument, where, names).some(Boolean)],
  ["Fn::FindInMap", findInMap],
  ["Fn::Base64", (text, where, names) => Buffer.from(String(resolve(text, where, names))).toString("base64")],
  ["Fn::GetAZs", (_, __, { region }) => ["a", "b", "c"].map((zone) => `${region}${zone}`)],
]);

function getAttribute(argument: Json, where: string, names: Names): unknown {
  const [id = "", ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
  const attribute = path.join(".");
  return existing(names.attribute(id, attribute), where, `there is no ${id}.${attribute}`, names);
}

/** `${Name}`, `${Resource.Attribute}`, `${!Literal}`; with a map of names of its own before all others. */
function substitute(argument: Json, where: string, names: Names): unknown {
  const [text, map = {}] = Array.isArray(argument) ? (argument as Json[]) : [argument];
  const own = resolve(map ?? {}, where, names) as Record<string, unknown>;
  return String(text).replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
    if (literal !== "") return `\${${name}}`;
    const key = name.trim();
    if (Object.hasOwn(own, key)) return String(own[key]);
    const [id = "", ...path] = key.split(".");
    const value = path.length === 0 ? names.ref(id) : names.attribute(id, path.join("."));
    return String(existing(value, where, `there is no ${key}`, names));
  });
}

function join(argument: Json, where: string, names: Names): unknown {
  const [delimiter, values] = list(argument, where, names);
  return Array.isArray(values) ? values.join(String(delimiter)) : bad(where, names);
}

function select(argument: Json, where: string, names: Names): unknown {
  const [index, values] = list(argument, where, names);
  const value: unknown = Array.isArray(values) ? values[Number(index)] : undefined;
  return existing(value, where, `there is no element ${index}`, names);
}

function split(argument: Json, where: string, names: Names): unknown {
  const [delimiter, text] = list(argument, where, names);
  return typeof text === "string" ? text.split(String(delimiter)) : bad(where, names);
}

/** Only the branch that is taken is resolved: the other may refer to what the condition keeps from existing. */
function choose(argument: Json, where: string, names: Names): unknown {
  if (!Array.isArray(argument) || argument.length !== 3) return bad(where, names);
  const [condition, yes, no] = argument as [Json, Json, Json];
  return resolve(holds(String(condition), where, names) ? yes : no, where, names);
}

/** Whether a condition of the template holds. */
export function holds(name: string, where: string, names: Names): boolean {
  const condition = names.condition(name);
  if (condition !== undefined) return Boolean(resolve(condition, `Conditions.${name}`, names));
  names.problem(where, `there is no condition ${name}`);
  return false;
}

function equal(argument: Json, where: string, names: Names): unknown {
  const [left, right] = list(argument, where, names);
  return JSON.stringify(left) === JSON.stringify(right);
}

function findInMap(argument: Json, where: string, names: Names): unknown {
  const [map, ...keys] = list(argument, where, names).map(String);
  const found = keys.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key],
    names.mapping(map ?? ""),
  );
  return existing(found, where, `there is no ${[map, ...keys].join(".")}`, names);
}

function list(argument: Json, where: string, names: Names): unknown[] {
  const resolved = resolve(argument, where, names);
  if (Array.isArray(resolved)) return resolved;
  bad(where, names);
  return [];
}

function existing(value: unknown, where: string, problem: string, names: Names): unknown {
  if (value !== undefined) return value;
  names.problem(where, problem);
  return NO_VALUE;
}

function bad(where: string, names: Names): typeof NO_VALUE {
  names.problem(where, "its argument is not what the function takes");
  return NO_VALUE;
}
