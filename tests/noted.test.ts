/** What follows from a change that EC2 did not accept: when it may be asked again. */
import { expect, it } from "vitest";
import { failureOf } from "../shared/errors.ts";
import { noted } from "../shared/noted.ts";
import { awsError, stubWorld, T0 } from "./stub-world.ts";

const throttle = failureOf(awsError("RequestLimitExceeded", 503), "detach");
const denied = failureOf(awsError("OperationNotPermitted"), "detach");

/** How long the same is left alone after the `count`th refusal; undefined: until the next look. */
function patience(failure: typeof throttle, count: number, chance: number): number | undefined {
  const { world } = stubWorld(() => ({}));
  const before = { error: failure.code, count: count - 1 };
  const { busyUntil } = noted({ ...world, random: () => chance }, failure, before, T0);
  return busyUntil === undefined ? undefined : busyUntil - T0;
}

it("who is refused by EC2's bucket waits longer each time, and never more than four seconds", () => {
  expect([1, 2, 3, 20].map((count) => patience(throttle, count, 1))).toEqual([2_000, 4_000, 4_000, 4_000]);
});

it("those who are refused together do not ask again together", () => {
  expect([0, 0.25, 0.5].map((chance) => patience(throttle, 20, chance))).toEqual([0, 1_000, 2_000]);
});

it("what is refused for its own sake is left to the next look", () => {
  expect(patience(denied, 3, 1)).toBeUndefined();
});
