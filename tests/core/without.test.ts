import { describe, expect, it } from "vitest";
import type { InstanceSeen, Intent, RecordCopy, Request, State } from "../../shared/core/model.ts";
import { emptyState } from "../../shared/core/record.ts";
import type { Step } from "../../shared/core/steps.ts";
import { decideWithout, knownState, permitted } from "../../shared/core/without.ts";
import {
  attached,
  attachmentOf,
  groupOf,
  inShort,
  intentTo,
  MINUTE,
  NOW,
  running,
  SECOND,
  type Seen,
  seen,
  situationOf,
  stateOf,
} from "./scene.ts";

const LASTS = 5 * MINUTE;
const ENDED: InstanceSeen = running({ state: "terminated", checks: {} });
const STOPPED: InstanceSeen = running({ state: "stopped", checks: {} });
const STOPPING: InstanceSeen = running({ state: "stopping", checks: {} });
const copyOf = (agoMs: number, change: Partial<State> = {}): RecordCopy => ({
  at: NOW - agoMs,
  state: stateOf(change),
});
const FRESH = copyOf(MINUTE);
const ON_NOTHING: Seen = { interfaces: { "eni-a": "nothing" } };

describe("what is known of the record", () => {
  const claimed = { epoch: 7, lease: { holder: "other", until: NOW + SECOND }, intent: intentTo("m2") };
  it("is the copy for five minutes, without the claim in it", () => {
    const { lease: _, intent: __, ...rest } = stateOf(claimed);
    expect(knownState({ copy: copyOf(LASTS - 1, claimed), now: NOW })).toEqual(rest);
  });
  it("is nothing after that, or without a copy", () => {
    expect(knownState({ copy: copyOf(LASTS, claimed), now: NOW })).toEqual(emptyState());
    expect(knownState({ copy: undefined, now: NOW })).toEqual(emptyState());
  });
});

describe("without the table", () => {
  interface Row {
    readonly name: string;
    readonly group?: Parameters<typeof groupOf>[0];
    readonly seen: Seen;
    readonly copy?: RecordCopy;
    readonly request?: Request;
    readonly is: string;
  }
  it.each<Row>([
    { name: "an active that has ended is left", seen: { members: { m1: ENDED } }, is: "active-dead m1 → m2" },
    {
      name: "an active that stopped may be started again",
      seen: { members: { m1: STOPPED } },
      is: "m1 may serve still, or again",
    },
    {
      name: "an active that stopped is left, by a fresh copy",
      seen: { members: { m1: STOPPED } },
      copy: FRESH,
      is: "active-dead m1 → m2",
    },
    {
      name: "an active that stopped is not, by an old copy",
      seen: { members: { m1: STOPPED } },
      copy: copyOf(LASTS),
      is: "m1 may serve still, or again",
    },
    {
      name: "an active that stops serves still",
      seen: { members: { m1: STOPPING } },
      copy: FRESH,
      is: "m1 may serve still, or again",
    },
    {
      name: "an active that fails serves still",
      seen: { members: { m1: "failing" } },
      copy: FRESH,
      is: "m1 may serve still, or again",
    },
    {
      name: "nobody is a last resort",
      seen: { members: { m1: ENDED, m2: "unknown" } },
      copy: FRESH,
      is: "m2 is not eligible",
    },
    {
      name: "a hold is one, in its words",
      seen: {},
      copy: FRESH,
      is: "m1 is active and healthy.",
    },
    {
      name: "the copy says that the group is paused",
      seen: { members: { m1: ENDED } },
      copy: copyOf(MINUTE, { pause: { by: "anna", since: NOW - MINUTE } }),
      is: "Paused by anna until resumed.",
    },
    {
      name: "the copy shows somebody at work",
      seen: { members: { m1: ENDED } },
      copy: copyOf(MINUTE, { lease: { holder: "other", until: NOW + SECOND } }),
      is: "Another invocation is at work on this group; its lease runs 1 s more. Ask status in a moment.",
    },
    {
      name: "the lease in the copy has run out, and its intent is nobody's",
      seen: { members: { m1: ENDED } },
      copy: copyOf(MINUTE, { lease: { holder: "other", until: NOW }, intent: intentTo("m2") }),
      is: "active-dead m1 → m2",
    },
    {
      name: "one that lives and holds nothing is not in doubt",
      group: { members: 3 },
      seen: { members: { m1: ENDED } },
      is: "active-dead m1 → m2",
    },
    {
      name: "an interface is on nothing, and nobody knows why",
      seen: ON_NOTHING,
      is: "nobody can say why an interface is attached to nothing",
    },
    {
      name: "an interface is on nothing, and the copy is fresh",
      seen: ON_NOTHING,
      copy: FRESH,
      is: "repair → m1",
    },
    {
      name: "an interface is on nothing, and a member has ended",
      seen: { ...ON_NOTHING, members: { m1: ENDED } },
      is: "repair → m2",
    },
    {
      name: "one of two is on nothing, the other on who has ended",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-b": "nothing" }, members: { m1: ENDED } },
      is: "repair m1 → m2",
    },
    {
      name: "apart on two that live",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-b": "m2" } },
      copy: FRESH,
      is: "m2 may serve still, or again",
    },
    {
      name: "apart on one that lives and one that has ended: what the target holds it keeps",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-b": "m2" }, members: { m1: ENDED } },
      is: "unite m1 → m2",
    },
    {
      name: "an operator asks for a living active to be left",
      seen: {},
      copy: FRESH,
      request: { by: "anna", force: true, to: "m2" },
      is: "m1 may serve still, or again",
    },
  ])("$name → $is", ({ group: change, seen: seenNow, copy, request, is }) => {
    const group = groupOf(change);
    const decision = decideWithout({ group, observation: seen(group, seenNow), copy, request, now: NOW });
    expect(typeof decision === "string" ? decision : inShort(decision)).toBe(is);
  });
});

