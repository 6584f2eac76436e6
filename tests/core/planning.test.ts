import { describe, expect, it } from "vitest";
import { decide } from "../../shared/core/decide.ts";
import type { Request, State } from "../../shared/core/model.ts";
import { askedFacet, askedOf, facetsOf, plannedSteps } from "../../shared/core/plan.ts";
import type { Step } from "../../shared/core/steps.ts";
import { attached, attachmentOf, groupOf, intentTo, MINUTE, NOW, type Seen, situationOf } from "./scene.ts";

const asked = (to?: string): Request => ({ by: "anna", force: false, ...(to === undefined ? {} : { to }) });

function inWords(step: Step): string {
  if (step.do === "detach") return `detach ${step.attachmentId}${step.force ? " by force" : ""}`;
  return step.do === "attach" ? `attach ${step.eni} to ${step.instance} at ${step.deviceIndex}` : step.do;
}

describe("the steps of a plan", () => {
  interface Row {
    readonly name: string;
    readonly group?: Parameters<typeof groupOf>[0];
    readonly seen?: Seen;
    readonly state?: Partial<State>;
    readonly request?: Request;
    readonly are: readonly string[];
  }
  const ATTACH = "attach eni-a to i-m2 at 1";
  it.each<Row>([
    {
      name: "off the active and on to the target",
      request: asked("m2"),
      are: ["detach attach-eni-a-m1", ATTACH],
    },
    {
      name: "by force, off a hung active",
      seen: { members: { m1: "failing" } },
      are: ["detach attach-eni-a-m1 by force", ATTACH],
    },
    {
      name: "of two interfaces: both off before one is on",
      group: { interfaces: 2 },
      request: asked("m2"),
      are: ["detach attach-eni-a-m1", "detach attach-eni-b-m1", ATTACH, "attach eni-b to i-m2 at 2"],
    },
    {
      name: "of what is on nothing",
      seen: { interfaces: { "eni-a": "nothing" }, members: { m1: "dead" } },
      are: [ATTACH],
    },
    {
      name: "of what is detaching: it will come off",
      seen: { interfaces: { "eni-a": "detaching from m1" } },
      request: asked("m2"),
      are: [ATTACH],
    },
    {
      name: "of what is attaching elsewhere: it will be attached",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-a": "attaching to m2", "eni-b": "nothing" }, members: { m1: "dead" } },
      are: ["attach eni-b to i-m2 at 2"],
    },
    {
      name: "of what is attaching to the one that loses it: first it is there, then it comes off",
      group: { members: 3 },
      seen: { interfaces: { "eni-a": "attaching to m2" } },
      request: asked("m3"),
      are: ["detach attach-eni-a-m2", "attach eni-a to i-m3 at 1"],
    },
    {
      name: "of a move that has begun: what is left of it",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-a": "m2" } },
      state: { intent: intentTo("m2") },
      are: ["detach attach-eni-b-m1", "attach eni-b to i-m2 at 2"],
    },
    {
      name: "beside which a fence is none",
      group: { policy: { fence: { kind: "stop" }, fenceFirst: true } },
      seen: { members: { m1: "failing" } },
      are: ["detach attach-eni-a-m1 by force", ATTACH],
    },
  ])("$name", ({ group, seen: seenNow, state, request, are }) => {
    const situation = situationOf(groupOf(group), seenNow, state, request === undefined ? {} : { request });
    const decision = decide(situation);
    if (decision.kind === "hold") return expect.fail(decision.message);
    expect(plannedSteps(situation, decision).map(inWords)).toEqual(are);
  });

  it.each<{ name: string; seen: Seen }>([
    { name: "of an interface that could not be read", seen: { interfaces: { "eni-a": "unread" } } },
    {
      name: "to a target that is lost",
      seen: { interfaces: { "eni-a": "nothing" }, members: { m2: "dead" } },
    },
  ])("are none $name", ({ seen: seenNow }) => {
    const intent = intentTo("m2");
    const finish = { kind: "finish", because: "resume", message: "", intent } as const;
    expect(plannedSteps(situationOf(groupOf(), seenNow), finish)).toEqual([]);
  });
});

describe("what was asked, as words and back", () => {
  it.each<Pick<Request, "to" | "force">>([
    { force: false },
    { force: true },
    { to: "m2", force: false },
    { to: "m2", force: true },
  ])("%j", (request) => {
    const { value, mightBe } = askedFacet(request, groupOf());
    expect(askedOf(value)).toEqual(request);
    expect(mightBe).toContain(value);
    expect(new Set(mightBe).size).toBe(6);
  });
});

