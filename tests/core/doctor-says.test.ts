/** What each finding of the doctor says: whom it is about, all of them where there are several, and what mends it. */
import { describe, expect, it } from "vitest";
import { checkedText, controllerFindings, findingsOf } from "../../shared/core/doctor.ts";
import type { ControllerExamined, Examined } from "../../shared/core/examined.ts";
import { type Finding, worstFirst } from "../../shared/core/finding.ts";
import type { Burn, Group, InstanceSeen, Probed, ProbeFinding } from "../../shared/core/model.ts";
import { examined, RULES, scene } from "./clinic.ts";
import {
  alarm,
  attached,
  details,
  groupOf,
  HOUR,
  LAUNCHED,
  MINUTE,
  NOW,
  pastMove,
  running,
  SECOND,
  situationOf,
} from "./scene.ts";

const DEPLOY = "npx sls deploy";
const RESTART =
  "aws ec2 stop-instances --instance-ids i-m2 && aws ec2 wait instance-stopped --instance-ids i-m2 && aws ec2 start-instances --instance-ids i-m2";
const failed: InstanceSeen = { read: "failed", error: "Throttling" };

interface Row {
  readonly name: string;
  readonly given: Partial<Examined>;
  /** The first finding of this check is meant, of this subject where one is said. */
  readonly check: string;
  readonly subject?: string;
  readonly severity?: string;
  readonly means: string;
  readonly mend?: string;
}

const says = (rows: readonly Row[]) =>
  it.each(rows)("$name", ({ given, check, subject, means, mend, severity }) => {
    const finding = findingsOf(examined(given)).find(
      (one) => one.check === check && (subject === undefined || one.subject === subject),
    );
    expect(finding?.means).toContain(means);
    if (mend !== undefined) expect(finding?.mend).toBe(mend);
    if (severity !== undefined) expect(finding?.severity).toBe(severity);
  });

const checksOf = (given: Partial<Examined>) =>
  findingsOf(examined(given)).map(({ check, subject }) => `${check} ${subject}`);

describe("of the interfaces", () => {
  const elsewhere = running({ zone: "eu-west-1b" });
  says([
    {
      name: "that could not be read, each",
      given: scene({ interfaces: 2 }, { interfaces: { "eni-a": "unread", "eni-b": "unread" } }),
      check: "unread",
      severity: "error",
      means: "where eni-a, eni-b is could not be read (Unavailable)",
    },
    {
      name: "with whom it is",
      given: scene({}, { interfaces: { "eni-a": "stranger" } }),
      check: "interface-with-stranger",
      means: "eni-a is attached to i-stranger, which is no member",
      mend: "aws ec2 detach-network-interface --attachment-id attach-eni-a-stranger",
    },
    {
      name: "that it is with something without a name",
      given: scene({}, { interfaces: { "eni-a": attached("eni-a", "m1", { instance: undefined }) } }),
      check: "interface-with-stranger",
      means: "eni-a is attached to something that EC2 does not name",
    },
    ...(["act", "observe"] as const).map((mode) => ({
      name: `that it would be deleted, and who mends that in mode ${mode}`,
      given: scene(
        { policy: { mode } },
        { interfaces: { "eni-a": attached("eni-a", "m1", { deleteOnTermination: true }) } },
      ),
      check: "interface-delete-on-termination",
      means: mode === "act" ? "(the next look does too)" : "(in mode observe no look does)",
    })),
    {
      name: "that no member is in its zone, and where they are",
      given: scene(
        { members: 3 },
        { members: { m1: elsewhere, m2: running({ zone: "eu-west-1c" }), m3: elsewhere } },
      ),
      check: "interface-zone",
      means: "eni-a is in eu-west-1a and the members are in eu-west-1b, eu-west-1c:",
    },
  ]);

  it("nothing of zones where no member could be read", () => {
    expect(checksOf(scene({}, { members: { m1: failed, m2: failed } }))).toEqual([
      "unread ec2:DescribeInstanceStatus",
    ]);
  });
});

