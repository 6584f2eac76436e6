/** Goal: a read tells the record, that there is none, that the table is away, or what is broken; never something else. */
import { describe, expect, it } from "vitest";
import type { State } from "../shared/core/model.ts";
import { readState, readStates, tableAnswers } from "../shared/store.ts";
import { claimed, emptyState, paused, quarantined } from "./store-states.ts";
import { type Fault, FaultyTable, GROUP, TABLE, worldOf } from "./store-table.ts";

const STATE: State = { ...quarantined(paused(claimed(emptyState(), "me")), "a"), version: 3 };

function stage(item: object | undefined = STATE, group = GROUP) {
  const table = new FaultyTable();
  put(table, group, item);
  const world = worldOf(table);
  return { table, world, read: () => readState(world, group) };
}

function put(table: FaultyTable, group: string, item: object | undefined): void {
  if (item === undefined) return;
  table.sim.execute("PutCommand", { TableName: TABLE, Item: { pk: `GROUP#${group}`, sk: "STATE", ...item } });
}

describe("readState", () => {
  it("answers the record", async () => {
    expect(await stage().read()).toEqual({ read: "ok", state: STATE });
  });

  it("answers the empty state where there is no record", async () => {
    const { read } = stage(undefined, "other");
    const table = new FaultyTable();
    expect(await readState(worldOf(table), GROUP)).toEqual({ read: "ok", state: emptyState() });
    expect((await read()).read).toBe("ok");
  });

  it("reads absent maps and lists as empty", async () => {
    expect(await stage({ schema: 1, version: 2, epoch: 1 }).read()).toEqual({
      read: "ok",
      state: { ...emptyState(), version: 2, epoch: 1 },
    });
  });

  it.each<Fault>(["answer lost", "connection reset", "hanging", "throttled", "unavailable", "denied"])(
    "tries once more after '%s'",
    async (fault) => {
      const { table, read } = stage();
      table.faults.push(fault);
      expect(await read()).toEqual({ read: "ok", state: STATE });
    },
  );

  it.each<[Fault, number]>([
    ["hanging", 2_000],
    ["unavailable", 0],
    ["throttled", 0],
    ["denied", 0],
  ])("is away after two tries that meet '%s', in %i ms", async (fault, milliseconds) => {
    const { table, world, read } = stage();
    table.always = fault;
    const began = world.clock.now();
    expect(await read()).toMatchObject({ read: "away", error: expect.stringContaining("read failed") });
    expect(world.clock.now() - began).toBe(milliseconds);
    expect(table.sent).toHaveLength(2);
  });

  it("is not away, but ends, when the invocation ends", async () => {
    const { table, world, read } = stage();
    table.always = "hanging";
    const reading = read();
    world.abort();
    await expect(reading).rejects.toMatchObject({ name: "Failure" });
    expect(table.sent).toHaveLength(1);
  });

  it("leaves one timer behind, however often it is called", async () => {
    const { world } = stage();
    let sleeping = 0;
    const sleep = () => {
      sleeping += 1;
      return new Promise<void>(() => {});
    };
    const patient = { ...world, clock: { now: () => 0, sleep } };
    for (let times = 0; times < 20; times += 1) await readState(patient, GROUP);
    expect(sleeping).toBe(1);
  });

  it.each<[string, object, string]>([
    ["a number that is text", { ...STATE, epoch: "1" }, "epoch: "],
    ["no version", { schema: 1, epoch: 1 }, "version: it is missing. Correct or delete the item"],
    ["a lease without an end", { ...STATE, lease: { holder: "me" } }, "lease.until: "],
    [
      "a word that is a number",
      { ...STATE, told: { because: 7, since: 1 } },
      "told.because: Invalid type: Expected a word. Correct",
    ],
    [
      "a phase that is text",
      { ...STATE, intent: { ...STATE.intent, phases: { decided: "noon" } } },
      "intent.phases.decided: ",
    ],
    [
      "an intent with a broken burn",
      { ...STATE, intent: { ...STATE.intent, burns: [{ eni: "eni-1" }] } },
      "intent.burns.0.member: ",
    ],
    ["a quarantine that is text", { ...STATE, quarantine: { a: "yes" } }, "quarantine.a: "],
    ["moves that are a map", { ...STATE, moves: {} }, "moves: "],
  ])("names what is broken: %s", async (_, item, what) => {
    await expect(stage(item).read()).rejects.toMatchObject({
      next: "operator",
      code: "BrokenRecord",
      message: expect.stringContaining(`record of group nat-a is broken at ${what}`),
    });
  });

  it("takes words and attributes that a newer minor version may have added", async () => {
    const item = {
      ...STATE,
      pause: { by: "alice", since: 1, ticket: "T-1" },
      ofTomorrow: 1,
      told: { because: "bored", since: 1 },
    };
    const { ofTomorrow: _, ...state } = item;
    expect(await stage(item).read()).toEqual({ read: "ok", state });
  });

  it("shows of a newer schema what can be understood", async () => {
    const item = { ...STATE, schema: 2, moves: { changed: "shape" } };
    expect(await stage(item).read()).toEqual({ read: "ok", state: { ...STATE, schema: 2, moves: [] } });
  });
});

