import { describe, expect, it } from "vitest";
import { alarmsAbout, mayDrill } from "../../shared/core/may-drill.ts";
import type { AlarmSeen, Drill, Group, Policy, State } from "../../shared/core/model.ts";
import { alarm, groupOf, intentTo, MINUTE, NOW, pastMove, SECOND, type Seen, situationOf } from "./scene.ts";

/** The alarms on m1's status checks, of m1, of m2 and of the group. */
const NAMES = ["status-1", "app-1", "app-2", "traffic"] as const;

function watched(policy: Partial<Policy> = {}): Group {
  const { members, ...group } = groupOf({ alarms: ["traffic"], policy });
  const named = members.map((member, n) => ({ ...member, alarms: [`app-${n + 1}`] }));
  return {
    ...group,
    members: named.map((member, n) => (n === 0 ? { ...member, statusAlarm: "status-1" } : member)),
  };
}

/** Watched by the alarm on the active's status checks alone: where that can't be read, nothing is in doubt. */
const barely: Group = {
  ...watched(),
  alarms: [],
  members: watched().members.map((member) => ({ ...member, alarms: [] })),
};

type Change = Partial<AlarmSeen> | "absent";

interface Asking {
  readonly group?: Group;
  readonly seen?: Seen;
  readonly state?: Partial<State>;
  /** What differs from all alarms being there and OK. */
  readonly alarms?: Readonly<Record<string, Change>>;
  readonly blocked?: { readonly from: number; readonly to: number };
  readonly wanted?: string;
}

function asked({ group = watched(), seen, state, alarms = {}, blocked, wanted }: Asking) {
  const shown = NAMES.flatMap((name) => {
    const change = alarms[name];
    return change === "absent" ? [] : [alarm(name, { state: "OK", ...change })];
  });
  const times = { blocked: blocked === undefined ? [] : [{ ...blocked, written: "2026-03-01" }] };
  return mayDrill(situationOf(group, { alarms: shown, ...seen }, state), times, wanted);
}

const ended = (at: number, outcome: "moved" | "held"): Drill => ({
  id: "d0",
  alarm: "app-1",
  from: "m2",
  by: "ben",
  since: at - MINUTE,
  until: at + MINUTE,
  end: { at, outcome, because: "drill", message: "It has ended." },
});
const { end: _, ...OPEN } = ended(NOW, "held");

describe("a drill may begin, with the first alarm that would tell of a failure of the active", () => {
  it.each<{ name: string; asking: Asking; alarm: string }>([
    { name: "that on its status checks", asking: {}, alarm: "status-1" },
    {
      name: "its own, where that is not there",
      asking: { alarms: { "status-1": "absent" } },
      alarm: "app-1",
    },
    {
      name: "the group's, where neither would",
      asking: { alarms: { "status-1": { muted: true }, "app-1": { state: "INSUFFICIENT_DATA" } } },
      alarm: "traffic",
    },
    { name: "that which was asked for", asking: { wanted: "app-1" }, alarm: "app-1" },
    { name: "the group's, asked for", asking: { wanted: "traffic" }, alarm: "traffic" },
    {
      name: "known not to be muted",
      asking: { alarms: { "status-1": { muted: false } } },
      alarm: "status-1",
    },
    {
      name: "any that was read",
      asking: { group: barely, seen: { alarmsUnread: "Throttling" } },
      alarm: "status-1",
    },
    { name: "before a blocked date", asking: { blocked: { from: NOW + 1, to: NOW + 2 } }, alarm: "status-1" },
    {
      name: "right after a drill that was held",
      asking: { state: { drill: ended(NOW - SECOND, "held") } },
      alarm: "status-1",
    },
    {
      name: "once the cooldown of the last drill is over",
      asking: { state: { drill: ended(NOW - 5 * MINUTE, "moved") } },
      alarm: "status-1",
    },
  ])("$name: $alarm", ({ asking, alarm: name }) => {
    expect(asked(asking)).toEqual({ kind: "drill", alarm: name, from: "m1", to: "m2" });
  });
});

