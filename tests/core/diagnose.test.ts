import { describe, expect, it } from "vitest";
import { diagnose, holderOf } from "../../shared/core/diagnose.ts";
import type {
  Burn,
  Diagnosis,
  Group,
  Health,
  Holder,
  Ineligible,
  InstanceSeen,
  Member,
  MemberDiagnosis,
  State,
} from "../../shared/core/model.ts";
import {
  ARRIVED,
  alarm,
  attached,
  details,
  groupOf,
  HOUR,
  impaired,
  instanceOf,
  interfaceAt,
  LAUNCHED,
  MINUTE,
  NOW,
  type Place,
  running,
  SECOND,
  type Seen,
  seen,
  stateOf,
} from "./scene.ts";

const diagnosed = (group: Group, change: Seen = {}, state: Partial<State> = {}): Diagnosis =>
  diagnose(group, seen(group, change), stateOf(state));

function member(diagnosis: Diagnosis, name: string): MemberDiagnosis {
  const found = diagnosis.members.find((one) => one.member === name);
  if (found === undefined) throw new Error(`${name} is not diagnosed`);
  return found;
}

/** The group with a change to one member's configuration. */
const withMember = (group: Group, name: string, change: Partial<Member>): Group => ({
  ...group,
  members: group.members.map((one) => (one.name === name ? { ...one, ...change } : one)),
});

describe("who holds an interface", () => {
  const rows: readonly { place: Place; holder: Holder }[] = [
    { place: "m2", holder: { kind: "member", member: "m2" } },
    { place: "attaching to m2", holder: { kind: "member", member: "m2" } },
    { place: "detaching from m2", holder: { kind: "nothing" } },
    { place: "nothing", holder: { kind: "nothing" } },
    { place: "stranger", holder: { kind: "stranger", instance: "i-stranger" } },
    { place: "missing", holder: { kind: "missing" } },
    { place: "unread", holder: { kind: "unread" } },
  ];
  it.each(rows)("seen as $place", ({ place, holder }) => {
    expect(holderOf(groupOf(), interfaceAt("eni-a", place), NOW)).toEqual(holder);
  });

  it("an interface that the read does not mention is missing", () => {
    expect(holderOf(groupOf(), undefined, NOW)).toEqual({ kind: "missing" });
  });

  it.each([
    { forMs: MINUTE - 1, holder: { kind: "member", member: "m2" } },
    { forMs: MINUTE, holder: { kind: "nothing" } },
  ])("an interface that has been attaching for $forMs ms is on $holder.kind", ({ forMs, holder }) => {
    const one = attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - forMs });
    expect(holderOf(groupOf(), one, NOW)).toEqual(holder);
  });

  it("an interface that is leaving a stranger is still a stranger's", () => {
    const one = attached("eni-a", "m9", { state: "detaching" });
    expect(holderOf(groupOf(), one, NOW)).toEqual({ kind: "stranger", instance: "i-m9" });
  });

  it("an attachment to no named instance is a stranger's", () => {
    const one = attached("eni-a", "m1", { instance: undefined });
    expect(holderOf(groupOf(), one, NOW)).toEqual({ kind: "stranger", instance: "unknown" });
  });
});

