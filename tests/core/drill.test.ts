import { describe, expect, it } from "vitest";
import { decideAgain } from "../../shared/core/carrying.ts";
import type { Situation } from "../../shared/core/decide.ts";
import { decide } from "../../shared/core/decide.ts";
import { diagnose } from "../../shared/core/diagnose.ts";
import { beginDrill, drillIn, drillReason, lapseDrill } from "../../shared/core/drill.ts";
import { afterHold } from "../../shared/core/holding.ts";
import { cooldownUntil } from "../../shared/core/limits.ts";
import type { Drill, Health, Hold, Intent, State } from "../../shared/core/model.ts";
import { newsOf } from "../../shared/core/news.ts";
import { claim, intentOf, settle } from "../../shared/core/record.ts";
import { mayForce } from "../../shared/core/steps.ts";
import {
  alarm,
  groupOf,
  HOUR,
  inShort,
  intentTo,
  MINUTE,
  NOW,
  POLICY,
  pastMove,
  SECOND,
  type Seen,
  seen,
  situationOf,
  stateOf,
} from "./scene.ts";

const DRILL: Drill = {
  id: "d1",
  alarm: "app-1",
  from: "m1",
  by: "anna",
  since: NOW - 2 * SECOND,
  until: NOW + 118 * SECOND,
};
const ENDED: Drill = {
  ...DRILL,
  end: { at: NOW - SECOND, outcome: "held", because: "paused", message: "Paused." },
};

/** A look that the drill's own alarm started, unless another is said. */
function heard(
  state: Partial<State> = {},
  seenNow: Seen = {},
  drill: string | undefined = "d1",
  group = groupOf(),
): Situation {
  const situation = situationOf(group, seenNow, { drill: DRILL, ...state });
  return drill === undefined ? situation : { ...situation, drill };
}

const holdOf = (situation: Situation): Hold => {
  const decision = decide(situation);
  return decision.kind === "hold" ? decision : expect.fail(`it decides ${decision.because}`);
};

describe("a drill whose alarm has come through", () => {
  it("moves the group off its healthy active, as an operator's graceful move that costs no budget", () => {
    expect(decide(heard())).toEqual({
      kind: "move",
      because: "drill",
      why: "a drill, as anna asked",
      from: "m1",
      to: "m2",
      force: false,
      automatic: false,
      budgeted: false,
      by: "anna",
      drill: "d1",
      evidence: [expect.objectContaining({ source: "alarm:app-1", since: DRILL.since })],
    });
  });

  it("carries what its operator said of it, and its alarm as the witness", () => {
    expect(decide(heard({ drill: { ...DRILL, reason: "quarterly" } }))).toMatchObject({
      why: "a drill, as anna asked (quarterly)",
      reason: "quarterly",
      evidence: [
        {
          source: "alarm:app-1",
          witness: "alarm:app-1",
          says: "failing",
          detail: "set to ALARM by a drill",
          since: DRILL.since,
        },
      ],
    });
    expect(decide(heard())).not.toHaveProperty("reason");
  });

  const spent = [40, 30, 20].map((ago) => pastMove(ago * MINUTE));
  it.each<[name: string, decision: string, situation: Situation]>([
    ["of another drill", "hold healthy", heard({}, {}, "d0")],
    ["told by nobody: a sweep, or another event", "hold healthy", heard({}, {}, "")],
    ["of a drill that has lapsed", "hold healthy", { ...heard(), now: DRILL.until }],
    ["of a drill that has ended", "hold healthy", heard({ drill: ENDED })],
    ["of no drill in the record", "hold healthy", { ...situationOf(groupOf()), drill: "d1" }],
    ["after the group has left the member", "hold healthy", heard({}, { interfaces: { "eni-a": "m2" } })],
    ["while paused", "hold paused", heard({ pause: { by: "ben", since: NOW - HOUR } })],
    ["with nobody to take the group", "hold healthy", heard({}, { members: { m2: "failing" } })],
    ["with a standby nobody knows about", "hold healthy", heard({}, { members: { m2: "unknown" } })],
    [
      "with a standby that leaves",
      "hold healthy",
      heard({ leaving: { m2: { why: "spot", at: NOW + HOUR } } }),
    ],
    ["within the cooldown of a failover", "hold healthy", heard({ moves: [pastMove(MINUTE)] })],
    ["with the budget used up", "hold healthy", heard({ moves: spent })],
    ["while somebody is at work", "hold in-progress", heard({ lease: { holder: "x", until: NOW + 1 } })],
    [
      "once a move has begun",
      "finish → m2",
      heard({ intent: intentTo("m2") }, { interfaces: { "eni-a": "nothing" } }),
    ],
    ["once the active fails", "active-failing m1 → m2", heard({}, { members: { m1: "failing" } })],
    ["once the active is dead", "active-dead m1 → m2", heard({}, { members: { m1: "dead" } })],
    ["once nobody can say how the active is", "hold unconfirmed", heard({}, { members: { m1: "unknown" } })],
  ])("%s: %s", (_, decision, situation) => {
    expect(inShort(decide(situation))).toBe(decision);
  });
});

