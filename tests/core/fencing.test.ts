import { describe, expect, it } from "vitest";
import { arrival } from "../../shared/core/carrying.ts";
import { decide } from "../../shared/core/decide.ts";
import { diagnose } from "../../shared/core/diagnose.ts";
import { instanceToRead, withOldGroups } from "../../shared/core/fencing.ts";
import type { Fence, InstanceSeen, Intent, Move, MoveFence, Phases, State } from "../../shared/core/model.ts";
import type { Asked, Progress } from "../../shared/core/progress.ts";
import { intentOf, settle } from "../../shared/core/record.ts";
import { type Next, nextSteps, type Scene } from "../../shared/core/steps.ts";
import {
  attached,
  attachmentOf,
  groupOf,
  impaired,
  intentTo,
  MINUTE,
  moveOf,
  NOW,
  running,
  SECOND,
  type Seen,
  seen,
  situationOf,
  stateOf,
} from "./scene.ts";

const QUARANTINE = "sg-quarantine";
const ISOLATE: MoveFence = { kind: "isolate", securityGroup: QUARANTINE };
const STOP: MoveFence = { kind: "stop" };
const FIRST: MoveFence = { kind: "stop", first: true };
const WORN = { "eni-a": ["sg-a"], "eni-primary": ["sg-a", "sg-b"], "eni-other": ["sg-c"] };

interface Setting {
  readonly fence: MoveFence;
  readonly seen?: Seen;
  readonly interfaces?: number;
  readonly worn?: Scene["observation"]["worn"];
  readonly asked?: Asked;
  readonly from?: string;
  readonly to?: string;
  readonly since?: number;
  readonly phases?: Phases;
  readonly sources?: Intent["sources"];
}

const THERE: Seen = { interfaces: { "eni-a": "m2" } };

function sceneOf(setting: Setting): Scene {
  const group = groupOf({ interfaces: setting.interfaces ?? 1 });
  const { worn } = setting;
  const observation = { ...seen(group, setting.seen ?? THERE), ...(worn === undefined ? {} : { worn }) };
  const state = stateOf();
  const intent = intentTo(setting.to ?? "m2", {
    from: setting.from ?? "m1",
    fence: setting.fence,
    since: setting.since ?? NOW - 20 * SECOND,
    phases: setting.phases ?? {},
    ...(setting.sources === undefined ? {} : { sources: setting.sources }),
  });
  const diagnosis = diagnose(group, observation, state);
  return { group, state, intent, observation, diagnosis, asked: setting.asked ?? {}, now: NOW };
}

/** `isolate eni-primary`, `stop`, `force-stop`, `detach eni-a`, `wait`, or how it ends. */
function inShort(next: Next): string {
  if (next.kind === "done") return `done: ${next.fence.kind}`;
  if (next.kind !== "go") return next.kind;
  const steps = next.steps.map((step) => {
    if (step.do === "stop") return `${step.force ? "force-" : ""}stop ${step.instance}`;
    return `${step.do} ${step.eni}`;
  });
  return steps.join(", ") || "wait";
}

const ago = (milliseconds: number, change: Partial<NonNullable<Progress["fence"]>> = {}): Progress => ({
  fence: { at: NOW - milliseconds, first: NOW - milliseconds, force: false, count: 0, ...change },
});
const refused = (count: number, change: Partial<NonNullable<Progress["fence"]>> = {}): Progress =>
  ago(5 * SECOND, { error: "UnauthorizedOperation", count, ...change });
const m1 = (instance: InstanceSeen): Seen => ({ ...THERE, members: { m1: instance } });
const stopping = running({ state: "stopping", checks: {} });
const stopped = running({ state: "stopped", checks: {} });
const hung = running({ checks: { system: { status: "ok" }, instance: impaired(5 * MINUTE) } });

interface Row extends Setting {
  readonly name: string;
  readonly is: string;
}

const table = (rows: readonly Row[]) =>
  it.each(rows)("$name → $is", ({ is, ...setting }) => {
    expect(inShort(nextSteps(sceneOf(setting)))).toBe(is);
  });

