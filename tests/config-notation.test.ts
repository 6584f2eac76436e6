/** What is told of a text that is no sound YAML, and how all that is wrong becomes one message. */
import { describe, expect, it } from "vitest";
import { ConfigError } from "../shared/config.ts";
import { fileOf, parsed, problemsOf } from "./config-fixture.ts";

describe("the notation", () => {
  const deep = "lists or maps are nested too deeply — write them flat";
  it.each<readonly [string, string, string]>([
    ["nothing", "", "1:1 : there is nothing in the file — name at least one group"],
    ["a tab", "groups:\n\tnat-a: 1\n", "2:1 : a tab is used as indentation — indent with spaces"],
    [
      "a second document",
      `${fileOf({})}\n---\na: 1\n`,
      "2:1 : there is more than one document in the file — remove what follows the second ---",
    ],
    [
      "a tag",
      fileOf({}).replace(":", ": !mine "),
      "1:12 : a tag (!…) means nothing here — remove the tag, or quote the value",
    ],
    [
      "a key written twice in a file that is sound without it",
      fileOf({ top: { historyDays: 1 } }).replace("{", '{"historyDays":1,'),
      "1:18 : this key is written twice in the same map — keep one of the two",
    ],
    [
      "an alias of nothing",
      "groups: *all\n",
      "1:9 : the alias *all has no anchor above it — write &all where it is to be copied from, or quote the value",
    ],
    [
      "an alias that multiplies",
      `a: &a [x, x]\n${["b", "c", "d"]
        .map(
          (name, at) =>
            `${name}: &${name} [${Array(9)
              .fill(`*${"abc".charAt(at)}`)
              .join(", ")}]`,
        )
        .join("\n")}\n`,
      "2:8 : the aliases (*a, …) expand to more than 100 copies — write the values out, or use defaults",
    ],
    [
      "a bracket left open",
      "groups: { nat-a: [\n",
      "2:1 : Flow sequence in block collection must be sufficiently indented and end with a ] — correct the YAML",
    ],
    ["a hundred and one lists in one another", `${"[".repeat(60)}\n  ${"[".repeat(41)}`, `2:43 : ${deep}`],
    ["as many maps", "{a: ".repeat(101), `1:401 : ${deep}`],
    ["as many keys", Array.from({ length: 2_000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"), deep],
  ])("of %s", (_, text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each([
    ["lists", "- [1]\n"],
    ["maps", "- {a: 1}\n"],
  ])("may have a hundred and one %s beside one another", (_, line) => {
    expect(problemsOf(line.repeat(101))).toEqual([
      "1:1 : must be a map with groups, is a list of 101 — write groups: and under it at least one group",
    ]);
  });
});

describe("the message of all problems", () => {
  const messageOf = (text: string): ConfigError => {
    try {
      parsed(text);
    } catch (error) {
      if (error instanceof ConfigError) return error;
    }
    throw new Error("nothing was wrong");
  };

  it("of one names the file and the place", () => {
    const error = messageOf("");
    expect(error).toMatchObject({ name: "ConfigError", file: "failover.yml" });
    expect(error.message).toBe(
      "failover.yml has a problem:\n  failover.yml:1:1  there is nothing in the file — name at least one group",
    );
  });

  it("of several is in the order of the file, and names what each is about", () => {
    const text = fileOf({ top: { historyDays: 0, zzz: 1, drills: {}, zz: 2 } }).replace(
      '"drills"',
      '\n"drills"',
    );
    expect(
      messageOf(text)
        .message.split(" — ")
        .map((line) => line.split("\n").at(-1)),
    ).toEqual([
      "  failover.yml:1:16  historyDays: must be a whole number of days from 1 to 3650, is 0",
      '  failover.yml:1:18  zzz: unknown key "zzz"',
      '  failover.yml:2:13  zz: unknown key "zz"',
      "remove it; allowed here: defaults, groups, probes, surge, historyDays, statusAlarm, drills, notifications",
    ]);
    expect(messageOf(text).message).toMatch(/^failover.yml has 3 problems:\n/);
  });

  it("of a file that could not be read names no line of it", () => {
    const problem = { line: 0, column: 0, path: "", message: "the file can't be read", remedy: "write it" };
    expect(new ConfigError("x.yml", [problem]).message).toBe(
      "x.yml has a problem:\n  x.yml  the file can't be read — write it",
    );
  });
});