describe("steps that nobody can write down", () => {
  const detach = (attachmentId: string): Step => ({ do: "detach", eni: "eni-a", attachmentId, force: false });
  const OURS = detach(attachmentOf("eni-a", "m1"));
  const ATTACH: Step = { do: "attach", eni: "eni-a", instance: "i-m2", deviceIndex: 1 };
  const STOP: Step = { do: "stop", instance: "i-m1", force: false };
  interface Row {
    readonly name: string;
    readonly step: Step;
    readonly written?: Intent | undefined;
    readonly alone?: boolean;
    readonly seen?: Seen;
    readonly may: boolean;
  }
  it.each<Row>([
    { name: "an attach", step: ATTACH, may: true },
    {
      name: "an attach, alone, of an intent that was never written",
      step: ATTACH,
      alone: true,
      written: undefined,
      may: true,
    },
    { name: "a stop", step: STOP, may: false },
    { name: "a detach that stands in the intent", step: OURS, may: true },
    { name: "a detach of another attachment", step: detach("attach-new"), may: false },
    { name: "a detach of an intent that was never written", step: OURS, written: undefined, may: false },
    { name: "alone, a detach off a living member", step: OURS, alone: true, may: false },
    {
      name: "alone, a detach off a failing member",
      step: OURS,
      alone: true,
      seen: { members: { m1: "failing" } },
      may: false,
    },
    {
      name: "alone, a detach off a member that has stopped",
      step: OURS,
      alone: true,
      seen: { members: { m1: STOPPED } },
      may: true,
    },
    {
      name: "alone, a detach off a member that stops",
      step: OURS,
      alone: true,
      seen: { members: { m1: STOPPING } },
      may: false,
    },
    {
      name: "alone, a detach off a member that has ended",
      step: OURS,
      alone: true,
      seen: { members: { m1: ENDED } },
      may: true,
    },
    {
      name: "alone, a detach off who is no member",
      step: OURS,
      alone: true,
      seen: { interfaces: { "eni-a": attached("eni-a", "m9") } },
      may: false,
    },
    {
      name: "alone, a detach off the living one, though another has ended",
      step: detach(attachmentOf("eni-a", "m2")),
      written: intentTo("m1", { sources: { "eni-a": attachmentOf("eni-a", "m2") } }),
      alone: true,
      seen: { interfaces: { "eni-a": "m2" }, members: { m1: ENDED } },
      may: false,
    },
    {
      name: "alone, a detach of what is seen on nothing",
      step: OURS,
      alone: true,
      seen: ON_NOTHING,
      may: false,
    },
  ])("$name → $may", (row) => {
    const { observation, diagnosis } = situationOf(groupOf(), row.seen);
    const written = "written" in row ? row.written : intentTo("m2");
    const unwritten = { written, alone: row.alone ?? false, observation, diagnosis };
    expect(permitted([row.step], unwritten)).toEqual(row.may ? [row.step] : []);
  });
});