describe("of the members", () => {
  const m2 = (seen: InstanceSeen) => scene({}, { members: { m2: seen } });
  const burn = (deviceIndex: number): Burn => ({
    member: "m2",
    deviceIndex,
    eni: "eni-old",
    launchedAt: LAUNCHED,
  });
  const other = (deviceIndex: number) => ({ deviceIndex, eni: `eni-${deviceIndex}` });
  const ours = { deviceIndex: 3, eni: "eni-a" };
  const quarantine = (why: "flapping" | "operator" | "forced-detach") => ({
    quarantine: { m2: { why, since: NOW } },
  });
  says([
    ...(["terminated", "shutting-down"] as const).map((state) => ({
      name: `that it is ${state}: it is as good as gone`,
      given: m2(running({ state, checks: {} })),
      check: "member-missing",
      means: "i-m2 does not exist any more",
      mend: DEPLOY,
    })),
    {
      name: "that the active is wrong too, though no other could take the group: that can wait",
      given: scene({}, { members: { m1: running({ zone: "eu-west-1b" }), m2: "dead" } }),
      check: "member-zone",
      severity: "warning",
      means: "i-m1 is in eu-west-1b and eni-a is not",
    },
    {
      name: "which interfaces are in another zone",
      given: scene({ interfaces: 3 }, { members: { m2: running({ zone: "eu-west-1b" }) } }),
      check: "member-zone",
      severity: "error",
      means: "i-m2 is in eu-west-1b and eni-a, eni-b, eni-c is not",
    },
    {
      name: "none that is in its own",
      given: scene(
        { interfaces: 2 },
        {
          members: { m2: running({ zone: "eu-west-1b" }) },
          interfaces: { "eni-b": attached("eni-b", "m1", { zone: "eu-west-1b" }) },
        },
      ),
      check: "member-zone",
      subject: "m2",
      means: "i-m2 is in eu-west-1b and eni-a is not",
    },
    {
      name: "what it is in quarantine for, and the word that lifts it",
      given: scene({}, {}, quarantine("flapping")),
      check: "member-quarantined",
      means: "m2 is in quarantine (flapping)",
      mend: `npx sls invoke -f acknowledge -d '{"group":"nat-a","member":"m2"}'`,
    },
    {
      name: "that only a restart ends what a forced detach has done",
      given: scene({}, {}, quarantine("forced-detach")),
      check: "member-quarantined",
      means: "m2 is in quarantine (forced-detach)",
      mend: RESTART,
    },
    {
      name: "which indexes are taken, and by what",
      given: scene(
        { interfaces: 2 },
        { details: { m2: details({ attachments: [other(0), other(1), other(2), ours, other(5)] }) } },
      ),
      check: "member-index-taken",
      means: "are taken (1 by eni-1, 2 by eni-2): allow another in failover.yml, for example 4, and deploy",
      mend: DEPLOY,
    },
    {
      name: "not what has the index on another member",
      given: {
        situation: situationOf(
          (({ members, ...group }: Group) => ({
            ...group,
            members: members.map((one, n) => ({ ...one, deviceIndexes: { "eni-a": [n === 0 ? 1 : 2] } })),
          }))(groupOf()),
          { details: { m2: details({ attachments: [other(0), other(1), other(2)] }) } },
          { moves: [pastMove(HOUR)] },
        ),
      },
      check: "member-index-taken",
      means: "are taken (2 by eni-2):",
    },
    {
      name: "which indexes are burned, once",
      given: scene(
        { interfaces: 2 },
        {},
        { burned: [burn(1), burn(2), burn(1)], ...quarantine("forced-detach") },
      ),
      check: "member-index-burned",
      means: "device index 1, 2 of i-m2 unusable",
      mend: RESTART,
    },
    {
      name: "what takes up its slots, beside the group's own",
      given: scene(
        {},
        { details: { m2: details({ attachments: [other(0), other(4), ours], maxInterfaces: 2 }) } },
      ),
      check: "member-no-slot",
      means: "i-m2 takes 2 interfaces and has eni-0, eni-4 already: with the group's 1 they are too many",
    },
    {
      name: "that they could not be read, and why",
      given: scene({ members: 3 }, { members: { m2: failed, m3: { read: "failed", error: "Timeout" } } }),
      check: "unread",
      severity: "error",
      means: "how m2, m3 is could not be read (Throttling)",
    },
    {
      name: "that their details could not be read",
      given: scene({}, { details: { m1: undefined, m2: undefined } }),
      check: "unread",
      means: "which device indexes of m1, m2 are taken could not be read (the log says why)",
    },
    {
      name: "how unwell it is, and where to see more",
      given: scene({}, { members: { m2: "unknown" } }),
      check: "member-unwell",
      means: "m2 is unknown (instance-check initializing)",
      mend: `npx sls invoke -f status -d '{"group":"nat-a"}'`,
    },
  ]);

  it("that an index is burned, once: its quarantine stands for that, any other does not", () => {
    const burned = [burn(1)];
    expect(checksOf(scene({}, {}, { burned, ...quarantine("forced-detach") }))).toEqual([
      "member-index-burned m2",
    ]);
    expect(checksOf(scene({}, {}, { burned, ...quarantine("flapping") }))).toEqual([
      "member-quarantined m2",
      "member-index-burned m2",
    ]);
  });

  it("not that one was never seen to hold the group that could not be read at all", () => {
    const given = scene({}, { members: { m2: failed } }, { moves: [] });
    expect(checksOf(given)).toEqual(["unread ec2:DescribeInstanceStatus"]);
  });

  it.each([
    ["m2-alarm:full", "m2-alarm:full"],
    ["m2-health-check", "m2-health-check"],
    ["m2 is full", "'m2 is full'"],
    ["m2's $HOME", "'m2'\\''s $HOME'"],
  ])("an alarm that speaks against one is named in full, whatever its name: %s", (name, argument) => {
    const group = groupOf();
    const members = group.members.map((one) => (one.name === "m2" ? { ...one, alarms: [name] } : one));
    const situation = situationOf(
      { ...group, members },
      { alarms: [alarm(name)] },
      { moves: [pastMove(HOUR)] },
    );
    const unwell = findingsOf(examined({ situation })).find(({ check }) => check === "member-unwell");
    expect(unwell?.mend).toBe(`aws cloudwatch describe-alarms --alarm-names ${argument}`);
  });
});