describe("who is active", () => {
  const rows: readonly { a: Place; b: Place; active?: string }[] = [
    { a: "m2", b: "m2", active: "m2" },
    { a: "m2", b: "attaching to m2", active: "m2" },
    { a: "m1", b: "m2" },
    { a: "m1", b: "nothing" },
    { a: "nothing", b: "nothing" },
    { a: "m1", b: "detaching from m1" },
    { a: "m1", b: "stranger" },
    { a: "stranger", b: "stranger" },
    { a: "m1", b: "missing" },
    { a: "m1", b: "unread" },
    { a: "unread", b: "unread" },
  ];
  it.each(rows)("interfaces on $a and $b", ({ a, b, active }) => {
    const diagnosis = diagnosed(groupOf({ interfaces: 2 }), { interfaces: { "eni-a": a, "eni-b": b } });
    expect(diagnosis.active).toBe(active);
    expect("active" in diagnosis).toBe(active !== undefined);
    expect("arrivedAt" in diagnosis).toBe(active !== undefined);
  });

  it("the group arrived when its last interface did", () => {
    const group = groupOf({ interfaces: 2 });
    const early = attached("eni-a", "m1", { attachedAt: ARRIVED - 5 });
    const late = attached("eni-b", "m1", { attachedAt: ARRIVED + 5 });
    for (const pair of [
      [early, late],
      [late, early],
    ] as const) {
      const diagnosis = diagnosed(group, { interfaces: { "eni-a": pair[0], "eni-b": pair[1] } });
      expect(diagnosis.arrivedAt).toBe(ARRIVED + 5);
    }
  });

  it("carries the time and the depth of the observation, and all members in order of preference", () => {
    const diagnosis = diagnosed(groupOf({ members: 3 }), { at: NOW - 7, detailed: false });
    expect(diagnosis).toMatchObject({ at: NOW - 7, detailed: false });
    expect(diagnosis.members.map((one) => one.member)).toEqual(["m1", "m2", "m3"]);
    expect(diagnosis.members.map((one) => one.instance)).toEqual(["i-m1", "i-m2", "i-m3"]);
  });
});

describe("the group's alarms, about whoever is active", () => {
  const group = groupOf({ alarms: ["no-traffic"] });
  const look = (change: Parameters<typeof alarm>[1], interfaces: Seen["interfaces"] = {}) =>
    diagnosed(group, { alarms: [alarm("no-traffic", change)], interfaces });

  it("in ALARM since after the arrival: the active is failing, and nobody else", () => {
    const diagnosis = look({ transitionedAt: ARRIVED + 1 });
    expect(member(diagnosis, "m1").health).toBe("failing");
    expect(member(diagnosis, "m2").health).toBe("healthy");
    expect(diagnosis.notCleared).toEqual([]);
  });

  it.each([ARRIVED, ARRIVED - 1])("in ALARM since the arrival or before it: not cleared (%d)", (at) => {
    const diagnosis = look({ transitionedAt: at });
    expect(member(diagnosis, "m1").health).toBe("healthy");
    expect(diagnosis.notCleared).toEqual(["no-traffic"]);
  });

  it.each([
    ["OK", { state: "OK" }],
    ["without data", { state: "INSUFFICIENT_DATA" }],
    ["suppressed", { suppressed: true }],
    ["muted", { muted: true }],
  ] as const)("%s: no evidence, and nothing to clear", (_, change) => {
    for (const transitionedAt of [ARRIVED - 1, ARRIVED + 1]) {
      const diagnosis = look({ ...change, transitionedAt });
      expect(member(diagnosis, "m1").health).toBe("healthy");
      expect(diagnosis.notCleared).toEqual([]);
    }
  });

  it("an alarm without data says nothing, even of an active whose checks are not fine", () => {
    const diagnosis = diagnosed(group, {
      alarms: [alarm("no-traffic", { state: "INSUFFICIENT_DATA" })],
      members: { m1: "unknown" },
    });
    expect(member(diagnosis, "m1").evidence.map((one) => one.source)).toEqual([
      "system-check",
      "instance-check",
    ]);
  });

  it("an alarm that does not exist is no evidence", () => {
    expect(member(diagnosed(group), "m1").health).toBe("healthy");
  });

  it("while nobody is active it speaks of nobody", () => {
    const diagnosis = look({ transitionedAt: NOW }, { "eni-a": "nothing" });
    expect(diagnosis.members.map((one) => one.health)).toEqual(["healthy", "healthy"]);
    expect(diagnosis.notCleared).toEqual([]);
  });
});

