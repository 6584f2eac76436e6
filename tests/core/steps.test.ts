import { describe, expect, it } from "vitest";
import { diagnose } from "../../shared/core/diagnose.ts";
import type { Health, InstanceSeen, Intent, Policy, State } from "../../shared/core/model.ts";
import { type Asked, detachHopeless, refused } from "../../shared/core/progress.ts";
import { mayForce, type Next, nextSteps, type Scene } from "../../shared/core/steps.ts";
import {
  attached,
  attachmentOf,
  details,
  fact,
  groupOf,
  HOUR,
  impaired,
  intentTo,
  LAUNCHED,
  MINUTE,
  NOW,
  running,
  SECOND,
  type Seen,
  seen,
  stateOf,
} from "./scene.ts";

interface Setting {
  readonly group?: Parameters<typeof groupOf>[0];
  readonly seen?: Seen;
  readonly intent?: Partial<Intent>;
  readonly to?: string;
  readonly asked?: Asked;
  readonly state?: Partial<State>;
}

function sceneOf(setting: Setting): Scene {
  const group = groupOf(setting.group);
  const observation = seen(group, setting.seen);
  const state = stateOf(setting.state);
  const intent = intentTo(setting.to ?? "m2", setting.intent);
  const diagnosis = diagnose(group, observation, state);
  return { group, state, intent, observation, diagnosis, asked: setting.asked ?? {}, now: NOW };
}

/** The next steps in a few words: `detach eni-a`, `force eni-a`, `attach eni-a i-m2:1`, `wait: why`, or how it ends. */
function inShort(next: Next): string {
  if (next.kind !== "go") return next.kind;
  const steps = next.steps.map((step) => {
    if (step.do === "attach") return `attach ${step.eni} ${step.instance}:${step.deviceIndex}`;
    if (step.do === "isolate") return `isolate ${step.eni}`;
    if (step.do === "stop") return `${step.force ? "force-stop" : "stop"} ${step.instance}`;
    return `${step.force ? "force" : "detach"} ${step.eni}`;
  });
  return steps.length > 0 ? steps.join(", ") : `wait${next.stuck ? " (stuck)" : ""}`;
}

interface Row extends Setting {
  readonly name: string;
  readonly is: string;
}

const table = (rows: readonly Row[]) =>
  it.each(rows)("$name → $is", ({ is, ...setting }) => {
    expect(inShort(nextSteps(sceneOf(setting)))).toBe(is);
  });

const at = (place: NonNullable<Seen["interfaces"]>["eni-a"]): Seen =>
  place === undefined ? {} : { interfaces: { "eni-a": place } };
const detach = (agoMs: number, change: object = {}): Asked => ({
  "eni-a": { detach: { at: NOW - agoMs, force: false, count: 0, ...change }, detachingSince: NOW - agoMs },
});
const attach = (agoMs: number, change: object = {}): Asked => ({
  "eni-a": { attach: { at: NOW - agoMs, deviceIndex: 1, count: 0, ...change } },
});
const failingBy = (alarm: string): Seen => ({
  alarms: [{ name: alarm, state: "ALARM", transitionedAt: NOW, suppressed: false, onStatusChecks: false }],
});

