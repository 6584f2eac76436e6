/** Goal: no entry of the history is lost or told twice, and the fleet's moves stop nobody. */
import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../shared/core/model.ts";
import {
  clearOutbox,
  forgetFleet,
  NOTHING_STANDS,
  noteFleet,
  readFleet,
  readHistory,
  readState,
  writeHistory,
  writeState,
} from "../shared/store.ts";
import { ENTRY, emptyState, NOW, paused } from "./store-states.ts";
import { type Fault, FaultyTable, GROUP, TABLE, worldOf } from "./store-table.ts";

const DAY_MS = 86_400_000;

function entries(count: number): Record<string, HistoryEntry> {
  const all = Array.from({ length: count }, (_, at): [string, HistoryEntry] => {
    const time = NOW + at * 1_000;
    return [`${new Date(time).toISOString()}#v${at}`, { ...ENTRY, at: time, sequence: `v${at}` }];
  });
  return Object.fromEntries(all);
}

function stage() {
  const table = new FaultyTable();
  return { table, world: worldOf(table) };
}

describe("the history", () => {
  it("is read newest first, without its keys, as it was written", async () => {
    const { world } = stage();
    const written = entries(3);
    await writeHistory(world, GROUP, written, 400);
    expect(await readHistory(world, GROUP, 10)).toEqual(Object.values(written).reverse());
    expect(await readHistory(world, GROUP, 2)).toEqual(Object.values(written).reverse().slice(0, 2));
    expect(await readHistory(world, "nat", 10)).toEqual([]);
  });

  it("expires 400 days after it happened", async () => {
    const { table, world } = stage();
    await writeHistory(world, GROUP, { "2026-11-03T04:05:06.789Z#v1": ENTRY }, 400);
    expect(table.sim.peek("GROUP#nat-a", "EVENT#2026-11-03T04:05:06.789Z#v1")).toMatchObject({
      ttl: Math.ceil(NOW / 1_000) + 400 * 86_400,
    });
  });

  it("that is written twice is there once", async () => {
    const { world } = stage();
    await writeHistory(world, GROUP, entries(2), 400);
    await writeHistory(world, GROUP, entries(2), 400);
    expect(await readHistory(world, GROUP, 10)).toHaveLength(2);
  });

  it.each<Fault>(["answer lost", "hanging", "throttled", "unavailable"])(
    "is written in spite of '%s', twice",
    async (fault) => {
      const { table, world } = stage();
      table.faults.push(fault, fault);
      await writeHistory(world, GROUP, entries(1), 400);
      expect(await readHistory(world, GROUP, 10)).toHaveLength(1);
    },
  );

  it("leaves no call behind where one of several is refused", async () => {
    const { table, world } = stage();
    table.faults.push("denied", "hanging");
    await expect(writeHistory(world, GROUP, entries(2), 400)).rejects.toMatchObject({ next: "operator" });
    expect(table.inFlight).toEqual(new Set());
  });

  it("leaves no call behind that got no answer", async () => {
    const { table, world } = stage();
    table.always = "hanging";
    await expect(writeHistory(world, GROUP, entries(1), 400)).rejects.toMatchObject({ code: "no-answer" });
    await expect(readHistory(world, GROUP, 1)).rejects.toMatchObject({ next: "retry" });
    await expect(clearOutbox(world, GROUP, ["some"])).rejects.toMatchObject({ code: "no-answer" });
    expect(table.inFlight).toEqual(new Set());
  });

  it("that can't be written is told", async () => {
    const { table, world } = stage();
    table.always = "unavailable";
    await expect(writeHistory(world, GROUP, entries(1), 400)).rejects.toMatchObject({ next: "look-again" });
  });

  it("is read page by page", async () => {
    const { table, world } = stage();
    await writeHistory(world, GROUP, entries(7), 400);
    const send = table.send.bind(table);
    // A page of the table holds two items here.
    table.send = (command, options) => {
      const { input } = command as { input: { Limit?: number } };
      input.Limit = Math.min(input.Limit ?? 2, 2);
      return send(command, options);
    };
    expect((await readHistory(world, GROUP, 5)).map(({ sequence }) => sequence)).toEqual([
      "v6",
      "v5",
      "v4",
      "v3",
      "v2",
    ]);
    expect(await readHistory(world, GROUP, 50)).toHaveLength(7);
  });

  it("leaves a broken item out, and says so", async () => {
    const { table, world } = stage();
    await writeHistory(world, GROUP, entries(2), 400);
    const Item = { pk: "GROUP#nat-a", sk: "EVENT#2026-12-01T00:00:00.000Z#x", at: "soon" };
    table.sim.execute("PutCommand", { TableName: TABLE, Item });
    expect(await readHistory(world, GROUP, 2)).toHaveLength(2);
    expect(world.logged).toEqual(["warn: a history item is broken and left out"]);
    const problem = expect.stringContaining("Expected number but received");
    expect(world.beside).toEqual([{ group: GROUP, sk: Item.sk, problem }]);
  });
});

