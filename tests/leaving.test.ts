/** An announced end in a record that is not ours to write. */
import { expect, it } from "vitest";
import { SCHEMA } from "../shared/core/model.ts";
import { emptyState } from "../shared/core/record.ts";
import { announceLeaving } from "../shared/leaving.ts";
import { stubWorld, T0 } from "./stub-world.ts";

it("a record of a newer schema is left as it is, and the look that follows says why", async () => {
  const Item = { ...emptyState(), schema: SCHEMA + 1, version: 3 };
  const { world, calls } = stubWorld(() => ({ Item }));
  const clock = { now: () => T0, sleep: () => new Promise<void>(() => {}) };
  await announceLeaving({ ...world, clock }, "nat-a", "i-1", { why: "spot", at: T0 });
  expect(calls.map(({ operation }) => operation)).toEqual(["Get"]);
});