describe("the next step of one interface", () => {
  const foreign = (state: "attached" | "attaching" | "detaching") =>
    attached("eni-a", "m3", { state, attachmentId: "attach-somebody", attachedAt: NOW - 5 * SECOND });
  const three = { members: 3 };
  table([
    { name: "attached elsewhere, as the intent says", is: "detach eni-a" },
    { name: "on nothing", seen: at("nothing"), is: "attach eni-a i-m2:1" },
    { name: "on the target", seen: at("m2"), is: "done" },
    {
      name: "on the target, at whatever index",
      seen: at(attached("eni-a", "m2", { deviceIndex: 7 })),
      is: "done",
    },
    {
      name: "on the target by somebody else's hand",
      seen: at(attached("eni-a", "m2", { attachmentId: "attach-new" })),
      is: "done",
    },
    { name: "detaching", seen: at("detaching from m1"), is: "wait" },
    { name: "attaching to the target", seen: at("attaching to m2"), asked: attach(1), is: "wait" },
    { name: "detaching from the target", seen: at("detaching from m2"), is: "wait" },
    {
      name: "attached elsewhere by another hand",
      group: three,
      seen: at(foreign("attached")),
      is: "superseded",
    },
    { name: "attaching elsewhere by another hand", group: three, seen: at(foreign("attaching")), is: "wait" },
    { name: "detaching elsewhere by another hand", group: three, seen: at(foreign("detaching")), is: "wait" },
    {
      name: "back on the source by another hand",
      seen: at(attached("eni-a", "m1", { attachmentId: "attach-new" })),
      is: "superseded",
    },
    { name: "still attaching to the source", seen: at("attaching to m1"), is: "wait" },
    { name: "with a stranger", seen: at("stranger"), is: "stranger" },
    { name: "leaving a stranger", seen: at(attached("eni-a", "m9", { state: "detaching" })), is: "stranger" },
    {
      name: "with a stranger, by an AttachmentId that the intent names",
      seen: at("stranger"),
      intent: { sources: { "eni-a": attachmentOf("eni-a", "stranger") } },
      is: "stranger",
    },
    {
      name: "attached to no named instance",
      seen: at(attached("eni-a", "m1", { instance: undefined })),
      is: "stranger",
    },
    { name: "unread", seen: at("unread"), is: "wait" },
    { name: "missing: nothing has moved", seen: at("missing"), is: "superseded" },
    { name: "the target is not in the group any more", to: "m9", is: "target-lost" },
  ]);

  const backToSource = { to: "m1", intent: { tried: ["m2"] }, seen: at("m1") };
  table([
    { name: "back to the source, nothing was asked", ...backToSource, is: "done" },
    { name: "back to the source, just asked off it", ...backToSource, asked: detach(14_999), is: "wait" },
    {
      name: "back to the source, asked off it by a call that may have been taken",
      ...backToSource,
      asked: detach(1, { error: "no-answer", busyUntil: NOW }),
      is: "wait",
    },
    {
      name: "back to the source, asked off it in vain",
      ...backToSource,
      asked: detach(1, { error: "IncorrectState" }),
      is: "done",
    },
    { name: "back to the source, asked off it long ago", ...backToSource, asked: detach(15_000), is: "done" },
    {
      name: "back to the source by another hand, just asked off it before",
      ...backToSource,
      seen: at(attached("eni-a", "m1", { attachmentId: "attach-new" })),
      asked: detach(1),
      is: "done",
    },
    {
      name: "back to the source, coming off it",
      ...backToSource,
      seen: at("detaching from m1"),
      asked: detach(1),
      is: "wait",
    },
  ]);

  it("a move of what does not exist any more says so", () => {
    expect(nextSteps(sceneOf({ seen: at("missing") }))).toEqual({
      kind: "superseded",
      why: "no interface of the group exists any more",
    });
  });

  it("a detach names the attachment that was seen, an attach the instance and the index", () => {
    expect(nextSteps(sceneOf({}))).toEqual({
      kind: "go",
      steps: [{ do: "detach", eni: "eni-a", attachmentId: attachmentOf("eni-a", "m1"), force: false }],
      waiting: "",
      stuck: false,
    });
    expect(nextSteps(sceneOf({ seen: at("nothing") }))).toEqual({
      kind: "go",
      steps: [{ do: "attach", eni: "eni-a", instance: "i-m2", deviceIndex: 1 }],
      waiting: "",
      stuck: false,
    });
  });

  it.each([
    { name: "detaching", setting: { seen: at("detaching from m1") }, says: "eni-a is detaching from m1" },
    { name: "asked to detach", setting: { asked: detach(1) }, says: "eni-a is about to detach from m1" },
    {
      name: "attaching",
      setting: { seen: at("attaching to m2"), asked: attach(1) },
      says: "eni-a is attaching",
    },
    {
      name: "asked to attach",
      setting: { seen: at("nothing"), asked: attach(1) },
      says: "eni-a is about to attach",
    },
    { name: "unread", setting: { seen: at("unread") }, says: "eni-a could not be read" },
    {
      name: "attaching to the source",
      setting: { seen: at("attaching to m1") },
      says: "eni-a is still attaching to m1",
    },
    {
      name: "attached, by an answer",
      setting: { seen: at("nothing"), asked: attach(1, { attachmentId: "x" }) },
      says: "the attachment of eni-a is not visible yet",
    },
    {
      name: "detaching from the target",
      setting: { seen: at("detaching from m2") },
      says: "eni-a is detaching from the target",
    },
    {
      name: "attaching elsewhere",
      setting: { group: three, seen: at(foreign("attaching")) },
      says: "eni-a is attaching on m3",
    },
  ] satisfies { name: string; setting: Setting; says: string }[])(
    "says what it waits for: $name",
    ({ setting, says }) => {
      expect(nextSteps(sceneOf(setting))).toMatchObject({ kind: "go", steps: [], waiting: says });
    },
  );

  it.each([
    { setting: { to: "m9" }, says: "m9 is no longer a member" },
    { setting: { seen: at("stranger") }, says: "eni-a is attached to i-stranger" },
    {
      setting: { seen: at(attached("eni-a", "m1", { instance: undefined })) },
      says: "eni-a is attached to an unknown instance",
    },
    {
      setting: { group: three, seen: at(foreign("attached")) },
      says: "somebody attached eni-a to m3 meanwhile",
    },
    { setting: { seen: { members: { m2: "dead" } } }, says: "m2 is dead" },
    {
      setting: { seen: { members: { m2: "failing" } } },
      says: "m2 is failing and nothing has reached it yet",
    },
  ] satisfies { setting: Setting; says: string }[])("says why it ends: $says", ({ setting, says }) => {
    expect(nextSteps(sceneOf(setting))).toMatchObject({ why: says });
  });
});

