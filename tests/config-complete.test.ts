/** What a sound configuration becomes. */
import { describe, expect, it } from "vitest";
import { ENI, FIRST, fileOf, OTHER_ENI, parsed, SECOND } from "./config-fixture.ts";

const DEFAULTS = {
  mode: "act",
  detach: "auto",
  graceSeconds: 15,
  impairedSeconds: 60,
  witnesses: 1,
  cooldownSeconds: 300,
  budget: { moves: 3, seconds: 3600 },
  failback: "manual",
  failbackAfterSeconds: 900,
  leaveBeforeSeconds: 3600,
  fence: { kind: "none" },
  fenceFirst: false,
  rtoSeconds: 60,
};

describe("a sound configuration", () => {
  it("is complete: what the file leaves out has its default", () => {
    expect(parsed(fileOf({}))).toEqual({
      groups: {
        "nat-a": {
          name: "nat-a",
          interfaces: [{ eni: ENI, deviceIndexes: [1] }],
          members: [FIRST, SECOND].map((instance) => ({
            name: instance,
            instance,
            alarms: [],
            statusAlarm: `st-nat-a-${instance}-status`,
            deviceIndexes: {},
          })),
          alarms: [],
          policy: DEFAULTS,
        },
      },
      surge: { groups: 5, share: 0.2, seconds: 300 },
      historyDays: 400,
      statusAlarm: { enabled: true, periods: 2, of: 2, attachedEbs: false, application: false },
      drills: { blocked: [] },
      notifications: { emails: [], runbook: "docs/runbook.md" },
    });
  });

  it("lets a group's policy come before the defaults of the file, and a budget key by key", () => {
    const top = { defaults: { graceSeconds: 10, rtoSeconds: 90, budget: { moves: 2 } } };
    const policy = { graceSeconds: 20, budget: { seconds: 7200 } };
    expect(parsed(fileOf({ top, policy })).groups["nat-a"]?.policy).toEqual({
      ...DEFAULTS,
      graceSeconds: 20,
      rtoSeconds: 90,
      budget: { moves: 2, seconds: 7200 },
    });
  });

  it("makes a list of one of a single device index, in members' overrides too", () => {
    const members = [
      { instance: FIRST },
      { instance: SECOND, deviceIndexes: { [ENI]: 4, [OTHER_ENI]: [5, 6] } },
    ];
    const interfaces = [
      { eni: ENI, deviceIndex: 1 },
      { eni: OTHER_ENI, deviceIndex: [2, 3] },
    ];
    const group = parsed(fileOf({ interfaces, members })).groups["nat-a"];
    expect(group?.interfaces.map(({ deviceIndexes }) => deviceIndexes)).toEqual([[1], [2, 3]]);
    expect(group?.members[1]?.deviceIndexes).toEqual({ [ENI]: [4], [OTHER_ENI]: [5, 6] });
  });

  it("names no status alarm where the stack makes none", () => {
    const { groups } = parsed(fileOf({ top: { statusAlarm: { enabled: false } } }));
    expect(groups["nat-a"]?.members.map((member) => "statusAlarm" in member)).toEqual([false, false]);
  });

  it("gives a member its own alarms, and those that the stack makes on more of EC2's checks", () => {
    const made = `st-nat-a-${FIRST}-ebs`;
    const members = [{ instance: FIRST, alarms: ["disk", made] }, { instance: SECOND }];
    const alarmsWith = (statusAlarm: object) =>
      parsed(fileOf({ members, top: { statusAlarm } })).groups["nat-a"]?.members.map(({ alarms }) => alarms);
    expect(alarmsWith({})).toEqual([["disk", made], []]);
    expect(alarmsWith({ attachedEbs: true })).toEqual([[made, "disk"], [`st-nat-a-${SECOND}-ebs`]]);
    expect(alarmsWith({ application: true })?.[1]).toEqual([`st-nat-a-${SECOND}-application`]);
  });

  it("drills all groups and stays, unless the schedule says something else", () => {
    const at = "rate(7 days)";
    const drilled = (schedule: object) => parsed(fileOf({ top: { drills: { schedule } } })).drills.schedule;
    expect(drilled({ at })).toEqual({ at, groups: ["nat-a"], andBack: false });
    expect(drilled({ at, groups: ["nat-a"], andBack: true })).toEqual({
      at,
      groups: ["nat-a"],
      andBack: true,
    });
  });

  it("tells whom it is told to tell", () => {
    const notifications = {
      emails: ["a@example.com", "b@example.com"],
      runbook: "https://wiki.example.com/r",
    };
    expect(parsed(fileOf({ top: { notifications } })).notifications).toEqual(notifications);
  });

  it.each([
    ["none", { kind: "none" }],
    ["stop", { kind: "stop" }],
    [{ isolate: "sg-0123abcd" }, { kind: "isolate", securityGroup: "sg-0123abcd" }],
  ])("reads fence: %j", (fence, expected) => {
    expect(parsed(fileOf({ policy: { fence } })).groups["nat-a"]?.policy.fence).toEqual(expected);
  });

  it("spares the interfaces of other groups that share a member, where a group isolates", () => {
    const isolating = { policy: { fence: { isolate: "sg-0123abcd" } } };
    const members = [{ instance: FIRST }, { instance: SECOND }];
    const apart = ["a", "b", "c"].map((digit) => ({ instance: `i-0${digit.repeat(16)}` }));
    const third = "eni-0c3d4e5f607182930";
    const groups = {
      "nat-a": { interfaces: [{ eni: ENI, deviceIndex: 1 }], members, ...isolating },
      "nat-b": {
        interfaces: [{ eni: OTHER_ENI, deviceIndex: 2 }],
        members: [...apart.slice(2), ...members.slice(1)],
      },
      "nat-c": { interfaces: [{ eni: third, deviceIndex: 1 }], members: apart.slice(0, 2), ...isolating },
    };
    const config = parsed(JSON.stringify({ groups }));
    const fenceOf = (name: string) => config.groups[name]?.policy.fence;
    expect(fenceOf("nat-a")).toEqual({ kind: "isolate", securityGroup: "sg-0123abcd", except: [OTHER_ENI] });
    expect(fenceOf("nat-b")).toEqual({ kind: "none" });
    expect(fenceOf("nat-c")).toEqual({ kind: "isolate", securityGroup: "sg-0123abcd" });
  });

  it("follows anchors and aliases", () => {
    const text = `
defaults: &calm { graceSeconds: 30 }
groups:
  nat-a:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: &pair [{ instance: ${FIRST} }, { instance: ${SECOND} }]
  nat-b:
    interfaces: [{ eni: ${OTHER_ENI}, deviceIndex: 2 }]
    members: *pair
    policy: *calm
`;
    const { groups } = parsed(text);
    expect(groups["nat-b"]?.members).toHaveLength(2);
    expect(groups["nat-b"]?.policy.graceSeconds).toBe(30);
  });
});
