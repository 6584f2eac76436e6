/** Where things stand in the one table. */

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export const EVENT_PREFIX = "EVENT#";

export function partitionOf(group: string): string {
  return `GROUP#${group}`;
}

/** The state item of a group. */
export function stateKey(group: string): Key {
  return { pk: partitionOf(group), sk: "STATE" };
}

/** A history item; `key` is the entry's key in the outbox, `<ISO time>#<sequence>`. */
export function historyKey(group: string, key: string): Key {
  return { pk: partitionOf(group), sk: `${EVENT_PREFIX}${key}` };
}

export const FLEET_KEY: Key = { pk: "FLEET", sk: "RECENT" };