describe("when a detach is forced", () => {
  interface ForceRow {
    readonly name: string;
    readonly m1: Health | InstanceSeen;
    readonly policy?: Partial<Policy>;
    readonly intent?: Partial<Intent>;
    readonly state?: Partial<State>;
    readonly alarm?: boolean;
    readonly is: "never" | "after-grace" | "at-once";
  }
  const endsIn = (ms: number) => ({ leaving: { m1: { why: "spot notice", at: NOW + ms + 30 * SECOND } } });
  const ebs = running({ checks: { ebs: impaired(2 * MINUTE) } });
  const rows: readonly ForceRow[] = [
    { name: "healthy", m1: "healthy", is: "never" },
    { name: "unknown", m1: "unknown", is: "never" },
    { name: "unread", m1: { read: "failed", error: "x" }, is: "never" },
    { name: "failing, and its guest does not answer", m1: "failing", is: "at-once" },
    { name: "failing, but its guest answers", m1: ebs, is: "after-grace" },
    { name: "failing by an alarm", m1: "healthy", alarm: true, is: "after-grace" },
    { name: "stopping", m1: running({ state: "stopping" }), is: "after-grace" },
    { name: "stopped", m1: "dead", is: "after-grace" },
    { name: "gone", m1: { read: "not-found" }, is: "never" },
    {
      name: "impaired for too short to be failing",
      m1: running({ checks: { system: impaired(MINUTE - 1) } }),
      is: "never",
    },
    { name: "healthy, and an operator said force", m1: "healthy", intent: { force: true }, is: "at-once" },
    { name: "healthy, and the group says force", m1: "healthy", policy: { detach: "force" }, is: "at-once" },
    {
      name: "failing, and the group says graceful",
      m1: "failing",
      policy: { detach: "graceful" },
      is: "never",
    },
    { name: "dead, and the group says graceful", m1: "dead", policy: { detach: "graceful" }, is: "never" },
    {
      name: "healthy, the group says graceful, and an operator force",
      m1: "healthy",
      policy: { detach: "graceful" },
      intent: { force: true },
      is: "at-once",
    },
    { name: "leaving, its end 30 s away", m1: "healthy", state: endsIn(30 * SECOND), is: "never" },
    {
      name: "leaving, its end less than 30 s away",
      m1: "healthy",
      state: endsIn(30 * SECOND - 1),
      is: "at-once",
    },
    { name: "leaving, its end past", m1: "healthy", state: endsIn(-SECOND), is: "at-once" },
    {
      name: "leaving, its end near, and the group says graceful",
      m1: "healthy",
      policy: { detach: "graceful" },
      state: endsIn(SECOND),
      is: "at-once",
    },
  ];
  it.each(rows)("$name: $is", (row) => {
    const scene = sceneOf({
      group: { policy: row.policy ?? {}, alarms: row.alarm === true ? ["no-traffic"] : [] },
      seen: { members: { m1: row.m1 }, ...(row.alarm === true ? failingBy("no-traffic") : {}) },
      intent: row.intent ?? {},
      state: row.state ?? {},
    });
    expect(mayForce(scene, scene.diagnosis.members[0])).toBe(row.is);
  });

  it("nobody who is not diagnosed is forced, unless an operator or the group says so", () => {
    expect(mayForce(sceneOf({}), undefined)).toBe("never");
    expect(mayForce(sceneOf({ intent: { force: true } }), undefined)).toBe("at-once");
  });
});