describe("a member's own alarms", () => {
  const group = withMember(groupOf(), "m2", { alarms: ["conntrack"], statusAlarm: "m2-status" });
  const m2 = (change: Seen): MemberDiagnosis => member(diagnosed(group, change), "m2");

  it("in ALARM: this member is failing, and no other", () => {
    const diagnosis = diagnosed(group, { alarms: [alarm("conntrack")] });
    expect(diagnosis.members.map((one) => one.health)).toEqual(["healthy", "failing"]);
  });

  it("the alarm on its status checks says failing at once, before the check has lasted", () => {
    const instance = running({ checks: { instance: impaired(5 * SECOND) } });
    expect(m2({ members: { m2: instance } }).health).toBe("unknown");
    const status = alarm("m2-status", { onStatusChecks: true });
    expect(m2({ members: { m2: instance }, alarms: [status] }).health).toBe("failing");
  });

  it("an alarm that nobody named is no evidence", () => {
    expect(m2({ alarms: [alarm("somebody-elses")] }).health).toBe("healthy");
  });

  const silent = alarm("conntrack", { state: "INSUFFICIENT_DATA" });
  it("without data: no evidence while its own checks are fine", () => {
    expect(m2({ alarms: [silent] }).evidence.map((one) => one.source)).toEqual([
      "system-check",
      "instance-check",
    ]);
  });

  it("without data: unknown while they are not", () => {
    expect(m2({ alarms: [silent], members: { m2: "unknown" } }).evidence).toContainEqual(
      expect.objectContaining({ source: "alarm:conntrack", says: "unknown" }),
    );
  });

  it("two witnesses asked for: the check and the alarm on it are one, another alarm is the second", () => {
    const strict = { ...group, policy: { ...group.policy, witnesses: 2 } };
    const status = alarm("m2-status", { onStatusChecks: true });
    const one = { members: { m2: "failing" as const }, alarms: [status] };
    expect(member(diagnosed(strict, one), "m2").health).toBe("unknown");
    const two = { ...one, alarms: [status, alarm("conntrack")] };
    expect(member(diagnosed(strict, two), "m2").health).toBe("failing");
  });
});

describe("alarms that could not be read", () => {
  const unread = { alarmsUnread: "Throttling" };

  it("make a member unknown that has alarms of its own", () => {
    const group = withMember(groupOf(), "m2", { alarms: ["conntrack"] });
    const diagnosis = diagnosed(group, unread);
    expect(diagnosis.members.map((one) => one.health)).toEqual(["healthy", "unknown"]);
    expect(member(diagnosis, "m2").evidence.at(-1)).toEqual({
      source: "alarms",
      witness: "alarms",
      says: "unknown",
      detail: "could not be read: Throttling",
      since: NOW,
    });
  });

  it("make the active unknown where the group has alarms", () => {
    const diagnosis = diagnosed(groupOf({ alarms: ["no-traffic"] }), unread);
    expect(diagnosis.members.map((one) => one.health)).toEqual(["unknown", "healthy"]);
  });

  it("say nothing of the group's while nobody is active", () => {
    const group = groupOf({ alarms: ["no-traffic"], interfaces: 2 });
    const diagnosis = diagnosed(group, { ...unread, interfaces: { "eni-b": "m2" } });
    expect(diagnosis.members.map((one) => one.health)).toEqual(["healthy", "healthy"]);
  });

  it("say nothing where there are none", () => {
    expect(diagnosed(groupOf(), unread).members.map((one) => one.health)).toEqual(["healthy", "healthy"]);
  });

  it("do not hide that a member is failing", () => {
    const group = withMember(groupOf(), "m1", { alarms: ["conntrack"] });
    expect(member(diagnosed(group, { ...unread, members: { m1: "failing" } }), "m1").health).toBe("failing");
  });
});

