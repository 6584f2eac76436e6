/**
 * Goal: an expression means to the simulation's stand-in for DynamoDB what it means to a real implementation of the API.
 * Method: tables of expressions first, then random ones.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCondition, anyItem, anyUpdate, NAMES, used, VALUES } from "./dynamodb-arbitraries.ts";
import { change, contract, FAILED, get, INVALID, KEY, put, remove } from "./dynamodb-subjects.ts";

const both = contract();

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

describe("random expressions", () => {
  it("conditions hold or fail alike", async () => {
    let held = 0;
    const cases = fc.asyncProperty(anyItem, anyCondition, async (item, condition) => {
      const given = used(condition, NAMES, VALUES);
      const [, answered] = await both([put(item), put(item, { ConditionExpression: condition, ...given })]);
      if (answered !== FAILED) held += 1;
    });
    await fc.assert(cases, { numRuns: 120 });
    expect(held).toBeGreaterThan(20);
  });

  it("updates leave the same item, or fail alike", async () => {
    let changed = 0;
    const cases = fc.asyncProperty(anyItem, anyUpdate, async (item, expression) => {
      const given = used(expression, NAMES, VALUES);
      const [, answered] = await both([put(item), change(expression, given), get()]);
      if (answered !== INVALID) changed += 1;
    });
    await fc.assert(cases, { numRuns: 150 });
    expect(changed).toBeGreaterThan(25);
  });
});
