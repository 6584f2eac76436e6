/** Goal: what the simulation's stand-in for DynamoDB answers to requests, a real implementation of the API answers. */
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import {
  type Command,
  contract,
  FAILED,
  get,
  INVALID,
  KEY,
  put,
  remove,
  TABLE,
} from "./dynamodb-subjects.ts";

const both = contract();

describe("requests", () => {
  it.each<[string, Command]>([
    ["a key without its sort key", new GetCommand({ TableName: TABLE, Key: { pk: "a" } })],
    ["a key with more than the key", new GetCommand({ TableName: TABLE, Key: { ...KEY, a: 1 } })],
    ["an empty key attribute", new GetCommand({ TableName: TABLE, Key: { pk: "", sk: "s" } })],
    ["a key of another type", new GetCommand({ TableName: TABLE, Key: { pk: 1, sk: "s" } })],
    ["an item without its key", new PutCommand({ TableName: TABLE, Item: { a: 1 } })],
    [
      "a query without the partition key",
      query({ KeyConditionExpression: "sk = :v", ExpressionAttributeValues: { ":v": "a" } }),
    ],
    [
      "a query of another attribute",
      query({ KeyConditionExpression: "pk = :v AND a = :v", ExpressionAttributeValues: { ":v": "a" } }),
    ],
    [
      "a query with OR",
      query({ KeyConditionExpression: "pk = :v OR sk = :v", ExpressionAttributeValues: { ":v": "a" } }),
    ],
    ["names without an expression", get({ ExpressionAttributeNames: { "#a": "a" } })],
    ["a name that is not used", get({ ProjectionExpression: "a", ExpressionAttributeNames: { "#a": "a" } })],
  ])("%s is refused", async (_, command) => {
    expect(await both([command])).toEqual([INVALID]);
  });

  it("another table is not found", async () => {
    const [answered] = await both([new GetCommand({ TableName: "elsewhere", Key: KEY })]);
    expect(answered).toBe("ResourceNotFoundException");
  });

  it("a projection picks parts of an item", async () => {
    await both([
      put({ a: { b: { c: 1, d: 2 }, e: [1, { f: 2, g: 3 }, 4] }, h: 1 }),
      ...["a.b.c", "a.e[1].f, h", "a.e[0], a.e[2]", "absent, a.absent", "#a.#b, pk"].map(
        (ProjectionExpression) =>
          get({
            ProjectionExpression,
            ...(ProjectionExpression.includes("#")
              ? { ExpressionAttributeNames: { "#a": "a", "#b": "b" } }
              : {}),
          }),
      ),
    ]);
  });

  it("a put and a delete answer the old item when asked, and keep their condition", async () => {
    const condition = { ConditionExpression: "a = :v", ExpressionAttributeValues: { ":v": 1 } };
    const answers = await both([
      remove(),
      put({ a: 1 }, { ReturnValues: "ALL_OLD" }),
      put({ a: 2 }, { ReturnValues: "ALL_OLD", ...condition }),
      put({ a: 3 }, condition),
      remove(condition),
      remove({ ReturnValues: "ALL_OLD" }),
      get(),
    ]);
    expect(answers).toEqual([
      {},
      {},
      { Attributes: { ...KEY, a: 1 } },
      FAILED,
      FAILED,
      { Attributes: { ...KEY, a: 2 } },
      {},
    ]);
  });
});

function query(more: object): Command {
  return new QueryCommand({ TableName: TABLE, ...more } as ConstructorParameters<typeof QueryCommand>[0]);
}

describe("queries", () => {
  const keys = ["STATE", "EVENT#1", "EVENT#2", "EVENT#3", "OTHER"].map((sk) => ({ pk: "group", sk }));
  const items = [...keys, { pk: "group-b", sk: "EVENT#1" }].map(
    (key) => new PutCommand({ TableName: TABLE, Item: { ...key, of: key.sk } }),
  );
  const events = {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
    ExpressionAttributeValues: { ":pk": "group", ":sk": "EVENT#" },
  };
  it.each<[string, object, readonly string[]]>([
    ["by prefix", events, ["EVENT#1", "EVENT#2", "EVENT#3"]],
    ["by prefix, newest first", { ...events, ScanIndexForward: false }, ["EVENT#3", "EVENT#2", "EVENT#1"]],
    ["two of them", { ...events, ScanIndexForward: false, Limit: 2 }, ["EVENT#3", "EVENT#2"]],
    ["just as many as there are", { ...events, Limit: 3 }, ["EVENT#1", "EVENT#2", "EVENT#3"]],
    [
      "from a key on",
      { ...events, ExclusiveStartKey: { pk: "group", sk: "EVENT#1" } },
      ["EVENT#2", "EVENT#3"],
    ],
    [
      "backwards from a key on",
      { ...events, ScanIndexForward: false, ExclusiveStartKey: { pk: "group", sk: "EVENT#2" } },
      ["EVENT#1"],
    ],
    [
      "between two keys",
      {
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :a AND :b",
        ExpressionAttributeValues: { ":pk": "group", ":a": "EVENT#2", ":b": "OTHER" },
      },
      ["EVENT#2", "EVENT#3", "OTHER"],
    ],
    [
      "the whole partition",
      { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "group" } },
      ["EVENT#1", "EVENT#2", "EVENT#3", "OTHER", "STATE"],
    ],
  ])("%s", async (_, asked, expected) => {
    const answers = await both([...items, query(asked)]);
    const { Items } = answers.at(-1) as { Items: readonly { sk: string }[] };
    expect(Items.map(({ sk }) => sk)).toEqual(expected);
  });

  it("a batch answers the items that are there", async () => {
    const Keys = [...keys, { pk: "group", sk: "absent" }];
    const batch = new BatchGetCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } });
    const answers = await both([...items, batch]);
    const { Responses } = answers.at(-1) as { Responses: Record<string, readonly unknown[]> };
    expect(Responses[TABLE]).toHaveLength(5);
  });
});
