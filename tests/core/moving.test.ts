/** One move, in the tense of whoever tells it. */
import { expect, it } from "vitest";
import {
  moved,
  moving,
  sentenceOf,
  wouldDecide,
  wouldDoObserving,
  wouldMove,
} from "../../shared/core/moving.ts";
import { intentTo } from "./scene.ts";

const failover = { because: "active-failing", from: "m1", to: "m2", why: "it fails" } as const;
const nowhere = { because: "last-resort", to: "m2", why: "an interface was attached to nothing" } as const;
const repair = {
  because: "repair",
  from: "m1",
  to: "m2",
  why: "an interface was attached to nothing",
} as const;

it.each([
  {
    name: "a failover",
    move: failover,
    is: "Moving from m1 to m2: it fails.",
    would: "The group would move from m1 to m2: it fails.",
    was: "The interface is in use on m2, moved from m1: it fails.",
  },
  {
    name: "a move from nowhere",
    move: nowhere,
    is: "Moving to m2: an interface was attached to nothing.",
    would: "The group would move to m2: an interface was attached to nothing.",
    was: "The interface is in use on m2: an interface was attached to nothing.",
  },
  {
    name: "a repair",
    move: repair,
    is: "Bringing the interfaces together on m2: an interface was attached to nothing.",
    would: "The interfaces would be brought together on m2: an interface was attached to nothing.",
    was: "The interface is in use on m2: an interface was attached to nothing.",
  },
  {
    name: "a union",
    move: { ...repair, because: "unite", why: "the interfaces were on different members" } as const,
    is: "Bringing the interfaces together on m2: the interfaces were on different members.",
    would: "The interfaces would be brought together on m2: the interfaces were on different members.",
    was: "The interface is in use on m2: the interfaces were on different members.",
  },
])("$name", ({ move, is, would, was }) => {
  expect([moving(move), wouldMove(move), moved(move, 1)]).toEqual([is, would, was]);
});

it("of several interfaces the end is told in the plural", () => {
  expect(moved(failover, 2)).toBe("The interfaces are in use on m2, moved from m1: it fails.");
});

it("a move that is not finished, since it was only asked about or only observed, is told as such", () => {
  const intent = intentTo("m2");
  const finish = { kind: "finish", because: "resume", message: "Finishing the move to m2.", intent } as const;
  expect(sentenceOf(finish)).toBe("Finishing the move to m2.");
  expect(wouldDecide(finish)).toBe("The move to m2 (active-failing) would be finished.");
  expect(wouldDoObserving(finish)).toBe("Observing only. The move to m2 (active-failing) would be finished.");
});
