import { describe, expect, it } from "vitest";
import { diagnose } from "../../shared/core/diagnose.ts";
import { cooldownUntil } from "../../shared/core/limits.ts";
import type { Intent, State } from "../../shared/core/model.ts";
import { settle } from "../../shared/core/record.ts";
import { retarget } from "../../shared/core/retarget.ts";
import {
  attached,
  attachmentOf,
  groupOf,
  HOUR,
  intentTo,
  MINUTE,
  NOW,
  POLICY,
  running,
  type Seen,
  seen,
  stateOf,
} from "./scene.ts";

interface Setting {
  readonly members?: number;
  readonly interfaces?: number;
  readonly seen?: Seen;
  readonly intent?: Partial<Intent>;
  readonly state?: Partial<State>;
}

function next({ members, interfaces, seen: change, intent, state }: Setting): Intent | undefined {
  const group = groupOf({ members: members ?? 3, interfaces: interfaces ?? 1 });
  const record = stateOf(state);
  const observation = seen(group, { interfaces: { "eni-a": "nothing" }, ...change });
  const diagnosis = diagnose(group, observation, record);
  return retarget(group, record, intentTo("m2", intent), { observation, diagnosis }, "m2 is dead");
}

const leaving = running({ scheduled: [{ code: "instance-stop", notBefore: NOW + MINUTE }] });
const quarantined = (member: string): Partial<State> => ({
  quarantine: { [member]: { why: "operator", since: NOW - HOUR } },
});

describe("where a move goes whose target is lost", () => {
  it.each<{ name: string; setting: Setting; to: string | undefined }>([
    {
      name: "on to the next eligible member",
      setting: { seen: { members: { m1: "failing", m2: "dead" } } },
      to: "m3",
    },
    { name: "never to the target again, healthy as it may be", setting: {}, to: "m3" },
    {
      name: "on to the next rather than back, even to a healthy active",
      setting: { seen: { members: { m2: "dead" } } },
      to: "m3",
    },
    {
      name: "on to a leaving member rather than back",
      setting: { seen: { members: { m3: leaving } } },
      to: "m3",
    },
    {
      name: "back to the old active when nobody is eligible",
      setting: { seen: { members: { m3: "unknown" } } },
      to: "m1",
    },
    {
      name: "back to a failing one",
      setting: { seen: { members: { m1: "failing", m3: "unknown" } } },
      to: "m1",
    },
    {
      name: "back to an unknown one",
      setting: { seen: { members: { m1: "unknown", m3: "dead" } } },
      to: "m1",
    },
    { name: "back to a quarantined one", setting: { members: 2, state: quarantined("m1") }, to: "m1" },
    {
      name: "not back to a dead one: last resort",
      setting: { seen: { members: { m1: "dead", m3: "unknown" } } },
      to: "m3",
    },
    {
      name: "last resort: a failing one",
      setting: { seen: { members: { m1: "dead", m3: "failing" } } },
      to: "m3",
    },
    {
      name: "nowhere, when the old active is dead and nobody else is left",
      setting: { members: 2, seen: { members: { m1: "dead" } } },
      to: undefined,
    },
    {
      name: "nowhere, when all others are dead",
      setting: { seen: { members: { m1: "dead", m3: "dead" } } },
      to: undefined,
    },
    {
      name: "nowhere that was tried",
      setting: { intent: { tried: ["m3"] }, seen: { members: { m1: "dead" } } },
      to: undefined,
    },
    {
      name: "not back where it was put back and lost",
      setting: { intent: { to: "m1", tried: ["m2", "m3"] } },
      to: undefined,
    },
    {
      name: "a last resort is not one that was tried",
      setting: { intent: { tried: ["m3"] }, seen: { members: { m1: "dead", m3: "unknown" } } },
      to: undefined,
    },
  ])("$name", ({ setting, to }) => {
    expect(next(setting)?.to).toBe(to);
  });

  it.each<{ name: string; setting: Setting; to: string | undefined }>([
    { name: "to the first eligible", setting: {}, to: "m1" },
    { name: "to a last resort", setting: { members: 2, seen: { members: { m1: "failing" } } }, to: "m1" },
    { name: "nowhere", setting: { members: 2, seen: { members: { m1: "dead" } } }, to: undefined },
  ])("a repair, which came from nobody, goes on: $name", ({ setting, to }) => {
    const { from: _, ...repair } = intentTo("m2", { because: "repair" });
    const group = groupOf({ members: setting.members ?? 3 });
    const observation = seen(group, { interfaces: { "eni-a": "nothing" }, ...setting.seen });
    const diagnosis = diagnose(group, observation, stateOf());
    expect(retarget(group, stateOf(), repair, { observation, diagnosis }, "m2 is dead")?.to).toBe(to);
  });

  it("says so, and remembers who was tried", () => {
    expect(next({ intent: { tried: ["m9"] } })).toMatchObject({
      id: "intent-1",
      because: "target-lost",
      why: "it fails; then m2 is dead, so on to m3",
      from: "m1",
      tried: ["m9", "m2"],
      lastResort: false,
    });
  });

  it.each(["drill", "repair", "unite"] as const)(
    "a %s starts no cooldown, however often it goes on",
    (because) => {
      const once = next({ intent: { because } });
      const twice = next({ intent: once ?? {} });
      expect(twice).toMatchObject({ because: "target-lost", cause: because, tried: ["m2", "m3"], to: "m1" });
      const ending = { kind: "moved", because: "target-lost", message: "In use on m1.", phases: {} } as const;
      const state = settle(stateOf(), groupOf(), twice ?? intentTo("m1"), ending, NOW);
      expect(state.moves.at(-1)).toMatchObject({ because, to: "m1" });
      expect(cooldownUntil(state, POLICY, NOW)).toBeUndefined();
    },
  );

  it("says that it goes back, where it does", () => {
    expect(next({ seen: { members: { m3: "unknown" } } })?.why).toBe(
      "it fails; then m2 is dead, so back to m1",
    );
  });

  it("a target that is not well is a last resort", () => {
    expect(next({ seen: { members: { m1: "failing", m3: "unknown" } } })?.lastResort).toBe(true);
    expect(next({ intent: { lastResort: true } })?.lastResort).toBe(false);
  });
});

