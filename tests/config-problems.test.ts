/** What is wrong with a configuration: each mistake once, at its place, in the order of the file. */
import { describe, expect, it } from "vitest";
import { ENI, FIRST, fileOf, OTHER_ENI, problemsOf, SECOND } from "./config-fixture.ts";

const ONE = { eni: ENI, deviceIndex: 1 };

describe("the notation", () => {
  it.each([
    ["a file of comments", "# later\n", "there is nothing in the file"],
    ["a list", "- nat-a\n", "1:1 : must be a map with groups, is [nat-a]"],
    ["a text", "hello", '1:1 : must be a map with groups, is "hello"'],
    ["no groups", "historyDays: 3\n", "1:1 groups: is missing"],
    ["groups without one", "groups:\n", "1:8 groups: must be a map of at least one group by name, is empty"],
    [
      "an empty map of groups",
      "groups: {}\n",
      "1:1 groups: must be a map of at least one group by name, is an empty map",
    ],
    [
      "a list of groups",
      "groups: [nat-a]\n",
      "1:1 groups: must be a map of at least one group by name, is [nat-a]",
    ],
    ["brackets without end", "[".repeat(200_000), "1:101 : lists or maps are nested too deeply"],
    ["dashes without end", "- ".repeat(20_000), ": lists or maps are nested too deeply"],
  ])("%s is one problem", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it("refuses aliases that multiply, before they fill the memory", () => {
    const nine = (name: string) => Array.from({ length: 9 }, () => `*${name}`).join(", ");
    const lines = [
      "a: &a [x, x, x]",
      ..."bcdefghij".split("").map((name, index) => {
        return `${name}: &${name} [${nine("abcdefghij".charAt(index))}]`;
      }),
    ];
    const problems = problemsOf(lines.join("\n"));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("2:8 : the aliases (*a, …) expand to more than 100 copies");
  });

  it("tells what is wrong behind an alias where it is written", () => {
    const text = `
defaults: &calm
  graceSeconds: soon
groups:
  nat-a:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: [{ instance: ${FIRST} }, { instance: ${SECOND} }]
    policy: *calm
`;
    const places = problemsOf(text).map((problem) => problem.split(": ")[0]);
    expect(places).toEqual(["3:17 defaults.graceSeconds", "3:17 groups.nat-a.policy.graceSeconds"]);
  });

  it("tells a key written twice along with everything else", () => {
    const text = fileOf({ top: { historyDays: 0 } }).replace(
      '{"historyDays"',
      '{"historyDays":1,\n"historyDays"',
    );
    expect(problemsOf(text)).toEqual([
      "2:1 : this key is written twice in the same map — keep one of the two",
      "2:15 historyDays: must be a whole number of days from 1 to 3650, is 0 — write for example 400",
    ]);
  });
});

describe("a single mistake", () => {
  const second = { instance: SECOND };
  it.each<readonly [string, Parameters<typeof fileOf>[0], string, string]>([
    [
      "an id of too few digits",
      { interfaces: [{ eni: "eni-123", deviceIndex: 1 }] },
      "interfaces[0].eni",
      'is "eni-123"',
    ],
    [
      "an instance id with capitals",
      { members: [{ instance: FIRST.toUpperCase() }, second] },
      "members[0].instance",
      "must be the id of an instance",
    ],
    ["one member alone", { members: [second] }, "members", "must be a list of at least two members"],
    [
      "a member without an instance",
      { members: [{ alarms: [] }, second] },
      "members[0].instance",
      "is missing",
    ],
    [
      "device index 0",
      { interfaces: [{ eni: ENI, deviceIndex: 0 }] },
      "interfaces[0].deviceIndex",
      "must be a device index from 1 to 15",
    ],
    [
      "device index 16",
      { interfaces: [{ eni: ENI, deviceIndex: 16 }] },
      "interfaces[0].deviceIndex",
      "is 16",
    ],
    [
      "0 among device indexes",
      { interfaces: [{ eni: ENI, deviceIndex: [2, 0] }] },
      "interfaces[0].deviceIndex",
      "is [2, 0]",
    ],
    [
      "an empty list of indexes",
      { interfaces: [{ eni: ENI, deviceIndex: [] }] },
      "interfaces[0].deviceIndex",
      "is an empty list",
    ],
    [
      "three interfaces for two indexes",
      {
        interfaces: [
          { eni: ENI, deviceIndex: [1, 2] },
          { eni: OTHER_ENI, deviceIndex: [2, 1] },
          { eni: "eni-0c3d4e5f", deviceIndex: [1, 2] },
        ],
      },
      "interfaces[2].deviceIndex",
      "1, 2 are taken by the other interfaces of the group",
    ],
    [
      "an override that collides",
      {
        interfaces: [ONE, { eni: OTHER_ENI, deviceIndex: 2 }],
        members: [{ instance: FIRST }, { instance: SECOND, deviceIndexes: { [OTHER_ENI]: 1 } }],
      },
      `members[1].deviceIndexes.${OTHER_ENI}`,
      `no device index is left for ${OTHER_ENI} on ${SECOND}`,
    ],
    [
      "an override of no id",
      { members: [{ instance: FIRST, deviceIndexes: { eth1: 3 } }, second] },
      "members[0].deviceIndexes.eth1",
      "must be the id of a network interface",
    ],
    ["an empty alarm name", { alarms: [""] }, "alarms[0]", "must be the name of an alarm"],
    [
      "an alarm of a member and of the group",
      { alarms: ["a"], members: [{ instance: FIRST, alarms: ["a"] }, second] },
      "members[0].alarms[0]",
      "keep it with the member if it makes sense on a standby",
    ],
    [
      "an alarm of two members",
      {
        members: [
          { instance: FIRST, alarms: ["a"] },
          { instance: SECOND, alarms: ["a"] },
        ],
      },
      "members[1].alarms[0]",
      "it can't tell which member it is about",
    ],
    ["an alarm twice", { alarms: ["a", "a"] }, "alarms[1]", "stands already at groups.nat-a.alarms[0]"],
  ])("%s is one problem", (_, parts, path, expected) => {
    const problems = problemsOf(fileOf(parts));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(` groups.nat-a.${path}: `);
    expect(problems[0]).toContain(expected);
  });

  it.each([
    [{ surge: { groups: 0 } }, "surge.groups"],
    [{ surge: { share: 0 } }, "surge.share"],
    [{ surge: { share: 1.1 } }, "surge.share"],
    [{ historyDays: 0 }, "historyDays"],
    [{ statusAlarm: { periods: 3 } }, "statusAlarm.periods"],
    [{ statusAlarm: { of: 1 } }, "statusAlarm.of"],
    [{ statusAlarm: { enabled: "yes" } }, "statusAlarm.enabled"],
    [{ defaults: { fenceFirst: true } }, "defaults.fenceFirst"],
    [{ default: {} }, "default"],
  ])("%j is one problem", (top, path) => {
    const problems = problemsOf(fileOf({ top }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(` ${path}: `);
  });
});

describe("one mistake does not look like two", () => {
  it("where the right override belongs to a misspelt interface", () => {
    const interfaces = [{ eni: "eni-123", deviceIndex: 1 }, ONE];
    const members = [{ instance: FIRST, deviceIndexes: { [OTHER_ENI]: 3 } }, { instance: SECOND }];
    expect(problemsOf(fileOf({ interfaces, members }))).toHaveLength(1);
  });

  it("where a misspelt alarm would have been the witness that is asked for", () => {
    const members = [FIRST, SECOND].map((instance) => ({
      instance,
      alarms: [instance === FIRST ? "a" : ""],
    }));
    expect(problemsOf(fileOf({ members, policy: { witnesses: 3 } }))).toHaveLength(1);
  });
});

describe("two mistakes do not look like one", () => {
  it("where a list is too short and its only item is wrong", () => {
    const paths = problemsOf(fileOf({ members: ["web"] })).map((problem) => problem.split(" ")[1]);
    expect(paths).toEqual(["groups.nat-a.members:", "groups.nat-a.members[0]:"]);
  });
});

describe("device indexes", () => {
  it("fit where an interface can make room for another", () => {
    const interfaces = [
      { eni: ENI, deviceIndex: [1, 2] },
      { eni: OTHER_ENI, deviceIndex: 1 },
    ];
    expect(problemsOf(fileOf({ interfaces }))).toEqual([]);
  });
});

describe("several groups", () => {
  const group = (eni: string, deviceIndex: unknown, more: object = {}) => ({
    interfaces: [{ eni, deviceIndex }],
    members: [{ instance: FIRST }, { instance: SECOND }],
    ...more,
  });
  const file = (groups: object) => JSON.stringify({ groups });

  it("may share instances where there is an index for each interface", () => {
    expect(problemsOf(file({ a: group(ENI, 1), b: group(OTHER_ENI, [1, 2]) }))).toEqual([]);
  });

  it("may not share an index on an instance that could come to hold both", () => {
    const problems = problemsOf(file({ a: group(ENI, 1), b: group(OTHER_ENI, 1) }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(" groups.b.interfaces[0].deviceIndex: no device index is left");
    expect(problems[0]).toContain("by the other interfaces of a and b");
  });

  it("may not share an interface", () => {
    const problems = problemsOf(file({ a: group(ENI, 1), b: group(ENI, 2) }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(" groups.b.interfaces[0].eni: ");
  });

  it("may share an alarm: it concerns both", () => {
    expect(
      problemsOf(file({ a: group(ENI, 1, { alarms: ["x"] }), b: group(OTHER_ENI, 2, { alarms: ["x"] }) })),
    ).toEqual([]);
  });

  it("tell a mistake in the defaults where it stands", () => {
    const defaults = { witnesses: 3 };
    const groups = { a: group(ENI, 1, { alarms: ["x"] }), b: group(OTHER_ENI, 2) };
    const problems = problemsOf(JSON.stringify({ defaults, groups }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(" defaults.witnesses: 3 witnesses are asked for in b");
  });

  it.each(["a_b", "-a", "", "a".repeat(42), "a.b", "constructor", "prototype", "__proto__"])(
    "may not be called %j",
    (name) => {
      const text = `{"groups":{${JSON.stringify(name)}:${JSON.stringify(group(ENI, 1))}}}`;
      expect(problemsOf(text)).toHaveLength(1);
    },
  );
});

describe("five mistakes", () => {
  const TEXT = `defaults: { graceSecond: 10 }
groups:
  nat-a:
    interfaces:
      - eni: eni-0a1b2c3d4e5f60718
        deviceIndex: 0
    members:
      - instance: i-0123456789abcdef
      - instance: i-0fedcba9876543210
        alarm: [x]
    policy:
      cooldownSeconds: 30
`;

  it("are five problems in the order of the file", () => {
    expect(problemsOf(TEXT)).toEqual([
      '1:13 defaults.graceSecond: unknown key "graceSecond" — did you mean graceSeconds?',
      "6:22 groups.nat-a.interfaces[0].deviceIndex: must be a device index from 1 to 15, or a list of them in order of " +
        "preference, is 0 — write for example 1",
      "8:19 groups.nat-a.members[0].instance: must be the id of an instance (i- and 8 or 17 hexadecimal digits), " +
        'is "i-0123456789abcdef" — write for example i-0123456789abcdef0',
      '10:9 groups.nat-a.members[1].alarm: unknown key "alarm" — did you mean alarms?',
      "12:24 groups.nat-a.policy.cooldownSeconds: must be a whole number of seconds from 61 to 604800, " +
        "is 30 — write for example 300",
    ]);
  });

  it("do not hide what is wrong between sound values", () => {
    const more = `${TEXT}      fenceFirst: true\n    alarms: [y, y]\n`;
    const paths = problemsOf(more).map((problem) => problem.split(" ")[1]);
    expect(paths).toHaveLength(7);
    expect(paths.slice(5)).toEqual(["groups.nat-a.policy.fenceFirst:", "groups.nat-a.alarms[1]:"]);
  });
});
