import { describe, expect, it } from "vitest";
import {
  arrival,
  decideAgain,
  isOff,
  isOld,
  isThere,
  keepDetails,
  leftHold,
  mutesAreKnown,
  sightNeeded,
  unwrittenBurns,
} from "../../shared/core/carrying.ts";
import type { AlarmSeen, Burn, Intent, State } from "../../shared/core/model.ts";
import type { Step } from "../../shared/core/steps.ts";
import {
  alarm,
  askedIntent,
  attached,
  details,
  groupOf,
  inShort,
  intentTo,
  LAUNCHED,
  NOW,
  type Place,
  SECOND,
  type Seen,
  seen,
  stateOf,
} from "./scene.ts";

const NONE = { kind: "none" } as const;

describe("what would be decided now, had the move not been claimed", () => {
  const group = groupOf({ members: 3 });
  const again = (intent: Intent, change: Seen = {}, state: Partial<State> = {}): string => {
    const claimed = stateOf({ ...state, intent, lease: { holder: "mine", until: NOW + SECOND } });
    return inShort(decideAgain(group, claimed, intent, seen(group, change), NOW));
  };

  it("the same, while nothing has changed", () => {
    expect(again(intentTo("m2"), { members: { m1: "failing" } })).toBe("active-failing m1 → m2");
  });
  it("nothing, when the active has recovered", () => {
    expect(again(intentTo("m2"))).toBe("hold healthy");
  });
  it("another target, when the first is not eligible any more", () => {
    expect(again(intentTo("m2"), { members: { m1: "failing", m2: "unknown" } })).toBe(
      "active-failing m1 → m3",
    );
  });
  it("what an operator asked, as it was asked", () => {
    expect(again(askedIntent("m3"))).toBe("operator m1 → m3");
    expect(again(askedIntent("m2"), { members: { m2: "unknown" } })).toBe("hold no-eligible-standby");
    expect(again(askedIntent("m2", { force: true }), { members: { m2: "unknown" } })).toBe(
      "operator m1 → m2",
    );
  });
  it("nothing, when it was paused meanwhile", () => {
    const pause = { by: "anna", since: NOW };
    expect(again(intentTo("m2"), { members: { m1: "dead" } }, { pause })).toBe("hold paused");
  });
});

describe("burns that are still to be written down", () => {
  const burn: Burn = { member: "m1", deviceIndex: 1, eni: "eni-a", launchedAt: LAUNCHED };
  const forced = (one?: Burn): Step => ({
    do: "detach",
    eni: "eni-a",
    attachmentId: "x",
    force: true,
    ...(one === undefined ? {} : { burn: one }),
  });
  const attach: Step = { do: "attach", eni: "eni-a", instance: "i-m2", deviceIndex: 1 };
  it.each<{ name: string; steps: Step[]; burns: Burn[]; is: Burn[] }>([
    { name: "a new one", steps: [forced(burn)], burns: [], is: [burn] },
    { name: "none that stands in the intent", steps: [forced(burn)], burns: [burn], is: [] },
    {
      name: "the same index of another member",
      steps: [forced(burn)],
      burns: [{ ...burn, member: "m2" }],
      is: [burn],
    },
    {
      name: "another index of the same member",
      steps: [forced(burn)],
      burns: [{ ...burn, deviceIndex: 2 }],
      is: [burn],
    },
    { name: "nothing for steps that burn nothing", steps: [forced(), attach], burns: [], is: [] },
  ])("$name", ({ steps, burns, is }) => {
    expect(unwrittenBurns(intentTo("m2", { burns }), steps)).toEqual(is);
  });
});

