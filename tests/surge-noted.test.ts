/** What a look notes of its group for the others, where another look of the same group has noted something too. */
import { describe, expect, it } from "vitest";
import type { Move } from "../shared/core/model.ts";
import { forgetFleet, noteFleet, readFleet } from "../shared/store.ts";
import { heedSurge } from "../shared/surge.ts";
import { alarm, groupOf, inShort, situationOf } from "./core/scene.ts";
import { FaultyTable, worldOf } from "./store-table.ts";

const SECONDS = 300;

/** A look of nat-a, which wants to move on an alarm alone; `limit` other groups may. */
async function look(
  world: ReturnType<typeof worldOf>,
  limit: number,
  seconds: number = SECONDS,
): Promise<string> {
  const group = groupOf({ alarms: ["no-traffic"] });
  const now = world.clock.now();
  const situation = situationOf(group, { alarms: [alarm("no-traffic")] }, {}, { now });
  const wanted = { kind: "move", because: "active-failing" } as Move;
  const rule = { limit, seconds };
  return inShort((await heedSurge(situation, wanted, rule, { ...world, nonce: () => "second" })).decision);
}

async function noted(world: ReturnType<typeof worldOf>): Promise<string[]> {
  return Object.entries(await readFleet(world)).map(([name, { by }]) => `${name} by ${by}`);
}

/** nat-a and another group have moved, so many seconds ago. */
async function moved(secondsAgo: number) {
  const world = worldOf(new FaultyTable());
  await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
  await world.clock.sleep(secondsAgo * 1000);
  await noteFleet(world, "nat-b", { because: "active-failing", by: "other" });
  return world;
}

describe("a second look of a group that has noted its move", () => {
  it("takes back nothing of that where it is held", async () => {
    const world = await moved(1);
    expect(await look(world, 1)).toBe("hold surge");
    expect(await noted(world)).toEqual(["nat-a by first", "nat-b by other"]);
  });

  it("notes its own where it moves, which the first does not take back", async () => {
    const world = await moved(1);
    expect(await look(world, 2)).toBe("active-failing m1 → m2");
    await forgetFleet(world, "nat-a", "first");
    expect(await noted(world)).toEqual(["nat-a by second", "nat-b by other"]);
  });

  it("notes anew what was long ago", async () => {
    const world = await moved(SECONDS);
    expect(await look(world, 2)).toBe("active-failing m1 → m2");
    expect((await readFleet(world))["nat-a"]).toMatchObject({ at: world.clock.now(), by: "second" });
  });

  it("notes anew what nobody has cleared away for days", async () => {
    const world = worldOf(new FaultyTable());
    await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
    await world.clock.sleep(48 * 3_600_000);
    expect(await look(world, 2)).toBe("active-failing m1 → m2");
    expect((await readFleet(world))["nat-a"]).toMatchObject({ at: world.clock.now(), by: "second" });
  });

  it("leaves nothing of its own where it is held, be it long after the first", async () => {
    const world = await moved(SECONDS);
    expect(await look(world, 1)).toBe("hold surge");
    expect(await noted(world)).toEqual(["nat-b by other"]);
  });
});

it("the others count for as long as the configuration may say", async () => {
  const world = worldOf(new FaultyTable());
  await noteFleet(world, "nat-b", { because: "active-failing", by: "other" });
  await world.clock.sleep(86_000_000);
  expect(await look(world, 1, 86_400)).toBe("hold surge");
});
