/**
 * Goal: a write is made once and told of rightly, whatever becomes of its answer.
 * Method: every kind of write meets every fault; then what the store says is compared with what stands in the table.
 */
import { describe, expect, it } from "vitest";
import type { HistoryEntry, State } from "../shared/core/model.ts";
import { dropIntent, release, renew } from "../shared/core/record.ts";
import { clearOutbox, type Guard, writeState } from "../shared/store.ts";
import type { World } from "../shared/world.ts";
import { claimed, ENTRY, emptyState, INTENT, NOW, paused, quarantined, settled } from "./store-states.ts";
import { type Fault, FaultyTable, GROUP, TABLE, worldOf } from "./store-table.ts";

interface Kind {
  readonly name: string;
  readonly before: State;
  readonly after: (before: State) => State;
  readonly guard: (before: State) => Guard;
}

const version = (before: State): Guard => ({ kind: "version", version: before.version });
const claim = (before: State): Guard => ({ kind: "claim", epoch: before.epoch, holder: "me" });
const plain: State = { ...emptyState(), version: 1 };
const held: State = { ...claimed(plain, "me") };
const withEntry = (state: State, entry: HistoryEntry): State => ({ ...state, outbox: { entry } });

const KINDS: readonly Kind[] = [
  { name: "the first write", before: emptyState(), after: (state) => paused(state), guard: version },
  { name: "a first claim", before: emptyState(), after: (state) => claimed(state, "me"), guard: version },
  { name: "a claim", before: plain, after: (state) => claimed(state, "me"), guard: version },
  { name: "a pause", before: plain, after: (state) => withEntry(paused(state), ENTRY), guard: version },
  { name: "a quarantine", before: plain, after: (state) => quarantined(state, "a"), guard: version },
  {
    name: "a resume",
    before: paused(plain),
    after: ({ pause: _, ...state }) => state,
    guard: version,
  },
  {
    name: "a renewal",
    before: held,
    after: (state) => renew(state, INTENT, "me", NOW + 15_000),
    guard: claim,
  },
  {
    name: "a release",
    before: held,
    after: (state) => release(state, { ...INTENT, tried: ["b"] }),
    guard: claim,
  },
  { name: "a settle", before: held, after: (state) => settled(state), guard: claim },
];

const EFFECTIVE: readonly Fault[] = ["answer lost", "silent", "sent twice"];
const WITHOUT_EFFECT: readonly Fault[] = ["connection reset", "hanging", "throttled", "unavailable"];

function stage(before: State) {
  const table = new FaultyTable();
  if (before.version > 0) put(table, before);
  const world = worldOf(table);
  const write = (after: State, guard: Guard) => writeState(world, GROUP, before, after, guard);
  return { table, world, write };
}

function put(table: FaultyTable, state: State): void {
  const Item = { pk: `GROUP#${GROUP}`, sk: "STATE", ...state };
  table.sim.execute("PutCommand", { TableName: TABLE, Item });
}

/** The world of others, whom no fault befalls. */
function besides(table: FaultyTable): World {
  return worldOf({ send: (command) => table.sim.send(command as never) });
}

function shown(table: FaultyTable): Record<string, unknown> {
  const { pk: _pk, sk: _sk, version: _version, ...state } = table.state() ?? {};
  return state;
}

describe.each(KINDS)("$name", ({ before, after: change, guard: guardOf }) => {
  const after = change(before);
  const guard = guardOf(before);
  const { version: _, ...meant } = after;

  it.each([...EFFECTIVE, ...WITHOUT_EFFECT])("that meets '%s' is written, and known to be", async (fault) => {
    const { table, write } = stage(before);
    table.faults.push(fault);
    const result = await write(after, guard);
    expect(result.written).toBe(true);
    expect(shown(table)).toEqual(meant);
    expect(result.state).toEqual({ ...meant, version: table.state()?.version });
  });

  it("whose answer is lost, and the read after it too, is known to be written in the end", async () => {
    const { table, write } = stage(before);
    table.faults.push("answer lost", "connection reset", "answer lost", "unavailable");
    const result = await write(after, guard);
    expect(result.written).toBe(true);
    expect(shown(table)).toEqual(meant);
  });

  it.each(WITHOUT_EFFECT)(
    "that never gets through ('%s') fails within four seconds, with the cause",
    async (fault) => {
      const { table, world, write } = stage(before);
      table.always = fault;
      const began = world.clock.now();
      await expect(write(after, guard)).rejects.toMatchObject({
        name: "Failure",
        next: "look-again",
        step: "record",
      });
      expect(world.clock.now() - began).toBeLessThanOrEqual(4_200);
      expect(table.sent.filter((name) => name === "UpdateCommand").length).toBeLessThanOrEqual(3);
      expect(table.inFlight).toEqual(new Set());
      expect(table.state()?.version ?? 0).toBe(before.version);
    },
  );

  it("that the role forbids fails at once", async () => {
    const { table, write } = stage(before);
    table.always = "denied";
    await expect(write(after, guard)).rejects.toMatchObject({
      next: "operator",
      code: "AccessDeniedException",
    });
    expect(table.sent).toHaveLength(1);
  });

  it("that gets no answer and is overtaken by a claim is told as lost", async () => {
    const { table, write } = stage(before);
    table.faults.push("connection reset");
    table.before = async () => {
      put(table, { ...claimed(before, "other"), version: before.version + 1 });
    };
    const result = await write(after, guard);
    expect(result.written).toBe(false);
    expect(result.state.lease?.holder).toBe("other");
  });
});