describe("a detach, in time", () => {
  const answers: Seen = { members: { m1: running({ checks: { ebs: impaired(2 * MINUTE) } }) } };
  const hung: Seen = { members: { m1: "failing" } };
  const going = { interfaces: { "eni-a": "detaching from m1" } } as const;
  const grace = 15 * SECOND;
  table([
    { name: "a hung guest is forced at once", seen: hung, is: "force eni-a" },
    {
      name: "a hung guest that is the target again is forced off what was coming off it",
      to: "m1",
      intent: { lastResort: true },
      seen: { ...hung, ...going },
      asked: detach(1),
      is: "force eni-a",
    },
    {
      name: "what comes off the target by another hand is waited for",
      to: "m2",
      seen: at("detaching from m2"),
      is: "wait",
    },
    {
      name: "a hung guest that was asked gracefully is forced now",
      seen: { ...hung, ...going },
      asked: detach(1),
      is: "force eni-a",
    },
    {
      name: "a forced detach is waited for",
      seen: { ...hung, ...going },
      asked: detach(MINUTE - 1, { force: true }),
      is: "wait",
    },
    {
      name: "a forced detach is asked again after a minute",
      seen: { ...hung, ...going },
      asked: detach(MINUTE, { force: true }),
      is: "force eni-a",
    },
    {
      name: "a forced detach that has not begun is asked again after 10 s",
      seen: hung,
      asked: detach(10 * SECOND, { force: true }),
      is: "force eni-a",
    },
    { name: "a guest that answers is asked first", seen: answers, is: "detach eni-a" },
    { name: "and waited for", seen: answers, asked: detach(10 * SECOND - 1), is: "wait" },
    { name: "and asked again after 10 s", seen: answers, asked: detach(10 * SECOND), is: "detach eni-a" },
    {
      name: "but not while it is seen detaching",
      seen: { ...answers, ...going },
      asked: detach(10 * SECOND),
      is: "wait",
    },
    {
      name: "a moment before the grace is over",
      seen: { ...answers, ...going },
      asked: detach(grace - 1),
      is: "wait",
    },
    {
      name: "when the grace is over",
      seen: { ...answers, ...going },
      asked: detach(grace),
      is: "force eni-a",
    },
    {
      name: "the grace counts from when it was first seen detaching, not from the last call",
      seen: { ...answers, ...going },
      asked: {
        "eni-a": { detach: { at: NOW - SECOND, force: false, count: 0 }, detachingSince: NOW - grace },
      },
      is: "force eni-a",
    },
    {
      name: "the grace counts from the call where nothing else is known",
      seen: { ...answers, ...going },
      asked: { "eni-a": { detach: { at: NOW - grace, force: false, count: 0 } } },
      is: "force eni-a",
    },
    { name: "taken up after a crash, the grace begins anew", seen: { ...answers, ...going }, is: "wait" },
    {
      name: "taken up after a crash, seen detaching for as long as the grace",
      seen: { ...answers, ...going },
      asked: { "eni-a": { detachingSince: NOW - grace } },
      is: "force eni-a",
    },
    {
      name: "an error is asked again after 2 s",
      seen: answers,
      asked: detach(2 * SECOND, { error: "IncorrectState" }),
      is: "detach eni-a",
    },
    {
      name: "and not before",
      seen: answers,
      asked: detach(2 * SECOND - 1, { error: "IncorrectState" }),
      is: "wait",
    },
    {
      name: "a healthy holder is waited for within the grace",
      seen: going,
      asked: detach(grace - 1),
      is: "wait",
    },
    {
      name: "a healthy holder past the grace is waited for as long as EC2's slowest detach takes",
      seen: going,
      asked: detach(MINUTE - 1),
      is: "wait",
    },
    { name: "and is stuck then", seen: going, asked: detach(MINUTE), is: "wait (stuck)" },
    {
      name: "an operator's force ends that",
      seen: going,
      intent: { force: true },
      asked: detach(grace),
      is: "force eni-a",
    },
    {
      name: "an active that recovered in the middle is not forced",
      seen: going,
      asked: detach(HOUR),
      is: "wait (stuck)",
    },
    {
      name: "EC2 is busy: not even force is asked before its time",
      seen: { ...hung, ...going },
      asked: detach(SECOND, { error: "RequestLimitExceeded", busyUntil: NOW + 1 }),
      is: "wait",
    },
    {
      name: "EC2 was busy: force is asked when its time has come",
      seen: { ...hung, ...going },
      asked: detach(SECOND, { error: "RequestLimitExceeded", busyUntil: NOW }),
      is: "force eni-a",
    },
    { name: "a stopped holder is asked first", seen: { members: { m1: "dead" } }, is: "detach eni-a" },
    {
      name: "a stopped holder is forced past the grace",
      seen: { members: { m1: "dead" } },
      asked: detach(grace),
      is: "force eni-a",
    },
  ]);

  it("a holder that may be forced is never stuck", () => {
    const scene = sceneOf({ seen: { ...hung, ...going }, asked: detach(HOUR - 1, { at: NOW, force: true }) });
    expect(nextSteps(scene)).toMatchObject({ steps: [], stuck: false });
  });
});

describe("what a forced detach burns", () => {
  const hung = (change: Seen = {}): Setting => ({ seen: { members: { m1: "failing" }, ...change } });
  const burnOf = (setting: Setting) => {
    const next = nextSteps(sceneOf(setting));
    const step = next.kind === "go" ? next.steps[0] : undefined;
    return step?.do === "detach" ? step.burn : "no detach";
  };

  it("the index of that launch", () => {
    expect(burnOf(hung())).toEqual({ member: "m1", deviceIndex: 1, eni: "eni-a", launchedAt: LAUNCHED });
  });

  it("the index that was seen", () => {
    const change = { interfaces: { "eni-a": attached("eni-a", "m1", { deviceIndex: 4 }) } };
    expect(burnOf(hung(change))).toMatchObject({ deviceIndex: 4 });
  });

  it("of any launch until now, where the launch time is not known", () => {
    expect(burnOf(hung({ details: { m1: undefined } }))).toMatchObject({ launchedAt: NOW });
  });

  it("nothing, if the instance does not run", () => {
    for (const state of ["stopping", "stopped", "shutting-down", "terminated"] as const)
      expect(
        burnOf({ seen: { members: { m1: running({ state }) } }, intent: { force: true } }),
      ).toBeUndefined();
  });

  it("something, if nobody knows whether it runs", () => {
    const unread: Seen = { members: { m1: { read: "failed", error: "x" } } };
    expect(burnOf({ seen: unread, intent: { force: true } })).toMatchObject({ member: "m1" });
  });

  it("nothing, if it was not forced", () => {
    expect(burnOf({})).toBeUndefined();
  });
});

