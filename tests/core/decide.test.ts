import { describe, expect, it } from "vitest";
import type { Situation } from "../../shared/core/decide.ts";
import { decide } from "../../shared/core/decide.ts";
import type { Group, InstanceSeen, Policy, State } from "../../shared/core/model.ts";
import { sentenceOf } from "../../shared/core/moving.ts";
import {
  ARRIVED,
  alarm,
  askedIntent,
  attached,
  details,
  groupOf,
  HOUR,
  impaired,
  inShort,
  intentTo,
  MINUTE,
  NOW,
  pastMove,
  running,
  type Seen,
  situationOf,
} from "./scene.ts";

interface Row {
  readonly name: string;
  readonly group?: Parameters<typeof groupOf>[0];
  readonly seen?: Seen;
  readonly state?: Partial<State>;
  readonly rest?: Partial<Pick<Situation, "now" | "request" | "surge">>;
  readonly is: string;
}

const rule = (rows: readonly Row[]) =>
  it.each(rows)("$name → $is", ({ group, seen, state, rest, is }) => {
    expect(inShort(decide(situationOf(groupOf(group), seen, state, rest)))).toBe(is);
  });

const FAILING: Seen = { members: { m1: "failing" } };
const DEAD: Seen = { members: { m1: "dead" } };
const UNKNOWN: Seen = { members: { m1: "unknown" } };
const ON_NOTHING: Seen = { interfaces: { "eni-a": "nothing" } };
const PAUSED: Partial<State> = { pause: { by: "anna", since: NOW - HOUR } };
const asks = (change: { to?: string; force?: boolean } = {}) => ({
  request: { by: "anna", force: false, ...change },
});
const lease = (inMs: number) => ({ lease: { holder: "other", until: NOW + inMs } });
const scheduled = (inMs: number): InstanceSeen =>
  running({ scheduled: [{ code: "instance-retirement", notBefore: NOW + inMs }] });

describe("before any rule: the record", () => {
  rule([
    { name: "written by a newer schema", seen: DEAD, state: { schema: 2 }, is: "hold newer-record" },
    { name: "a newer schema and a lease", state: { schema: 2, ...lease(1) }, is: "hold newer-record" },
    { name: "a lease of somebody else", seen: DEAD, state: lease(1), is: "hold in-progress" },
    { name: "a lease that has just run out", seen: DEAD, state: lease(0), is: "active-dead m1 → m2" },
    {
      name: "a lease, and an intent that has begun",
      seen: ON_NOTHING,
      state: { ...lease(1), intent: intentTo("m2") },
      is: "hold in-progress",
    },
    {
      name: "a lease, and an operator who says force",
      state: lease(1),
      rest: asks({ force: true }),
      is: "hold in-progress",
    },
  ]);

  it("the seconds that a lease still runs are rounded up", () => {
    const decision = decide(situationOf(groupOf(), {}, lease(1001)));
    expect(decision).toMatchObject({ notify: false, message: expect.stringContaining("runs 2 s more") });
  });

  it("a newer record is told of", () => {
    expect(decide(situationOf(groupOf(), {}, { schema: 2 }))).toMatchObject({
      notify: true,
      message: expect.stringContaining("(schema 2, this one knows 1): deploy that version"),
    });
  });
});

describe("rule 1: interfaces that are not there, or not ours", () => {
  rule([
    {
      name: "an interface is missing",
      seen: { interfaces: { "eni-a": "missing" } },
      is: "hold interface-missing",
    },
    {
      name: "held by a stranger",
      seen: { interfaces: { "eni-a": "stranger" } },
      is: "hold held-by-stranger",
    },
    {
      name: "leaving a stranger",
      seen: { interfaces: { "eni-a": attached("eni-a", "m9", { state: "detaching" }) } },
      is: "hold held-by-stranger",
    },
    {
      name: "one of two is missing, and the active is dead",
      group: { interfaces: 2 },
      seen: { ...DEAD, interfaces: { "eni-b": "missing" } },
      is: "hold interface-missing",
    },
    {
      name: "one of two with a stranger, the other on nothing",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-a": "nothing", "eni-b": "stranger" } },
      is: "hold held-by-stranger",
    },
    {
      name: "missing comes before paused",
      seen: { interfaces: { "eni-a": "missing" } },
      state: PAUSED,
      is: "hold interface-missing",
    },
    {
      name: "missing comes before what an operator asks",
      seen: { interfaces: { "eni-a": "missing" } },
      rest: asks({ to: "m2", force: true }),
      is: "hold interface-missing",
    },
    {
      name: "unread: nobody knows",
      seen: { ...DEAD, interfaces: { "eni-a": "unread" } },
      is: "hold unconfirmed",
    },
    {
      name: "one unread comes before the other missing",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-a": "missing", "eni-b": "unread" } },
      is: "hold unconfirmed",
    },
    {
      name: "unread comes before an intent that has begun",
      group: { interfaces: 2 },
      seen: { interfaces: { "eni-a": "nothing", "eni-b": "unread" } },
      state: { intent: intentTo("m2") },
      is: "hold unconfirmed",
    },
  ]);

  it("an interface that could not be read is named, with the error", () => {
    expect(sentenceOf(decide(situationOf(groupOf(), { interfaces: { "eni-a": "unread" } })))).toBe(
      "Interface eni-a could not be read: Unavailable.",
    );
  });

  it.each(["missing", "stranger"] as const)("an interface that is %s is told of", (place) => {
    const decision = decide(situationOf(groupOf(), { interfaces: { "eni-a": place } }));
    expect(decision).toMatchObject({ kind: "hold", notify: true, message: expect.stringContaining("eni-a") });
  });
});

