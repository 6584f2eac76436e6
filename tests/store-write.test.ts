/** Goal: what is written is what was meant, and only that, whoever else writes. Method: states before and after. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../shared/core/model.ts";
import { clearOutbox, type Guard, readState, type WriteResult, writeState } from "../shared/store.ts";
import {
  anyState,
  claimed,
  ENTRY,
  emptyState,
  INTENT,
  paused,
  quarantined,
  settled,
} from "./store-states.ts";
import { FaultyTable, GROUP, TABLE, worldOf } from "./store-table.ts";

const on = (state: State): Guard => ({ kind: "version", version: state.version });
const by = (state: State, holder: string): Guard => ({ kind: "claim", epoch: state.epoch, holder });

function table() {
  const faulty = new FaultyTable();
  const world = worldOf(faulty);
  const write = (before: State, after: State, guard = on(before)) =>
    writeState(world, GROUP, before, after, guard);
  /** The record as somebody left it. */
  const stands = (state: State): State => {
    const left = { ...state, version: 1 };
    faulty.sim.execute("PutCommand", {
      TableName: TABLE,
      Item: { pk: `GROUP#${GROUP}`, sk: "STATE", ...left },
    });
    return left;
  };
  const read = async (): Promise<State> => {
    const answer = await readState(world, GROUP);
    if (answer.read === "away") throw new Error(answer.error);
    return answer.state;
  };
  return { faulty, world, write, stands, read };
}

describe("a write", () => {
  it("is read back as it was meant, whatever the state", async () => {
    const cases = fc.asyncProperty(anyState, async (state) => {
      const { read, write } = table();
      const result = await write(emptyState(), { ...state, epoch: state.epoch + 1 });
      expect(result).toEqual({ written: true, state: { ...state, epoch: state.epoch + 1, version: 1 } });
      expect(await read()).toEqual(result.state);
    });
    await fc.assert(cases, { numRuns: 150 });
  });

  it("turns any state into any other", async () => {
    const cases = fc.asyncProperty(anyState, anyState, async (before, after) => {
      const { stands, read, write } = table();
      const first = stands({ ...before, epoch: -1 });
      await write(first, after);
      expect(await read()).toEqual({ ...after, version: 2 });
    });
    await fc.assert(cases, { numRuns: 150 });
  });

  it("makes the whole item where there was none, with empty maps to put keys into", async () => {
    const { faulty, write } = table();
    await write(emptyState(), paused(emptyState()));
    expect(faulty.state()).toEqual({
      pk: "GROUP#nat-a",
      sk: "STATE",
      ...paused(emptyState()),
      version: 1,
    });
  });

  it("of nothing is no write", async () => {
    const { faulty, stands, write } = table();
    const state = stands(paused(emptyState()));
    faulty.sent.length = 0;
    expect(await write(state, structuredClone(state))).toEqual({ written: true, state });
    expect(faulty.sent).toEqual([]);
  });

  it("leaves attributes that it does not know alone", async () => {
    const { faulty, stands, write, read } = table();
    const state = stands(emptyState());
    const item = faulty.state();
    faulty.sim.execute("PutCommand", { TableName: TABLE, Item: { ...item, ofTomorrow: { a: 1 } } });
    await write(state, paused(state));
    expect(faulty.state()).toMatchObject({ ofTomorrow: { a: 1 }, version: 2 });
    expect(await read()).not.toHaveProperty("ofTomorrow");
  });

  it("puts a key into a map that an older item lacks", async () => {
    const { faulty, stands, write, read } = table();
    const state = stands(emptyState());
    const { quarantine: _, outbox: _none, ...old } = faulty.state() ?? {};
    faulty.sim.execute("PutCommand", { TableName: TABLE, Item: old });
    const result = await write(state, quarantined(state, "a"));
    expect(result.written).toBe(true);
    expect(await read()).toEqual({ ...quarantined(state, "a"), version: 2 });
  });

  it("puts a key into a map that an older item lacks beside a whole attribute, and leaves no call behind", async () => {
    const { faulty, stands, write, read } = table();
    const state = stands(emptyState());
    const { quarantine: _, outbox: _none, ...old } = faulty.state() ?? {};
    faulty.sim.execute("PutCommand", { TableName: TABLE, Item: old });
    // The write is refused, and what would add the maps gets no answer: all of it is done again.
    faulty.faults.push("none", "hanging");
    expect((await write(state, paused(quarantined(state, "a")))).written).toBe(true);
    expect(await read()).toEqual({ ...paused(quarantined(state, "a")), version: 2 });
    expect(faulty.inFlight).toEqual(new Set());
  });

  it("that the table does not understand, and that sets no key of a map, is a bug at once", async () => {
    const { faulty, stands, write } = table();
    const state = stands(emptyState());
    faulty.before = async () => {
      throw Object.assign(new Error("…"), {
        name: "ValidationException",
        $metadata: { httpStatusCode: 400 },
      });
    };
    await expect(write(state, paused(state))).rejects.toMatchObject({ next: "bug" });
    expect(faulty.sent).toEqual(["UpdateCommand"]);
  });

  it("of a key that gets no answer is read back and sent again, and adds no maps", async () => {
    const { faulty, stands, write } = table();
    const state = stands(emptyState());
    faulty.faults.push("connection reset");
    expect((await write(state, quarantined(state, "a"))).written).toBe(true);
    expect(faulty.sent).toEqual(["UpdateCommand", "GetCommand", "UpdateCommand"]);
  });

  it("stores no undefined, at any depth", async () => {
    const { write, read } = table();
    const holey = {
      ...emptyState(),
      pause: { by: "alice", since: 1, until: undefined },
      told: undefined,
      isolated: { a: { "eni-1": ["sg-1", undefined] } },
    };
    await write(emptyState(), holey as unknown as State);
    expect(await read()).toStrictEqual({
      ...emptyState(),
      pause: { by: "alice", since: 1 },
      isolated: { a: { "eni-1": ["sg-1"] } },
      version: 1,
    });
  });
});