describe("an attach, in time", () => {
  const nothing = at("nothing");
  const answered = { attachmentId: "attach-mine" };
  const mine = attached("eni-a", "m2", { attachmentId: "attach-mine" });
  table([
    { name: "asked a moment ago", seen: nothing, asked: attach(2 * SECOND - 1), is: "wait" },
    {
      name: "no answer, and still on nothing after 2 s",
      seen: nothing,
      asked: attach(2 * SECOND, { error: "no-answer" }),
      is: "attach eni-a i-m2:1",
    },
    {
      name: "EC2 was busy, and may not be asked yet",
      seen: nothing,
      asked: attach(9 * SECOND, { error: "RequestLimitExceeded", busyUntil: NOW + 1 }),
      is: "wait",
    },
    {
      name: "EC2 was busy a moment ago, and may be asked again",
      seen: nothing,
      asked: attach(SECOND, { error: "RequestLimitExceeded", busyUntil: NOW }),
      is: "attach eni-a i-m2:1",
    },
    {
      name: "answered, and a read without it is stale",
      seen: nothing,
      asked: attach(15 * SECOND - 1, answered),
      is: "wait",
    },
    {
      name: "answered, and not seen for 15 s",
      seen: nothing,
      asked: attach(15 * SECOND, answered),
      is: "attach eni-a i-m2:1",
    },
    { name: "answered, and the old attachment is still shown", asked: attach(SECOND, answered), is: "wait" },
    {
      name: "answered, and the old attachment is shown for 15 s",
      asked: attach(15 * SECOND, answered),
      is: "detach eni-a",
    },
    { name: "answered and seen", seen: at(mine), asked: attach(SECOND, answered), is: "done" },
    {
      name: "answered, a stranger's read is stale too",
      seen: at("stranger"),
      asked: attach(SECOND, answered),
      is: "wait",
    },
    {
      name: "attaching for a moment less than 60 s",
      seen: at("attaching to m2"),
      asked: attach(MINUTE - 1),
      is: "wait",
    },
    { name: "attaching for 60 s", seen: at("attaching to m2"), asked: attach(MINUTE), is: "target-lost" },
    {
      name: "attaching for 60 s by EC2's own time, taken up after a crash",
      seen: at(attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - MINUTE })),
      is: "target-lost",
    },
    {
      name: "attaching for less by EC2's own time, taken up after a crash",
      seen: at(attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - MINUTE + 1 })),
      is: "wait",
    },
    {
      name: "refused a moment ago",
      seen: nothing,
      asked: attach(2 * SECOND - 1, { error: "AttachmentLimitExceeded", count: 1 }),
      is: "wait",
    },
    {
      name: "refused, and on nothing after 2 s",
      seen: nothing,
      asked: attach(2 * SECOND, { error: "AttachmentLimitExceeded", count: 1 }),
      is: "target-lost",
    },
    {
      name: "refused, but another index is free now",
      seen: nothing,
      asked: attach(2 * SECOND, { error: "InvalidParameterValue", count: 6, deviceIndex: 5 }),
      is: "attach eni-a i-m2:1",
    },
    {
      name: "an unknown code is tried again",
      seen: nothing,
      asked: attach(2 * SECOND, { error: "Strange", count: 2 }),
      is: "attach eni-a i-m2:1",
    },
    {
      name: "an unknown code three times is a refusal",
      seen: nothing,
      asked: attach(2 * SECOND, { error: "Strange", count: 3 }),
      is: "target-lost",
    },
    {
      name: "the target has no index left",
      seen: { ...nothing, details: { m2: details({ attachments: [{ deviceIndex: 1, eni: "eni-other" }] }) } },
      is: "target-lost",
    },
    {
      name: "the only index is burned: a last resort takes it",
      seen: nothing,
      state: { burned: [{ member: "m2", deviceIndex: 1, eni: "eni-b", launchedAt: NOW }] },
      is: "attach eni-a i-m2:1",
    },
    {
      name: "what the target can take is not known",
      seen: { ...nothing, detailed: false },
      is: "attach eni-a i-m2:1",
    },
  ]);

  it.each([
    [
      "no device index free",
      { details: { m2: details({ attachments: [{ deviceIndex: 1, eni: "x" }] }) } },
      {},
    ],
    ["m2 refused eni-a (AttachmentLimitExceeded)", {}, attach(MINUTE, { error: "AttachmentLimitExceeded" })],
  ] as const)("a refusal is told: %s", (text, change, asked) => {
    expect(nextSteps(sceneOf({ seen: { ...nothing, ...change }, asked }))).toMatchObject({
      why: expect.stringContaining(text),
    });
  });

  it("attaching too long is told", () => {
    expect(nextSteps(sceneOf({ seen: at("attaching to m2"), asked: attach(MINUTE) }))).toMatchObject({
      why: "eni-a has been attaching for more than 60 s",
    });
  });
});

