/**
 * Several invocations at work on one failure, interleaved at every call. Here: all orders in which another invocation
 * cuts in once, at any call, also after all stood still for longer than the lease lasts. `npm run enumerate` follows
 * many more.
 */
import { describe, expect, it } from "vitest";
import { seeded } from "../local/random.ts";
import { drawn, interleave } from "./enumeration/interleave.ts";
import { THREE, TWO } from "./enumeration/scenes.ts";

const SEEDS = 10;
/** The others are much like these: here without the freeze. */
const FROZEN = new Set(["the same event twice", "an event and an operator's failover to another member"]);

describe("two at work on one group", () => {
  it.each(TWO.map((scene) => [scene.name, scene] as const))(
    "come to one move for one failure: %s",
    async (_, scene) => {
      const explored = await interleave(scene, {
        switches: 1,
        freezes: FROZEN.has(scene.name) ? 1 : 0,
        anyOrder: false,
      });
      console.log(`${scene.name}: ${explored.states} states, ${explored.ends} ends`);
      expect(explored.wrong).toEqual([]);
      expect(explored.complete).toBe(true);
    },
  );
});

describe("three at work on one group", () => {
  it.each(THREE.map((scene) => [scene.name, scene] as const))(
    "come to one move in drawn orders: %s",
    async (_, scene) => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const found = await drawn(
          scene,
          { freezes: 1, anyOrder: true, switches: Number.POSITIVE_INFINITY },
          seeded(seed),
        );
        wrong.push(...found.map((what) => `seed ${seed}: ${what}`));
      }
      expect(wrong).toEqual([]);
    },
  );
});