describe("a newer look", () => {
  const group = groupOf();
  const old = seen(group, { at: NOW - SECOND, details: { m2: undefined } });

  it("keeps what an older one knew in detail", () => {
    const fresh = seen(group, { detailed: false, members: { m1: "dead" } });
    const kept = keepDetails(old, fresh);
    expect(kept).toEqual({
      ...fresh,
      detailed: true,
      members: { m1: { instance: fresh.members.m1?.instance, details: details() }, m2: fresh.members.m2 },
    });
  });

  it("counts for what it knows itself", () => {
    const fresh = seen(group, { details: { m1: details({ launchedAt: NOW }) } });
    expect(keepDetails(old, fresh)).toEqual(fresh);
  });

  it.each([
    { name: "a mute that an older one read", before: true, now: undefined, is: true },
    { name: "that it has ended, where it read so", before: true, now: false, is: false },
    { name: "none that nobody read", before: undefined, now: undefined, is: undefined },
  ])("knows of an alarm: $name", ({ before, now, is }) => {
    const look = (muted: boolean | undefined) => {
      return seen(group, {
        alarms: [alarm("a", { state: "ALARM", ...(muted === undefined ? {} : { muted }) })],
      });
    };
    expect(keepDetails(look(before), look(now)).alarms.a?.muted).toBe(is);
  });

  const WORN = { "eni-x": ["sg-a"] };
  it.each([
    { name: "what it read itself", before: { "eni-x": ["sg-old"] }, now: WORN, is: WORN },
    { name: "what an older one read", before: WORN, now: undefined, is: WORN },
    { name: "none that nobody read", before: undefined, now: undefined, is: undefined },
  ])("knows the security groups: $name", ({ before, now, is }) => {
    const look = (worn: typeof WORN | undefined) => ({ ...old, ...(worn === undefined ? {} : { worn }) });
    const kept = keepDetails(look(before), look(now));
    expect(kept.worn).toEqual(is);
    expect("worn" in kept).toBe(is !== undefined);
  });

  it("knows nothing in detail when neither did", () => {
    const bare = seen(group, { detailed: false });
    expect(keepDetails(bare, bare)).toEqual(bare);
  });
});

describe("whether every interface has left its source", () => {
  const rows: readonly { a: Place; b: Place; off: boolean }[] = [
    { a: "m1", b: "m1", off: false },
    { a: "nothing", b: "m1", off: false },
    { a: "detaching from m1", b: "nothing", off: false },
    { a: "nothing", b: "nothing", off: true },
    { a: "m2", b: "nothing", off: true },
    { a: "missing", b: "nothing", off: true },
    { a: "nothing", b: "unread", off: false },
  ];
  const group = groupOf({ interfaces: 2 });
  it.each(rows)("$a and $b: $off", ({ a, b, off }) => {
    const { interfaces } = seen(group, { interfaces: { "eni-a": a, "eni-b": b } });
    expect(isOff(group, intentTo("m2"), interfaces)).toBe(off);
  });

  it("not one that the read does not mention", () => {
    expect(isOff(group, intentTo("m2"), {})).toBe(false);
  });

  it("one that is back on the source by another attachment has left it", () => {
    const back = attached("eni-a", "m1", { attachmentId: "attach-new" });
    expect(isOff(groupOf(), intentTo("m2"), { "eni-a": back })).toBe(true);
  });
});

describe("whether every interface is attached to the target", () => {
  const group = groupOf({ interfaces: 2 });
  it.each<{ a: Place; b: Place; there: boolean }>([
    { a: "m2", b: "m2", there: true },
    { a: "m2", b: "m1", there: false },
    { a: "m1", b: "m1", there: false },
    { a: "m2", b: "attaching to m2", there: false },
    { a: "m2", b: "nothing", there: false },
    { a: "m2", b: "missing", there: false },
  ])("$a and $b: $there", ({ a, b, there }) => {
    const { interfaces } = seen(group, { interfaces: { "eni-a": a, "eni-b": b } });
    expect(isThere(group, intentTo("m2"), interfaces)).toBe(there);
  });
});

it.each([
  [9_999, false],
  [10_000, true],
])("nothing rests on what was read %i ms ago: %s", (agoMs, old) => {
  expect(isOld({ at: NOW - agoMs }, NOW)).toBe(old);
});