describe("the index that an interface takes on the target", () => {
  const burned = (change: object = {}) => ({
    member: "m2",
    deviceIndex: 2,
    eni: "eni-b",
    launchedAt: NOW,
    ...change,
  });
  const choice = (setting: Setting): string => {
    const scene = sceneOf({ ...setting, seen: { ...at("nothing"), ...setting.seen } });
    const interfaces = [{ eni: "eni-a", deviceIndexes: [2, 3] }];
    return inShort(nextSteps({ ...scene, group: { ...scene.group, interfaces } }));
  };
  it.each<{ name: string; setting: Setting; is: number }>([
    { name: "the first allowed", setting: {}, is: 2 },
    {
      name: "the next, if the first is taken",
      setting: { seen: { details: { m2: details({ attachments: [{ deviceIndex: 2, eni: "x" }] }) } } },
      is: 3,
    },
    { name: "the next, if the first is burned", setting: { state: { burned: [burned()] } }, is: 3 },
    {
      name: "the next, if this very intent burned the first",
      setting: { intent: { burns: [burned()] } },
      is: 3,
    },
    {
      name: "the first, if it was burned before the last launch",
      setting: { state: { burned: [burned({ launchedAt: LAUNCHED - 1 })] } },
      is: 2,
    },
    {
      name: "the next, if nothing is known of the launch",
      setting: { seen: { detailed: false }, state: { burned: [burned()] } },
      is: 3,
    },
  ])("$name", ({ setting, is }) => {
    expect(choice(setting)).toBe(`attach eni-a i-m2:${is}`);
  });
});

