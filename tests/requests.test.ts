/** What operators may ask for, and what they are told when they ask for something else. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BadRequest } from "../shared/bad-request.ts";
import {
  parseAcknowledgeRequest,
  parsePauseRequest,
  parseReleaseRequest,
  parseResumeRequest,
} from "../shared/requests/commands.ts";
import { parseDrillRequest } from "../shared/requests/drill.ts";
import { parseFailoverRequest, parseStatusRequest, parseSweepRequest } from "../shared/requests.ts";
import { ENI, FIRST, OTHER_ENI, parsed, SECOND } from "./config-fixture.ts";

const CONFIG = parsed(`
groups:
  nat-a:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: [{ instance: ${FIRST} }, { instance: ${SECOND} }]
  nat-b:
    interfaces: [{ eni: ${OTHER_ENI}, deviceIndex: 2 }]
    members: [{ instance: ${FIRST} }, { instance: i-0000000a }]
`);

const SCHEDULED: unknown = JSON.parse(
  readFileSync(new URL("events/scheduled.json", import.meta.url), "utf8"),
);

const failover = (input: unknown) => parseFailoverRequest(input, CONFIG);
const status = (input: unknown) => parseStatusRequest(input, CONFIG);
const sweep = (input: unknown) => parseSweepRequest(input, CONFIG).groups.map(({ name }) => name);

function refusal(ask: () => unknown): BadRequest {
  try {
    ask();
  } catch (error) {
    if (error instanceof BadRequest) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("failover", () => {
  it("needs a group and nothing else", () => {
    expect(failover({ group: "nat-a" })).toEqual({
      group: CONFIG.groups["nat-a"],
      by: "operator",
      force: false,
      plan: false,
    });
  });

  it("takes a member by its instance id", () => {
    const input = {
      group: "nat-a",
      to: SECOND,
      force: true,
      plan: true,
      reason: "kernel upgrade",
      by: "anna",
    };
    expect(failover(input)).toEqual({ ...input, group: CONFIG.groups["nat-a"] });
  });

  it("takes a member by its name where that is not its instance id", () => {
    const group = CONFIG.groups["nat-a"] ?? expect.fail("the group is in the file");
    const members = group.members.map((member, index) => ({ ...member, name: `nat-a-${index + 1}` }));
    const named = { ...CONFIG, groups: { "nat-a": { ...group, members } } };
    for (const to of ["nat-a-2", SECOND]) {
      expect(parseFailoverRequest({ group: "nat-a", to }, named).to).toBe("nat-a-2");
    }
    expect(
      refusal(() => parseFailoverRequest({ group: "nat-a", to: "nat-b-2" }, named)).problems[0]?.allowed,
    ).toEqual(["nat-a-1", FIRST, "nat-a-2", SECOND]);
  });

  it.each<readonly [string, unknown, readonly string[]]>([
    ["nothing", undefined, ["failover can't be asked for this: must be a map with group, is empty"]],
    ["a list", ["nat-a"], ["must be a map with group, is [nat-a]"]],
    ["no group", {}, ["group: is missing"]],
    [
      "an unknown group",
      { group: "nat-c" },
      ['group: must be nat-a or nat-b, is "nat-c" — did you mean nat-a?'],
    ],
    [
      "a group of the prototype",
      { group: "constructor" },
      ['group: must be nat-a or nat-b, is "constructor"'],
    ],
    [
      "another group's member",
      { group: "nat-a", to: "i-0000000a" },
      [`to: must be ${FIRST} or ${SECOND}, is "i-0000000a"`],
    ],
    ["a mistyped member", { group: "nat-a", to: SECOND.replace("f", "e") }, [`did you mean ${SECOND}?`]],
    ["a word for a switch", { group: "nat-a", force: "true" }, ['force: must be true or false, is "true"']],
    ["an empty reason", { group: "nat-a", reason: "" }, ["reason: must be a text of 1 to 500 characters"]],
    [
      "four mistakes",
      { grop: "nat-a", to: 1, plan: "yes", dryrun: true },
      [
        'grop: unknown key "grop" — did you mean group?',
        'dryrun: unknown key "dryrun" — remove it; allowed here: group, to, force, plan, planId, reason, by',
        "group: is missing",
        "to: must be a member",
        "plan: must be true or false",
      ],
    ],
    ["JSON in a string", '{"group":"nat-a"}', ["the input is a string that holds JSON, not the JSON itself"]],
    ["a bare word", "nat-a", ['the input is the text "nat-a", not JSON — write for example -d']],
  ])("refuses %s, naming every wrong field", (_, input, expected) => {
    const { message } = refusal(() => failover(input));
    for (const part of expected) expect(message).toContain(part);
  });

  it("lists what is allowed apart, for programs", () => {
    expect(refusal(() => failover({ group: "nat-c" })).problems).toEqual([
      {
        path: "group",
        message: 'must be nat-a or nat-b, is "nat-c" — did you mean nat-a?',
        allowed: ["nat-a", "nat-b"],
      },
    ]);
    expect(refusal(() => failover({ group: "nat-b", to: "x" })).problems[0]?.allowed).toEqual([
      FIRST,
      "i-0000000a",
    ]);
  });
});

describe("pause", () => {
  const pause = (input: unknown) => parsePauseRequest(input, CONFIG);

  it("needs a group; how long, why and who are the caller's to say", () => {
    const group = CONFIG.groups["nat-a"];
    expect(pause({ group: "nat-a" })).toEqual({ group, by: "operator" });
    const all = { seconds: 3600, reason: "kernel upgrade", by: "anna" };
    expect(pause({ group: "nat-a", ...all })).toEqual({ group, ...all });
  });

  it.each([
    [{}, "group: is missing"],
    [{ group: "nat-a", seconds: 0 }, "seconds: must be a whole number of seconds from 1 to 2592000, is 0"],
    [{ group: "nat-a", seconds: "1h" }, 'is "1h" — write for example 3600'],
    [{ group: "nat-a", minutes: 5 }, "allowed here: group, seconds, reason, by"],
    [{ group: "nat-a", by: "" }, "by: must be a text of 1 to 100 characters"],
  ])("refuses %j", (input, expected) => {
    expect(refusal(() => pause(input)).message).toContain(expected);
  });
});

describe("resume", () => {
  const resume = (input: unknown) => parseResumeRequest(input, CONFIG);

  it("needs a group and nothing else", () => {
    expect(resume({ group: "nat-b" })).toEqual({ group: CONFIG.groups["nat-b"], by: "operator" });
  });

  it("refuses what only a pause takes", () => {
    expect(refusal(() => resume({ group: "nat-b", seconds: 1 })).message).toContain('unknown key "seconds"');
  });
});

describe("acknowledge", () => {
  const acknowledge = (input: unknown) => parseAcknowledgeRequest(input, CONFIG);

  it("takes a member by its instance id, or the budget, or both", () => {
    const group = CONFIG.groups["nat-a"];
    expect(acknowledge({ group: "nat-a", member: SECOND })).toEqual({
      group,
      by: "operator",
      member: SECOND,
      budget: false,
    });
    expect(acknowledge({ group: "nat-a", budget: true })).toEqual({ group, by: "operator", budget: true });
  });

  it.each([
    [{ group: "nat-a" }, "say what is acknowledged"],
    [{ group: "nat-a", budget: false }, "say what is acknowledged"],
    [{ group: "nat-a", member: "i-0000000a" }, `member: must be ${FIRST} or ${SECOND}`],
  ])("refuses %j", (input, expected) => {
    expect(refusal(() => acknowledge(input)).message).toContain(expected);
  });
});

describe("release", () => {
  const release = (input: unknown) => parseReleaseRequest(input, CONFIG);

  it("needs a member, by its name or instance id", () => {
    const group = CONFIG.groups["nat-a"];
    const asked = { group, by: "operator", member: SECOND, force: false };
    expect(release({ group: "nat-a", member: SECOND })).toEqual(asked);
    expect(release({ group: "nat-a", member: SECOND, force: true })).toEqual({ ...asked, force: true });
  });

  it.each([
    [{ group: "nat-a" }, "member"],
    [{ group: "nat-a", member: "i-0000000a" }, `member: must be ${FIRST} or ${SECOND}`],
    [{ group: "nat-a", member: SECOND, force: "yes" }, "force: must be true or false"],
    [{ group: "nat-a", member: SECOND, budget: true }, 'unknown key "budget"'],
  ])("refuses %j", (input, expected) => {
    expect(refusal(() => release(input)).message).toContain(expected);
  });
});

describe("drill", () => {
  const refused = (input: unknown) => refusal(() => parseDrillRequest(input, CONFIG)).message;

  it("needs a group; the alarm, the way back and whether to do it are the caller's to say", () => {
    expect(parseDrillRequest({ group: "nat-a" }, CONFIG)).toMatchObject({
      by: "operator",
      andBack: false,
      plan: false,
    });
    const asked = { group: "nat-a", alarm: "x", andBack: true, plan: true, by: "anna", reason: "quarterly" };
    expect(parseDrillRequest(asked, CONFIG)).toEqual({ ...asked, group: CONFIG.groups["nat-a"] });
  });

  it("refuses what no drill takes: it is never forced, and says where it goes by itself", () => {
    expect(refused({ group: "nat-a", force: true, to: "i-1" })).toMatch(/force: unknown key.*to: /s);
    expect(refused({})).toContain("group: is missing");
  });

  it("is of all that the schedule names, where its event comes", () => {
    const schedule = { at: "rate(7 days)", groups: ["nat-a"], andBack: true };
    const scheduled = { ...CONFIG, drills: { blocked: [], schedule } };
    expect(parseDrillRequest(SCHEDULED, scheduled)).toEqual([
      { group: CONFIG.groups["nat-a"], by: "schedule", andBack: true, plan: false },
    ]);
    expect(refused(SCHEDULED)).toContain(
      "has no schedule for drills — write drills.schedule, or name a group",
    );
  });
});

describe("status", () => {
  it.each([[undefined], [null], [{}]])("asked for %j is of all groups, without history", (input) => {
    expect(status(input)).toEqual({ groups: Object.values(CONFIG.groups), history: 0 });
  });

  it("is of one group, with as much history as is asked for", () => {
    expect(status({ group: "nat-b", history: 5 })).toEqual({ groups: [CONFIG.groups["nat-b"]], history: 5 });
  });

  it.each([
    [{ group: "nat" }, "group: must be nat-a or nat-b"],
    [{ history: -1 }, "history: must be a whole number from 0 to 100, is -1"],
    [{ histroy: 1 }, "did you mean history?"],
    ["nat-a", "not JSON"],
  ])("refuses %j", (input, expected) => {
    expect(refusal(() => status(input)).message).toContain(expected);
  });
});

describe("sweep", () => {
  it.each([[undefined], [null], [{}], [SCHEDULED]])("given %j looks at all groups", (input) => {
    expect(sweep(input)).toEqual(["nat-a", "nat-b"]);
  });

  it("looks at one group where one is named", () => {
    expect(sweep({ group: "nat-b" })).toEqual(["nat-b"]);
  });

  it("looks at several where they are named, and leaves out one that there is no more", () => {
    expect(sweep({ groups: ["nat-b", "nat-gone"] })).toEqual(["nat-b"]);
  });

  it("knows the groups that were named from all that there are", () => {
    expect(parseSweepRequest({ groups: ["nat-a", "nat-b"] }, CONFIG).named).toBe(true);
    expect(parseSweepRequest({}, CONFIG).named).toBe(false);
  });

  it.each([
    [{ group: "nat-z" }, "group: must be nat-a or nat-b"],
    [{ groups: "nat-a" }, "groups: must be a list of groups"],
    [{ groups: [] }, "groups: must be a list of groups"],
    [[], "must be a map, a scheduled event, or nothing, is an empty list"],
  ])("refuses %j", (input, expected) => {
    expect(refusal(() => sweep(input)).message).toContain(expected);
  });
});