describe("a guard", () => {
  it("on the version refuses what was decided on an older record, and shows the newer one", async () => {
    const { stands, write, read } = table();
    const state = stands(emptyState());
    const other = await write(state, paused(state));
    const late = await write(state, claimed(state, "late"));
    expect(late).toEqual({ written: false, state: other.state });
    expect(await read()).toEqual({ ...paused(state), version: 2 });
  });

  it("on no record at all refuses when there is one", async () => {
    const { stands, write } = table();
    const state = stands(emptyState());
    const late = await write(emptyState(), claimed(emptyState(), "late"));
    expect(late).toEqual({ written: false, state });
  });

  it("on the claim lets the holder write beside others", async () => {
    const { stands, write, read } = table();
    const mine = stands(claimed(emptyState(), "me"));
    const others = await write(mine, paused(quarantined(mine, "a")));
    expect(others.written).toBe(true);
    const result = await write(mine, settled(mine), by(mine, "me"));
    expect(result.written).toBe(true);
    const state = await read();
    expect(state).toMatchObject({ version: 3, epoch: 1, pause: { by: "alice" }, quarantine: { a: {} } });
    expect(state.moves.map(({ id }) => id)).toEqual(["move-1"]);
    expect(state).not.toHaveProperty("lease");
  });

  it("on the claim lets the holder write its own keys of a map, and no other", async () => {
    const { world, stands, write, read } = table();
    const mine = stands({ ...quarantined(claimed(emptyState(), "me"), "old"), outbox: { told: ENTRY } });
    const { old: _, ...quarantine } = mine.quarantine;
    await write(mine, quarantined({ ...mine, quarantine }, "theirs"));
    await clearOutbox(world, GROUP, ["told"]);
    const after = { ...quarantined(mine, "mine"), outbox: { ...mine.outbox, fresh: ENTRY } };
    expect((await write(mine, after, by(mine, "me"))).written).toBe(true);
    const state = await read();
    expect(Object.keys(state.quarantine).sort()).toEqual(["mine", "theirs"]);
    expect(Object.keys(state.outbox)).toEqual(["fresh"]);
  });

  it("on the claim refuses a holder whose claim was taken over", async () => {
    const { stands, write } = table();
    const old = stands(claimed(emptyState(), "old"));
    const taken = await write(old, claimed(old, "new"));
    for (const after of [settled(old), { ...old, lease: { holder: "old", until: 99 } }]) {
      expect(await write(old, after, by(old, "old"))).toEqual({ written: false, state: taken.state });
    }
  });

  it("is refused where it is the holder's own, and arrives after a newer one", async () => {
    const { stands, read, write } = table();
    const mine = stands(claimed(emptyState(), "me"));
    const until = mine.lease?.until ?? 0;
    const guard = { ...by(mine, "me"), until };
    const lease = { holder: "me", until: until + 15_000 };
    const newer = await write(mine, { ...mine, lease, intent: { ...INTENT, to: "m3" } }, guard);
    expect(newer.written).toBe(true);
    const late = { ...mine, lease: { holder: "me", until: until + 10_000 } };
    expect(await write(mine, late, guard)).toEqual({ written: false, state: newer.state });
    expect(await read()).toEqual(newer.state);
  });

  it("on the claim refuses another holder of the same epoch, and a record that was deleted", async () => {
    const { faulty, stands, write } = table();
    const mine = stands(claimed(emptyState(), "me"));
    expect((await write(mine, settled(mine), by(mine, "somebody"))).written).toBe(false);
    faulty.sim.execute("DeleteCommand", { TableName: TABLE, Key: { pk: "GROUP#nat-a", sk: "STATE" } });
    expect(await write(mine, settled(mine), by(mine, "me"))).toEqual({ written: false, state: emptyState() });
  });
});