describe("isolating the old active", () => {
  const BOTH = "isolate eni-primary, isolate eni-other";
  const quarantined = { ...WORN, "eni-primary": [QUARANTINE], "eni-other": [QUARANTINE] };
  table([
    { name: "before anything has arrived", fence: ISOLATE, worn: WORN, seen: {}, is: "detach eni-a" },
    { name: "what it bears has not been read", fence: ISOLATE, is: "wait" },
    { name: "all its other interfaces, the primary too", fence: ISOLATE, worn: WORN, is: BOTH },
    {
      name: "beside the move, once the first interface has arrived",
      fence: ISOLATE,
      worn: WORN,
      interfaces: 2,
      seen: { interfaces: { "eni-a": "m2", "eni-b": "nothing" } },
      is: `attach eni-b, ${BOTH}`,
    },
    {
      name: "one of them bears it already",
      fence: ISOLATE,
      worn: { ...WORN, "eni-other": [QUARANTINE] },
      is: "isolate eni-primary",
    },
    { name: "all bear it", fence: ISOLATE, worn: quarantined, is: "done: done" },
    {
      name: "one bears it beside others: that isolates nothing",
      fence: ISOLATE,
      worn: { ...quarantined, "eni-other": [QUARANTINE, "sg-c"] },
      is: "isolate eni-other",
    },
    {
      name: "EC2 has accepted it, whatever an old read shows",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": ago(SECOND), "eni-other": ago(SECOND) },
      is: "done: done",
    },
    {
      name: "never an interface that floats in another group",
      fence: { ...ISOLATE, except: ["eni-other"] },
      worn: WORN,
      is: "isolate eni-primary",
    },
    {
      name: "a member that is stopped needs it no more",
      fence: ISOLATE,
      worn: WORN,
      seen: m1(stopped),
      is: "done: done",
    },
    {
      name: "a member that is shutting down needs it no more",
      fence: ISOLATE,
      worn: WORN,
      seen: m1(running({ state: "shutting-down", checks: {} })),
      is: "done: done",
    },
    { name: "one that is stopping does", fence: ISOLATE, worn: WORN, seen: m1(stopping), is: BOTH },
    {
      name: "one that seems well again does: it failed",
      fence: ISOLATE,
      worn: WORN,
      seen: m1(running()),
      is: BOTH,
    },
    {
      name: "the move came back to it",
      fence: ISOLATE,
      worn: WORN,
      to: "m1",
      seen: { interfaces: { "eni-a": "m1" } },
      is: "done: none",
    },
    {
      name: "refused a moment ago",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": refused(1, { at: NOW - SECOND }), "eni-other": ago(SECOND) },
      is: "wait",
    },
    {
      name: "refused, and asked again two seconds later",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": refused(2, { at: NOW - 2 * SECOND }), "eni-other": ago(SECOND) },
      is: "isolate eni-primary",
    },
    {
      name: "refused three times: the move settles",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": refused(3), "eni-other": ago(SECOND) },
      is: "done: given-up",
    },
    {
      name: "EC2 is busy: not before it may be asked again",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": refused(9, { busyUntil: NOW + SECOND }), "eni-other": ago(SECOND) },
      is: "wait",
    },
    {
      name: "EC2 has been busy for a minute: the move settles",
      fence: ISOLATE,
      worn: WORN,
      asked: {
        "eni-primary": refused(9, { first: NOW - MINUTE, busyUntil: NOW - SECOND }),
        "eni-other": ago(SECOND),
      },
      is: "done: given-up",
    },
    {
      name: "one is refused for good, the other is not left out",
      fence: ISOLATE,
      worn: WORN,
      asked: { "eni-primary": refused(3) },
      is: "isolate eni-other",
    },
    {
      name: "what it bears can't be read for a minute: the move settles",
      fence: ISOLATE,
      asked: { "i-m1": refused(3, { first: NOW - MINUTE, busyUntil: NOW }) },
      is: "done: given-up",
    },
  ]);
});