describe("a member that EC2 does not know", () => {
  const gone = { read: "not-found" } as const;
  it("is dead, and has ended, when no interface is on it", () => {
    const m2 = member(diagnosed(groupOf(), { members: { m2: gone } }), "m2");
    expect(m2).toMatchObject({ health: "dead", ended: true });
  });

  it.each(["m2", "attaching to m2", "detaching from m2", "unread"] as const)(
    "is unknown while an interface is seen as %s",
    (place) => {
      const change: Seen = { members: { m2: gone }, interfaces: { "eni-a": place } };
      expect(member(diagnosed(groupOf(), change), "m2")).toMatchObject({ health: "unknown", ended: false });
    },
  );

  it("is unknown while one of two interfaces is seen on it", () => {
    const change: Seen = { members: { m2: gone }, interfaces: { "eni-b": "m2" } };
    const m2 = member(diagnosed(groupOf({ interfaces: 2 }), change), "m2");
    expect(m2).toMatchObject({ health: "unknown", ended: false });
  });

  it("a member that was not read at all is unknown", () => {
    const group = groupOf();
    const observation = { ...seen(group), members: {} };
    const m2 = member(diagnose(group, observation, stateOf()), "m2");
    expect(m2).toMatchObject({ health: "unknown", ended: false, reasons: ["unknown", "unread"] });
    expect(m2.evidence[0]?.detail).toBe("could not be read: was not read");
  });
});

it.each([
  ["shutting-down", true],
  ["terminated", true],
  ["stopping", false],
  ["stopped", false],
  ["pending", false],
  ["running", false],
] as const)("a member that is %s has ended: %s", (state, ended) => {
  expect(member(diagnosed(groupOf(), { members: { m2: running({ state }) } }), "m2").ended).toBe(ended);
});

describe("a member that is leaving", () => {
  const scheduled = (inMs: number, code = "instance-retirement"): InstanceSeen =>
    running({ scheduled: [{ code, notBefore: NOW + inMs }] });
  const leaving = (instance: InstanceSeen, state: Partial<State> = {}) =>
    member(diagnosed(groupOf(), { members: { m1: instance } }, state), "m1").leaving;

  it("counts from the hour before its scheduled event", () => {
    expect(leaving(scheduled(HOUR + 1))).toBeUndefined();
    expect(leaving(scheduled(HOUR))).toEqual({ why: "scheduled instance-retirement", endsAt: NOW + HOUR });
    expect(leaving(scheduled(-MINUTE))).toEqual({
      why: "scheduled instance-retirement",
      endsAt: NOW - MINUTE,
    });
  });

  it("the next of several events counts", () => {
    const events = [
      { code: "system-reboot", notBefore: NOW + 50 * MINUTE },
      { code: "instance-stop", notBefore: NOW + 10 * MINUTE },
      { code: "system-maintenance", notBefore: NOW + 30 * MINUTE },
    ];
    for (const order of [events, events.toReversed()])
      expect(leaving(running({ scheduled: order }))?.why).toBe("scheduled instance-stop");
  });

  it("a spot notice lapses 150 s after it; the end itself is 30 s before that", () => {
    const notice = (at: number) => ({ leaving: { m1: { why: "spot notice", at } } });
    expect(leaving(running(), notice(NOW + 1))).toEqual({
      why: "spot notice",
      endsAt: NOW + 1 - 30 * SECOND,
    });
    expect(leaving(running(), notice(NOW))).toBeUndefined();
  });

  it("a spot notice holds though the instance can't be read, and comes before a scheduled event", () => {
    const state = { leaving: { m1: { why: "spot notice", at: NOW + MINUTE } } };
    expect(leaving({ read: "failed", error: "x" }, state)?.why).toBe("spot notice");
    expect(leaving(scheduled(MINUTE), state)?.why).toBe("spot notice");
  });

  it("a notice to another member says nothing of this one", () => {
    expect(leaving(running(), { leaving: { m2: { why: "spot notice", at: NOW + MINUTE } } })).toBeUndefined();
  });

  it("a read that failed announces nothing", () => {
    expect(leaving({ read: "failed", error: "x" })).toBeUndefined();
    expect(leaving({ read: "not-found" })).toBeUndefined();
  });

  it("does not make a standby ineligible", () => {
    const m2 = member(diagnosed(groupOf(), { members: { m2: scheduled(MINUTE) } }), "m2");
    expect(m2.reasons).toEqual([]);
  });
});