describe("an end of a claim whose answer is lost", () => {
  /** The write, with what others do between its lost answer and the read back. */
  async function endThen(after: State, meanwhile: (others: World, state: State) => Promise<unknown>) {
    const { table, write } = stage(held);
    table.faults.push("answer lost");
    const send = table.send.bind(table);
    table.send = async (command, options) => {
      const { pk: _pk, sk: _sk, ...state } = table.state() ?? {};
      if (table.sent.length === 1) await meanwhile(besides(table), state as unknown as State);
      return await send(command, options);
    };
    return await write(after, claim(held));
  }
  const dropped = dropIntent(held, "recovered", "a is well again.", NOW);

  it("is known by the move that it remembered, when the outbox was delivered meanwhile", async () => {
    const result = await endThen(settled(held), (others, state) =>
      clearOutbox(others, GROUP, Object.keys(state.outbox)),
    );
    expect(result.written).toBe(true);
    expect(result.state.outbox).toEqual({});
  });

  it.each([
    ["a settle", settled(held)],
    ["a dropped intent", dropped],
  ])("is known by its traces, when somebody else has claimed the group since: %s", async (_, after) => {
    const result = await endThen(after, (others, state) =>
      writeState(others, GROUP, state, claimed(state, "other"), version(state)),
    );
    expect(result.written).toBe(true);
    expect(result.state.lease?.holder).toBe("other");
  });
});

describe("a claim whose answer is lost", () => {
  it("is known by its holder, when others have written beside it since", async () => {
    const { table, write } = stage(plain);
    table.faults.push("answer lost");
    const send = table.send.bind(table);
    table.send = async (command, options) => {
      if (table.sent.length === 1)
        await clearOutbox(besides(table), GROUP, ["2026-11-03T04:05:06.789Z#e1.5"]);
      return await send(command, options);
    };
    const result = await write(claimed(plain, "me"), version(plain));
    expect(result).toMatchObject({
      written: true,
      state: { version: 3, lease: { holder: "me" }, outbox: {} },
    });
  });
});

describe("what was refused", () => {
  it("is not taken for written because somebody else told the very same at the very same time", async () => {
    const { table, write } = stage(plain);
    const told = withEntry(plain, ENTRY);
    await writeState(besides(table), GROUP, plain, told, version(plain));
    const result = await write(quarantined(told, "a"), version(plain));
    expect(result).toMatchObject({ written: false, state: { outbox: { entry: ENTRY }, quarantine: {} } });
  });
});

describe("a stale holder", () => {
  it("that only lets go is not deceived by another holder that has ended, too", async () => {
    const { table, write } = stage(held);
    const others = besides(table);
    const taken = await writeState(others, GROUP, held, claimed(held, "other"), version(held));
    const guard = { kind: "claim", epoch: taken.state.epoch, holder: "other" } as const;
    await writeState(others, GROUP, taken.state, release(taken.state, INTENT), guard);
    expect(await write(release(held, INTENT), claim(held))).toMatchObject({ written: false });
  });

  it("is not deceived by another holder that finished the same intent", async () => {
    const { table, write } = stage(held);
    const others = besides(table);
    const taken = await writeState(others, GROUP, held, claimed(held, "other"), version(held));
    const done = settled(taken.state, NOW + 40_000);
    await writeState(others, GROUP, taken.state, done, {
      kind: "claim",
      epoch: taken.state.epoch,
      holder: "other",
    });
    const late = await write(settled(held), claim(held));
    expect(late.written).toBe(false);
    expect(late.state.moves).toHaveLength(1);
  });

  it("whose lease ran out and whose intent was dropped by another has not settled", async () => {
    const { table, write } = stage(held);
    const others = besides(table);
    const { lease: _lease, intent: _intent, ...dropped } = held;
    await writeState(others, GROUP, held, dropped, version(held));
    expect(await write(settled(held), claim(held))).toMatchObject({ written: false });
    expect(table.state()?.moves).toEqual([]);
  });
});