describe("stopping the old active after the move", () => {
  table([
    { name: "before anything has arrived", fence: STOP, seen: {}, is: "detach eni-a" },
    { name: "it answers: it is asked", fence: STOP, is: "stop i-m1" },
    { name: "it does not answer: it is not asked", fence: STOP, seen: m1(hung), is: "force-stop i-m1" },
    { name: "it is stopped", fence: STOP, seen: m1(stopped), is: "done: done" },
    { name: "it is gone", fence: STOP, seen: m1({ read: "not-found" }), is: "done: done" },
    {
      name: "its state can't be read",
      fence: STOP,
      seen: m1({ read: "failed", error: "x" }),
      is: "stop i-m1",
    },
    {
      name: "it is shutting down: nothing to stop",
      fence: STOP,
      seen: m1(running({ state: "shutting-down" })),
      is: "done: done",
    },
    {
      name: "asked, within the grace",
      fence: STOP,
      seen: m1(stopping),
      asked: { "i-m1": ago(14 * SECOND) },
      is: "wait",
    },
    {
      name: "asked, the grace is over",
      fence: STOP,
      seen: m1(stopping),
      asked: { "i-m1": ago(15 * SECOND) },
      is: "force-stop i-m1",
    },
    {
      name: "after a crash nobody knows since when: asked anew",
      fence: STOP,
      seen: m1(stopping),
      is: "stop i-m1",
    },
    {
      name: "asked by force: EC2 does what it can",
      fence: STOP,
      seen: m1(stopping),
      asked: { "i-m1": ago(SECOND, { force: true }) },
      is: "done: done",
    },
    {
      name: "whom the group left, whoever that is",
      fence: STOP,
      from: "m2",
      to: "m1",
      seen: { interfaces: { "eni-a": "m1" } },
      is: "stop i-m2",
    },
    {
      name: "refused a moment ago, and hung by now: not asked again at once",
      fence: STOP,
      seen: m1(hung),
      asked: { "i-m1": refused(1, { at: NOW - SECOND }) },
      is: "wait",
    },
    {
      name: "asked by force and refused: by force again",
      fence: STOP,
      asked: { "i-m1": refused(1, { force: true }) },
      is: "force-stop i-m1",
    },
    {
      name: "accepted, and still running after less than ten seconds",
      fence: STOP,
      asked: { "i-m1": ago(10 * SECOND - 1) },
      is: "wait",
    },
    {
      name: "accepted, and still running after ten seconds",
      fence: STOP,
      asked: { "i-m1": ago(10 * SECOND) },
      is: "stop i-m1",
    },
    {
      name: "refused three times: the move settles",
      fence: STOP,
      asked: { "i-m1": refused(3) },
      is: "done: given-up",
    },
  ]);
});

describe("stopping the old active first", () => {
  const early = (instance: InstanceSeen, rest: Partial<Setting> = {}): Setting => ({
    fence: FIRST,
    seen: { members: { m1: instance } },
    ...rest,
  });
  table([
    { name: "it answers", ...early(running()), is: "stop i-m1" },
    { name: "it does not answer", ...early(hung), is: "force-stop i-m1" },
    { name: "it is stopping", ...early(stopping, { asked: { "i-m1": ago(SECOND) } }), is: "wait" },
    {
      name: "the forced stop is on its way: not yet",
      ...early(stopping, { asked: { "i-m1": ago(SECOND, { force: true }) } }),
      is: "wait",
    },
    { name: "it is shutting down: not yet", ...early(running({ state: "shutting-down" })), is: "wait" },
    { name: "it is seen stopped", ...early(stopped), is: "detach eni-a" },
    { name: "it is terminated", ...early(running({ state: "terminated", checks: {} })), is: "detach eni-a" },
    {
      name: "not within a minute",
      ...early(stopping, { since: NOW - MINUTE, asked: { "i-m1": ago(50 * SECOND, { force: true }) } }),
      is: "fence-unconfirmed",
    },
    {
      name: "refused three times",
      ...early(running(), { asked: { "i-m1": refused(3) } }),
      is: "fence-unconfirmed",
    },
    {
      name: "its interface is on nothing, and not because of this move: not yet",
      fence: FIRST,
      seen: { interfaces: { "eni-a": "nothing" } },
      is: "stop i-m1",
    },
    {
      name: "the move has begun: it is carried on, and the stop asked beside it once something has arrived",
      fence: FIRST,
      seen: { interfaces: { "eni-a": "nothing" } },
      phases: { detachAsked: NOW - SECOND },
      is: "attach eni-a",
    },
    {
      name: "what it named has come to the target, and who asked for that did not live to write it down: carried on",
      fence: FIRST,
      interfaces: 2,
      seen: { interfaces: { "eni-a": "m2", "eni-b": "nothing" } },
      since: NOW - MINUTE,
      is: "attach eni-b, stop i-m1",
    },
    {
      name: "what it did not name was on the target before: that is no beginning",
      fence: FIRST,
      interfaces: 2,
      sources: { "eni-a": attachmentOf("eni-a", "m1") },
      seen: { interfaces: { "eni-b": "m2" } },
      is: "stop i-m1",
    },
    {
      name: "what it named is on the target as it was when it was named: nor is that",
      fence: FIRST,
      interfaces: 2,
      sources: { "eni-a": attachmentOf("eni-a", "m1"), "eni-b": attachmentOf("eni-b", "m2") },
      seen: { interfaces: { "eni-b": "m2" } },
      is: "stop i-m1",
    },
    {
      name: "what it named is about to come back to where it was, by somebody else: nor is that",
      fence: FIRST,
      interfaces: 2,
      seen: {
        interfaces: {
          "eni-b": attached("eni-b", "m1", { state: "attaching", attachmentId: "again", attachedAt: NOW }),
        },
      },
      is: "stop i-m1",
    },
    {
      name: "an interface could not be read, and may be on the target: nobody says that nothing was detached",
      ...early(stopping, { since: NOW - MINUTE, asked: { "i-m1": ago(50 * SECOND, { force: true }) } }),
      seen: { interfaces: { "eni-a": "unread" }, members: { m1: stopping } },
      is: "wait",
    },
  ]);
});