describe("clearOutbox", () => {
  async function withOutbox(count: number) {
    const { table, world } = stage();
    const state = { ...paused(emptyState()), outbox: entries(count) };
    await writeState(world, GROUP, emptyState(), state, { kind: "version", version: 0 });
    return { table, world, keys: Object.keys(state.outbox) };
  }

  it("takes the named entries out, and nothing else", async () => {
    const { world, keys } = await withOutbox(3);
    await clearOutbox(world, GROUP, keys.slice(0, 2));
    const { outbox } = { outbox: Object.fromEntries(Object.entries(entries(3)).slice(2)) };
    expect(await readState(world, GROUP)).toEqual({
      read: "ok",
      state: { ...paused(emptyState()), outbox, version: 2 },
    });
  });

  it("of what is gone already changes nothing, not even the version", async () => {
    const { table, world, keys } = await withOutbox(2);
    await clearOutbox(world, GROUP, keys);
    await clearOutbox(world, GROUP, keys);
    await clearOutbox(world, GROUP, []);
    expect(table.state()).toMatchObject({ outbox: {}, version: 2 });
  });

  it("takes out what is left, when some are gone", async () => {
    const { table, world, keys } = await withOutbox(2);
    await clearOutbox(world, GROUP, keys.slice(0, 1));
    await clearOutbox(world, GROUP, keys);
    expect(table.state()).toMatchObject({ outbox: {}, version: 3 });
  });

  it("leaves the record of a newer version as it is", async () => {
    const { table, world, keys } = await withOutbox(1);
    const stored = { ...table.state(), schema: 2 };
    table.sim.execute("PutCommand", { TableName: TABLE, Item: stored });
    await clearOutbox(world, GROUP, keys);
    expect(table.state()).toEqual(stored);
  });

  it("of a record that is not there makes none", async () => {
    const { table, world } = stage();
    await clearOutbox(world, GROUP, ["some"]);
    expect(table.state()).toBeUndefined();
  });

  it("takes out a hundred and twenty", async () => {
    const { table, world, keys } = await withOutbox(120);
    await clearOutbox(world, GROUP, keys);
    // An expression may have 4 KB: fifty keys at once, and a version for each time.
    expect(table.state()).toMatchObject({ outbox: {}, version: 4 });
  });

  it("is done once when its answer is lost", async () => {
    const { table, world, keys } = await withOutbox(2);
    table.faults.push("answer lost");
    await clearOutbox(world, GROUP, keys);
    expect(table.state()).toMatchObject({ outbox: {}, version: 2 });
  });
});