describe("of the alarms", () => {
  const two = { alarms: ["no-traffic", "slow"] };
  const [ok, slow] = two.alarms.map((name) => alarm(name, { state: "OK" }));
  const shown = (change: Parameters<typeof alarm>[1]) =>
    scene({ alarms: ["no-traffic"] }, { alarms: [{ ...alarm("no-traffic", { state: "OK" }), ...change }] });
  const rule = {
    name: "s-alarm-1",
    enabled: false,
    pattern: JSON.stringify({ detail: { alarmName: ["no-traffic"] } }),
  };
  says([
    {
      name: "that they could not be read, each",
      given: scene(two, { alarmsUnread: "Throttling" }),
      check: "unread",
      severity: "error",
      means: "the alarms no-traffic, slow could not be read (Throttling)",
    },
    {
      name: "that one suppresses its actions",
      given: shown({ suppressed: true }),
      check: "alarm-muted",
      means: "The actions of no-traffic are suppressed by another alarm",
      mend: "aws cloudwatch describe-alarms --alarm-names no-traffic",
    },
    {
      name: "what mutes it, all of them",
      given: { ...shown({}), mutes: { "no-traffic": ["night", "work"] } },
      check: "alarm-muted",
      means: "no-traffic is muted by night, work:",
      mend: "aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name night",
    },
    {
      name: "for how long it has been without data",
      given: shown({ state: "INSUFFICIENT_DATA", transitionedAt: NOW - 20 * MINUTE }),
      check: "alarm-without-data",
      means: "no-traffic has had no data for 20 min",
    },
    {
      name: "whose mute rules could not be read",
      given: {
        ...scene(two, { alarms: [ok, slow].flatMap((one) => one ?? []) }),
        mutes: { "no-traffic": { unread: "AccessDenied" }, slow: { unread: "Timeout" } },
      },
      check: "unread",
      means: "whether no-traffic, slow is muted could not be read (AccessDenied)",
    },
    {
      name: "that no rule names it",
      given: { ...shown({}), rules: [] },
      check: "alarm-unmatched",
      means: "does not wake the controller (no rule of the stack names it)",
      mend: DEPLOY,
    },
    {
      name: "that its rule is disabled",
      given: { ...shown({}), rules: [rule] },
      check: "alarm-unmatched",
      means: "does not wake the controller (the rule s-alarm-1 is disabled)",
      mend: "aws events enable-rule --name s-alarm-1",
    },
    {
      name: "who makes one that is not there",
      given: {
        situation: situationOf(
          (({ members: [first, ...others], ...group }: Group) => ({
            ...group,
            members: first === undefined ? others : [{ ...first, statusAlarm: "s-status" }, ...others],
          }))(groupOf()),
          {},
          { moves: [pastMove(HOUR)] },
        ),
      },
      check: "alarm-missing",
      means: "There is no alarm s-status: what it was to tell, nobody does; the stack makes it.",
    },
  ]);

  it("nothing of a group that has none", () => {
    expect(checksOf({ ...scene({}, { alarmsUnread: "Throttling" }), compositesDenied: true })).toEqual([]);
  });
});