describe("whether a guest answers", () => {
  it("is part of the diagnosis", () => {
    const diagnosis = diagnosed(groupOf(), { members: { m1: "failing" } });
    expect(diagnosis.members.map((one) => one.unreachable)).toEqual([true, false]);
  });
});

describe("why a member may not take the group", () => {
  interface Row {
    readonly name: string;
    readonly m2?: Health | InstanceSeen;
    readonly details?: Parameters<typeof details>[0];
    readonly state?: Partial<State>;
    readonly interfaces?: number;
    readonly reasons: readonly Ineligible[];
  }
  const burned = (change: Partial<Burn> = {}): Burn => ({
    member: "m2",
    deviceIndex: 1,
    eni: "eni-b",
    launchedAt: LAUNCHED,
    ...change,
  });
  const quarantined = (change: object = {}): Partial<State> => ({
    quarantine: { m2: { why: "flapping", since: NOW - HOUR, ...change } },
  });
  const rows: readonly Row[] = [
    { name: "healthy, running and with room: eligible", reasons: [] },
    { name: "failing", m2: "failing", reasons: ["failing"] },
    { name: "dead", m2: "dead", reasons: ["dead", "not-running"] },
    { name: "unknown though running", m2: "unknown", reasons: ["unknown"] },
    { name: "pending", m2: running({ state: "pending" }), reasons: ["unknown", "not-running"] },
    { name: "not read", m2: { read: "failed", error: "x" }, reasons: ["unknown", "unread"] },
    { name: "gone", m2: { read: "not-found" }, reasons: ["dead", "not-running"] },
    { name: "in another zone", m2: running({ zone: "eu-west-1b" }), reasons: ["wrong-zone"] },
    { name: "quarantined for flapping", state: quarantined(), reasons: ["quarantined"] },
    {
      name: "quarantined until a restart that has not been",
      state: quarantined({ why: "forced-detach", untilLaunchAfter: LAUNCHED }),
      reasons: ["quarantined"],
    },
    {
      name: "quarantined until a restart that has been",
      state: quarantined({ why: "forced-detach", untilLaunchAfter: LAUNCHED - 1 }),
      reasons: [],
    },
    {
      name: "its index is taken by another interface",
      details: { attachments: [{ deviceIndex: 1, eni: "eni-other" }] },
      reasons: ["index-taken"],
    },
    {
      name: "its index is held by an interface of this group",
      details: { attachments: [{ deviceIndex: 1, eni: "eni-a" }] },
      reasons: [],
    },
    { name: "its index was burned", state: { burned: [burned()] }, reasons: ["index-burned"] },
    {
      name: "its index was burned by this interface",
      state: { burned: [burned({ eni: "eni-a" })] },
      reasons: [],
    },
    {
      name: "its index was burned on another member",
      state: { burned: [burned({ member: "m1" })] },
      reasons: [],
    },
    {
      name: "its index was burned in an earlier launch",
      state: { burned: [burned({ launchedAt: LAUNCHED - 1 })] },
      reasons: [],
    },
    {
      name: "all its slots are used",
      details: { maxInterfaces: 1 },
      reasons: ["no-slot"],
    },
    { name: "one slot left for one interface", details: { maxInterfaces: 2 }, reasons: [] },
    {
      name: "one slot left for two interfaces",
      interfaces: 2,
      details: { maxInterfaces: 2 },
      reasons: ["no-slot"],
    },
    { name: "how many slots it has could not be read", details: { maxInterfaces: undefined }, reasons: [] },
    {
      name: "an interface of the group is on it already and needs no further slot",
      details: {
        maxInterfaces: 2,
        attachments: [
          { deviceIndex: 0, eni: "eni-primary" },
          { deviceIndex: 1, eni: "eni-a" },
        ],
      },
      reasons: [],
    },
    {
      name: "everything at once, the most telling first",
      m2: running({ state: "stopped", zone: "eu-west-1b" }),
      details: { maxInterfaces: 1, attachments: [{ deviceIndex: 1, eni: "eni-other" }] },
      state: quarantined(),
      reasons: ["dead", "not-running", "wrong-zone", "quarantined", "index-taken", "no-slot"],
    },
  ];
  it.each(rows)("$name", (row) => {
    const group = groupOf({ interfaces: row.interfaces ?? 1 });
    const change: Seen = { members: { m2: row.m2 ?? "healthy" }, details: { m2: details(row.details) } };
    expect(member(diagnosed(group, change, row.state), "m2").reasons).toEqual(row.reasons);
  });

  const untilRestart = quarantined({ why: "forced-detach", untilLaunchAfter: LAUNCHED });
  it.each([
    { name: "a quarantine until a restart", state: untilRestart, holds: "quarantined" },
    { name: "a burned index", state: { burned: [burned()] }, holds: "index-burned" },
  ])("$name is no reason yet in a look that read no launch times", ({ state, holds }) => {
    const reasons = (change: Seen) => member(diagnosed(groupOf(), change, state), "m2").reasons;
    expect(reasons({ detailed: false })).toEqual([]);
    expect(reasons({ details: { m2: undefined } })).toEqual([holds]);
  });

  it("a quarantine that no restart ends holds in every look", () => {
    expect(member(diagnosed(groupOf(), { detailed: false }, quarantined()), "m2").reasons).toEqual([
      "quarantined",
    ]);
  });

  it("the active is not a candidate for what it holds", () => {
    expect(member(diagnosed(groupOf()), "m1").reasons).toEqual(["active"]);
    expect(member(diagnosed(groupOf(), { members: { m1: "failing" } }), "m1").reasons).toEqual([
      "active",
      "failing",
    ]);
  });

  it("nobody is active when an interface is on nothing: the old holder may take it", () => {
    expect(member(diagnosed(groupOf(), { interfaces: { "eni-a": "nothing" } }), "m1").reasons).toEqual([]);
  });

  it("one interface in another zone is enough to be in the wrong zone", () => {
    const elsewhere = attached("eni-b", "m1", { zone: "eu-west-1b" });
    const change = { interfaces: { "eni-b": elsewhere } };
    expect(member(diagnosed(groupOf({ interfaces: 2 }), change), "m2").reasons).toEqual(["wrong-zone"]);
  });

  it("the zone of an interface that could not be read is nobody's reason", () => {
    for (const place of ["unread", "missing"] as const)
      expect(member(diagnosed(groupOf(), { interfaces: { "eni-a": place } }), "m2").reasons).toEqual([]);
  });

  it("a member's own indexes count instead of the interface's", () => {
    const group = withMember(groupOf(), "m2", { deviceIndexes: { "eni-a": [3] } });
    const taken = (deviceIndex: number): Seen => ({
      details: { m2: details({ attachments: [{ deviceIndex, eni: "eni-other" }] }) },
    });
    expect(member(diagnosed(group, taken(1)), "m2").reasons).toEqual([]);
    expect(member(diagnosed(group, taken(3)), "m2").reasons).toEqual(["index-taken"]);
  });

  it("the instance is asked about, not the name of the member", () => {
    const group = withMember(groupOf(), "m2", { name: "blue", instance: instanceOf("m2") });
    const change: Seen = { interfaces: { "eni-a": "m2" } };
    const observation = seen(group, change);
    expect(diagnose(group, observation, stateOf()).active).toBe("blue");
  });
});
