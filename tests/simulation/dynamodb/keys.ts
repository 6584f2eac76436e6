/** KeyConditionExpression: `pk = :value`, and one condition on `sk` if any. */
import { type Condition, holds } from "./conditions.ts";
import { validation } from "./errors.ts";
import { givenValue, type Operand, resolve, type Scope } from "./operands.ts";
import type { Item } from "./values.ts";

export interface KeyRange {
  readonly partition: string;
  readonly includes: (item: Item) => boolean;
}

/** Throws ValidationException for what DynamoDB can't answer by key alone. */
export function keyRange(condition: Condition, scope: Scope): KeyRange {
  const parts = conjuncts(condition);
  const byName = new Map(parts.map((part) => [attributeOf(part, scope), part]));
  const partition = byName.get("pk");
  if (byName.size !== parts.length) {
    throw validation("KeyConditionExpressions must only contain one condition per key");
  }
  if (partition === undefined) throw validation("Query condition missed key schema element: pk");
  if (parts.length > 2 || (parts.length === 2 && !byName.has("sk"))) {
    throw validation("Query condition missed key schema element: sk");
  }
  if (partition.kind !== "compare" || partition.comparator !== "=" || partition.right.kind !== "value") {
    throw validation("Query key condition not supported");
  }
  const value = givenValue(partition.right.name, scope);
  if (typeof value !== "string") {
    throw validation(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
  }
  const sort = byName.get("sk");
  return { partition: value, includes: (item) => sort === undefined || holds(sort, item, scope) };
}

function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.kind === "group") return conjuncts(condition.condition);
  return condition.kind === "and"
    ? [...conjuncts(condition.left), ...conjuncts(condition.right)]
    : [condition];
}

function attributeOf(condition: Condition, scope: Scope): string {
  const operand = keyOperand(condition);
  if (operand?.kind !== "path") throw validation("Invalid operator used in KeyConditionExpression");
  const [name, ...nested] = resolve(operand.path, scope);
  if (nested.length > 0)
    throw validation("KeyConditionExpressions cannot have conditions on nested attributes");
  return String(name);
}

function keyOperand(condition: Condition): Operand | undefined {
  if (condition.kind === "compare") return condition.comparator === "<>" ? undefined : condition.left;
  if (condition.kind === "between") return condition.operand;
  return condition.kind === "call" && condition.name === "begins_with" ? condition.operands[0] : undefined;
}
