/** ProjectionExpression: the parts of an item that its paths name. Elements taken out of a list close up. */
import { type Path, type Resolved, resolve, type Scope } from "./operands.ts";
import { type Item, isList, isMap, type Value } from "./values.ts";

export function project(item: Item, projection: readonly Path[], scope: Scope): Item {
  return parts(
    item,
    projection.map((path) => resolve(path, scope)),
  ) as Item;
}

function parts(value: Value, paths: readonly Resolved[]): Value | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (isMap(value)) {
    const kept: Record<string, Value> = {};
    for (const name of new Set(paths.map(([head]) => head))) {
      const part = typeof name === "string" ? partOf(value[name], name, paths) : undefined;
      if (typeof name === "string" && part !== undefined) kept[name] = part;
    }
    return kept;
  }
  if (!isList(value)) return undefined;
  return value.map((element, at) => partOf(element, at, paths)).filter((part) => part !== undefined);
}

/** What the paths that begin with `head` name in `value`; undefined where that is nothing. */
function partOf(
  value: Value | undefined,
  head: string | number,
  paths: readonly Resolved[],
): Value | undefined {
  const tails = paths.filter((path) => path[0] === head).map((path) => path.slice(1));
  if (value === undefined || tails.length === 0) return undefined;
  const part = parts(value, tails);
  const empty = isList(part) ? part.length === 0 : isMap(part) && Object.keys(part).length === 0;
  return empty && tails.every((tail) => tail.length > 0) ? undefined : part;
}