describe("what the alarm shows, and no more", () => {
  const group = { ...groupOf({ alarms: ["traffic"] }) };
  const [first, ...others] = group.members;
  const withAlarm = { ...group, members: [{ ...(first ?? expect.fail()), alarms: ["app-1"] }, ...others] };
  const health = (drill: Drill | undefined, mark: string | undefined, at = NOW): Health | undefined => {
    const one = alarm("app-1", mark === undefined ? {} : { drill: mark });
    const state = stateOf(drill === undefined ? {} : { drill });
    return diagnose(withAlarm, seen(withAlarm, { at, alarms: [one] }), state).members[0]?.health;
  };

  it.each<[name: string, health: Health, drill: Drill | undefined, mark: string | undefined, at?: number]>([
    ["set by the drill that is under way: none", "healthy", DRILL, "d1"],
    ["set by it, after it has ended: none", "healthy", ENDED, "d1"],
    ["still as it set it, after it has lapsed: unknown", "unknown", DRILL, "d1", DRILL.until],
    ["set by a drill of another group: unknown", "unknown", undefined, "d9"],
    ["in ALARM by itself during the drill: failing", "failing", DRILL, undefined],
  ])("an alarm %s", (_, is, drill, mark, at) => {
    expect(health(drill, mark, at)).toBe(is);
  });

  it("says why nobody knows, where nobody does", () => {
    const one = alarm("app-1", { drill: "d9" });
    const { members } = diagnose(withAlarm, seen(withAlarm, { alarms: [one] }), stateOf());
    expect(members[0]?.evidence).toContainEqual(
      expect.objectContaining({ says: "unknown", detail: "still in ALARM, to which a drill has set it" }),
    );
  });

  it.each([
    ["ALARM(app-10)", true],
    ["ALARM(my-app-1)", true],
    ["ALARM(app-1)", false],
    ['OK("other") AND ALARM( "app-1" )', false],
    ["ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:app-1)", false],
  ])("a composite alarm by the rule %s is evidence: %s", (rule, counts) => {
    const composite = alarm("traffic", { rule });
    const look = seen(withAlarm, { alarms: [composite] });
    const { members } = diagnose(withAlarm, look, stateOf({ drill: DRILL }));
    expect(members[0]?.health).toBe(counts ? "failing" : "healthy");
  });

  it("nor is a composite alarm over it, while the drill is fresh", () => {
    const composite = alarm("traffic", { rule: "ALARM(app-1) OR ALARM(other)" });
    const of = (at: number) =>
      diagnose(withAlarm, seen(withAlarm, { at, alarms: [composite] }), stateOf({ drill: DRILL })).members[0]
        ?.health;
    expect(of(NOW)).toBe("healthy");
    expect(of(DRILL.until)).toBe("failing");
  });

  it("of the group's own alarms is told as not cleared", () => {
    const traffic = alarm("traffic", { drill: "d1", transitionedAt: NOW - SECOND });
    const drill = { ...DRILL, alarm: "traffic" };
    const is = diagnose(withAlarm, seen(withAlarm, { alarms: [traffic] }), stateOf({ drill }));
    expect([is.notCleared, is.members[0]?.health]).toEqual([[], "healthy"]);
  });
});