describe("what is said of it", () => {
  const told = (setting: Setting) => {
    const next = nextSteps(sceneOf(setting));
    if (next.kind === "done") {
      return next.fence.kind === "done"
        ? next.fence.told
        : next.fence.kind === "given-up" && `given up: ${next.fence.why}`;
    }
    return next.kind === "go" ? `${next.stuck ? "stuck" : "waiting"}: ${next.waiting}` : next.kind;
  };
  const isolate = (rest: Partial<Setting>): Setting => ({ fence: ISOLATE, worn: WORN, ...rest });
  const worn = { "eni-primary": [QUARANTINE], "eni-other": [QUARANTINE] };
  const both = { "eni-primary": refused(3), "eni-other": refused(3) };
  it.each<{ name: string; setting: Setting; is: string }>([
    {
      name: "isolated",
      setting: isolate({ worn }),
      is: 'm1 is isolated: eni-primary, eni-other in sg-quarantine; "release" gives the old security groups back.',
    },
    {
      name: "nothing to isolate",
      setting: isolate({ worn: { "eni-a": ["sg-a"] } }),
      is: "m1 has no other interface to isolate.",
    },
    { name: "being isolated", setting: isolate({}), is: "waiting: m1 is being isolated" },
    { name: "not running", setting: isolate({ seen: m1(stopped) }), is: "m1 is not running." },
    {
      name: "not read yet",
      setting: { fence: ISOLATE },
      is: "waiting: the other interfaces of m1 could not be read",
    },
    {
      name: "never read",
      setting: { fence: ISOLATE, asked: { "i-m1": refused(3) } },
      is: "given up: the other interfaces of m1 could not be read (UnauthorizedOperation)",
    },
    {
      name: "refused for all",
      setting: isolate({ asked: both }),
      is: "given up: eni-primary, eni-other could not get sg-quarantine (UnauthorizedOperation, UnauthorizedOperation)",
    },
    { name: "being stopped", setting: { fence: STOP }, is: "waiting: m1 is being stopped" },
    { name: "stopped", setting: { fence: STOP, seen: m1(stopped) }, is: "m1 is stopped." },
    {
      name: "shutting down",
      setting: { fence: STOP, seen: m1(running({ state: "shutting-down" })) },
      is: "m1 is shutting down.",
    },
    {
      name: "being stopped by force",
      setting: { fence: STOP, asked: { "i-m1": ago(SECOND, { force: true }) } },
      is: "m1 is being stopped by force.",
    },
    {
      name: "not to be stopped",
      setting: { fence: STOP, asked: { "i-m1": refused(3) } },
      is: "given up: m1 could not be stopped (UnauthorizedOperation)",
    },
    {
      name: "to be stopped first",
      setting: { fence: FIRST, seen: {} },
      is: "waiting: m1 is being stopped",
    },
    {
      name: "to be stopped first, while nobody can say that nothing was detached",
      setting: { fence: FIRST, seen: { interfaces: { "eni-a": "unread" } } },
      is: "waiting: eni-a could not be read",
    },
    {
      name: "shutting down, to be stopped first",
      setting: { fence: FIRST, seen: { members: { m1: running({ state: "shutting-down" }) } } },
      is: "waiting: m1 is shutting down",
    },
  ])("$name: $is", ({ setting, is }) => {
    expect(told(setting)).toBe(is);
  });

  it("that it was not seen stopped in time", () => {
    const late = { fence: FIRST, seen: { members: { m1: stopping } }, since: NOW - MINUTE };
    expect(nextSteps(sceneOf(late))).toEqual({
      kind: "fence-unconfirmed",
      why: "m1 has not been seen stopped within 60 s",
    });
  });
});

