/** Which word was probably meant. */
import { expect, it } from "vitest";
import { nearest } from "../shared/nearest.ts";

const WORDS = ["graceSeconds", "members", "to", "plan", "force"];

it.each([
  ["members", "members"],
  ["member", "members"],
  ["Members", "members"],
  ["mebmers", "members"],
  ["graceSecodn", "graceSeconds"],
  ["gracesecnds", "graceSeconds"],
  ["plna", "plan"],
  ["forse", "force"],
  ["fence", undefined],
  ["too", "to"],
  ["at", undefined],
  ["lease", undefined],
  ["", undefined],
])("%j probably means %j", (word, meant) => {
  expect(nearest(word, WORDS)).toBe(meant);
});
