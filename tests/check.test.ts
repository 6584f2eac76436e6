/** Every mistake once, in words: what the value must be, what it is, and what to write instead. */
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { check, described, type Finding, must, pathText, wrongWord } from "../shared/check.ts";

const Name = v.pipe(v.string(), v.regex(/^[a-z]+$/), must("a name in small letters", { example: "ann" }));
const Schema = v.pipe(
  v.strictObject({
    name: Name,
    size: v.exactOptional(v.pipe(v.number(), must("a size", { remedy: "write 1 or 2" }))),
    bare: v.exactOptional(v.number()),
    kind: v.exactOptional(v.picklist(["cat", "dog", "bird"])),
    mark: v.exactOptional(v.picklist([1, 2])),
    tags: v.exactOptional(
      v.pipe(
        v.array(v.pipe(v.string(), must("a tag", { example: "x" }))),
        v.minLength(2),
        must("a list of two tags", { example: ["x", "y"] }),
      ),
    ),
    any: v.exactOptional(v.array(v.number())),
    by: v.exactOptional(
      v.pipe(v.record(Name, v.number()), v.minEntries(1), must("a map by name", { remedy: "name one" })),
    ),
    either: v.exactOptional(
      v.pipe(
        v.union([v.picklist(["off"]), v.strictObject({ to: v.number(), at: v.array(v.number()) })]),
        must("off, or a map with to and at", { example: { to: 1, at: [] } }),
      ),
    ),
    inside: v.exactOptional(
      v.strictObject({ size: v.pipe(v.number(), must("a size", { remedy: "write 1" })) }),
    ),
    loose: v.exactOptional(v.object({ a: v.number() })),
  }),
  must("a map with name", { example: { name: "ann" } }),
);

const KEYS = "name, size, bare, kind, mark, tags, any, by, either, inside, loose";

const lineOf = ({ path, at, message, remedy }: Finding) => `${at} ${pathText(path)}: ${message} — ${remedy}`;
const told = (value: unknown) => check(Schema, value).map(lineOf);

describe("a mistake", () => {
  const ann = { name: "ann" };
  it.each<readonly [unknown, string]>([
    [7, "value : must be a map with name, is 7 — write for example {name: ann}"],
    [[], "value : must be a map with name, is an empty list — write for example {name: ann}"],
    [[ann], "value : must be a map with name, is [{name: ann}] — write for example {name: ann}"],
    [{}, "key name: is missing — add for example name: ann"],
    [{ name: undefined }, "value name: must be a name in small letters, is empty — write for example ann"],
    [{ ...ann, sizes: 1 }, 'key sizes: unknown key "sizes" — did you mean size?'],
    [{ ...ann, zzz: { sizes: 1 } }, `key zzz: unknown key "zzz" — remove it; allowed here: ${KEYS}`],
    [{ ...ann, size: "x" }, 'value size: must be a size, is "x" — write 1 or 2'],
    [{ ...ann, bare: "x" }, 'value bare: must be something else, is "x" — correct it'],
    [{ ...ann, kind: "cow" }, 'value kind: must be cat, dog or bird, is "cow" — write cat, dog or bird'],
    [{ ...ann, kind: "bird " }, 'value kind: must be cat, dog or bird, is "bird " — did you mean bird?'],
    [{ ...ann, kind: 3 }, "value kind: must be cat, dog or bird, is 3 — write cat, dog or bird"],
    [{ ...ann, mark: 3 }, "value mark: must be 1 or 2, is 3 — write 1 or 2"],
    [{ ...ann, tags: ["x"] }, "value tags: must be a list of two tags, is [x] — write for example [x, y]"],
    [
      { ...ann, tags: {} },
      "value tags: must be a list of two tags, is an empty map — write for example [x, y]",
    ],
    [{ ...ann, tags: ["x", 7] }, "value tags[1]: must be a tag, is 7 — write for example x"],
    [{ ...ann, any: ["x"] }, 'value any[0]: must be something else, is "x" — correct it'],
    [{ ...ann, by: {} }, "value by: must be a map by name, is an empty map — name one"],
    [{ ...ann, by: [7, "x"] }, "value by: must be a map by name, is [7, x] — name one"],
    [{ ...ann, by: { X: 1 } }, 'key by.X: must be a name in small letters, is "X" — write for example ann'],
    [
      { ...ann, by: { constructor: 1 } },
      `key by.constructor: "constructor" can't be used as a name — choose another name`,
    ],
    [{ ...ann, by: { x: "7" } }, 'value by.x: must be something else, is "7" — correct it'],
    [
      { ...ann, either: "of" },
      'value either: must be off, or a map with to and at, is "of" — write for example {to: 1, at: []}',
    ],
    [
      { ...ann, either: { to: 1, at: ["x"] } },
      "value either: must be off, or a map with to and at, is {to: 1, at: [x]} — write for example {to: 1, at: []}",
    ],
    [
      { ...ann, either: { to: 1, at: [], too: 2 } },
      "value either: must be off, or a map with to and at, is {to: 1, at: [], too: 2} — write for example {to: 1, at: []}",
    ],
    [{ ...ann, inside: {} }, "key inside.size: is missing — add it: write 1"],
    [{ ...ann, inside: { size: 1, Size: 2 } }, 'key inside.Size: unknown key "Size" — did you mean size?'],
    [{ ...ann, loose: {} }, "key loose.a: is missing — add it: it has no default"],
  ])("in %j is told once", (value, line) => {
    expect(told(value)).toEqual([line]);
  });

  it.each<readonly [unknown]>([
    [{ name: "ann" }],
    [{ name: "ann", either: "off", tags: ["x", "y"], by: { x: 1 }, any: [] }],
    [{ name: "ann", loose: { a: 1, b: 2 } }],
  ])("is not in %j", (value) => {
    expect(told(value)).toEqual([]);
  });

  it("does not hide another", () => {
    const value = { nam: 1, size: "x", tags: [7], by: { X: "y", z: 1 }, inside: { a: 1 } };
    expect(told(value)).toEqual([
      'key nam: unknown key "nam" — did you mean name?',
      "value tags: must be a list of two tags, is [7] — write for example [x, y]",
      `key inside.a: unknown key "a" — remove it; allowed here: size`,
      "key name: is missing — add for example name: ann",
      'value size: must be a size, is "x" — write 1 or 2',
      "value tags[0]: must be a tag, is 7 — write for example x",
      'key by.X: must be a name in small letters, is "X" — write for example ann',
      "key inside.size: is missing — add it: write 1",
    ]);
  });

  it("says which words are allowed, where there are some, and of numbers nothing", () => {
    const allowedIn = (value: unknown) => check(Schema, value).map(({ allowed }) => allowed);
    expect(allowedIn({ name: "ann", kind: "cow", inside: { size: 1, x: 1 } })).toEqual([
      ["size"],
      ["cat", "dog", "bird"],
    ]);
    expect(allowedIn({ name: "ann", size: "x" })).toEqual([undefined]);
  });
});

