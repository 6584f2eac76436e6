/** What values must be to each other, in the words that an operator reads; and a wrong value is told once, as wrong. */
import { describe, expect, it } from "vitest";
import { ENI, FIRST, fileOf, OTHER_ENI, problemsOf, SECOND } from "./config-fixture.ts";

/** The problems without their lines and columns. */
const told = (text: string) => problemsOf(text).map((problem) => problem.replace(/^\d+:\d+ /, ""));

const stop = { fence: "stop", fenceFirst: true };
const home = { subnets: ["subnet-0a1b2c3d"], securityGroups: ["sg-0123abcd"] };
/** A probe that nowhere says where its prober lives. */
const homeless = { tcp: 22, address: "10.0.0.1", control: { address: "10.0.0.2", tcp: 53 } };
const probe = { ...homeless, ...home };
const TWO = [{ instance: FIRST }, { instance: SECOND }];

describe("what goes with what", () => {
  const policy = "groups.nat-a.policy";
  const long =
    "the cooldown of 4000 s is longer than the budget's window of 3600 s — shorten cooldownSeconds or lengthen budget.seconds";
  const stopOnly =
    "fenceFirst goes only with fence: stop, and fence is none — set fence: stop, or fenceFirst: false";
  const grace = (seconds: number) =>
    `with fenceFirst the stop has to be seen within 60 s, and a grace of ${seconds} s leaves too little for a forced one — set graceSeconds to at most 30`;
  const witnesses = (asked: number, possible: number) =>
    `${asked} witnesses are asked for in nat-a, where a member can have ${possible} at most: EC2's status checks, its application check, each alarm and the probe — ask for at most ${possible}, or name more alarms for every member, or probe the group`;
  const alarmed = [
    { instance: FIRST, alarms: ["a", "b"] },
    { instance: SECOND, alarms: ["c"] },
  ];
  const addressed = (...addresses: readonly (string | undefined)[]) =>
    addresses.map((address, index) => ({ ...TWO[index], ...(address === undefined ? {} : { address }) }));
  it.each<readonly [string, Parameters<typeof fileOf>[0], string]>([
    [
      "an interface twice",
      {
        interfaces: [
          { eni: ENI, deviceIndex: 1 },
          { eni: ENI, deviceIndex: 2 },
        ],
      },
      `groups.nat-a.interfaces[1].eni: ${ENI} stands already at groups.nat-a.interfaces[0].eni — keep it in one place: an interface belongs to one group`,
    ],
    [
      "a member twice",
      { members: [{ instance: FIRST }, { instance: FIRST }] },
      `groups.nat-a.members[1].instance: ${FIRST} is already a member at groups.nat-a.members[0].instance — name another instance, or remove it`,
    ],
    [
      "an override of a stranger",
      {
        interfaces: [
          { eni: ENI, deviceIndex: 1 },
          { eni: "eni-0c3d4e5f", deviceIndex: 2 },
        ],
        members: [{ instance: FIRST, deviceIndexes: { [OTHER_ENI]: 3 } }, { instance: SECOND }],
      },
      `groups.nat-a.members[0].deviceIndexes.${OTHER_ENI}: ${OTHER_ENI} is no interface of the group nat-a — name one of its interfaces: ${ENI}, eni-0c3d4e5f`,
    ],
    [
      "no index for an interface",
      {
        interfaces: [
          { eni: ENI, deviceIndex: 1 },
          { eni: OTHER_ENI, deviceIndex: 1 },
        ],
      },
      `groups.nat-a.interfaces[1].deviceIndex: no device index is left for ${OTHER_ENI} on ${FIRST}: 1 is taken by the other interfaces of the group — give each interface an index of its own, or a list of indexes to choose from`,
    ],
    ["a long cooldown", { policy: { cooldownSeconds: 4000 } }, `${policy}.cooldownSeconds: ${long}`],
    [
      "a budget within the cooldown of the defaults",
      { policy: { budget: { moves: 2 } }, top: { defaults: { cooldownSeconds: 4000 } } },
      `${policy}.budget: ${long}`,
    ],
    [
      "a window within the cooldown of the defaults",
      { policy: { budget: { seconds: 3600 } }, top: { defaults: { cooldownSeconds: 4000 } } },
      `${policy}.budget.seconds: ${long}`,
    ],
    [
      "a long cooldown in the defaults",
      { top: { defaults: { cooldownSeconds: 4000 } } },
      `defaults.cooldownSeconds: ${long}`,
    ],
    ["fenceFirst without stop", { policy: { fenceFirst: true } }, `${policy}.fenceFirst: ${stopOnly}`],
    [
      "a fence that takes the stop of the defaults away",
      { policy: { fence: "none" }, top: { defaults: stop } },
      `${policy}.fence: ${stopOnly}`,
    ],
    [
      "a long grace with a stop first",
      { policy: { ...stop, graceSeconds: 31 } },
      `${policy}.graceSeconds: ${grace(31)}`,
    ],
    [
      "a stop first with the grace of the defaults",
      { policy: stop, top: { defaults: { graceSeconds: 40 } } },
      `${policy}.fenceFirst: ${grace(40)}`,
    ],
    [
      "more witnesses than EC2 can be",
      { policy: { witnesses: 3 } },
      `${policy}.witnesses: ${witnesses(3, 2)}`,
    ],
    [
      "more witnesses than every member has",
      { policy: { witnesses: 5 }, alarms: ["x"], members: alarmed },
      `${policy}.witnesses: ${witnesses(5, 4)}`,
    ],
    [
      "more failing periods than there are",
      { top: { statusAlarm: { periods: 3 } } },
      "statusAlarm.periods: 3 failing periods can't be among 2 — make of at least as large as periods",
    ],
    [
      "fewer periods than are to fail",
      { top: { statusAlarm: { of: 1 } } },
      "statusAlarm.of: 2 failing periods can't be among 1 — make of at least as large as periods",
    ],
    [
      "an email address twice",
      { top: { notifications: { emails: ["Me@example.com", "you@example.com", "me@EXAMPLE.com"] } } },
      "notifications.emails[2]: me@example.com is there already — remove it",
    ],
    [
      "a probe of nothing",
      { probe: { address: "10.0.0.1", control: { address: "10.0.0.2", tcp: 53 } }, top: { probes: home } },
      "groups.nat-a.probe: says neither tcp nor http — keep one: what a probe asks is a connection or an answer",
    ],
    [
      "a window within the cooldown, among other keys",
      { policy: { graceSeconds: 5, budget: { seconds: 200 } } },
      `${policy}.budget.seconds: the cooldown of 300 s is longer than the budget's window of 200 s — shorten cooldownSeconds or lengthen budget.seconds`,
    ],
    [
      "a probe that looks at fewer probes than are to fail",
      { probe: { ...probe, failAfter: 3, of: 2 } },
      "groups.nat-a.probe.of: 3 failed probes can't be among 2 — make of at least as large as failAfter",
    ],
    [
      "a probe without a place",
      { probe: { ...homeless, subnets: home.subnets } },
      "groups.nat-a.probe: no securityGroups for the prober — write securityGroups: here, or once for all groups under probes:",
    ],
    [
      "a floating address that nothing vouches for",
      { probe: { tcp: 22, address: "10.0.0.1", ...home } },
      "groups.nat-a.probe: nothing could vouch for the prober's own network, so its silence would never count — write control:, or address: with every member",
    ],
    [
      "a probe without an address",
      { probe: { tcp: 22, ...home } },
      "groups.nat-a.probe: there is no address to probe — write address: for the floating one, and address: with every member for its own",
    ],
    [
      "a member without an address, where another has one",
      { probe: { tcp: 22, ...home }, members: addressed("10.0.0.11", undefined) },
      "groups.nat-a.members[1]: has no address, and others have one: the probe could not see it fail — write address: with every member, or with none",
    ],
    [
      "the floating address with a member",
      { probe, members: addressed("10.0.0.1", "10.0.0.12") },
      "groups.nat-a.members[0].address: 10.0.0.1 is the floating address — write the member's own address, which stays where it is",
    ],
    [
      "one address for two",
      { probe, members: addressed("10.0.0.11", "10.0.0.11") },
      "groups.nat-a.members[1].address: 10.0.0.11 is the address of another member — write the member's own address",
    ],
  ])("%s", (_, parts, line) => {
    expect(told(fileOf(parts))).toEqual([line]);
  });
});