describe("what may be detached on the way to the next target", () => {
  const sources = (setting: Setting) => next({ interfaces: 2, ...setting })?.sources;
  const both = (
    a: NonNullable<Seen["interfaces"]>["eni-a"],
    b: NonNullable<Seen["interfaces"]>["eni-b"],
  ): Setting => ({
    seen: {
      interfaces: { ...(a === undefined ? {} : { "eni-a": a }), ...(b === undefined ? {} : { "eni-b": b }) },
    },
  });
  const named = { "eni-a": attachmentOf("eni-a", "m1"), "eni-b": attachmentOf("eni-b", "m1") };
  it.each<{ name: string; setting: Setting; is: Record<string, string> }>([
    { name: "what the intent named and is still there", setting: both("m1", "nothing"), is: named },
    {
      name: "what this intent put on the lost target",
      setting: both("m2", "attaching to m2"),
      is: { "eni-a": attachmentOf("eni-a", "m2"), "eni-b": attachmentOf("eni-b", "m2") },
    },
    {
      name: "not what somebody attached to the old active meanwhile",
      setting: both(attached("eni-a", "m1", { attachmentId: "new" }), "nothing"),
      is: named,
    },
    { name: "not what is on the next target already", setting: both("m3", "nothing"), is: named },
    {
      name: "what is coming off the old active, where it goes back there",
      setting: { members: 2, ...both("detaching from m1", "nothing") },
      is: named,
    },
    {
      name: "what was asked off the old active, where reads that are behind show it there still",
      setting: { members: 2, ...both("m1", "m1") },
      is: named,
    },
    { name: "not what is with a stranger", setting: both("stranger", "missing"), is: named },
    { name: "what could not be read", setting: both("unread", "unread"), is: named },
    {
      name: "no more than that",
      setting: { intent: { sources: {} }, ...both("m1", "m3") },
      is: {},
    },
  ])("$name", ({ setting, is }) => {
    expect(sources(setting)).toEqual(is);
  });

  it("what an earlier target of the same intent still has", () => {
    const group = groupOf({ members: 3 });
    const observation = seen(group, { interfaces: { "eni-a": "attaching to m2" }, members: { m3: "dead" } });
    const diagnosis = diagnose(group, observation, stateOf());
    const intent = intentTo("m3", { tried: ["m2"] });
    const onward = retarget(group, stateOf(), intent, { observation, diagnosis }, "m3 is dead");
    expect(onward).toMatchObject({ to: "m1", sources: { "eni-a": attachmentOf("eni-a", "m2") } });
  });
});