describe("the fleet", () => {
  const AGAIN = { because: "active-failing", by: "again" } as const;

  it("remembers the last move of each group for a day", async () => {
    const { table, world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "look" });
    const first = world.clock.now();
    await world.clock.sleep(DAY_MS / 2);
    const both = {
      "nat-a": { at: first, because: "active-failing", by: "look" },
      "nat-b": { at: first + DAY_MS / 2, because: "failback", by: "look" },
    };
    expect(await noteFleet(world, "nat-b", { because: "failback", by: "look" })).toEqual(both);
    expect(await readFleet(world)).toEqual(both);
    await world.clock.sleep(DAY_MS / 2);
    expect(Object.keys(await readFleet(world))).toEqual(["nat-a", "nat-b"]);
    await world.clock.sleep(1);
    expect(Object.keys(await readFleet(world))).toEqual(["nat-b"]);
    expect(Object.keys(await noteFleet(world, "nat-c", { because: "active-failing", by: "look" }))).toEqual([
      "nat-b",
      "nat-c",
    ]);
    expect(Object.keys(table.sim.peek("FLEET", "RECENT") ?? {})).toEqual([
      "pk",
      "sk",
      "GROUP#nat-b",
      "GROUP#nat-c",
    ]);
  });

  it("forgets a move that was not made, and no other", async () => {
    const { world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "look" });
    await noteFleet(world, "nat-b", { because: "active-failing", by: "look" });
    await forgetFleet(world, "nat-a", "look");
    expect(Object.keys(await readFleet(world))).toEqual(["nat-b"]);
    expect(world.logged).toEqual([]);
  });

  it("keeps what is noted of a group, unless it is written over", async () => {
    const { world } = stage();
    const noted = async (by: string, since?: number) =>
      (await noteFleet(world, "nat-a", { because: "active-failing", by }, since))["nat-a"]?.by;
    expect(await noted("first")).toBe("first");
    expect(await noted("second")).toBe("first");
    expect(await noted("third", NOTHING_STANDS)).toBe("third");
  });

  it("does not forget what another look has noted", async () => {
    const { world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
    await noteFleet(world, "nat-a", { because: "active-failing", by: "second" });
    await forgetFleet(world, "nat-a", "second");
    expect(Object.keys(await readFleet(world))).toEqual(["nat-a"]);
    await forgetFleet(world, "nat-a", "first");
    await forgetFleet(world, "nat-a", "first");
    expect(await readFleet(world)).toEqual({});
    expect(world.logged).toEqual([]);
  });

  it("drops what it does not understand, and what is old, fifty at a time", async () => {
    const { table, world } = stage();
    const old = Array.from({ length: 60 }, (_, at) => [`GROUP#old-${at}`, { at: 1, because: "failback" }]);
    const broken = { "GROUP#odd": { at: world.clock.now(), because: 7, by: "some" }, "GROUP#text": "lately" };
    const Item = { pk: "FLEET", sk: "RECENT", ...broken, ...Object.fromEntries(old) };
    table.sim.execute("PutCommand", { TableName: TABLE, Item });
    expect(await readFleet(world)).toEqual({});
    expect(Object.keys(await noteFleet(world, "nat-a", { because: "failback", by: "look" }))).toEqual([
      "nat-a",
    ]);
    expect(Object.keys(table.sim.peek("FLEET", "RECENT") ?? {})).toHaveLength(2 + 12 + 1);
    await noteFleet(world, "nat-a", { because: "failback", by: "look" });
    expect(Object.keys(table.sim.peek("FLEET", "RECENT") ?? {})).toEqual(["pk", "sk", "GROUP#nat-a"]);
    const sent = table.sent.length;
    await noteFleet(world, "nat-a", { because: "failback", by: "look" });
    expect(table.sent.length - sent).toBe(1);
  });

  it("counts a move anew whose last one was days ago", async () => {
    const { world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
    await world.clock.sleep(2 * DAY_MS);
    const noted = await noteFleet(world, "nat-a", { because: "active-failing", by: "second" });
    expect(noted["nat-a"]).toEqual({ at: world.clock.now(), because: "active-failing", by: "second" });
    expect(await readFleet(world)).toEqual(noted);
  });

  it("does not drop what another group notes anew just then", async () => {
    const { table, world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
    await world.clock.sleep(2 * DAY_MS);
    const { send } = table;
    let updates = 0;
    table.send = async (...call) => {
      updates += 1;
      if (updates === 2)
        await noteFleet(
          { ...world, dynamodb: { send: send.bind(table) } as never },
          "nat-a",
          AGAIN,
          NOTHING_STANDS,
        );
      return await send.apply(table, call);
    };
    await noteFleet(world, "nat-b", { because: "active-failing", by: "other" });
    expect(updates).toBe(2);
    expect(Object.keys(await readFleet(world)).sort()).toEqual(["nat-a", "nat-b"]);
  });

  it("answers who moves lately, though what is old can't be dropped", async () => {
    const { table, world } = stage();
    await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
    await world.clock.sleep(2 * DAY_MS);
    table.faults.push("none", "unavailable");
    const noted = await noteFleet(world, "nat-b", { because: "active-failing", by: "other" });
    expect(Object.keys(noted)).toEqual(["nat-b"]);
    expect(world.logged).toEqual(["warn: old moves of the fleet could not be dropped"]);
  });

  it.each<Fault>(["hanging", "denied", "unavailable"])(
    "stops nobody when the table meets '%s'",
    async (fault) => {
      const { table, world } = stage();
      table.always = fault;
      expect(await noteFleet(world, "nat-a", { because: "active-failing", by: "look" })).toEqual({});
      expect(await readFleet(world)).toEqual({});
      await forgetFleet(world, "nat-a", "look");
      expect(world.logged).toEqual([
        "warn: the move could not be noted for the fleet",
        "warn: the recent moves of the fleet could not be read",
        "warn: the fleet still shows a move that was not made",
      ]);
      const error = expect.any(Error);
      expect(world.beside).toEqual([{ group: "nat-a", error }, { error }, { group: "nat-a", error }]);
      expect(table.inFlight).toEqual(new Set());
    },
  );
});
