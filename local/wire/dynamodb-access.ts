/** What a DynamoDB request touches: its tables and, for `dynamodb:LeadingKeys`, the partition keys it names. */

export type Document = Readonly<Record<string, unknown>>;

/** The tables a request names, each once. */
export function tablesOf(input: Document): string[] {
  if (typeof input.TableName === "string") return [input.TableName];
  if (Array.isArray(input.TransactItems)) {
    const parts = input.TransactItems.flatMap((item: Document) => Object.values(item) as Document[]);
    return [...new Set(parts.map((part) => String(part.TableName)))];
  }
  return typeof input.RequestItems === "object" ? Object.keys(input.RequestItems ?? {}) : [];
}

/** The values of the partition key `hash` that a request on `table` names; empty where it names none (a Scan). */
export function leadingKeys(input: Document, table: string, hash: string): string[] {
  const found: string[] = [];
  const collect = (item: unknown): void => {
    const value = (item as Document | undefined)?.[hash];
    if (value !== undefined) found.push(textOf(value));
  };
  collect(input.Key);
  collect(input.Item);
  collectBatch(input, table, collect);
  if (typeof input.KeyConditionExpression === "string") {
    const value = queried(input.KeyConditionExpression, input, hash);
    if (value !== undefined) found.push(textOf(value));
  }
  const condition = (input.KeyConditions as Record<string, { AttributeValueList?: unknown[] }> | undefined)?.[
    hash
  ];
  if (condition?.AttributeValueList?.[0] !== undefined) found.push(textOf(condition.AttributeValueList[0]));
  return [...new Set(found)];
}

function collectBatch(input: Document, table: string, collect: (item: unknown) => void): void {
  const batch = (input.RequestItems as Record<string, unknown> | undefined)?.[table];
  if (Array.isArray(batch)) {
    for (const request of batch as { PutRequest?: { Item: unknown }; DeleteRequest?: { Key: unknown } }[]) {
      collect(request.PutRequest?.Item);
      collect(request.DeleteRequest?.Key);
    }
    return;
  }
  for (const key of (batch as { Keys?: readonly unknown[] } | undefined)?.Keys ?? []) collect(key);
}

/** The value that a key condition (`#pk = :pk AND …`) sets the partition key equal to. */
function queried(expression: string, input: Document, hash: string): unknown {
  const names = (input.ExpressionAttributeNames ?? {}) as Readonly<Record<string, string>>;
  const values = (input.ExpressionAttributeValues ?? {}) as Document;
  for (const [, name = "", value = ""] of expression.matchAll(/([#\w.]+)\s*=\s*(:\w+)/g)) {
    if ((names[name] ?? name) === hash) return values[value];
  }
  return undefined;
}

/** `{S: "a"}` → `a` */
function textOf(value: unknown): string {
  const [text] = Object.values((value ?? {}) as Document);
  return String(text);
}