describe("two interfaces move side by side", () => {
  const two = { interfaces: 2 };
  const both = (
    a: NonNullable<Seen["interfaces"]>["eni-a"],
    b: NonNullable<Seen["interfaces"]>["eni-b"],
  ): Seen => ({
    interfaces: { ...(a === undefined ? {} : { "eni-a": a }), ...(b === undefined ? {} : { "eni-b": b }) },
  });
  table([
    { name: "both attached", group: two, is: "detach eni-a, detach eni-b" },
    {
      name: "both on nothing",
      group: two,
      seen: both("nothing", "nothing"),
      is: "attach eni-a i-m2:1, attach eni-b i-m2:2",
    },
    {
      name: "one on nothing, one attached",
      group: two,
      seen: both("nothing", "m1"),
      is: "attach eni-a i-m2:1, detach eni-b",
    },
    {
      name: "one there, one on its way",
      group: two,
      seen: both("m2", "attaching to m2"),
      asked: { "eni-b": { attach: { at: NOW, deviceIndex: 2, count: 0 } } },
      is: "wait",
    },
    { name: "both there", group: two, seen: both("m2", "m2"), is: "done" },
    { name: "one there, one missing", group: two, seen: both("m2", "missing"), is: "done" },
    { name: "one missing, one attached", group: two, seen: both("missing", "m1"), is: "detach eni-b" },
    {
      name: "one unread, one on nothing",
      group: two,
      seen: both("unread", "nothing"),
      is: "attach eni-b i-m2:2",
    },
    {
      name: "one with a stranger, one still attached",
      group: two,
      seen: both("stranger", "m1"),
      is: "stranger",
    },
    {
      name: "one moved by another hand, one on nothing",
      group: { members: 3, interfaces: 2 },
      seen: both("nothing", "m3"),
      is: "superseded",
    },
    {
      name: "one with a stranger, one moved by another hand",
      group: { members: 3, interfaces: 2 },
      seen: both("stranger", "m3"),
      is: "stranger",
    },
    {
      name: "one with a stranger, one on nothing: it is not left there",
      group: two,
      seen: both("stranger", "nothing"),
      is: "attach eni-b i-m2:2",
    },
    { name: "one with a stranger, one there", group: two, seen: both("m2", "stranger"), is: "stranger" },
    {
      name: "one with a stranger, one missing",
      group: two,
      seen: both("missing", "stranger"),
      is: "stranger",
    },
    {
      name: "both missing: nothing has moved",
      group: two,
      seen: both("missing", "missing"),
      is: "superseded",
    },
    {
      name: "one refused, one there: all go on together",
      group: two,
      seen: both("nothing", "m2"),
      asked: attach(2 * SECOND, { error: "AttachmentLimitExceeded" }),
      is: "target-lost",
    },
    {
      name: "the first took the other's index by another hand",
      group: two,
      seen: both(attached("eni-a", "m2", { deviceIndex: 2 }), "nothing"),
      is: "target-lost",
    },
  ]);

  it("what takes an index on the target is what is seen there now, not what the details said", () => {
    const was = details({ attachments: [{ deviceIndex: 2, eni: "eni-a" }] });
    const seenNow: Seen = {
      ...both(attached("eni-a", "m2", { deviceIndex: 1 }), "nothing"),
      details: { m2: was },
    };
    expect(inShort(nextSteps(sceneOf({ group: two, seen: seenNow })))).toBe("attach eni-b i-m2:2");
  });

  it("indexes seen on the target count even where its details could not be read", () => {
    const group = groupOf(two);
    const interfaces = [
      { eni: "eni-a", deviceIndexes: [1, 2] },
      { eni: "eni-b", deviceIndexes: [1, 2] },
    ];
    const scene = sceneOf({ group: two, seen: { ...both("m2", "nothing"), detailed: false } });
    expect(inShort(nextSteps({ ...scene, group: { ...group, interfaces } }))).toBe("attach eni-b i-m2:2");
  });

  it("an index that is held on another member is free on the target", () => {
    const scene = sceneOf({ group: two, seen: both("m1", "nothing") });
    expect(inShort(nextSteps(scene))).toBe("detach eni-a, attach eni-b i-m2:2");
  });

  it("one that is stuck makes the move stuck once the others have gone as far as they can", () => {
    const asked: Asked = { "eni-a": { detach: { at: NOW - MINUTE, force: false, count: 0 } } };
    const next = nextSteps(sceneOf({ group: two, seen: both("detaching from m1", "nothing"), asked }));
    expect(next).toMatchObject({ stuck: false, steps: [{ do: "attach", eni: "eni-b" }] });
    expect(next).toMatchObject({ waiting: "eni-a is detaching from m1" });
    const arrived = nextSteps(sceneOf({ group: two, seen: both("detaching from m1", "m2"), asked }));
    expect(arrived).toMatchObject({ stuck: true, steps: [] });
  });

  it("one that is stuck does not make the move stuck while another is only waited for", () => {
    const asked: Asked = { "eni-a": { detach: { at: NOW - MINUTE, force: false, count: 0 } } };
    const scene = sceneOf({ group: two, seen: both("detaching from m1", "unread"), asked });
    expect(nextSteps(scene)).toMatchObject({ kind: "go", steps: [], stuck: false });
  });

  it("one that may take either index leaves the other the only one that it may take", () => {
    const scene = sceneOf({ group: two, seen: both("nothing", "m1") });
    const interfaces = [
      { eni: "eni-a", deviceIndexes: [1, 2] },
      { eni: "eni-b", deviceIndexes: [1] },
    ];
    expect(inShort(nextSteps({ ...scene, group: { ...scene.group, interfaces } }))).toBe(
      "attach eni-a i-m2:2, detach eni-b",
    );
  });

  it("where one sits on another member is no reason to sit there on the target", () => {
    const scene = sceneOf({ group: two, seen: both("m1", "nothing") });
    const interfaces = [
      { eni: "eni-a", deviceIndexes: [2, 1] },
      { eni: "eni-b", deviceIndexes: [1, 2] },
    ];
    expect(inShort(nextSteps({ ...scene, group: { ...scene.group, interfaces } }))).toBe(
      "detach eni-a, attach eni-b i-m2:1",
    );
  });

  it("says everything it waits for", () => {
    expect(nextSteps(sceneOf({ group: two, seen: both("detaching from m1", "unread") }))).toMatchObject({
      waiting: "eni-a is detaching from m1; eni-b could not be read",
    });
  });
});

describe("a target that is lost", () => {
  const two = { interfaces: 2 };
  const there: Seen = { interfaces: { "eni-a": "m2", "eni-b": "nothing" } };
  table([
    { name: "dead before anything reached it", seen: { members: { m2: "dead" } }, is: "target-lost" },
    {
      name: "dead after something reached it",
      group: two,
      seen: { ...there, members: { m2: "dead" } },
      is: "target-lost",
    },
    {
      name: "dead after everything reached it: the move is done",
      seen: { ...at("m2"), members: { m2: "dead" } },
      is: "done",
    },
    { name: "failing before anything reached it", seen: { members: { m2: "failing" } }, is: "target-lost" },
    {
      name: "failing after something reached it",
      group: two,
      seen: { ...there, members: { m2: "failing" } },
      is: "attach eni-b i-m2:2",
    },
    {
      name: "failing, but it was a last resort",
      seen: { members: { m2: "failing" } },
      intent: { lastResort: true },
      is: "detach eni-a",
    },
    {
      name: "failing, but an operator forced it",
      seen: { ...at("nothing"), members: { m2: "failing" } },
      intent: { force: true },
      is: "attach eni-a i-m2:1",
    },
    {
      name: "dead, though it was a last resort",
      seen: { members: { m2: "dead" } },
      intent: { lastResort: true, force: true },
      is: "target-lost",
    },
    { name: "unknown never abandons", seen: { members: { m2: "unknown" } }, is: "detach eni-a" },
    {
      name: "unread never abandons",
      seen: { members: { m2: { read: "failed", error: "x" } } },
      is: "detach eni-a",
    },
    {
      name: "leaving never abandons",
      seen: { members: { m2: running({ scheduled: [{ code: "x", notBefore: NOW }] }) } },
      is: "detach eni-a",
    },
  ]);
});