describe("a table that is away", () => {
  it("is told with the record as it was last read, as old as the read was asked for", async () => {
    const { table, world, read } = stage();
    const at = world.clock.now();
    await read();
    table.always = "hanging";
    expect(await read()).toMatchObject({ read: "away", copy: { at, state: STATE } });
    expect(await stage(undefined, "other").read()).not.toHaveProperty("copy");
  });

  it("answers again, or does not, after one try", async () => {
    const { table, world } = stage();
    table.faults.push("hanging");
    expect(await tableAnswers(world, GROUP)).toBe(false);
    expect(await tableAnswers(world, GROUP)).toBe(true);
    expect(table.sent).toHaveLength(2);
  });

  it("is not what a broken record is", async () => {
    const { world } = stage({ ...STATE, moves: "none" });
    await expect(tableAnswers(world, GROUP)).rejects.toMatchObject({ code: "BrokenRecord" });
  });
});

describe("readStates", () => {
  const groups = Array.from({ length: 250 }, (_, at) => `group-${at}`);

  it("reads 250 groups in three calls, those without a record too", async () => {
    const table = new FaultyTable();
    for (const group of groups.slice(0, 200)) put(table, group, { ...STATE, epoch: Number(group.slice(6)) });
    const read = await readStates(worldOf(table), [...groups, "group-1"]);
    expect(table.sent).toEqual(["BatchGetCommand", "BatchGetCommand", "BatchGetCommand"]);
    expect([...read.keys()]).toEqual(groups);
    expect(read.get("group-7")).toEqual({ read: "ok", state: { ...STATE, epoch: 7 } });
    expect(read.get("group-249")).toEqual({ read: "ok", state: emptyState() });
  });

  it("reads 200 groups in two calls, at once", async () => {
    const table = new FaultyTable();
    const world = worldOf(table);
    const began = world.clock.now();
    await readStates(world, groups.slice(0, 200));
    expect(table.sent).toHaveLength(2);
    expect(world.clock.now() - began).toBe(0);
  });

  it("asks again for what the table left out, a little later, and tells what it left out twice", async () => {
    const table = new FaultyTable();
    for (const group of groups.slice(0, 4)) put(table, group, STATE);
    const send = table.send.bind(table);
    // Of the keys of a call, the table answers the first two.
    table.send = async (command) => {
      const { input } = command as { input: { RequestItems: Record<string, { Keys: object[] }> } };
      const Keys = input.RequestItems[TABLE]?.Keys ?? [];
      class BatchGetCommand {
        input = { RequestItems: { [TABLE]: { Keys: Keys.slice(0, 2) } } };
      }
      const answer = await send(new BatchGetCommand());
      return { ...answer, UnprocessedKeys: Keys.length > 2 ? { [TABLE]: { Keys: Keys.slice(2) } } : {} };
    };
    const world = worldOf(table);
    const began = world.clock.now();
    const read = await readStates(world, groups.slice(0, 5));
    const answers = groups.slice(0, 5).map((group) => read.get(group)?.read);
    expect(answers).toEqual(["ok", "ok", "ok", "ok", "away"]);
    expect(read.get("group-4")).toEqual({
      read: "away",
      error: "the table did not answer for this group",
    });
    expect(world.clock.now() - began).toBe(100);
  });

  it("tells a broken record as away, and the others as they are", async () => {
    const table = new FaultyTable();
    put(table, "good", STATE);
    put(table, "bad", { ...STATE, moves: "none" });
    const read = await readStates(worldOf(table), ["good", "bad"]);
    expect(read.get("good")?.read).toBe("ok");
    expect(read.get("bad")).toMatchObject({
      read: "away",
      error: expect.stringContaining("broken at moves"),
      broken: true,
    });
  });

  it("is away for all groups when the table is", async () => {
    const table = new FaultyTable();
    table.always = "hanging";
    const read = await readStates(worldOf(table), groups);
    expect(new Set([...read.values()].map((one) => one.read))).toEqual(new Set(["away"]));
    expect(read.get("group-1")).toMatchObject({ error: expect.stringContaining("read failed") });
    expect(table.inFlight).toEqual(new Set());
  });
});
