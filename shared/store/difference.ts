/** The difference between two States, and the one UpdateCommand that writes it under a guard. */
import { isDeepStrictEqual } from "node:util";
import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { State } from "../core/model.ts";
import { ATTRIBUTES, plain } from "./item.ts";
import { stateKey } from "./keys.ts";

/**
 * What a write rests on. `version`: the record is the very one that the decision was made from. `claim`: the claim
 * still stands; others may have changed their own attributes meanwhile.
 */
export type Guard =
  | { readonly kind: "version"; readonly version: number }
  | {
      readonly kind: "claim";
      readonly epoch: number;
      readonly holder: string;
      /** The lease's end as its holder knows it: a send of its own that arrives late must not undo a newer one. */
      readonly until?: number;
    };

/** One attribute, or one key of a map attribute, and what it becomes; undefined: it goes. */
export interface Change {
  readonly attribute: keyof typeof ATTRIBUTES;
  readonly key?: string;
  readonly value: unknown;
}

/** What has to be written to make `after` out of `before`. The version is not among it: the table counts it. */
export function difference(before: State, after: State): readonly Change[] {
  return attributeNames().flatMap((attribute): readonly Change[] => {
    if (before[attribute] === after[attribute]) return [];
    const [old, value] = [plain(before[attribute]), plain(after[attribute])];
    if (isDeepStrictEqual(old, value)) return [];
    return ATTRIBUTES[attribute] === "whole" ? [{ attribute, value }] : keyChanges(attribute, old, value);
  });
}

/** Every attribute of the state, written whole: what makes an item where there was none. */
export function everything(after: State): readonly Change[] {
  return attributeNames().flatMap((attribute) => {
    const value = plain(after[attribute]);
    return value === undefined ? [] : [{ attribute, value }];
  });
}

function attributeNames(): readonly (keyof typeof ATTRIBUTES)[] {
  return Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[];
}

function keyChanges(attribute: Change["attribute"], before: unknown, after: unknown): readonly Change[] {
  const [old, fresh] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = new Set([...Object.keys(old), ...Object.keys(fresh)]);
  return [...keys]
    .filter((key) => !isDeepStrictEqual(old[key], fresh[key]))
    .map((key) => ({ attribute, key, value: fresh[key] }));
}

/** True where the state shows the change. */
export function shows(state: State, { attribute, key, value }: Change): boolean {
  const whole = plain(state[attribute]);
  const part = key === undefined ? whole : (whole as Record<string, unknown>)[key];
  return isDeepStrictEqual(part, value);
}

/**
 * The write. `version` becomes `version + 1`, counted by the table, so that every write is seen by whoever holds an
 * older version. On a record that is not there yet (a version guard of 0) it is created, with version 1.
 */
export function updateOf(
  table: string,
  group: string,
  changes: readonly Change[],
  guard: Guard,
): UpdateCommandInput {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = { ":one": 1 };
  const sets: string[] = [];
  const removals: string[] = [];
  changes.forEach(({ attribute, key, value }, at) => {
    names[`#${attribute}`] = attribute;
    if (key !== undefined) names[`#k${at}`] = key;
    const path = key === undefined ? `#${attribute}` : `#${attribute}.#k${at}`;
    if (value === undefined) removals.push(path);
    else {
      sets.push(`${path} = :v${at}`);
      values[`:v${at}`] = value;
    }
  });
  const fresh = guard.kind === "version" && guard.version === 0;
  sets.push(fresh ? "#version = :one" : "#version = #version + :one");
  const condition = conditionOf(guard);
  return {
    TableName: table,
    Key: stateKey(group),
    UpdateExpression: `SET ${sets.join(", ")}${removals.length > 0 ? ` REMOVE ${removals.join(", ")}` : ""}`,
    ConditionExpression: condition.text,
    ExpressionAttributeNames: { ...names, "#version": "version", ...condition.names },
    ExpressionAttributeValues: { ...values, ...condition.values },
    ReturnValues: "ALL_NEW",
  };
}

interface Condition {
  readonly text: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

function conditionOf(guard: Guard): Condition {
  if (guard.kind === "claim") {
    const held = {
      text: "#epoch = :epoch AND #lease.#holder = :holder",
      names: { "#epoch": "epoch", "#lease": "lease", "#holder": "holder" },
      values: { ":epoch": guard.epoch, ":holder": guard.holder },
    };
    if (guard.until === undefined) return held;
    return {
      text: `${held.text} AND #lease.#until = :until`,
      names: { ...held.names, "#until": "until" },
      values: { ...held.values, ":until": guard.until },
    };
  }
  if (guard.version === 0) return { text: "attribute_not_exists(#pk)", names: { "#pk": "pk" }, values: {} };
  return { text: "#version = :version", names: {}, values: { ":version": guard.version } };
}
