/** Goal: what `npm run simulate:teeth` takes out is still there to be taken out. Whether it is missed takes minutes, there. */
import path from "node:path";
import { expect, it } from "vitest";
import { changed } from "./simulation/teeth/apply.ts";
import { CHANGES } from "./simulation/teeth/changes.ts";

const ROOT = path.join(import.meta.dirname, "..");

it.each(CHANGES)("$without can be taken out", (change) => {
  expect(changed(ROOT, change).size).toBeGreaterThan(0);
});

it("a text that is not there, or is there twice, is told", () => {
  const edit = { file: "package.json", to: "" };
  for (const from of ["never written", "node"]) {
    expect(() => changed(ROOT, { without: "x", edits: [{ ...edit, from }] })).toThrow(/not exactly once/);
  }
});