describe("a wrong value is told once, and takes no part in what goes with what", () => {
  it.each<readonly [string, Parameters<typeof fileOf>[0]]>([
    [
      "policy.cooldownSeconds",
      { policy: { cooldownSeconds: "x" }, top: { defaults: { cooldownSeconds: 4000 } } },
    ],
    ["policy.budget", { policy: { budget: "x" }, top: { defaults: { cooldownSeconds: 4000 } } }],
    ["policy.budget.seconds", { policy: { cooldownSeconds: 4000, budget: { seconds: "x" } } }],
    ["policy.fence", { policy: { fence: "x", fenceFirst: true } }],
    ["policy.fenceFirst", { policy: { fenceFirst: "x" }, top: { defaults: { fenceFirst: true } } }],
    [
      "policy.fenceFirst",
      { policy: { ...stop, fenceFirst: "x", graceSeconds: 40 }, top: { defaults: stop } },
    ],
    [
      "policy.graceSeconds",
      { policy: { ...stop, graceSeconds: "x" }, top: { defaults: { graceSeconds: 40 } } },
    ],
    ["policy.witnesses", { policy: { witnesses: "x" }, top: { defaults: { witnesses: 10 } } }],
    ["policy.toString", { policy: { toString: 1 } as never }],
    ["members", { members: [{ instance: FIRST }], policy: { witnesses: 3 } }],
    [
      "interfaces",
      { interfaces: [], members: [{ instance: FIRST, deviceIndexes: { [ENI]: 3 } }, { instance: SECOND }] },
    ],
    [
      "members[0].address",
      { probe: { tcp: 22, ...home }, members: [{ instance: FIRST, address: "x" }, { instance: SECOND }] },
    ],
  ])("%s, in %j", (path, parts) => {
    const problems = told(fileOf(parts));
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual([`groups.nat-a.${path}`]);
  });

  it("as an interface that has no index in its own group, where another group shares the members", () => {
    const third = "eni-0c3d4e5f607182930";
    const groups = {
      a: { interfaces: [{ eni: third, deviceIndex: 1 }], members: TWO },
      b: {
        interfaces: [
          { eni: ENI, deviceIndex: 1 },
          { eni: OTHER_ENI, deviceIndex: 1 },
        ],
        members: TWO,
      },
    };
    expect(told(JSON.stringify({ groups }))).toHaveLength(1);
  });
});

describe("what fits is no problem", () => {
  it.each<readonly [string, Parameters<typeof fileOf>[0]]>([
    ["a grace of 30 s with a stop first", { policy: { ...stop, graceSeconds: 30 } }],
    ["a cooldown as long as the window", { policy: { cooldownSeconds: 3600 } }],
    ["as many failing probes as are looked at", { probe: { ...probe, failAfter: 4, of: 4 } }],
    [
      "as many witnesses as every member has",
      {
        policy: { witnesses: 4 },
        members: TWO.map((member, index) => ({ ...member, alarms: [`a${index}`, `b${index}`] })),
      },
    ],
  ])("%s", (_, parts) => {
    expect(told(fileOf(parts))).toEqual([]);
  });
});

it("a probe that nowhere says where its prober lives lacks both", () => {
  expect(told(fileOf({ probe: homeless })).map((problem) => problem.split(" — ")[0])).toEqual([
    "groups.nat-a.probe: no subnets for the prober",
    "groups.nat-a.probe: no securityGroups for the prober",
  ]);
});
