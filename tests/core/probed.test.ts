/** The prober's verdict as evidence: what it says of members, when it counts, and that it never says more than failing. */
import { describe, expect, it } from "vitest";
import { decide } from "../../shared/core/decide.ts";
import type { Group, Health, Policy, Probed, ProbeFinding, State } from "../../shared/core/model.ts";
import { PROBE } from "../prober/probe.ts";
import { product } from "./product.ts";
import {
  ARRIVED,
  groupOf,
  HOUR,
  inShort,
  MINUTE,
  NOW,
  pastMove,
  SECOND,
  type Seen,
  situationOf,
} from "./scene.ts";

const probed = (policy: Partial<Policy> = {}): Group => ({ ...groupOf({ policy }), probe: PROBE });

const SERVING: ProbeFinding = { says: "serving", since: NOW - MINUTE, detail: "answered", answeredAt: NOW };
const SILENT: ProbeFinding = {
  says: "silent",
  since: NOW - 12 * SECOND,
  detail: "no answer within 2 s",
  answeredAt: NOW - 15 * SECOND,
};
const UNKNOWN: ProbeFinding = { ...SILENT, says: "unknown" };
const { answeredAt: _, ...NEVER } = SILENT;

const verdict = (change: Partial<Probed>, ageMs = SECOND): Pick<State, "probed"> => ({
  probed: { at: NOW - ageMs, members: {}, ...change },
});

interface Row {
  readonly name: string;
  readonly verdict: Pick<State, "probed">;
  readonly seen?: Seen;
  readonly group?: Group;
  readonly m1: Health;
}

describe("what a verdict says of the active", () => {
  const rows: readonly Row[] = [
    { name: "an answer is healthy", verdict: verdict({ members: { m1: SERVING } }), m1: "healthy" },
    { name: "silence is failing", verdict: verdict({ members: { m1: SILENT } }), m1: "failing" },
    {
      name: "silence a moment before it lapses is failing",
      verdict: verdict({ members: { m1: SILENT } }, 30 * SECOND - 1),
      m1: "failing",
    },
    {
      name: "silence that has lapsed is no evidence",
      verdict: verdict({ members: { m1: SILENT } }, 30 * SECOND),
      m1: "healthy",
    },
    {
      name: "silence told by a clock half a minute ahead is no evidence",
      verdict: verdict({ members: { m1: SILENT } }, -30 * SECOND),
      m1: "healthy",
    },
    {
      name: "a prober that is cut off says nothing",
      verdict: verdict({ members: { m1: UNKNOWN }, floating: UNKNOWN }),
      m1: "healthy",
    },
    {
      name: "silence of a member that never answered is no evidence while its checks are fine",
      verdict: verdict({ members: { m1: NEVER } }),
      m1: "healthy",
    },
    {
      name: "a dead member that answers is dead",
      verdict: verdict({ members: { m1: SERVING } }),
      seen: { members: { m1: "dead" } },
      m1: "dead",
    },
    {
      name: "an answer does not outweigh a failing check",
      verdict: verdict({ members: { m1: SERVING } }),
      seen: { members: { m1: "failing" } },
      m1: "failing",
    },
    {
      name: "an answer does not make up for a read that failed",
      verdict: verdict({ members: { m1: SERVING } }),
      seen: { members: { m1: { read: "failed", error: "Throttling" } } },
      m1: "unknown",
    },
    {
      name: "the floating address that served here and is silent is failing",
      verdict: verdict({ floating: SILENT }),
      m1: "failing",
    },
    {
      name: "the floating address that has not answered since the group arrived says nothing of the active",
      verdict: verdict({ floating: { ...SILENT, answeredAt: ARRIVED } }),
      m1: "healthy",
    },
    {
      name: "the floating address that never answered says nothing",
      verdict: verdict({ floating: NEVER }),
      m1: "healthy",
    },
    {
      name: "a group that is not probed any more knows no verdict",
      verdict: verdict({ members: { m1: SILENT } }),
      group: groupOf(),
      m1: "healthy",
    },
    {
      name: "of two witnesses the probe is one: alone it makes the active unknown",
      verdict: verdict({ members: { m1: SILENT }, floating: SILENT }),
      group: probed({ witnesses: 2 }),
      m1: "unknown",
    },
    {
      name: "with a check of EC2 it is two",
      verdict: verdict({ members: { m1: SILENT } }),
      seen: { members: { m1: "failing" } },
      group: probed({ witnesses: 2 }),
      m1: "failing",
    },
  ];
  it.each(rows)("$name", ({ verdict, seen, group, m1 }) => {
    const { diagnosis } = situationOf(group ?? probed(), seen, verdict);
    expect(diagnosis.members[0]?.health).toBe(m1);
  });

  const silence = { says: "failing", detail: "silent for 12 s (no answer within 2 s)", since: SILENT.since };
  const unchecked: Seen = { members: { m1: "unknown" } };
  it.each<{ name: string; verdict: Partial<Probed>; seen?: Seen; told: object | undefined }>([
    { name: "silence", verdict: { members: { m1: SILENT } }, told: { source: "probe", ...silence } },
    {
      name: "silence of the floating address",
      verdict: { floating: SILENT },
      told: { source: "probe:floating", ...silence },
    },
    {
      name: "an answer",
      verdict: { members: { m1: SERVING } },
      told: { source: "probe", says: "healthy", detail: "answers", since: SERVING.since },
    },
    {
      name: "nothing, of one that never answered and is well otherwise",
      verdict: { members: { m1: NEVER } },
      told: undefined,
    },
    {
      name: "that it never answered, where nothing else vouches for it",
      verdict: { members: { m1: NEVER } },
      seen: unchecked,
      told: { source: "probe", says: "unknown", detail: "has never been answered", since: NEVER.since },
    },
  ])("is told in words, with the time since when: $name", ({ verdict: change, seen, told }) => {
    const { diagnosis } = situationOf(probed(), seen, verdict(change));
    const evidence = diagnosis.members[0]?.evidence.filter(({ witness }) => witness === "probe");
    expect(evidence).toEqual(told === undefined ? [] : [{ witness: "probe", ...told }]);
  });
});

