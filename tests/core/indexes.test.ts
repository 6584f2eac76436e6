import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Assignment, assignIndexes, burnsInForce } from "../../shared/core/indexes.ts";
import type { Burn, Group, Member, MemberDetails } from "../../shared/core/model.ts";
import { details, groupOf, LAUNCHED } from "./scene.ts";

/** A group whose interfaces may take these indexes, in order of preference. */
const groupWith = (...allowed: readonly (readonly number[])[]): Group => ({
  ...groupOf(),
  interfaces: allowed.map((deviceIndexes, n) => ({ eni: `eni-${n}`, deviceIndexes })),
});
const member = (deviceIndexes: Member["deviceIndexes"] = {}): Member => ({
  name: "m2",
  instance: "i-m2",
  alarms: [],
  deviceIndexes,
});
const taken = (...indexes: readonly number[]): MemberDetails =>
  details({ attachments: indexes.map((deviceIndex) => ({ deviceIndex, eni: `other-${deviceIndex}` })) });
const burn = (deviceIndex: number, eni = "eni-other", launchedAt = LAUNCHED): Burn => ({
  member: "m2",
  deviceIndex,
  eni,
  launchedAt,
});
const indexesOf = (assignment: Assignment) =>
  assignment.fits ? Object.values(assignment.indexes) : assignment.why;

describe("the indexes that the interfaces of a group take", () => {
  it.each<{
    name: string;
    is: readonly number[] | string;
    group: Group;
    details?: MemberDetails;
    burned?: Burn[];
    own?: Member["deviceIndexes"];
  }>([
    { name: "the first allowed of each", group: groupWith([1], [2]), is: [1, 2] },
    { name: "no index twice", group: groupWith([1, 2], [1, 2]), is: [1, 2] },
    {
      name: "the first gives way to the second that has no choice",
      group: groupWith([1, 2], [1]),
      is: [2, 1],
    },
    { name: "two that may only take the same", group: groupWith([1], [1]), is: "index-taken" },
    { name: "what others hold is taken", group: groupWith([1, 2]), details: taken(1), is: [2] },
    {
      name: "everything allowed is taken",
      group: groupWith([1, 2]),
      details: taken(1, 2),
      is: "index-taken",
    },
    {
      name: "what an interface of the group holds is free, and stays with it",
      group: groupWith([1, 2], [1, 2]),
      details: details({ attachments: [{ deviceIndex: 2, eni: "eni-0" }] }),
      is: [2, 1],
    },
    {
      name: "what an interface of the group holds goes to another that has no choice",
      group: groupWith([1, 2], [2]),
      details: details({ attachments: [{ deviceIndex: 2, eni: "eni-0" }] }),
      is: [1, 2],
    },
    {
      name: "an index held but not allowed is not kept",
      group: groupWith([1]),
      details: details({ attachments: [{ deviceIndex: 7, eni: "eni-0" }] }),
      is: [1],
    },
    { name: "a burned index is avoided", group: groupWith([1, 2]), burned: [burn(1)], is: [2] },
    {
      name: "a burned index that is the only one",
      group: groupWith([1]),
      burned: [burn(1)],
      is: "index-burned",
    },
    {
      name: "a burned index and a taken one",
      group: groupWith([1, 2]),
      details: taken(2),
      burned: [burn(1)],
      is: "index-burned",
    },
    {
      name: "taken is told before burned",
      group: groupWith([1], [2]),
      details: taken(1),
      burned: [burn(2)],
      is: "index-taken",
    },
    {
      name: "the interface that was forced off a burned index may go back",
      group: groupWith([1]),
      burned: [burn(1, "eni-0")],
      is: [1],
    },
    {
      name: "one index burned by two interfaces is burned for both",
      group: groupWith([1]),
      burned: [burn(1, "eni-0"), burn(1, "eni-other")],
      is: "index-burned",
    },
    {
      name: "a member's own indexes come before the interface's",
      group: groupWith([1]),
      own: { "eni-0": [5] },
      is: [5],
    },
    {
      name: "a member without any allowed index",
      group: groupWith([1]),
      own: { "eni-0": [] },
      is: "index-taken",
    },
  ])("$name", ({ group, details: known, burned, own, is }) => {
    expect(indexesOf(assignIndexes(group, member(own), known ?? details(), burned ?? []))).toEqual(is);
  });

  it("without details nothing is known to be taken", () => {
    expect(indexesOf(assignIndexes(groupWith([1]), member(), undefined, []))).toEqual([1]);
  });

  it("a group without interfaces needs no index", () => {
    expect(assignIndexes(groupWith(), member(), details(), [])).toEqual({ fits: true, indexes: {} });
  });
});