describe("writers at the same time", () => {
  /** Lets fast-check decide the order of all calls. */
  function scheduled(scheduler: fc.Scheduler) {
    const { faulty, stands } = table();
    const world = worldOf({
      send: async (command, options) => {
        await scheduler.schedule(Promise.resolve(), command.constructor.name);
        return faulty.send(command, options);
      },
    });
    return {
      world: { ...world, clock: { now: () => 0, sleep: () => new Promise<void>(() => {}) } },
      faulty,
      stands,
    };
  }

  it("of whom several claim one version: one wins, the others see the winner", async () => {
    const cases = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { world, stands } = scheduled(scheduler);
      const state = stands(emptyState());
      const holders = ["h1", "h2", "h3"];
      const claims = Promise.all(
        holders.map((holder) => writeState(world, GROUP, state, claimed(state, holder), on(state))),
      );
      await scheduler.waitFor(claims);
      const results: readonly WriteResult[] = await claims;
      const won = results.flatMap((result, at) => (result.written ? [holders[at]] : []));
      expect(won).toHaveLength(1);
      for (const result of results)
        expect(result.state).toMatchObject({ epoch: 1, lease: { holder: won[0] } });
    });
    await fc.assert(cases, { numRuns: 30 });
  });

  it("of whom each owns other keys: no key is lost", async () => {
    const cases = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { world, faulty, stands } = scheduled(scheduler);
      const mine = stands({ ...claimed(emptyState(), "me"), outbox: { old: ENTRY } });
      const insist = async (member: string): Promise<void> => {
        let state = mine;
        for (let round = 0; round < 5; round += 1) {
          const result = await writeState(world, GROUP, state, quarantined(state, member), on(state));
          if (result.written) return;
          state = result.state;
        }
        throw new Error("lost five times against two others");
      };
      const after = { ...settled(mine), outbox: { ...settled(mine).outbox, old: ENTRY } };
      const all = Promise.all([
        insist("a"),
        insist("b"),
        writeState(world, GROUP, mine, after, by(mine, "me")),
      ]);
      await scheduler.waitFor(all);
      const { quarantine, outbox, moves, version } = faulty.state() as unknown as State;
      expect(Object.keys(quarantine).sort()).toEqual(["a", "b"]);
      expect(Object.keys(outbox)).toHaveLength(2);
      expect(moves).toHaveLength(1);
      expect(version).toBe(4);
    });
    await fc.assert(cases, { numRuns: 30 });
  });
});

describe("a record of a newer schema", () => {
  const newer: State = { ...emptyState(), schema: 2, version: 7 };
  it.each<[name: string, before: State, after: State]>([
    ["over itself", newer, paused(newer)],
    ["by what an older one makes of it", newer, paused(emptyState())],
    ["over an older one", emptyState(), newer],
  ])("is never written %s", async (_, before, after) => {
    const { faulty, write } = table();
    await expect(write(before, after)).rejects.toMatchObject({
      next: "bug",
      code: "NewerRecord",
      message: "The record of group nat-a has a newer schema and must not be written.",
    });
    expect(faulty.sent).toEqual([]);
  });
});
