/** When an intent has begun: from then on the move is finished, whoever looks next. */
import { expect, it } from "vitest";
import { diagnose } from "../../shared/core/diagnose.ts";
import { hasBegun, whereItCame } from "../../shared/core/first.ts";
import { intentOf } from "../../shared/core/record.ts";
import { attached, groupOf, intentTo, moveOf, NOW, SECOND, type Seen, seen, stateOf } from "./scene.ts";

/** Bringing together on m2: eni-a comes from m1, eni-b was there before. */
const uniting = intentTo("m2", {
  because: "unite",
  since: NOW,
  sources: { "eni-a": "attach-eni-a-m1" },
});
const arrived = (eni: string, agoMs: number) => attached(eni, "m2", { attachedAt: NOW - agoMs });

it.each<{ name: string; a: NonNullable<Seen["interfaces"]>["eni-a"] & {}; begun: boolean }>([
  { name: "nothing has moved", a: "m1", begun: false },
  { name: "one is on nothing", a: "nothing", begun: true },
  { name: "one is coming off", a: "detaching from m1", begun: true },
  {
    name: "one is coming off by another attachment",
    a: attached("eni-a", "m1", { state: "detaching", attachmentId: "attach-new" }),
    begun: false,
  },
  { name: "one has come to the target", a: "m2", begun: true },
  { name: "one has gone to another member", a: "m3", begun: false },
  { name: "one is missing", a: "missing", begun: false },
  { name: "one could not be read", a: "unread", begun: false },
])("$name: $begun", ({ a, begun }) => {
  const group = groupOf({ members: 3, interfaces: 2 });
  const { interfaces } = seen(group, { interfaces: { "eni-a": a, "eni-b": arrived("eni-b", 60 * SECOND) } });
  expect(hasBegun(group, uniting, interfaces)).toBe(begun);
});

it.each([
  { agoMs: 5_001, begun: false },
  { agoMs: 5_000, begun: true },
  { agoMs: -SECOND, begun: true },
])("what was on the target before the claim is no beginning: attached $agoMs ms before it: $begun", (row) => {
  const group = groupOf({ members: 3, interfaces: 2 });
  const { interfaces } = seen(group, { interfaces: { "eni-b": arrived("eni-b", row.agoMs) } });
  expect(hasBegun(group, uniting, interfaces)).toBe(row.begun);
});

it("nor is what was there by the very attachment that the claim saw, however late it came", () => {
  const group = groupOf({ members: 3, interfaces: 2 });
  const { interfaces } = seen(group, { interfaces: { "eni-b": arrived("eni-b", SECOND) } });
  const [one] = [interfaces["eni-b"]].map((seen) =>
    seen && "attachmentId" in seen ? seen.attachmentId : "",
  );
  expect(hasBegun(group, { ...uniting, there: { "eni-b": one ?? "" } }, interfaces)).toBe(false);
  expect(hasBegun(group, { ...uniting, there: { "eni-b": "attach-old" } }, interfaces)).toBe(true);
});

it("nor is what has left the target since, as when that has ended", () => {
  const group = groupOf({ members: 3, interfaces: 2 });
  const { interfaces } = seen(group, { interfaces: { "eni-a": "m1", "eni-b": "nothing" } });
  expect(hasBegun(group, { ...uniting, there: { "eni-b": "attach-eni-b-m2" } }, interfaces)).toBe(false);
  expect(hasBegun(group, uniting, interfaces)).toBe(true);
});

it("a target that is no member any more begins nothing", () => {
  const group = groupOf();
  const { interfaces } = seen(group, { interfaces: { "eni-a": "m2" } });
  expect(hasBegun(group, { ...uniting, to: "m9" }, interfaces)).toBe(false);
});

it("a move that has lost a target had begun, wherever its interfaces are seen", () => {
  const group = groupOf({ members: 3 });
  const { interfaces } = seen(group, { interfaces: { "eni-a": "attaching to m2" } });
  expect(hasBegun(group, intentTo("m3"), interfaces)).toBe(false);
  expect(hasBegun(group, intentTo("m3", { tried: ["m2"] }), interfaces)).toBe(true);
});

it.each<{ name: string; change: Seen; to: string }>([
  {
    name: "all has come to a target that was given up",
    change: { interfaces: { "eni-a": "m2", "eni-b": "m2" } },
    to: "m2",
  },
  { name: "not all has", change: { interfaces: { "eni-a": "m2", "eni-b": "nothing" } }, to: "m3" },
  {
    name: "it is still on its way",
    change: { interfaces: { "eni-a": "m2", "eni-b": "attaching to m2" } },
    to: "m3",
  },
  {
    name: "it has come to a member that fails",
    change: { interfaces: { "eni-a": "m2", "eni-b": "m2" }, members: { m2: "failing" } },
    to: "m3",
  },
  {
    name: "it has come to a member that has stopped since",
    change: { interfaces: { "eni-a": "m2", "eni-b": "m2" }, members: { m2: "dead" } },
    to: "m3",
  },
  { name: "it is where it came from", change: { interfaces: { "eni-a": "m1", "eni-b": "m1" } }, to: "m3" },
])("a move goes on to m3, and $name: to $to", ({ change, to }) => {
  const group = groupOf({ members: 3, interfaces: 2 });
  const observation = seen(group, change);
  const intent = intentTo("m3", { tried: ["m2", "m1"] });
  const diagnosis = diagnose(group, observation, stateOf());
  const found = whereItCame(intent, { group, observation, diagnosis, asked: {}, now: NOW });
  expect(found).toEqual({ ...intent, to });
});

it("what was asked off that target a moment ago is not there to stay", () => {
  const group = groupOf({ members: 3 });
  const observation = seen(group, { interfaces: { "eni-a": "m2" } });
  const intent = intentTo("m3", { tried: ["m2"] });
  const whole = { group, observation, diagnosis: diagnose(group, observation, stateOf()), now: NOW };
  const detach = { at: NOW - 5 * SECOND, first: NOW - 5 * SECOND, count: 1, force: true };
  expect(whereItCame(intent, { ...whole, asked: { "eni-a": { detach } } }).to).toBe("m3");
  expect(whereItCame(intent, { ...whole, asked: {} }).to).toBe("m2");
});

it("what never ended to attach to the target, and has to come off it, is no beginning until it does", () => {
  const stuck = attached("eni-a", "m2", { state: "attaching", attachedAt: NOW - 90 * SECOND });
  const group = groupOf();
  const observation = seen(group, { interfaces: { "eni-a": stuck } });
  const intent = intentOf(moveOf({ because: "repair" }), group, observation, "intent-2", NOW);
  expect(intent.sources).toEqual({ "eni-a": stuck.attachmentId });
  expect(hasBegun(group, intent, observation.interfaces)).toBe(false);
  const anew = attached("eni-a", "m2", { attachmentId: "attach-new" });
  expect(hasBegun(group, intent, { "eni-a": anew })).toBe(true);
});