describe("what follows from a verdict", () => {
  const silent = verdict({ members: { m1: SILENT, m2: SERVING }, floating: SILENT });
  const rows = [
    { name: "an active that fell silent is left", state: silent, comes: "active-failing m1 → m2" },
    {
      name: "a standby that is silent is not gone to",
      state: verdict({ members: { m1: SILENT, m2: SILENT } }),
      comes: "hold no-eligible-standby",
    },
    {
      name: "the floating address is silent on, and the group does not go back",
      state: { ...verdict({ floating: SILENT }), moves: [pastMove(20 * SECOND)] },
      comes: "hold cooldown",
    },
    {
      name: "many groups that move on probes alone are a surge",
      state: silent,
      surge: { recent: 5, limit: 5 },
      comes: "hold surge",
    },
  ];
  it.each(rows)("$name", ({ state, surge, comes }) => {
    const situation = situationOf(probed(), {}, state, surge === undefined ? {} : { surge });
    expect(inShort(decide(situation))).toBe(comes);
  });
});

it("whatever a verdict says, it makes nobody dead, nobody well who is not, and nobody failing but by fresh silence after an answer", () => {
  const answers = [undefined, NOW - 3 * HOUR, NOW - MINUTE];
  const findings = [
    undefined,
    ...["serving", "silent", "unknown"].flatMap((says) => answers.map((at) => [says, at])),
  ];
  const healths: readonly Health[] = ["healthy", "unknown", "failing", "dead"];
  const ages = [0, 29_999, 30_000, -30_000];
  const finding = (one: (typeof findings)[number]): ProbeFinding | undefined => {
    if (one === undefined) return undefined;
    const [says, answeredAt] = one as [ProbeFinding["says"], number | undefined];
    return { says, since: NOW - SECOND, detail: "", ...(answeredAt === undefined ? {} : { answeredAt }) };
  };
  let tried = 0;
  for (const [own, floating, age, health] of product<unknown>([findings, findings, ages, healths])) {
    const [mine, theirs] = [own, floating].map((one) => finding(one as (typeof findings)[number]));
    const heard = verdict(
      {
        ...(theirs === undefined ? {} : { floating: theirs }),
        members: mine === undefined ? {} : { m1: mine },
      },
      age as number,
    );
    const healthWith = (state: Partial<State>) =>
      situationOf(probed(), { members: { m1: health as Health } }, state).diagnosis.members[0]?.health;
    const [before, after] = [healthWith({}), healthWith(heard)];
    const fresh = Math.abs(age as number) < 30_000;
    const silent =
      (mine?.says === "silent" && mine.answeredAt !== undefined) ||
      (theirs?.says === "silent" && (theirs.answeredAt ?? 0) > ARRIVED);
    const accused = fresh && silent && before !== "dead";
    // An answer is no health: what EC2 does not call well is not called well either.
    expect(after, JSON.stringify([own, floating, age, health])).toBe(accused ? "failing" : before);
    tried += 1;
  }
  expect(tried).toBe(10 * 10 * 4 * 4);
});