describe("burns that still hold", () => {
  it.each([
    { name: "of this launch", launchedAt: LAUNCHED, holds: true },
    { name: "of a later time than this launch", launchedAt: LAUNCHED + 1, holds: true },
    { name: "of an earlier launch", launchedAt: LAUNCHED - 1, holds: false },
  ])("$name: $holds", ({ launchedAt, holds }) => {
    const one = burn(1, "eni-0", launchedAt);
    expect(burnsInForce([one], "m2", details())).toEqual(holds ? [one] : []);
    expect(burnsInForce([one], "m2", undefined)).toEqual([one]);
    expect(burnsInForce([one], "m1", details())).toEqual([]);
    expect(burnsInForce([one], "m1", undefined)).toEqual([]);
  });
});

describe("whatever is allowed, taken and burned", () => {
  const index = fc.integer({ min: 1, max: 5 });
  const scene = fc.record({
    allowed: fc.array(fc.uniqueArray(index, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
    others: fc.uniqueArray(index, { maxLength: 3 }),
    own: fc.dictionary(fc.constantFrom("eni-0", "eni-1"), fc.uniqueArray(index, { maxLength: 3 })),
    burns: fc.array(fc.tuple(index, fc.constantFrom("eni-0", "eni-1", "eni-other")), { maxLength: 3 }),
  });
  const build = ({
    allowed,
    others,
    own,
    burns,
  }: typeof scene extends fc.Arbitrary<infer Value> ? Value : never) => ({
    group: groupWith(...allowed),
    who: member(own),
    known: taken(...others),
    burned: burns.map(([at, eni]) => burn(at, eni)),
    choices: (eni: string, n: number) => own[eni] ?? allowed[n] ?? [],
    others,
  });
  /** By brute force: some choice of one allowed, untaken index each, none twice, that `fine` accepts. */
  const possible = (choices: readonly (readonly number[])[], used: readonly number[] = []): boolean => {
    const [first, ...rest] = choices;
    return first === undefined || first.some((one) => !used.includes(one) && possible(rest, [...used, one]));
  };

  it("an assignment takes allowed indexes only, none that is taken or burned, and none twice", () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { group, who, known, burned, choices, others } = build(drawn);
        const assignment = assignIndexes(group, who, known, burned);
        if (!assignment.fits) return;
        const given = Object.entries(assignment.indexes);
        expect(given.map(([eni]) => eni)).toEqual(group.interfaces.map((one) => one.eni));
        expect(new Set(given.map(([, at]) => at)).size).toBe(given.length);
        for (const [n, [eni, at]] of given.entries()) {
          expect(choices(eni, n)).toContain(at);
          expect(others).not.toContain(at);
          expect(burned.filter((one) => one.deviceIndex === at && one.eni !== eni)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("it is refused only when there is none, and says rightly why", () => {
    fc.assert(
      fc.property(scene, (drawn) => {
        const { group, who, known, burned, choices, others } = build(drawn);
        const assignment = assignIndexes(group, who, known, burned);
        const free = group.interfaces.map(({ eni }, n) =>
          choices(eni, n).filter((at) => !others.includes(at)),
        );
        const unburned = group.interfaces.map(({ eni }, n) =>
          (free[n] ?? []).filter((at) => !burned.some((one) => one.deviceIndex === at && one.eni !== eni)),
        );
        const expected = possible(unburned) ? "fits" : possible(free) ? "index-burned" : "index-taken";
        expect(assignment.fits ? "fits" : assignment.why).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
