/** Builders for the tests of the doctor's findings: a group in which nothing is wrong unless said so. */
import type { Examined } from "../../shared/core/examined.ts";
import { groupOf, HOUR, pastMove, situationOf } from "./scene.ts";

/** The rules of the stack, as it writes them. */
export const RULES = ["i-m1", "i-m2", "i-m3"].map((id) => ({
  name: "s-instance-1",
  enabled: true,
  pattern: JSON.stringify({ detail: { "instance-id": [id], alarmName: ["no-traffic"] } }),
}));

/** Two members that have both held the group; nothing is wrong unless said so. */
export function examined(change: Partial<Examined> = {}): Examined {
  return {
    situation: situationOf(groupOf(), {}, { moves: [pastMove(HOUR)] }),
    record: { read: "ok" },
    table: "t",
    compositesDenied: false,
    mutes: {},
    held: [],
    permissions: [],
    rules: RULES,
    ...change,
  };
}

export const scene = (...[group = {}, seen = {}, state = {}]: SceneOf) => ({
  situation: situationOf(groupOf(group), seen, { moves: [pastMove(HOUR)], ...state }),
});
type SceneOf = [
  group?: Parameters<typeof groupOf>[0],
  seen?: Parameters<typeof situationOf>[1],
  state?: Parameters<typeof situationOf>[2],
];
