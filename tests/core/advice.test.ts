/** What to do about what a look would come to now. */
import { expect, it } from "vitest";
import { ADVICE, adviceOn } from "../../shared/core/advice.ts";
import { decide } from "../../shared/core/decide.ts";
import { groupOf, NOW, situationOf } from "./scene.ts";

const failing = { members: { m1: "failing" } } as const;
const nobody = { members: { m1: "failing", m2: "dead" } } as const;
const paused = { pause: { by: "anna", since: NOW } };

it.each([
  { name: "nothing, where all is well", given: [{}, {}], is: /^Nothing\.$/ },
  { name: "wait for the move that is about to be made", given: [failing, {}], is: /^Wait for the next look/ },
  { name: "mend, where nobody can take the group", given: [nobody, {}], is: /Repair a standby/ },
  {
    name: "nothing about a pause of a group that is well",
    given: [{}, paused],
    is: /while the pause is meant/,
  },
  {
    name: "the end of the pause, where it is not",
    given: [failing, paused],
    is: /^The group is not well, and paused/,
  },
] as const)("is $name", ({ given: [seen, state], is }) => {
  expect(adviceOn(decide(situationOf(groupOf(), seen, state)), "act")).toMatch(is);
});

it("of a group that only observes is nobody's to wait for", () => {
  const decision = decide(situationOf(groupOf(), failing));
  expect(adviceOn(decision, "observe")).toMatch(/set mode: act/);
  expect(adviceOn(decision, "act")).not.toBe(ADVICE["active-failing"]);
});