describe("what a plan rests on", () => {
  const facets = (seenNow?: Seen, state?: Partial<State>, request?: Request, group = groupOf()) => {
    const situation = situationOf(group, seenNow, state, request === undefined ? {} : { request });
    return facetsOf(situation, decide(situation));
  };
  const values = (...input: Parameters<typeof facets>) =>
    Object.fromEntries(facets(...input).map(({ name, value }) => [name, value]));

  it("is everything that led to it, and to its steps", () => {
    expect(values({}, { epoch: 3 }, { ...asked("m2"), force: true })).toEqual({
      "what was asked": "m2!",
      "the configuration of the group": JSON.stringify(groupOf()),
      "the epoch": "3",
      "the pause": "none",
      "the move in hand": "none",
      "the target": "m2",
      "the health of m1": "healthy",
      "the eligibility of m1": "active",
      "the health of m2": "healthy",
      "the eligibility of m2": "eligible",
      "eni-a": "on m1",
      "the attachment of eni-a": "attach-eni-a-m1, attached",
      "the detach of eni-a": "by force",
      "the device index of eni-a on the target": "1",
    });
  });

  it("of several interfaces is each with its own steps", () => {
    const apart: Seen = { interfaces: { "eni-a": "m2" } };
    expect(values(apart, {}, asked("m2"), groupOf({ interfaces: 2 }))).toMatchObject({
      "the detach of eni-a": "none",
      "the device index of eni-a on the target": "none",
      "the detach of eni-b": "gracefully",
      "the device index of eni-b on the target": "2",
    });
    expect(values({}, {}, asked("m2"), groupOf({ interfaces: 2 }))).toMatchObject({
      "the device index of eni-a on the target": "1",
      "the device index of eni-b on the target": "2",
    });
    const half: Seen = { interfaces: { "eni-a": "nothing" }, members: { m1: "dead" } };
    expect(values(half, {}, undefined, groupOf({ interfaces: 2 }))).toMatchObject({
      "the detach of eni-a": "none",
      "the detach of eni-b": "gracefully",
    });
  });

  it("without a request or a move is nobody, and no step", () => {
    expect(values()).toMatchObject({
      "what was asked": "",
      "the target": "nobody",
      "the detach of eni-a": "none",
      "the device index of eni-a on the target": "none",
    });
    expect(values({}, {}, asked("m2"))).toMatchObject({ "the detach of eni-a": "gracefully" });
  });

  const intent = intentTo("m2");
  it.each<{ name: string; seen?: Seen; state?: Partial<State>; facet: string; is: string }>([
    {
      name: "a pause until resumed",
      state: { pause: { by: "anna", since: 1 } },
      facet: "the pause",
      is: "by anna, until resumed",
    },
    {
      name: "a pause that ends",
      state: { pause: { by: "anna", since: 1, until: NOW + 1 } },
      facet: "the pause",
      is: `by anna, ${NOW + 1}`,
    },
    {
      name: "a pause that has ended",
      state: { pause: { by: "anna", since: 1, until: NOW } },
      facet: "the pause",
      is: "none",
    },
    { name: "a move in hand", state: { intent }, facet: "the move in hand", is: "to m2 (intent-1)" },
    {
      name: "a member that leaves",
      state: { leaving: { m2: { why: "spot", at: NOW + MINUTE } } },
      facet: "the health of m2",
      is: "healthy, leaving",
    },
    {
      name: "a member that may not take it",
      seen: { members: { m2: "unknown" } },
      facet: "the eligibility of m2",
      is: "unknown",
    },
    {
      name: "an interface on nothing",
      seen: { interfaces: { "eni-a": "nothing" } },
      facet: "eni-a",
      is: "on nothing",
    },
    {
      name: "an interface that is missing",
      seen: { interfaces: { "eni-a": "missing" } },
      facet: "eni-a",
      is: "missing",
    },
    {
      name: "an interface that is unread",
      seen: { interfaces: { "eni-a": "unread" } },
      facet: "eni-a",
      is: "unread",
    },
    {
      name: "an interface with a stranger",
      seen: { interfaces: { "eni-a": "stranger" } },
      facet: "eni-a",
      is: "on i-stranger, which is no member",
    },
    {
      name: "no attachment",
      seen: { interfaces: { "eni-a": "nothing" } },
      facet: "the attachment of eni-a",
      is: "none",
    },
    {
      name: "an attachment on its way",
      seen: { interfaces: { "eni-a": attached("eni-a", "m1", { state: "attaching" }) } },
      facet: "the attachment of eni-a",
      is: `${attachmentOf("eni-a", "m1")}, attaching`,
    },
  ])("of $name, $facet is $is", ({ seen: seenNow, state, facet, is }) => {
    expect(values(seenNow, state)[facet]).toBe(is);
  });

  it("can be put back into words: every value that can be listed is", () => {
    const listed = Object.fromEntries(facets({}, { epoch: 30 }).map(({ name, mightBe }) => [name, mightBe]));
    expect(listed["the configuration of the group"]).toEqual([]);
    expect(listed["the epoch"]?.[0]).toBe("29");
    expect(listed["the epoch"]?.at(-1)).toBe("10");
    expect(listed["the epoch"]).toHaveLength(20);
    expect(listed["the pause"]).toEqual(["none"]);
    expect(listed["the move in hand"]).toEqual(["none"]);
    expect(listed["the target"]).toEqual(["nobody", "m1", "m2"]);
    expect(listed["the health of m1"]).toEqual(
      ["healthy", "unknown", "failing", "dead"].flatMap((one) => [one, `${one}, leaving`]),
    );
    expect(listed["the eligibility of m1"]).toHaveLength(13);
    expect(listed["the eligibility of m1"]).toEqual(
      expect.arrayContaining(["eligible", "active", "no-slot"]),
    );
    expect(listed["eni-a"]).toEqual(["on nothing", "missing", "unread", "on m1", "on m2"]);
    expect(listed["the attachment of eni-a"]).toEqual(["none"]);
    expect(listed["the detach of eni-a"]).toEqual(["none", "gracefully", "by force"]);
    const indexes = listed["the device index of eni-a on the target"];
    expect([indexes?.length, indexes?.[0], indexes?.[1], indexes?.at(-1)]).toEqual([33, "none", "0", "31"]);
    expect(facets({}, { epoch: 2 }).find(({ name }) => name === "the epoch")?.mightBe).toEqual(["1", "0"]);
  });

  it("follows from the steps, or led to them", () => {
    const ofSteps = facets().flatMap(({ name, ofSteps: yes }) => (yes === true ? [name] : []));
    expect(ofSteps).toEqual(["the target", "the detach of eni-a", "the device index of eni-a on the target"]);
  });
});