describe("an interface that a passed-over target has attaching for ever", () => {
  const stuck = attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - MINUTE + 1 });
  const long = attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - MINUTE });
  const passed = { tried: ["m2"], sources: { "eni-a": attachmentOf("eni-a", "m2") } };
  const on = { group: { members: 3 }, to: "m3", seen: at(stuck) };
  table([
    { name: "is forced off it at once", ...on, intent: passed, is: "force eni-a" },
    {
      name: "is waited for on a member that was not tried",
      ...on,
      intent: { ...passed, tried: [] },
      is: "wait",
    },
    {
      name: "is forced off any member after 60 s, whoever asked for it",
      ...on,
      seen: at(long),
      intent: { ...passed, tried: [] },
      is: "force eni-a",
    },
    {
      name: "is decided on anew after 60 s, where the intent does not name it",
      ...on,
      seen: at(long),
      intent: { ...passed, tried: [], sources: {} },
      is: "superseded",
    },
    {
      name: "is asked for gracefully once it is attached there",
      ...on,
      seen: at("m2"),
      intent: passed,
      is: "detach eni-a",
    },
    {
      name: "is not touched if somebody else has it attaching there",
      ...on,
      intent: { ...passed, sources: {} },
      is: "wait",
    },
  ]);
});

describe("whether a failed attach is a refusal", () => {
  const tried = (error: string | undefined, count = 1, deviceIndex = 1) => ({
    at: NOW,
    deviceIndex,
    count,
    ...(error === undefined ? {} : { error }),
  });
  it.each([
    "AttachmentLimitExceeded",
    "InvalidParameterCombination",
    "OperationNotPermitted",
    "IncorrectState",
    "IncorrectInstanceState",
    "InvalidInstanceID.NotFound",
    "UnsupportedOperation",
  ])("%s is one at once", (code) => {
    expect(refused(tried(code), 1)).toBe(true);
    expect(refused(tried(code), 2)).toBe(false);
  });

  it("an interface in use says nothing about the target, however often", () => {
    expect(refused(tried("InvalidNetworkInterface.InUse", 99), 1)).toBe(false);
  });

  it("neither does EC2 when it is busy", () => {
    const busy = { ...tried("OperationNotPermitted", 99), busyUntil: NOW };
    expect(refused(busy, 1)).toBe(false);
  });

  it("any other code is one the third time", () => {
    expect(refused(tried("Surprise", 2), 1)).toBe(false);
    expect(refused(tried("Surprise", 3), 1)).toBe(true);
    expect(refused(tried("InvalidParameterValue", 5), 1)).toBe(false);
    expect(refused(tried("InvalidParameterValue", 6), 1)).toBe(true);
  });

  it("an attach that did not fail is none", () => {
    expect(refused(tried(undefined, 9), 1)).toBe(false);
  });
});

describe("whether a detach is hopeless", () => {
  it.each([
    { name: "never asked", detach: undefined, says: undefined },
    { name: "accepted", detach: { count: 0 }, says: undefined },
    { name: "refused twice", detach: { count: 2, error: "OperationNotPermitted" }, says: undefined },
    {
      name: "refused three times",
      detach: { count: 3, error: "OperationNotPermitted" },
      says: "OperationNotPermitted",
    },
    {
      name: "busy, however often",
      detach: { count: 9, error: "RequestLimitExceeded", busyUntil: NOW },
      says: undefined,
    },
  ])("$name: $says", ({ detach: one, says }) => {
    expect(detachHopeless(one === undefined ? {} : { detach: { at: NOW, force: false, ...one } })).toBe(says);
  });
});

it("the same scene twice gives the same steps, and changes nothing", () => {
  const scene = sceneOf({
    group: { interfaces: 2 },
    seen: { members: { m1: "failing" } },
    intent: { evidence: [fact("failing")] },
  });
  const before = structuredClone(scene);
  expect(nextSteps(scene)).toEqual(nextSteps(scene));
  expect(scene).toEqual(before);
});
