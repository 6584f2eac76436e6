/**
 * State ↔ item. The attributes of the item are those of the State, beside `pk` and `sk`.
 *
 * How values are stored: numbers as numbers (epoch milliseconds and counts, all exact in a double); empty maps and
 * lists as they are, because a key of a map can only be set where the map stands; an optional attribute that is absent
 * or undefined is not stored at all, at any depth. An absent map or list reads as empty.
 */
import * as v from "valibot";
import type { State } from "../core/model.ts";
import { SCHEMA } from "../core/model.ts";
import { emptyState } from "../core/record.ts";
import { Failure } from "../errors.ts";
import { stateShapes } from "./shapes.ts";

/** How an attribute is written: as a whole, or key by key, so that two writers never undo each other's keys. */
export const ATTRIBUTES: Readonly<Record<Exclude<keyof State, "version">, "whole" | "by-key">> = {
  schema: "whole",
  epoch: "whole",
  lease: "whole",
  intent: "whole",
  moves: "whole",
  pause: "whole",
  quarantine: "by-key",
  acknowledged: "by-key",
  leaving: "by-key",
  burned: "whole",
  isolated: "by-key",
  told: "whole",
  woken: "whole",
  drill: "whole",
  probed: "whole",
  served: "whole",
  budgetRefilledAt: "whole",
  preferredHealthySince: "whole",
  examined: "whole",
  outbox: "by-key",
};

export const MAPS = Object.entries(ATTRIBUTES).flatMap(([name, how]) => (how === "by-key" ? [name] : []));

const REQUIRED = ["schema", "version", "epoch"] as const;

/**
 * What the state item says; an absent item is the empty state. Of a newer schema, what can't be understood is left out:
 * nobody decides on it. Throws Failure (operator) naming the attribute that is broken.
 */
export function stateOf(group: string, item: Readonly<Record<string, unknown>> | undefined): State {
  if (item === undefined) return emptyState();
  const newer = typeof item.schema === "number" && item.schema > SCHEMA;
  const read: Record<string, unknown> = { ...emptyState() };
  for (const [name, shape] of Object.entries(stateShapes)) {
    const value = item[name];
    if (value === undefined) continue;
    const parsed = v.safeParse(shape, value);
    if (parsed.success) read[name] = parsed.output;
    else if (!newer) throw broken(group, name, parsed.issues[0]);
  }
  const missing = REQUIRED.find((name) => item[name] === undefined);
  if (missing !== undefined) throw broken(group, missing, { message: "it is missing" });
  // Every attribute has passed the shape of its name.
  return read as unknown as State;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly { readonly key: unknown }[] | undefined;
}

function broken(group: string, name: string, issue: Issue): Failure {
  const path = [name, ...(issue.path ?? []).map((step) => String(step.key))].join(".");
  return new Failure(
    "operator",
    "BrokenRecord",
    "record",
    `The record of group ${group} is broken at ${path}: ${issue.message}. Correct or delete the item in the table.`,
  );
}

/** The value as it is stored: undefined left out, at any depth. */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.filter((element) => element !== undefined).map(plain);
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(kept.map(([name, part]) => [name, plain(part)]));
}