describe("rule 3: an intent that has begun is finished", () => {
  const intent = { intent: intentTo("m2") };
  const two = { interfaces: 2 };
  rule([
    { name: "the interface is on nothing", seen: ON_NOTHING, state: intent, is: "finish → m2" },
    { name: "even when paused", seen: ON_NOTHING, state: { ...intent, ...PAUSED }, is: "finish → m2" },
    {
      name: "an operator's force is for it, too",
      seen: ON_NOTHING,
      state: intent,
      rest: asks({ force: true }),
      is: "finish → m2",
    },
    {
      name: "even when an operator asks for another",
      seen: ON_NOTHING,
      state: intent,
      rest: asks({ to: "m1" }),
      is: "finish → m2",
    },
    {
      name: "detaching, by the AttachmentId that it names",
      seen: { interfaces: { "eni-a": "detaching from m1" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "detaching, by another AttachmentId: it is not its doing",
      seen: {
        interfaces: { "eni-a": attached("eni-a", "m1", { state: "detaching", attachmentId: "attach-new" }) },
      },
      state: intent,
      is: "repair → m1",
    },
    { name: "on the target", seen: { interfaces: { "eni-a": "m2" } }, state: intent, is: "finish → m2" },
    {
      name: "attaching to the target",
      seen: { interfaces: { "eni-a": "attaching to m2" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "one of two is on the target",
      group: two,
      seen: { interfaces: { "eni-b": "m2" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "one of two is on nothing",
      group: two,
      seen: { interfaces: { "eni-b": "nothing" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "one of two is on nothing, the other with a stranger",
      group: two,
      seen: { interfaces: { "eni-a": "stranger", "eni-b": "nothing" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "one of two is on the target, the other missing",
      group: two,
      seen: { interfaces: { "eni-a": "missing", "eni-b": "m2" } },
      state: intent,
      is: "finish → m2",
    },
    {
      name: "one of two is missing, and nothing has left the active: it has not begun",
      group: two,
      seen: { interfaces: { "eni-b": "missing" } },
      state: intent,
      is: "hold interface-missing",
    },
    {
      name: "the target is no member any more, and the interface is attached to no named instance",
      seen: { interfaces: { "eni-a": attached("eni-a", "m1", { instance: undefined }) } },
      state: { intent: intentTo("m9") },
      is: "hold held-by-stranger",
    },
    {
      name: "the target is no member any more, and the interface is on nothing",
      seen: ON_NOTHING,
      state: { intent: intentTo("m9") },
      is: "finish → m9",
    },
    {
      name: "the target is dead meanwhile: where it ends is a matter of steps",
      seen: { ...ON_NOTHING, members: { m2: "dead" } },
      state: intent,
      is: "finish → m2",
    },
  ]);

  it("says since when, and why it began", () => {
    expect(decide(situationOf(groupOf(), ON_NOTHING, intent))).toMatchObject({
      because: "resume",
      message: "Finishing the move to m2 that began 20 s ago (active-failing).",
      intent: intentTo("m2"),
    });
  });

  it("takes over an operator's force, and nothing else of what is asked", () => {
    const finish = (force: boolean) =>
      decide(situationOf(groupOf(), ON_NOTHING, intent, asks({ to: "m1", force })));
    expect(finish(true)).toMatchObject({ intent: { ...intentTo("m2"), force: true } });
    expect(finish(false)).toMatchObject({ intent: intentTo("m2") });
  });
});

describe("an intent that has not begun is decided afresh", () => {
  const automatic = { intent: intentTo("m2") };
  const asked = (ageMs: number, change = {}) => ({
    intent: askedIntent("m2", { since: NOW - ageMs, ...change }),
  });
  rule([
    { name: "the active has recovered", state: automatic, is: "hold healthy" },
    { name: "the active still fails", seen: FAILING, state: automatic, is: "active-failing m1 → m2" },
    { name: "paused meanwhile", seen: FAILING, state: { ...automatic, ...PAUSED }, is: "hold paused" },
    { name: "what an operator asked stands", state: asked(0), is: "operator m1 → m2" },
    {
      name: "what an operator asked ten minutes ago stands",
      state: asked(10 * MINUTE),
      is: "operator m1 → m2",
    },
    { name: "what an operator asked longer ago does not", state: asked(10 * MINUTE + 1), is: "hold healthy" },
    {
      name: "a new request comes before the one that stands",
      group: { members: 3 },
      state: asked(0),
      rest: asks({ to: "m3" }),
      is: "operator m1 → m3",
    },
    {
      name: "what an operator asked with force stands in a pause, too",
      state: { ...asked(0, { force: true }), ...PAUSED },
      is: "operator m1 → m2",
    },
    {
      name: "what an operator asked without force does not",
      state: { ...asked(0), ...PAUSED },
      is: "hold paused",
    },
    {
      name: "what an operator asked, when the member named is not eligible any more",
      seen: { members: { m2: "unknown" } },
      state: asked(0),
      is: "hold no-eligible-standby",
    },
    {
      name: "what an operator asked with force, all the same",
      seen: { members: { m2: "unknown" } },
      state: asked(0, { force: true }),
      is: "operator m1 → m2",
    },
  ]);

  it("a request that stands keeps who asked, why, and whether with force", () => {
    const state = asked(0, { force: true, reason: "kernel update" });
    expect(decide(situationOf(groupOf(), {}, state))).toMatchObject({
      by: "anna",
      reason: "kernel update",
      force: true,
      automatic: false,
      budgeted: false,
      why: "anna asked (kernel update)",
    });
    expect(decide(situationOf(groupOf(), {}, asked(0)))).not.toHaveProperty("reason");
  });
});

describe("rule 4: paused", () => {
  const until = (inMs: number): Partial<State> => ({
    pause: { by: "anna", since: NOW - HOUR, until: NOW + inMs },
  });
  rule([
    { name: "healthy", state: PAUSED, is: "hold paused" },
    { name: "the active is dead", seen: DEAD, state: PAUSED, is: "hold paused" },
    { name: "an interface is on nothing", seen: ON_NOTHING, state: PAUSED, is: "hold paused" },
    { name: "an operator asks", state: PAUSED, rest: asks({ to: "m2" }), is: "hold paused" },
    {
      name: "an operator says force",
      state: PAUSED,
      rest: asks({ to: "m2", force: true }),
      is: "operator m1 → m2",
    },
    { name: "until a moment from now", seen: DEAD, state: until(1), is: "hold paused" },
    { name: "until this very moment", seen: DEAD, state: until(0), is: "active-dead m1 → m2" },
  ]);

  it.each([
    { name: "healthy", seen: {}, notify: false },
    { name: "with an active that is unknown", seen: UNKNOWN, notify: true },
    { name: "with an active that fails", seen: FAILING, notify: true },
    { name: "with an interface on nothing", seen: ON_NOTHING, notify: true },
  ])("a paused group is told of only when something is wrong: $name", ({ seen, notify }) => {
    expect(decide(situationOf(groupOf(), seen, PAUSED))).toMatchObject({ notify });
  });

  it("says who paused, until when and why, and what overrides it", () => {
    const pause = { by: "anna", since: NOW, until: NOW + MINUTE, reason: "kernel update" };
    expect(decide(situationOf(groupOf(), {}, { pause }))).toMatchObject({
      message: "Paused by anna until 12:01:00 UTC (kernel update).",
      override: { force: true },
    });
    expect(decide(situationOf(groupOf(), {}, PAUSED, asks({ to: "m2" })))).toMatchObject({
      override: { to: "m2", force: true },
    });
    expect(sentenceOf(decide(situationOf(groupOf(), {}, PAUSED)))).toBe("Paused by anna until resumed.");
  });
});

describe("rule 6: an operator asks", () => {
  const quarantined: Partial<State> = { quarantine: { m2: { why: "operator", since: NOW - HOUR } } };
  rule([
    { name: "for a standby", rest: asks({ to: "m2" }), is: "operator m1 → m2" },
    { name: "for the active", rest: asks({ to: "m1" }), is: "hold already-there" },
    { name: "for the active, with force", rest: asks({ to: "m1", force: true }), is: "hold already-there" },
    {
      name: "for somebody unknown to the group",
      rest: asks({ to: "m9", force: true }),
      is: "hold no-eligible-standby",
    },
    { name: "for the best", group: { members: 3 }, rest: asks(), is: "operator m1 → m2" },
    {
      name: "for the best, and the second is not eligible",
      group: { members: 3 },
      seen: { members: { m2: "unknown" } },
      rest: asks(),
      is: "operator m1 → m3",
    },
    {
      name: "for the best, and the second is leaving",
      group: { members: 3 },
      seen: { members: { m2: scheduled(MINUTE) } },
      rest: asks(),
      is: "operator m1 → m3",
    },
    {
      name: "for the best, and nobody stays",
      seen: { members: { m2: scheduled(MINUTE) } },
      rest: asks(),
      is: "operator m1 → m2",
    },
    {
      name: "for the best within the cooldown",
      state: { moves: [pastMove(MINUTE)] },
      rest: asks(),
      is: "hold just-moved",
    },
    {
      name: "within the cooldown, and nobody could take the group: to wait would be in vain",
      seen: { members: { m2: "dead" } },
      state: { moves: [pastMove(MINUTE)] },
      rest: asks(),
      is: "hold no-eligible-standby",
    },
    {
      name: "for the best as the cooldown ends",
      state: { moves: [pastMove(5 * MINUTE)] },
      rest: asks(),
      is: "operator m1 → m2",
    },
    {
      name: "for the best within the cooldown, with force",
      state: { moves: [pastMove(MINUTE)] },
      rest: asks({ force: true }),
      is: "operator m1 → m2",
    },
    {
      name: "by name within the cooldown",
      state: { moves: [pastMove(MINUTE)] },
      rest: asks({ to: "m2" }),
      is: "operator m1 → m2",
    },
    {
      name: "for a failing standby",
      seen: { members: { m2: "failing" } },
      rest: asks({ to: "m2" }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a failing standby, with force",
      seen: { members: { m2: "failing" } },
      rest: asks({ to: "m2", force: true }),
      is: "operator m1 → m2",
    },
    {
      name: "for a quarantined standby",
      state: quarantined,
      rest: asks({ to: "m2" }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a quarantined standby, with force",
      state: quarantined,
      rest: asks({ to: "m2", force: true }),
      is: "operator m1 → m2",
    },
    {
      name: "for the best, with force, and nobody is eligible",
      state: quarantined,
      rest: asks({ force: true }),
      is: "operator m1 → m2",
    },
    {
      name: "for the best, with force: the one with the fewest reasons against it",
      group: { members: 3 },
      seen: { members: { m2: "unknown" } },
      state: { quarantine: { ...quarantined.quarantine, m3: { why: "operator", since: NOW } } },
      rest: asks({ force: true }),
      is: "operator m1 → m3",
    },
    {
      name: "for the best, with force: list order between equals",
      group: { members: 3 },
      seen: { members: { m2: "failing", m3: "unknown" } },
      rest: asks({ force: true }),
      is: "operator m1 → m2",
    },
    {
      name: "for a dead standby, with force",
      seen: { members: { m2: "dead" } },
      rest: asks({ to: "m2", force: true }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a standby in another zone, with force",
      seen: { members: { m2: running({ zone: "eu-west-1b" }) } },
      rest: asks({ to: "m2", force: true }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a standby without a slot, with force",
      seen: { details: { m2: details({ maxInterfaces: 1 }) } },
      rest: asks({ to: "m2", force: true }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a standby whose index is taken, with force",
      seen: { details: { m2: details({ attachments: [{ deviceIndex: 1, eni: "eni-other" }] }) } },
      rest: asks({ to: "m2", force: true }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for the best, with force, and everybody else is dead",
      seen: { members: { m2: "dead" } },
      rest: asks({ force: true }),
      is: "hold no-eligible-standby",
    },
    {
      name: "for a switchover off a dead active",
      seen: DEAD,
      rest: asks({ to: "m2" }),
      is: "operator m1 → m2",
    },
    {
      name: "for a switchover off an unknown active",
      seen: UNKNOWN,
      rest: asks({ to: "m2" }),
      is: "operator m1 → m2",
    },
  ]);

  it.each([
    {
      name: "force would help",
      seen: { members: { m2: "failing" } } as Seen,
      to: "m2",
      override: { to: "m2", force: true },
    },
    { name: "nothing would help", seen: { members: { m2: "dead" } } as Seen, to: "m2", override: undefined },
    {
      name: "force would help the best",
      seen: { members: { m2: "failing" } } as Seen,
      override: { to: "m2", force: true },
    },
    { name: "nothing would help the best", seen: { members: { m2: "dead" } } as Seen, override: undefined },
  ])("a refusal says what would override it: $name", ({ seen, to, override }) => {
    const request = { by: "anna", force: false, ...(to === undefined ? {} : { to }) };
    const decision = decide(situationOf(groupOf(), seen, {}, { request }));
    expect(decision.kind === "hold" ? decision.override : "moved").toEqual(override);
    expect(decision).toMatchObject({ notify: false });
  });

  it("a refusal within the cooldown says when it ends and what would override it", () => {
    const decision = decide(situationOf(groupOf(), {}, { moves: [pastMove(MINUTE)] }, asks()));
    expect(decision).toMatchObject({
      because: "just-moved",
      message: expect.stringContaining("12:04:00 UTC"),
      override: { to: "m2" },
    });
  });

  it.each([
    [
      asks({ to: "m2" }),
      "m2 can't take the group: it is dead. No input overrides that; the doctor has the command that mends it.",
    ],
    [asks({ to: "m9" }), "m9 is not a member of this group."],
    [
      asks(),
      "No standby is eligible: m2 is dead. No input overrides that; the doctor has the command that mends it.",
    ],
  ])("a refusal names the reason: %j", (rest, message) => {
    const decision = decide(situationOf(groupOf(), { members: { m2: "dead" } }, {}, rest));
    expect(sentenceOf(decision)).toBe(message);
  });

  it.each([
    [asks({ to: "m2" }), "m2 is not eligible: it is unknown."],
    [asks(), "No standby is eligible: m2 is unknown, m3 is failing."],
    [asks({ to: "m2", force: true }), "Moving from m1 to m2: anna asked."],
  ])("what could be forced is told with its reason: %j", (rest, message) => {
    const group = groupOf({ members: 3 });
    const decision = decide(situationOf(group, { members: { m2: "unknown", m3: "failing" } }, {}, rest));
    expect(sentenceOf(decision)).toBe(message);
  });

  it("nobody is told that a group is where it was asked to be", () => {
    expect(decide(situationOf(groupOf(), {}, {}, asks({ to: "m1" })))).toEqual({
      kind: "hold",
      because: "already-there",
      message: "m1 is active already.",
      notify: false,
    });
  });

  it("a switchover carries who, why, and the evidence about the active", () => {
    const situation = situationOf(
      groupOf(),
      FAILING,
      {},
      { request: { to: "m2", force: true, by: "anna", reason: "drift" } },
    );
    expect(decide(situation)).toEqual({
      kind: "move",
      because: "operator",
      why: "anna asked (drift)",
      from: "m1",
      to: "m2",
      force: true,
      automatic: false,
      budgeted: false,
      by: "anna",
      reason: "drift",
      evidence: situation.diagnosis.members[0]?.evidence,
    });
  });
});

describe("rule 7: the active is leaving", () => {
  const leaving: Seen = { members: { m1: scheduled(10 * MINUTE) } };
  rule([
    { name: "a standby stays", seen: leaving, is: "active-leaving m1 → m2" },
    {
      name: "every standby leaves too",
      seen: { members: { m1: scheduled(MINUTE), m2: scheduled(HOUR) } },
      is: "hold healthy",
    },
    {
      name: "the second leaves, the third stays",
      group: { members: 3 },
      seen: { members: { m1: scheduled(MINUTE), m2: scheduled(HOUR) } },
      is: "active-leaving m1 → m3",
    },
    {
      name: "within the cooldown all the same",
      seen: leaving,
      state: { moves: [pastMove(1)] },
      is: "active-leaving m1 → m2",
    },
    {
      name: "with the budget used up all the same",
      seen: leaving,
      state: { moves: [40, 30, 20].map((minutes) => pastMove(minutes * MINUTE)) },
      is: "active-leaving m1 → m2",
    },
    {
      name: "nobody is eligible",
      seen: { members: { m1: scheduled(MINUTE), m2: "unknown" } },
      is: "hold healthy",
    },
    {
      name: "it can't be read, but a spot notice came",
      seen: UNKNOWN,
      state: { leaving: { m1: { why: "spot notice", at: NOW + 2 * MINUTE } } },
      is: "active-leaving m1 → m2",
    },
    {
      name: "it is dead already",
      seen: DEAD,
      state: { leaving: { m1: { why: "spot notice", at: NOW + 2 * MINUTE } } },
      is: "active-dead m1 → m2",
    },
    { name: "paused", seen: leaving, state: PAUSED, is: "hold paused" },
  ]);

  it("counts against the budget, and says when the end is", () => {
    expect(decide(situationOf(groupOf(), leaving))).toMatchObject({
      why: "scheduled instance-retirement at 12:10:00 UTC",
      automatic: true,
      budgeted: true,
      force: false,
      by: "controller",
    });
  });
});

describe("rule 8: the active is healthy", () => {
  const auto: { policy: Partial<Policy> } = { policy: { failback: "auto" } };
  const onM2: Seen = { interfaces: { "eni-a": "m2" } };
  const since = (ms: number): Partial<State> => ({ preferredHealthySince: NOW - ms });
  const long = since(15 * MINUTE);
  const found = (because: "operator" | "found-moved", to: string) =>
    pastMove(HOUR, { because, from: to === "m1" ? "m2" : "m1", to, automatic: false, budgeted: false });
  rule([
    { name: "all is well", is: "hold healthy" },
    { name: "a standby fails", seen: { members: { m2: "failing" } }, is: "hold healthy" },
    { name: "not on the preferred, failback by hand", seen: onM2, state: long, is: "hold healthy" },
    {
      name: "not on the preferred, failback automatic",
      group: auto,
      seen: onM2,
      state: long,
      is: "failback m2 → m1",
    },
    { name: "on the preferred", group: auto, state: long, is: "hold healthy" },
    {
      name: "the preferred has been well a moment too short",
      group: auto,
      seen: onM2,
      state: since(15 * MINUTE - 1),
      is: "hold healthy",
    },
    { name: "nobody knows since when the preferred is well", group: auto, seen: onM2, is: "hold healthy" },
    {
      name: "the preferred is not eligible",
      group: auto,
      seen: { ...onM2, members: { m1: "unknown" } },
      state: long,
      is: "hold healthy",
    },
    {
      name: "the preferred is leaving",
      group: auto,
      seen: { ...onM2, members: { m1: scheduled(MINUTE) } },
      state: long,
      is: "hold healthy",
    },
    {
      name: "within the cooldown",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [pastMove(5 * MINUTE - 1, { to: "m2" })] },
      is: "hold healthy",
    },
    {
      name: "as the cooldown ends",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [pastMove(5 * MINUTE, { to: "m2" })] },
      is: "failback m2 → m1",
    },
    {
      name: "the budget is used up",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [40, 30, 20].map((minutes) => pastMove(minutes * MINUTE, { to: "m2" })) },
      is: "hold healthy",
    },
    {
      name: "an operator put it there",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [found("operator", "m2")] },
      is: "hold healthy",
    },
    {
      name: "somebody moved it there by hand",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [found("found-moved", "m2")] },
      is: "hold healthy",
    },
    {
      name: "an operator put it there, and it was repaired there since",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [found("operator", "m2"), pastMove(MINUTE, { because: "repair", to: "m2" })] },
      is: "hold healthy",
    },
    {
      name: "somebody moved it there by hand, and no look has found that yet",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [found("operator", "m1")] },
      is: "hold healthy",
    },
    {
      name: "it came back to the preferred since, was moved away by hand, and no look has found that yet",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [pastMove(30 * MINUTE, { to: "m1" })] },
      is: "hold healthy",
    },
    {
      name: "an operator put it there before a failover did",
      group: auto,
      seen: onM2,
      state: { ...long, moves: [found("operator", "m2"), pastMove(30 * MINUTE, { to: "m2" })] },
      is: "failback m2 → m1",
    },
    {
      name: "an operator put it there, and a failover off it failed since",
      group: auto,
      seen: onM2,
      state: {
        ...long,
        moves: [found("operator", "m2"), pastMove(30 * MINUTE, { from: "m2", to: "m1", failed: true })],
      },
      is: "hold healthy",
    },
    {
      name: "an operator put it there, and could not have it elsewhere since",
      group: { ...auto, members: 3 },
      seen: onM2,
      state: {
        ...long,
        moves: [found("operator", "m2"), { ...found("operator", "m3"), from: "m2", failed: true }],
      },
      is: "hold healthy",
    },
    {
      name: "the group's alarm is not cleared",
      group: { alarms: ["no-traffic"] },
      seen: { alarms: [alarm("no-traffic", { transitionedAt: ARRIVED })] },
      is: "hold alarm-not-cleared",
    },
    {
      name: "the group's alarm is not cleared: no failback meanwhile",
      group: { ...auto, alarms: ["no-traffic"] },
      seen: { ...onM2, alarms: [alarm("no-traffic", { transitionedAt: ARRIVED })] },
      state: long,
      is: "hold alarm-not-cleared",
    },
  ]);

  it("a healthy group is not told of; an alarm that is not cleared is", () => {
    expect(decide(situationOf(groupOf()))).toMatchObject({
      notify: false,
      message: "m1 is active and healthy.",
    });
    const names = ["no-traffic", "slow"];
    const alarms = names.map((name) => alarm(name, { transitionedAt: ARRIVED }));
    expect(decide(situationOf(groupOf({ alarms: names }), { alarms }))).toMatchObject({
      notify: true,
      message: expect.stringMatching(/^no-traffic, slow has been in ALARM since before/),
    });
  });

  it("a failback counts against the budget and is nobody's request", () => {
    const situation = situationOf(groupOf(auto), onM2, long);
    expect(decide(situation)).toMatchObject({
      why: "healthy for 15 min",
      automatic: true,
      budgeted: true,
      by: "controller",
    });
  });
});

describe("rule 9: the active is unknown", () => {
  rule([
    { name: "its checks initialize", seen: UNKNOWN, is: "hold unconfirmed" },
    {
      name: "it can't be read",
      seen: { members: { m1: { read: "failed", error: "Throttling" } } },
      is: "hold unconfirmed",
    },
    {
      name: "it is pending",
      seen: { members: { m1: running({ state: "pending" }) } },
      is: "hold unconfirmed",
    },
    {
      name: "its check has failed for less than a minute",
      seen: { members: { m1: running({ checks: { system: impaired(MINUTE - 1) } }) } },
      is: "hold unconfirmed",
    },
    {
      name: "one witness of two",
      group: { policy: { witnesses: 2 } },
      seen: FAILING,
      is: "hold unconfirmed",
    },
    {
      name: "the alarms can't be read",
      group: { alarms: ["no-traffic"] },
      seen: { alarmsUnread: "Throttling" },
      is: "hold unconfirmed",
    },
  ]);

  const toldSince = (ms: number, because: "unconfirmed" | "cooldown" = "unconfirmed"): Partial<State> => ({
    told: { because, since: NOW - ms },
  });
  it.each([
    { name: "just now", state: {}, notify: false },
    { name: "for a moment less than three minutes", state: toldSince(3 * MINUTE - 1), notify: false },
    { name: "for three minutes", state: toldSince(3 * MINUTE), notify: true },
    { name: "after another hold", state: toldSince(3 * MINUTE, "cooldown"), notify: false },
  ])("is told of after three minutes: unknown $name", ({ state, notify }) => {
    expect(decide(situationOf(groupOf(), UNKNOWN, state))).toMatchObject({ because: "unconfirmed", notify });
    const unread: Seen = { interfaces: { "eni-a": "unread" } };
    expect(decide(situationOf(groupOf(), unread, state))).toMatchObject({ because: "unconfirmed", notify });
  });

  it("says what is not known", () => {
    expect(sentenceOf(decide(situationOf(groupOf(), UNKNOWN)))).toBe(
      "m1 is active and its health is unknown (instance-check initializing): not moving on a rumour.",
    );
  });
});

describe("rules 10 and 11: the active is failing", () => {
  const moves = (...minutes: number[]) => ({ moves: minutes.map((ago) => pastMove(ago * MINUTE)) });
  const byAlarm: Seen = { alarms: [alarm("no-traffic")] };
  const alarms = { alarms: ["no-traffic"] };
  const surge = (recent: number) => ({ surge: { recent, limit: 5 } });
  rule([
    { name: "a standby is eligible", seen: FAILING, is: "active-failing m1 → m2" },
    { name: "by the group's alarm", group: alarms, seen: byAlarm, is: "active-failing m1 → m2" },
    {
      name: "the best standby takes it: not the one that leaves",
      group: { members: 3 },
      seen: { members: { m1: "failing", m2: scheduled(MINUTE) } },
      is: "active-failing m1 → m3",
    },
    {
      name: "the only standby leaves: better than a failing one",
      seen: { members: { m1: "failing", m2: scheduled(MINUTE) } },
      is: "active-failing m1 → m2",
    },
    {
      name: "no standby is eligible",
      seen: { members: { m1: "failing", m2: "unknown" } },
      is: "hold no-eligible-standby",
    },
    {
      name: "no standby is eligible, within the cooldown",
      seen: { members: { m1: "failing", m2: "failing" } },
      state: moves(1),
      is: "hold no-eligible-standby",
    },
    {
      name: "a moment before the cooldown ends",
      seen: FAILING,
      state: { moves: [pastMove(5 * MINUTE - 1)] },
      is: "hold cooldown",
    },
    {
      name: "as the cooldown ends",
      seen: FAILING,
      state: { moves: [pastMove(5 * MINUTE)] },
      is: "active-failing m1 → m2",
    },
    {
      name: "an operator's switchover starts the cooldown too",
      seen: FAILING,
      state: { moves: [pastMove(MINUTE, { because: "operator", automatic: false, budgeted: false })] },
      is: "hold cooldown",
    },
    {
      name: "only the newest move counts for the cooldown",
      seen: FAILING,
      state: moves(50, 4),
      is: "hold cooldown",
    },
    {
      name: "two moves of three in the window",
      seen: FAILING,
      state: moves(30, 20),
      is: "active-failing m1 → m2",
    },
    {
      name: "three moves of three in the window",
      seen: FAILING,
      state: moves(40, 30, 20),
      is: "hold budget",
    },
    {
      name: "the oldest of three leaves the window",
      seen: FAILING,
      state: moves(60, 30, 20),
      is: "active-failing m1 → m2",
    },
    {
      name: "moves that do not count against the budget",
      seen: FAILING,
      state: {
        moves: [
          pastMove(10 * MINUTE),
          ...[9, 8, 7].map((ago) => pastMove(ago * MINUTE, { budgeted: false })),
        ],
      },
      is: "active-failing m1 → m2",
    },
    {
      name: "the budget was refilled since",
      seen: FAILING,
      state: { ...moves(40, 30, 20), budgetRefilledAt: NOW - 10 * MINUTE },
      is: "active-failing m1 → m2",
    },
    {
      name: "the budget was refilled at the very time of the newest move",
      seen: FAILING,
      state: { ...moves(40, 30, 20), budgetRefilledAt: NOW - 20 * MINUTE },
      is: "active-failing m1 → m2",
    },
    {
      name: "the budget was refilled before all of them",
      seen: FAILING,
      state: { ...moves(40, 30, 20), budgetRefilledAt: NOW - 50 * MINUTE },
      is: "hold budget",
    },
    {
      name: "the cooldown is told before the budget",
      seen: FAILING,
      state: moves(3, 2, 1),
      is: "hold cooldown",
    },
    {
      name: "by alarms alone, as many groups as allowed move",
      group: alarms,
      seen: byAlarm,
      rest: surge(5),
      is: "hold surge",
    },
    {
      name: "by alarms alone, one group less moves",
      group: alarms,
      seen: byAlarm,
      rest: surge(4),
      is: "active-failing m1 → m2",
    },
    {
      name: "by EC2's own checks, however many move",
      seen: FAILING,
      rest: surge(50),
      is: "active-failing m1 → m2",
    },
    {
      name: "by an alarm that is called a check, it is an alarm all the same",
      group: { alarms: ["nat-a-health-check"] },
      seen: { alarms: [alarm("nat-a-health-check")] },
      rest: surge(5),
      is: "hold surge",
    },
    {
      name: "the budget is told before the surge",
      group: alarms,
      seen: byAlarm,
      state: moves(40, 30, 20),
      rest: surge(9),
      is: "hold budget",
    },
  ]);

  it("says why it does not move, until when, and what overrides it", () => {
    const failing = "m1 is active and failing (instance-check impaired for 120 s)";
    expect(decide(situationOf(groupOf(), FAILING, moves(1)))).toEqual({
      kind: "hold",
      because: "cooldown",
      message: `${failing}, but the group moved lately: the cooldown ends at 12:04:00 UTC.`,
      notify: true,
      override: { to: "m2" },
    });
    expect(decide(situationOf(groupOf(), FAILING, moves(40, 30, 20)))).toMatchObject({
      message: `${failing}, but the budget of 3 automatic moves is used up. The next move is free at 12:20:00 UTC. "acknowledge" with "budget": true refills it.`,
      notify: true,
      override: { to: "m2" },
    });
    const none: Partial<Policy> = { budget: { moves: 0, seconds: 3600 } };
    expect(sentenceOf(decide(situationOf(groupOf({ policy: none }), FAILING)))).toBe(
      `${failing}, but the budget of 0 automatic moves is used up. "acknowledge" with "budget": true refills it.`,
    );
    const three: Seen = { members: { m1: "failing", m2: "unknown", m3: "dead" } };
    expect(sentenceOf(decide(situationOf(groupOf({ members: 3 }), three)))).toBe(
      `${failing}, but no standby is eligible: m2 is unknown, m3 is dead.`,
    );
    const lonely: Seen = { members: { m1: "failing", m2: "dead" } };
    expect(decide(situationOf(groupOf(), lonely))).toEqual({
      kind: "hold",
      because: "no-eligible-standby",
      message: `${failing}, but no standby is eligible: m2 is dead.`,
      notify: true,
    });
    const both: Seen = { members: { m1: "failing", m2: "failing" } };
    expect(decide(situationOf(groupOf(), both))).toMatchObject({ override: { to: "m2", force: true } });
    expect(decide(situationOf(groupOf(alarms), byAlarm, {}, surge(7)))).toMatchObject({
      message: expect.stringContaining("7 other groups"),
      notify: true,
      override: { to: "m2" },
    });
  });

  it("a failover counts against the budget and carries the evidence", () => {
    const situation = situationOf(groupOf(), FAILING);
    expect(decide(situation)).toEqual({
      kind: "move",
      because: "active-failing",
      why: "instance-check impaired for 120 s",
      from: "m1",
      to: "m2",
      force: false,
      automatic: true,
      budgeted: true,
      by: "controller",
      evidence: situation.diagnosis.members[0]?.evidence,
    });
  });
});

describe("rule 11: the active is dead", () => {
  const dead = (m2: Seen["members"], m3: Seen["members"] = {}): Seen => ({
    members: { m1: "dead", ...m2, ...m3 },
  });
  const forcedOff = { m2: { why: "forced-detach" as const, since: NOW - HOUR } };
  const burned = { burned: [{ member: "m2", deviceIndex: 1, eni: "eni-b", launchedAt: NOW }] };
  const three = { members: 3 };
  rule([
    { name: "a standby is eligible", seen: DEAD, is: "active-dead m1 → m2" },
    {
      name: "within the cooldown all the same",
      seen: DEAD,
      state: { moves: [pastMove(1)] },
      is: "active-dead m1 → m2",
    },
    {
      name: "with the budget used up all the same",
      seen: DEAD,
      state: { moves: [40, 30, 20].map((ago) => pastMove(ago * MINUTE)) },
      is: "active-dead m1 → m2",
    },
    {
      name: "whatever other groups do",
      seen: DEAD,
      rest: { surge: { recent: 99, limit: 5 } },
      is: "active-dead m1 → m2",
    },
    { name: "last resort: running but unknown", seen: dead({ m2: "unknown" }), is: "last-resort m1 → m2" },
    { name: "last resort: running but failing", seen: dead({ m2: "failing" }), is: "last-resort m1 → m2" },
    {
      name: "last resort: unknown before failing",
      group: three,
      seen: dead({ m2: "failing" }, { m3: "unknown" }),
      is: "last-resort m1 → m3",
    },
    {
      name: "last resort: unknown before burned",
      group: three,
      seen: dead({ m3: "unknown" }),
      state: burned,
      is: "last-resort m1 → m3",
    },
    {
      name: "last resort: burned before failing",
      group: three,
      seen: dead({ m3: "failing" }),
      state: burned,
      is: "last-resort m1 → m2",
    },
    {
      name: "last resort: list order between equals",
      group: three,
      seen: dead({ m2: "failing" }, { m3: "failing" }),
      is: "last-resort m1 → m2",
    },
    {
      name: "last resort: burned and failing is no better than failing",
      group: three,
      seen: dead({ m2: "failing" }, { m3: "failing" }),
      state: burned,
      is: "last-resort m1 → m2",
    },
    {
      name: "last resort: quarantined only for its burned index",
      seen: DEAD,
      state: { quarantine: forcedOff },
      is: "last-resort m1 → m2",
    },
    {
      name: "quarantined for its burned index, and not up yet: no last resort",
      seen: dead({ m2: running({ state: "pending" }) }),
      state: { quarantine: forcedOff },
      is: "hold no-eligible-standby",
    },
    {
      name: "quarantined for flapping is no last resort",
      seen: DEAD,
      state: { quarantine: { m2: { why: "flapping", since: NOW - HOUR } } },
      is: "hold no-eligible-standby",
    },
    {
      name: "quarantined by an operator is no last resort",
      seen: DEAD,
      state: { quarantine: { m2: { why: "operator", since: NOW - HOUR } } },
      is: "hold no-eligible-standby",
    },
    {
      name: "everybody is dead",
      group: three,
      seen: dead({ m2: "dead" }, { m3: "dead" }),
      is: "hold no-eligible-standby",
    },
    {
      name: "the standby is pending",
      seen: dead({ m2: running({ state: "pending" }) }),
      is: "hold no-eligible-standby",
    },
    {
      name: "the standby can't be read",
      seen: dead({ m2: { read: "failed", error: "x" } }),
      is: "hold no-eligible-standby",
    },
    {
      name: "a failing active has no last resort",
      seen: { members: { m1: "failing", m2: "unknown" } },
      is: "hold no-eligible-standby",
    },
  ]);

  it("counts against the budget though it is never stopped by it", () => {
    expect(decide(situationOf(groupOf(), DEAD))).toMatchObject({ budgeted: true, automatic: true });
  });

  it("a last resort says what is wrong with it", () => {
    expect(sentenceOf(decide(situationOf(groupOf(), dead({ m2: "failing" }))))).toBe(
      "Moving from m1 to m2: instance-state instance is stopped; m2 is failing.",
    );
  });

  it("says when nobody is left", () => {
    expect(decide(situationOf(groupOf(), dead({ m2: "dead" })))).toMatchObject({
      message:
        "m1 is active and dead (instance-state instance is stopped), but no standby is eligible: m2 is dead.",
      notify: true,
    });
  });
});

it("the same situation twice gives the same answer, and changes nothing", () => {
  const situation = situationOf(groupOf(), FAILING, { moves: [pastMove(HOUR)] });
  const before = structuredClone(situation);
  expect(decide(situation)).toEqual(decide(situation));
  expect(situation).toEqual(before);
});

it("a member is known by its name, whatever its instance is", () => {
  const group: Group = groupOf();
  const named: Group = {
    ...group,
    members: group.members.map((one) => ({ ...one, name: `${one.name}-blue` })),
  };
  expect(inShort(decide(situationOf(named)))).toBe("hold healthy");
});