describe("a drill is refused", () => {
  const all = (change: Change) => Object.fromEntries(NAMES.map((name) => [name, change]));
  it.each<{ name: string; asking: Asking; because: string; message: string }>([
    {
      name: "what a look would hold for comes first",
      asking: { state: { pause: { by: "ben", since: NOW } } },
      because: "paused",
      message: "Paused by ben until resumed.",
    },
    {
      name: "so does what it would do",
      asking: { seen: { members: { m1: "dead" } } },
      because: "in-progress",
      message:
        "The next look has something else to do first. The group would move from m1 to m2: instance-state instance is stopped.",
    },
    {
      name: "an intent stands",
      asking: { state: { intent: intentTo("m2") } },
      because: "in-progress",
      message: "A move to m2 (active-failing) is in hand: ask when it has ended.",
    },
    {
      name: "another drill is under way",
      asking: { state: { drill: OPEN } },
      because: "in-progress",
      message: "A drill by ben is under way; it ends by 12:01:00 UTC: ask again then.",
    },
    {
      name: "the last one has just moved the group",
      asking: { state: { drill: ended(NOW - 5 * MINUTE + 1, "moved") } },
      because: "just-moved",
      message: "The last drill ended at 11:55:00 UTC: wait until 12:00:00 UTC.",
    },
    {
      name: "a failover would be held",
      asking: { state: { moves: [pastMove(MINUTE)] } },
      because: "cooldown",
      message:
        "If m1 failed now, the group would not move, since the group moved lately: the cooldown ends at 12:04:00 UTC.",
    },
    {
      name: "nobody would take the group",
      asking: { seen: { members: { m2: "unknown" } } },
      because: "no-eligible-standby",
      message: "If m1 failed now, the group would not move, since no standby is eligible: m2 is unknown.",
    },
    {
      name: "who would take it is about to leave",
      asking: { state: { leaving: { m2: { why: "spot", at: NOW + MINUTE } } } },
      because: "no-eligible-standby",
      message: "m2, which would take the group, is about to leave.",
    },
    {
      name: "the group only observes",
      asking: { group: watched({ mode: "observe" }) },
      because: "drill-refused",
      message: "The group only observes: a drill needs mode: act.",
    },
    {
      name: "the date is blocked",
      asking: { blocked: { from: NOW, to: NOW + 1 } },
      because: "drill-refused",
      message: "There are no drills on 2026-03-01 (drills.blockedDates).",
    },
    {
      name: "no alarm speaks about the active",
      asking: { group: groupOf() },
      because: "drill-refused",
      message: "No alarm speaks about m1: name one in the configuration, or switch statusAlarm on.",
    },
    {
      name: "the alarm is about another member",
      asking: { wanted: "app-2" },
      because: "drill-refused",
      message: '"app-2" is about m2, which is not active: name "status-1" or "app-1" or "traffic".',
    },
    {
      name: "the alarm is none of the group's",
      asking: { wanted: "cpu" },
      because: "drill-refused",
      message: '"cpu" is no alarm of this group: name "status-1" or "app-1" or "traffic".',
    },
    {
      name: "the alarms could not be read",
      asking: { group: barely, alarms: all("absent"), seen: { alarmsUnread: "Throttling", alarms: [] } },
      because: "unconfirmed",
      message: "The alarms could not be read (Throttling): ask again.",
    },
    {
      name: "each alarm has its own reason against it",
      asking: {
        alarms: {
          "status-1": "absent",
          "app-1": { state: "INSUFFICIENT_DATA" },
          traffic: { rule: "ALARM(x)" },
        },
      },
      because: "drill-refused",
      message:
        'No alarm would carry a drill: "status-1" does not exist: deploy the stack, or create it; "app-1" has no data: it would tell of no failure either; "traffic" is a composite alarm, which CloudWatch may not take back: use one that it is made of.',
    },
    {
      name: "that which was asked for would not carry it, though others would",
      asking: { wanted: "status-1", alarms: { "status-1": { muted: true } } },
      because: "drill-refused",
      message: 'No alarm would carry a drill: "status-1" is muted: it would tell of no failure either.',
    },
    {
      name: "it is in ALARM already, suppressed and so no evidence",
      asking: { wanted: "status-1", alarms: { "status-1": { state: "ALARM", suppressed: true } } },
      because: "drill-refused",
      message: 'No alarm would carry a drill: "status-1" is in ALARM already.',
    },
  ])("$name: $because", ({ asking, because, message }) => {
    expect(asked(asking)).toEqual({ kind: "hold", because, message, notify: false });
  });

  it("by the first that holds: what is in hand before what a failover would meet", () => {
    const state = { drill: OPEN, moves: [pastMove(MINUTE)] };
    expect(asked({ state, wanted: "cpu" })).toMatchObject({ because: "in-progress" });
    expect(asked({ state: { moves: state.moves }, wanted: "cpu" })).toMatchObject({ because: "cooldown" });
  });
});

it.each([
  ["m1", ["status-1", "app-1", "traffic"]],
  ["m2", ["app-2", "traffic"]],
  [undefined, ["traffic"]],
])("the alarms that speak about %s, while it is active", (member, names) => {
  expect(alarmsAbout(watched(), member)).toEqual(names);
});
