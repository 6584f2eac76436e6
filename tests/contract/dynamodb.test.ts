/**
 * Goal: what the simulation's stand-in for DynamoDB answers, a real implementation of the API answers.
 * Method: the same commands go to both, tables of them first, then random ones; answers and error names must agree.
 */
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SimDynamo } from "../simulation/dynamodb.ts";
import { startDynalite } from "./dynalite.ts";
import { anyCondition, anyItem, anyUpdate, KEY, NAMES, used, VALUES } from "./dynamodb-arbitraries.ts";

const TABLE = "contract";
type Command = { readonly input: object };
type Send = (command: Command) => Promise<object>;

let real: Send;
let simulated: Send;
let stop: () => Promise<void>;

beforeAll(async () => {
  const running = await startDynalite(TABLE);
  stop = running.stop;
  real = (command) => running.client.send(command as GetCommand);
});

afterAll(() => stop());

/** An answer without the SDK's metadata and without what is empty anyway; or the name of the error. */
async function outcome(send: Send, command: Command): Promise<unknown> {
  try {
    const {
      $metadata: _,
      UnprocessedKeys: _none,
      ...answer
    } = (await send(command)) as Record<string, unknown>;
    return JSON.parse(JSON.stringify(answer));
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

/** Sends the commands to both, one after the other, and answers what both answered; fails where they differ. */
async function both(commands: readonly Command[]): Promise<readonly unknown[]> {
  const sim = new SimDynamo(TABLE);
  simulated = (command) => sim.send(command as GetCommand);
  const outcomes: unknown[] = [];
  for (const command of commands) {
    const [expected, found] = [await outcome(real, command), await outcome(simulated, command)];
    expect({ input: command.input, outcome: found }).toEqual({ input: command.input, outcome: expected });
    outcomes.push(found);
  }
  return outcomes;
}

const put = (item: object, more: object = {}) =>
  new PutCommand({ TableName: TABLE, Item: { ...KEY, ...item }, ...more });
const get = (more: object = {}) => new GetCommand({ TableName: TABLE, Key: KEY, ...more });
const remove = (more: object = {}) => new DeleteCommand({ TableName: TABLE, Key: KEY, ...more });
const change = (UpdateExpression: string, more: object = {}) =>
  new UpdateCommand({ TableName: TABLE, Key: KEY, UpdateExpression, ReturnValues: "ALL_NEW", ...more });
const FAILED = "ConditionalCheckFailedException";
const INVALID = "ValidationException";

describe("conditions", () => {
  const item = { n: 5, s: "house", t: true, z: null, l: [1, "two"], m: { a: 1, deep: { b: "x" } } };
  it.each<[string, object, boolean | string]>([
    ["n = :v", { ":v": 5 }, true],
    ["n = :v", { ":v": "5" }, false],
    ["n <> :v", { ":v": "5" }, true],
    ["absent <> :v", { ":v": 5 }, true],
    ["absent = :v", { ":v": 5 }, false],
    ["NOT absent = :v", { ":v": 5 }, true],
    ["n < :v", { ":v": 6 }, true],
    ["n >= :v", { ":v": 5 }, true],
    ["s < :v", { ":v": 6 }, false],
    ["s > :v", { ":v": "hound" }, true],
    ["n BETWEEN :low AND :v", { ":low": 1, ":v": 5 }, true],
    ["n BETWEEN :low AND :v", { ":low": 6, ":v": 5 }, INVALID],
    ["n BETWEEN :low AND :v", { ":low": "1", ":v": 5 }, INVALID],
    ["n IN (:v, :w)", { ":v": 1, ":w": 5 }, true],
    ["s IN (:v)", { ":v": 5 }, false],
    ["attribute_exists(m.deep.b)", {}, true],
    ["attribute_exists(m.deep.b.c)", {}, false],
    ["attribute_exists(l[1]) AND attribute_not_exists(l[2])", {}, true],
    ["attribute_exists(z)", {}, true],
    ["attribute_type(m, :v)", { ":v": "M" }, true],
    ["attribute_type(m, :v)", { ":v": "map" }, INVALID],
    ["begins_with(s, :v)", { ":v": "hou" }, true],
    ["begins_with(n, :v)", { ":v": "5" }, false],
    ["begins_with(s, :v)", { ":v": 5 }, INVALID],
    ["contains(s, :v)", { ":v": "us" }, true],
    ["contains(l, :v)", { ":v": "two" }, true],
    ["size(m) = :v", { ":v": 2 }, true],
    ["size(n) = :v", { ":v": 1 }, false],
    ["n = :v OR n = :w AND s = :w", { ":v": 5, ":w": 1 }, true],
    ["(n = :v OR n = :w) AND s = :w", { ":v": 5, ":w": 1 }, false],
    ["not n = :v or n = :v", { ":v": 5 }, true],
    ["((n = :v))", { ":v": 5 }, INVALID],
    ["n = n", {}, INVALID],
    ["size(n)", {}, INVALID],
    ["n = attribute_exists(s)", {}, INVALID],
    ["exists(n)", {}, INVALID],
    ["attribute_exists(:v)", { ":v": 5 }, INVALID],
    ["attribute_exists(n, s)", {}, INVALID],
    ["n = :v", { ":w": 5 }, INVALID],
    ["n = :v", { ":v": 5, ":w": 5 }, INVALID],
    ["#n = :v", { ":v": 5 }, INVALID],
    ["n == :v", { ":v": 5 }, INVALID],
    ["n = :v AND", { ":v": 5 }, INVALID],
    ["n ! :v", { ":v": 5 }, INVALID],
    ["", {}, INVALID],
  ])("%s with %j is %j", async (ConditionExpression, values, expected) => {
    const given = Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values };
    const [, answered] = await both([put(item), put(item, { ConditionExpression, ...given })]);
    expect(answered).toEqual(expected === true ? {} : expected === false ? FAILED : expected);
  });
});

describe("updates", () => {
  const item = { n: 5, s: "house", z: null, l: [1, 2, 3], m: { a: 1, deep: { b: "x" } } };
  it.each<[string, object, object | string]>([
    ["SET n = n + :v", { ":v": 2 }, { ...item, n: 7 }],
    ["SET n = :v - n", { ":v": 2 }, { ...item, n: -3 }],
    ["SET m.fresh = :v REMOVE m.a", { ":v": 2 }, { ...item, m: { fresh: 2, deep: { b: "x" } } }],
    ["SET m.deep.b = :v, m.a = s", { ":v": {} }, { ...item, m: { a: "house", deep: { b: {} } } }],
    ["SET absent.a = :v", { ":v": 2 }, INVALID],
    ["SET n.a = :v", { ":v": 2 }, INVALID],
    ["SET m[0] = :v", { ":v": 2 }, INVALID],
    ["SET l[1] = :v", { ":v": 9 }, { ...item, l: [1, 9, 3] }],
    ["SET l[7] = :v", { ":v": 9 }, { ...item, l: [1, 2, 3, 9] }],
    ["REMOVE l[0]", {}, { ...item, l: [2, 3] }],
    ["REMOVE l[7]", {}, item],
    ["REMOVE absent", {}, item],
    ["REMOVE m.absent", {}, item],
    ["REMOVE absent.a", {}, INVALID],
    ["REMOVE z, s", {}, { n: item.n, l: item.l, m: item.m }],
    ["SET k = if_not_exists(k, :v)", { ":v": 2 }, { ...item, k: 2 }],
    ["SET z = if_not_exists(z, :v)", { ":v": 2 }, item],
    ["SET n = if_not_exists(k, :v) + :v", { ":v": 2 }, { ...item, n: 4 }],
    ["SET l = list_append(l, :v)", { ":v": [4] }, { ...item, l: [1, 2, 3, 4] }],
    ["SET l = list_append(if_not_exists(k, :v), l)", { ":v": [] }, item],
    ["SET l = list_append(l, :v)", { ":v": 4 }, INVALID],
    ["SET l = list_append(n, :v)", { ":v": [4] }, INVALID],
    ["SET n = k", {}, INVALID],
    ["SET n = k + :v", { ":v": 1 }, INVALID],
    ["SET n = n + :v", { ":v": "1" }, INVALID],
    ["SET n = s + :v", { ":v": 1 }, INVALID],
    ["ADD n :v", { ":v": 1 }, { ...item, n: 6 }],
    ["ADD k :v", { ":v": 1 }, { ...item, k: 1 }],
    ["ADD m.k :v", { ":v": 1 }, { ...item, m: { ...item.m, k: 1 } }],
    ["ADD s :v", { ":v": 1 }, INVALID],
    ["ADD n :v", { ":v": "1" }, INVALID],
    ["SET n = s, s = n", {}, { ...item, n: "house", s: 5 }],
    ["SET n = :v, n = :v", { ":v": 1 }, INVALID],
    ["SET m.a = :v REMOVE m", { ":v": 1 }, INVALID],
    ["SET m.a = :v, m[0] = :v", { ":v": 1 }, INVALID],
    ["SET n = :v SET s = :v", { ":v": 1 }, INVALID],
    ["SET pk = :v", { ":v": "other" }, INVALID],
    ["SET n = plus(n, :v)", { ":v": 1 }, INVALID],
    ["SET n = if_not_exists(:v, n)", { ":v": 1 }, INVALID],
    ["SET n :v", { ":v": 1 }, INVALID],
    ["PUT n = :v", { ":v": 1 }, INVALID],
  ])("%s with %j leaves %j", async (expression, values, expected) => {
    const given = Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values };
    const [, answered] = await both([put(item), change(expression, given), get()]);
    expect(answered).toEqual(
      typeof expected === "string" ? expected : { Attributes: { ...KEY, ...expected } },
    );
  });

  it("an update of an item that is not there makes it, unless a condition forbids", async () => {
    const [, refused, made, again] = await both([
      remove(),
      change("SET a = :v", {
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":v": 1 },
      }),
      change("SET a = :v", {
        ConditionExpression: "attribute_not_exists(pk)",
        ExpressionAttributeValues: { ":v": 1 },
      }),
      change("REMOVE a", { ReturnValues: "ALL_OLD" }),
      get(),
    ]);
    expect(refused).toBe(FAILED);
    expect(made).toEqual({ Attributes: { ...KEY, a: 1 } });
    expect(again).toEqual({ Attributes: { ...KEY, a: 1 } });
  });
});

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

  it("a batch answers the items that are there, in any order", async () => {
    const send = async (to: Send): Promise<unknown> => {
      const command = new BatchGetCommand({
        RequestItems: { [TABLE]: { Keys: [...keys, { pk: "group", sk: "absent" }], ConsistentRead: true } },
      });
      const { Responses } = (await outcome(to, command)) as { Responses: Record<string, { sk: string }[]> };
      return Responses[TABLE]?.toSorted((one, other) => one.sk.localeCompare(other.sk));
    };
    await both(items);
    expect(await send(simulated)).toEqual(await send(real));
  });
});

describe("random expressions", () => {
  it("conditions hold or fail alike", async () => {
    let held = 0;
    const cases = fc.asyncProperty(anyItem, anyCondition, async (item, condition) => {
      const given = used(condition, NAMES, VALUES);
      const [, answered] = await both([put(item), put(item, { ConditionExpression: condition, ...given })]);
      if (answered !== FAILED) held += 1;
    });
    await fc.assert(cases, { numRuns: 150 });
    expect(held).toBeGreaterThan(20);
  });

  it("updates leave the same item, or fail alike", async () => {
    let changed = 0;
    const cases = fc.asyncProperty(anyItem, anyUpdate, async (item, expression) => {
      const given = used(expression, NAMES, VALUES);
      const [, answered] = await both([put(item), change(expression, given), get()]);
      if (answered !== INVALID) changed += 1;
    });
    await fc.assert(cases, { numRuns: 200 });
    expect(changed).toBeGreaterThan(30);
  });
});