describe("which moves fence", () => {
  const fenced = (fence: Fence, fenceFirst: boolean, change: Partial<Move>): MoveFence | undefined => {
    const group = groupOf({ policy: { fence, fenceFirst } });
    return intentOf(moveOf(change), group, seen(group), "id", NOW).fence;
  };
  const isolate: Fence = { kind: "isolate", securityGroup: QUARANTINE };

  it("a failover off a failing active", () => {
    expect(fenced(isolate, false, {})).toEqual(isolate);
    expect(fenced({ kind: "stop" }, false, {})).toEqual({ kind: "stop" });
    expect(fenced({ kind: "stop" }, true, {})).toEqual({ kind: "stop", first: true });
    expect(fenced({ kind: "none" }, false, {})).toBeUndefined();
  });
  it("isolation has nothing to confirm first", () => {
    expect(fenced(isolate, true, {})).toEqual(isolate);
  });
  it("not what leaves nobody", () => {
    const { from: _, ...move } = moveOf({ because: "last-resort" });
    const group = groupOf({ policy: { fence: { kind: "stop" }, fenceFirst: true } });
    expect(intentOf(move, group, seen(group), "id", NOW).fence).toBeUndefined();
  });
  it.each(["active-leaving", "operator", "drill", "failback", "repair", "unite"] as const)(
    "not %s",
    (because) => {
      expect(fenced(isolate, false, { because })).toBeUndefined();
      expect(fenced({ kind: "stop" }, true, { because })).toBeUndefined();
    },
  );
  it.each(["active-dead", "last-resort"] as const)(
    "%s only where the stop must be confirmed first",
    (because) => {
      expect(fenced(isolate, false, { because })).toBeUndefined();
      expect(fenced({ kind: "stop" }, false, { because })).toBeUndefined();
      expect(fenced({ kind: "stop" }, true, { because })).toEqual({ kind: "stop", first: true });
    },
  );
});

describe("what is read and written down for it", () => {
  it("the interfaces of the old active, once, and only when the first has arrived", () => {
    const { group, intent, observation } = sceneOf({ fence: ISOLATE });
    expect(instanceToRead(group, intent, observation)).toBe("i-m1");
    expect(instanceToRead(group, intent, { ...observation, worn: {} })).toBeUndefined();
    expect(instanceToRead(group, intent, seen(group))).toBeUndefined();
    expect(instanceToRead(group, { ...intent, to: "m1" }, seen(group))).toBeUndefined();
    const two = sceneOf({ fence: ISOLATE, interfaces: 2 });
    expect(instanceToRead(two.group, two.intent, two.observation)).toBe("i-m1");
    expect(instanceToRead(group, { ...intent, fence: STOP }, observation)).toBeUndefined();
  });

  it("the old security groups, once: a repeated step does not write down its own", () => {
    const next = nextSteps(sceneOf({ fence: ISOLATE, worn: WORN }));
    const steps = next.kind === "go" ? next.steps : [];
    const written = withOldGroups({}, steps);
    expect(written).toEqual({ m1: { "eni-primary": ["sg-a", "sg-b"], "eni-other": ["sg-c"] } });
    const again = steps.map((step) => ({ ...step, groups: ["sg-x"] }));
    expect(withOldGroups(written, again)).toBe(written);
  });
});