it.each([
  [["nat-a"], "nat-b", "must be nat-a", "did you mean nat-a?"],
  [["nat-a"], "web", "must be nat-a", "write nat-a"],
  [["a", "b"], 7, "must be a or b", "write a or b"],
  [["ant", "bee", "cow", "dog"], "pig", "must be ant, bee, cow or dog", "write ant, bee, cow or dog"],
])("of the words %j, %j is none", (allowed, value, message, remedy) => {
  expect(wrongWord(allowed, value)).toEqual({ message: `${message}, is ${described(value)}`, remedy });
});

describe("a value in a message", () => {
  const letters = (count: number) => "x".repeat(count);
  it.each<readonly [unknown, string]>([
    [null, "empty"],
    [undefined, "empty"],
    ["", '""'],
    [letters(60), `"${letters(60)}"`],
    [letters(61), `"${letters(57)}…"`],
    [1.5, "1.5"],
    [false, "false"],
    [[], "an empty list"],
    [{}, "an empty map"],
    [[1, "a", true, null], "[1, a, true, null]"],
    [{ a: "b: c, d", e: [{}] }, "{a: b: c, d, e: [{}]}"],
    [{ quoted: 'a "b"' }, '{quoted: a "b"}'],
    [[letters(58)], `[${letters(58)}]`],
    [[letters(59)], "a list of 1"],
    [{ a: letters(55) }, `{a: ${letters(55)}}`],
    [{ a: letters(56) }, "a map"],
  ])("%j is %s", (value, words) => {
    expect(described(value)).toBe(words);
  });
});

it.each([
  [[], ""],
  [["groups", "nat-a", "members", 1, "instance"], "groups.nat-a.members[1].instance"],
  [[0, "a_b"], "[0].a_b"],
  [["groups", "a b"], 'groups["a b"]'],
  [["groups", " a"], 'groups[" a"]'],
  [["groups", "a.b", "x"], 'groups["a.b"].x'],
  [['"'], '["\\""]'],
])("the path %j reads %s", (path, text) => {
  expect(pathText(path)).toBe(text);
});