describe("of permissions", () => {
  const denied = (call: string, on: string) =>
    ({ call, on, verdict: "denied", code: "UnauthorizedOperation" }) as const;
  const silent = (on: string) =>
    ({ call: "StopInstances", on, verdict: "unproven", code: "Unavailable", unanswered: true }) as const;
  const isolate = { fence: { kind: "isolate", securityGroup: "sg-q" } } as const;
  says([
    {
      name: "each call once, with all that it was asked on",
      given: {
        permissions: [
          denied("DetachNetworkInterface", "eni-a"),
          denied("DetachNetworkInterface", "eni-b"),
          denied("AttachNetworkInterface", "i-m2"),
        ],
      },
      check: "permission-denied",
      severity: "error",
      means: "may not DetachNetworkInterface (UnauthorizedOperation): eni-a, eni-b.",
    },
    {
      name: "what was not answered",
      given: { permissions: [silent("i-m1"), silent("i-m2")] },
      check: "permission-unproven",
      means: "whether the role may StopInstances (Unavailable): i-m1, i-m2. Ask again.",
    },
    ...["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"].map((code) => ({
      name: `that the security group of a fence is not there: ${code}`,
      given: {
        ...scene({ policy: isolate }),
        permissions: [
          { call: "ModifyNetworkInterfaceAttribute", on: "eni-p", verdict: "unproven", code } as const,
        ],
      },
      check: "fence-group-missing",
      means: `The security group sg-q does not exist in the VPC of eni-p (${code})`,
    })),
  ]);

  it("two calls that are denied are two findings", () => {
    const permissions = [denied("DetachNetworkInterface", "eni-a"), denied("AttachNetworkInterface", "i-m2")];
    expect(checksOf({ permissions })).toEqual([
      "permission-denied ec2:DetachNetworkInterface",
      "permission-denied ec2:AttachNetworkInterface",
    ]);
  });

  it("no code at all is no missing security group", () => {
    const permissions = [{ call: "StopInstances", on: "i-m1", verdict: "allowed" } as const];
    expect(checksOf({ ...scene({ policy: isolate }), permissions })).toEqual([]);
  });
});

describe("of the probe", () => {
  const probe = {
    check: { kind: "tcp", port: 22 },
    address: "10.0.0.10",
    everySeconds: 5,
    failAfter: 3,
    of: 3,
    subnets: ["subnet-1"],
    securityGroups: ["sg-1"],
  } as const;
  const never: ProbeFinding = { says: "silent", since: NOW - HOUR, detail: "no answer within 2 s" };
  const answered: ProbeFinding = { ...never, says: "serving", answeredAt: NOW - HOUR };
  const heard = (change: Partial<Probed> | undefined): Partial<Examined> => ({
    situation: situationOf(
      { ...groupOf(), probe },
      {},
      {
        moves: [pastMove(HOUR)],
        ...(change === undefined ? {} : { probed: { at: NOW, members: {}, ...change } }),
      },
    ),
  });
  says([
    {
      name: "that nobody has heard of it",
      given: heard(undefined),
      check: "probe-unheard",
      means: "The prober of nat-a was never heard of:",
    },
    {
      name: "since when nobody has heard of it",
      given: heard({ at: NOW - HOUR - SECOND }),
      check: "probe-unheard",
      means: "The prober of nat-a was not since 2026-03-01T10:59:59.000Z heard of:",
    },
  ]);
  it.each<{ name: string; given: Partial<Examined>; finds: readonly string[] }>([
    { name: "nothing for an hour after it was heard of", given: heard({ at: NOW - HOUR }), finds: [] },
    {
      name: "nothing where the record could not be read",
      given: { ...heard(undefined), record: { read: "no", error: "away." } },
      finds: ["record-unread nat-a"],
    },
    {
      name: "whichever address has never answered",
      given: heard({ floating: never, members: { m1: never, m2: answered } }),
      finds: ["probe-unanswered 10.0.0.10", "probe-unanswered m1"],
    },
    {
      name: "nothing of an address that is not probed",
      given: heard({ members: { m1: answered } }),
      finds: [],
    },
  ])("$name", ({ given, finds }) => {
    expect(checksOf(given)).toEqual(finds);
  });
});