describe("the end of a drill", () => {
  const moved = (by: Intent, kind: "moved" | "failed" = "moved") =>
    settle(
      stateOf({ epoch: 3, drill: DRILL, intent: by }),
      groupOf(),
      by,
      { kind, because: by.because, message: "In use on m2.", phases: { inUse: NOW } },
      NOW,
    );
  const own = intentTo("m2", { because: "drill", drill: "d1", automatic: false, budgeted: false });

  it("is its own move: in the record and in the history, without a cooldown", () => {
    const state = moved(own);
    expect(state.drill?.end).toMatchObject({ outcome: "moved", because: "drill", to: "m2", epoch: 3 });
    expect(
      Object.values(state.outbox)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["drill", "move"]);
    expect(cooldownUntil(state, POLICY, NOW)).toBeUndefined();
    expect(moved(own, "failed").drill?.end?.outcome).toBe("failed");
  });

  it.each<[name: string, first: Intent]>([
    ["another move", intentTo("m2")],
    ["the move of another drill", { ...own, drill: "d0" }],
  ])("is %s that came first", (_, first) => {
    const { drill, outbox } = moved(first);
    expect(drill?.end).toMatchObject({
      outcome: "superseded",
      because: first.because,
      message: "Another move came first. In use on m2.",
    });
    // Beside the entry of the move, in the same second.
    expect(Object.values(outbox).map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual([
      "drill e3.4",
      "move e3.1",
    ]);
  });

  it.each<[because: string, message: string, situation: Situation]>([
    ["paused", "Paused by ben until resumed.", heard({ pause: { by: "ben", since: NOW - HOUR } })],
    [
      "unconfirmed",
      "Interface eni-a could not be read: Unavailable.",
      heard({}, { interfaces: { "eni-a": "unread" } }),
    ],
    [
      "cooldown",
      "If m1 failed now, the group would not move, since the group moved lately: the cooldown ends at 12:04:00 UTC.",
      heard({ moves: [pastMove(MINUTE)] }),
    ],
    [
      "no-eligible-standby",
      "If m1 failed now, the group would not move, since no standby is eligible: m2 is failing.",
      heard({}, { members: { m2: "failing" } }),
    ],
    [
      "no-eligible-standby",
      "The standby is about to leave.",
      heard({ leaving: { m2: { why: "spot", at: NOW + HOUR } } }),
    ],
    [
      "healthy",
      "m1 is no longer active. m2 is active and healthy.",
      heard({}, { interfaces: { "eni-a": "m2" } }),
    ],
  ])("is what held it: %s, %s", (because, message, situation) => {
    const { drill, outbox, told } = afterHold(situation, holdOf(situation));
    expect(drill?.end).toMatchObject({ outcome: "held", because, message });
    expect(Object.values(outbox).map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual(["drill v0.3"]);
    expect(told?.because).toBe(["paused", "unconfirmed"].includes(because) ? because : undefined);
  });

  it("is not what another look holds for", () => {
    const situation = heard({}, {}, "");
    expect(afterHold(situation, holdOf(situation))).toBe(situation.state);
  });

  it("is that it has lapsed, found by any look, unless a move is in hand: then the move's holder ends it", () => {
    const situation = { ...heard({}, {}, ""), now: DRILL.until };
    const { drill, outbox } = afterHold(situation, holdOf(situation));
    expect(drill?.end).toMatchObject({
      outcome: "failed",
      message: expect.stringMatching(/^No look .* came of app-1 within 120 s\. The missing link/),
    });
    expect(Object.values(outbox).map(({ kind, sequence }) => `${kind} ${sequence}`)).toEqual([
      "failed-drill v0.3",
    ]);
    const inHand = stateOf({ drill: DRILL, intent: own });
    expect(lapseDrill(inHand, DRILL.until)).toBe(inHand);
    const overtaken = stateOf({ drill: DRILL, intent: intentTo("m2") });
    expect(lapseDrill(overtaken, DRILL.until)).toBe(overtaken);
    const early = stateOf({ drill: DRILL });
    expect(lapseDrill(early, DRILL.until - 1)).toBe(early);
  });

  it("is told to people where it has failed, and to nobody else where it has not", () => {
    const news = ({ outbox }: State) =>
      Object.entries(outbox).map(([key, entry]) => newsOf("nat-a", key, entry));
    const [failed] = news(lapseDrill(stateOf({ drill: DRILL }), DRILL.until));
    expect(failed).toMatchObject({
      type: "Drill Failed",
      detail: {
        notify: true,
        headline: "nat-a: the drill FAILED: a failure of m1 might go unseen, or not be survived",
        message: expect.stringContaining("missing link"),
        by: "anna",
      },
    });
    const situation = heard({ pause: { by: "ben", since: NOW - HOUR } });
    expect(news(afterHold(situation, holdOf(situation)))).toEqual([undefined]);
  });

  it("comes once", () => {
    const state = stateOf({ drill: ENDED });
    expect(lapseDrill(state, DRILL.until)).toBe(state);
  });
});

describe("the move of a drill", () => {
  const decision = decide(heard());
  const move = decision.kind === "move" ? decision : expect.fail();
  const intent = intentOf(move, groupOf({ policy: { detach: "force" } }), seen(groupOf()), "i1", NOW);

  it("is measured from the moment at which the alarm was set", () => {
    expect(intent).toMatchObject({ drill: "d1", phases: { detected: DRILL.since, decided: NOW } });
  });

  it.each<[health: Health, force: ReturnType<typeof mayForce>]>([
    ["healthy", "never"],
    ["failing", "at-once"],
  ])("off a %s member is forced: %s, where the policy forces", (health, force) => {
    const group = groupOf({ policy: { detach: "force" } });
    const { members } = situationOf(group, { members: { m1: health } }).diagnosis;
    expect(mayForce({ group, intent, now: NOW }, members[0])).toBe(force);
    const { drill: _, ...other } = intent;
    expect(mayForce({ group, intent: other, now: NOW }, members[0])).toBe("at-once");
  });

  it("must still be right before its first detach, and is not once the drill has lapsed", () => {
    const state = claim(stateOf({ drill: DRILL }), intent, "me", NOW);
    const again = (at: number) => inShort(decideAgain(groupOf(), state, intent, seen(groupOf(), { at }), at));
    expect(again(NOW + 15 * SECOND)).toBe("drill m1 → m2");
    expect(again(DRILL.until)).toBe("hold healthy");
  });

  it("that never began is nobody's request", () => {
    const state = { drill: DRILL, intent };
    expect(inShort(decide(situationOf(groupOf(), {}, state)))).toBe("hold healthy");
  });
});

it("a drill is known by the reason of its alarm, and by no other", () => {
  expect(drillIn(drillReason("nat-a", DRILL))).toBe("d1");
  expect(drillIn("Threshold Crossed: 1 out of the last 1 datapoints")).toBeUndefined();
  expect(drillIn(`Not by ${drillReason("nat-a", DRILL)}`)).toBeUndefined();
  expect(drillIn(undefined)).toBeUndefined();
});

it("a drill begins with an entry in the history", () => {
  const asked = { id: "d1", alarm: "app-1", from: "m1", by: "anna", reason: "quarterly" };
  const { drill, outbox } = beginDrill(stateOf({ version: 7 }), asked, NOW);
  expect(drill).toEqual({ ...asked, since: NOW, until: NOW + 2 * MINUTE });
  expect(Object.values(outbox)).toEqual([
    expect.objectContaining({
      kind: "drill",
      sequence: "v7",
      by: "anna",
      from: "m1",
      reason: "quarterly",
      message:
        "A drill begins: alarm app-1 is about to be set to ALARM, and its event counts until 12:02:00 UTC.",
    }),
  ]);
});