describe("what the last look has to be for steps to rest on it", () => {
  const detach = { do: "detach", eni: "eni-a", attachmentId: "attach-a", force: false } as const;
  const force = { ...detach, force: true };
  const attach = { do: "attach", eni: "eni-a", instance: "i-m2", deviceIndex: 1 } as const;
  const stop = { do: "stop", instance: "i-m1", force: true } as const;
  it.each<{ name: string; steps: readonly Step[]; intent?: Partial<Intent>; is: string }>([
    { name: "anything, for nothing", steps: [], is: "any" },
    { name: "anything, for an attach", steps: [attach], is: "any" },
    { name: "fresh, for a detach", steps: [attach, detach], is: "fresh" },
    { name: "fresh, for a stop", steps: [stop], is: "fresh" },
    { name: "with mutes, for a detach by force", steps: [detach, force], is: "with-mutes" },
    {
      name: "fresh, for a detach that an operator forces",
      steps: [force],
      intent: { force: true },
      is: "fresh",
    },
  ])("$name", ({ steps, intent, is }) => {
    expect(sightNeeded(steps, intentTo("m2", intent))).toBe(is);
  });

  const ringing = {
    name: "a",
    state: "ALARM",
    transitionedAt: NOW,
    suppressed: false,
    onStatusChecks: false,
  } as const;
  it.each<{ name: string; alarm: AlarmSeen; known: boolean }>([
    { name: "nobody has asked", alarm: ringing, known: false },
    { name: "muted", alarm: { ...ringing, muted: true }, known: true },
    { name: "not muted", alarm: { ...ringing, muted: false }, known: true },
    { name: "suppressed", alarm: { ...ringing, suppressed: true }, known: true },
    { name: "OK", alarm: { ...ringing, state: "OK" }, known: true },
  ])("whether an alarm is muted is known: $name, $known", ({ alarm, known }) => {
    const quiet: AlarmSeen = { ...ringing, name: "b", state: "OK" };
    expect(mutesAreKnown({ alarms: { a: alarm, b: quiet } })).toBe(known);
  });
});

describe("how a move ends that has arrived", () => {
  const one = groupOf();
  const two = groupOf({ interfaces: 2 });
  it.each([
    {
      name: "moved",
      intent: intentTo("m2"),
      resumed: false,
      is: { outcome: "moved", because: "active-failing" },
    },
    {
      name: "moved by somebody who took it up",
      intent: intentTo("m2"),
      resumed: true,
      is: { outcome: "moved", because: "resume" },
    },
    {
      name: "moved to the second target",
      intent: intentTo("m3", { because: "target-lost" }),
      resumed: false,
      is: { outcome: "moved", because: "target-lost" },
    },
    {
      name: "moved to the second target by somebody who took it up",
      intent: intentTo("m3", { because: "target-lost" }),
      resumed: true,
      is: { outcome: "moved", because: "target-lost" },
    },
    {
      name: "put back where it came from",
      intent: intentTo("m1", { because: "target-lost" }),
      resumed: false,
      is: { outcome: "failed", because: "target-lost" },
    },
  ])("$name", ({ intent, resumed, is }) => {
    expect(arrival(one, intent, resumed, NONE)).toMatchObject(is);
  });

  it("says where the interfaces are, and how they came there", () => {
    expect(arrival(one, intentTo("m2"), false, NONE).message).toBe(
      "The interface is in use on m2, moved from m1: it fails.",
    );
    expect(arrival(two, intentTo("m2"), false, NONE).message).toMatch(
      /^The interfaces are in use on m2, moved from m1: /,
    );
    expect(arrival(one, intentTo("m1"), false, NONE).message).toBe("The interface is back on m1: it fails.");
    expect(arrival(two, intentTo("m1"), false, NONE).message).toMatch(/^The interfaces are back on m1: /);
  });
});

describe("a move that is left to the next sweep", () => {
  const intent = { ...intentTo("m2"), since: NOW };
  const left = (stuck: boolean, agoMs: number) =>
    leftHold(intent, "eni-a is detaching from m1", stuck, NOW + agoMs);

  it("takes long", () => {
    expect(left(false, 599_999)).toMatchObject({
      because: "in-progress",
      notify: false,
      message: expect.stringContaining("move to m2"),
    });
  });

  it("is stuck, which an operator may end", () => {
    expect(left(true, 60_000)).toMatchObject({
      because: "detach-stuck",
      notify: true,
      message: expect.stringContaining("eni-a is detaching from m1"),
      override: { force: true },
    });
  });

  it("is told to an operator once it is ten minutes old, with what it waits for", () => {
    expect(left(false, 600_000)).toMatchObject({
      because: "operator-needed",
      notify: true,
      message: expect.stringContaining("10 min ago and has not ended: eni-a is detaching from m1"),
    });
  });
});