describe("of the record", () => {
  const paused = (until?: number) =>
    scene({}, {}, { pause: { by: "anna", since: NOW - HOUR, ...(until === undefined ? {} : { until }) } });
  says([
    {
      name: "how it is read by hand",
      given: { record: { read: "no", error: "away." } },
      check: "record-unread",
      means: "The record of nat-a could not be read: away.",
      mend: `aws dynamodb get-item --table-name t --key '{"pk":{"S":"GROUP#nat-a"},"sk":{"S":"STATE"}}'`,
    },
    {
      name: "that a pause has no end",
      given: paused(),
      check: "paused",
      means: "since 2026-03-01T11:00:00.000Z, until somebody resumes it: no automatic move begins.",
    },
    {
      name: "until when a pause lasts",
      given: paused(NOW + MINUTE),
      check: "paused",
      means: "since 2026-03-01T11:00:00.000Z, until 2026-03-01T12:01:00.000Z: no automatic move begins.",
    },
  ]);
});

describe("of the controller", () => {
  const sound: ControllerExamined = {
    stack: "s",
    table: "t",
    recovery: true,
    expiry: "ttl",
    rules: [{ name: "s-sweep", enabled: true }],
    limitSeconds: 300,
    longestGrace: { group: "nat-a", seconds: 15 },
  };
  it.each<[name: string, given: Partial<ControllerExamined>, means: string]>([
    ["that nothing expires", { expiry: null }, "The expiry of items of t is off:"],
    ["by what else items expire", { expiry: "until" }, "of t goes by until, and not by ttl:"],
    ["that the schedule is gone", { rules: [] }, "The schedule s-sweep does not exist:"],
    [
      "that the schedule is disabled",
      { rules: [{ name: "s-sweep", enabled: false }] },
      "The schedule s-sweep is disabled:",
    ],
  ])("%s", (_, given, means) => {
    const [finding] = controllerFindings({ ...sound, ...given });
    expect(finding?.means).toContain(means);
  });
});

it("the worst is told first, and of one severity what was found first", () => {
  const finding = (severity: Finding["severity"], subject: string): Finding => ({
    check: "unread",
    severity,
    group: null,
    subject,
    means: "It could not be read.",
    mend: DEPLOY,
  });
  const all = [finding("info", "a"), finding("warning", "b"), finding("error", "c"), finding("warning", "d")];
  expect(worstFirst(all).map(({ subject }) => subject)).toEqual(["c", "b", "d", "a"]);
});

describe("what was looked at", () => {
  const named = (name: string): Examined => {
    const { situation, ...rest } = examined({ rules: RULES });
    return { ...rest, situation: { ...situation, group: { ...situation.group, name } } };
  };
  const groups = (count: number) => Array.from({ length: count }, (_, n) => named(`g${n + 1}`));
  const permissions = [
    { call: "DetachNetworkInterface", on: "eni-a", verdict: "allowed" },
    { call: "DetachNetworkInterface", on: "eni-b", verdict: "allowed" },
    {
      call: "AttachNetworkInterface",
      on: "i-m2",
      verdict: "unproven",
      code: "InvalidNetworkInterface.InUse",
    },
    { call: "StopInstances", on: "i-m1", verdict: "unproven", code: "Unavailable", unanswered: true },
  ] as const;

  it("is said, so that no findings is an answer", () => {
    expect(checkedText([named("nat-a")], true)).toBe(
      "Checked: 1 interface, 2 members and 0 alarms of nat-a, with record and history; 0 calls that a move needs, proven by EC2's DryRun under the role that moves; the rules, the schedule, the table and the time limit of the controller.",
    );
  });

  it("says what EC2 left open, and nothing of the controller where that was not asked", () => {
    expect(checkedText([{ ...named("nat-a"), permissions }], false)).toBe(
      "Checked: 1 interface, 2 members and 0 alarms of nat-a, with record and history; 2 calls that a move needs, proven by EC2's DryRun under the role that moves; 1 call that EC2 did not refuse for want of permission but for the state of things (an interface in use can't be attached), so that no more can be known.",
    );
  });

  it("names up to five groups, and counts more", () => {
    expect(checkedText(groups(5), false)).toContain(
      "5 interfaces, 10 members and 0 alarms of g1, g2, g3, g4, g5,",
    );
    expect(checkedText(groups(6), false)).toContain("alarms of 6 groups, with record");
  });
});