describe("how fencing is told", () => {
  const group = groupOf();
  const intent = intentTo("m2", { fence: ISOLATE });

  it("in the move's own sentence", () => {
    const told = "m1 is isolated.";
    expect(arrival(group, intent, false, { kind: "done", told })).toEqual({
      outcome: "moved",
      because: "active-failing",
      message: `The interface is in use on m2, moved from m1: it fails. ${told}`,
    });
  });

  it("as an entry of its own where it failed: the move settles, an operator is needed", () => {
    const ended = arrival(group, intent, false, { kind: "given-up", why: "eni-x (UnauthorizedOperation)" });
    const unfenced = "m1 is not fenced: eni-x (UnauthorizedOperation). Fence it by hand.";
    expect(ended).toEqual({
      outcome: "moved",
      because: "active-failing",
      message: `The interface is in use on m2, moved from m1: it fails. ${unfenced}`,
      unfenced,
    });
    const { outcome, ...ending } = ended;
    const state = stateOf({ epoch: 3, intent, lease: { holder: "h", until: NOW } });
    const after = settle(state, group, intent, { ...ending, kind: outcome, phases: {} }, NOW);
    expect(Object.values(after.outbox).map(({ kind, because }) => `${kind} ${because}`)).toEqual([
      "refusal operator-needed",
      "move active-failing",
    ]);
    expect(Object.keys(after.outbox).map((key) => key.split("#")[1])).toEqual(["e3.3", "e3.1"]);
    expect(after.told).toEqual({ because: "operator-needed", since: NOW, notifiedAt: NOW });
  });
});

describe("while a stop that has to come first is not confirmed", () => {
  const policy = { fence: { kind: "stop" }, fenceFirst: true } as const;
  const told: State["told"] = { because: "fence-unconfirmed", since: NOW - MINUTE };
  const decided = (instance: InstanceSeen, state: Partial<State>, fenceFirst = true) =>
    decide(situationOf(groupOf({ policy: { ...policy, fenceFirst } }), { members: { m1: instance } }, state));

  it("nothing is claimed anew: it is on its way down, and the operator knows", () => {
    expect(decided(stopping, { told })).toEqual({
      kind: "hold",
      because: "fence-unconfirmed",
      message:
        "m1 is on its way down and has not been seen stopped: nothing has been detached. The move begins as soon as the stop is seen.",
      notify: true,
      override: { to: "m2" },
    });
    expect(decided(running({ state: "shutting-down", checks: {} }), { told })).toMatchObject({
      because: "fence-unconfirmed",
    });
  });
  it("the move begins as soon as the stop is seen", () => {
    expect(decided(stopped, { told })).toMatchObject({ kind: "move", because: "active-dead" });
  });
  it("a stop that never came about is asked for again", () => {
    expect(decided(hung, { told })).toMatchObject({ kind: "move", because: "active-failing" });
  });
  it("a group that does not stop first does not wait", () => {
    expect(decided(stopping, { told }, false)).toMatchObject({ kind: "move", because: "active-dead" });
    expect(decided(stopping, {})).toMatchObject({ kind: "move", because: "active-dead" });
  });
});

describe("an isolated member", () => {
  const state = { isolated: { m2: { "eni-x": ["sg-a"] } } };
  const failing: Seen = { members: { m1: "failing" } };

  it("is not chosen, not even as the last resort", () => {
    expect(decide(situationOf(groupOf(), failing, state))).toMatchObject({ because: "no-eligible-standby" });
    const dead = situationOf(groupOf(), { members: { m1: "dead" } }, state);
    expect(dead.diagnosis.members[1]?.reasons).toEqual(["isolated"]);
    expect(decide(dead)).toMatchObject({
      because: "no-eligible-standby",
      override: { to: "m2", force: true },
    });
  });
  it("is not in the way of another", () => {
    expect(decide(situationOf(groupOf({ members: 3 }), failing, state))).toMatchObject({ to: "m3" });
  });
});
