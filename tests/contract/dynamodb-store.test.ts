/** Goal: what the store sends, a real implementation of the API takes: names, types, paths, empty values. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  clearOutbox,
  forgetFleet,
  NOTHING_STANDS,
  noteFleet,
  readFleet,
  readHistory,
  readState,
  readStates,
  writeHistory,
  writeState,
} from "../../shared/store.ts";
import type { World } from "../../shared/world.ts";
import { anyState, claimed, ENTRY, emptyState, paused, settled } from "../store-states.ts";
import { worldOf } from "../store-table.ts";
import { startDynalite } from "./dynalite.ts";

let world: World;
let stop: () => Promise<void>;
let groups = 0;

beforeAll(async () => {
  const running = await startDynalite("failover");
  stop = running.stop;
  // Sockets take real time, so the timeouts of virtual time must not pass.
  const clock = { now: () => Date.UTC(2026, 10, 3), sleep: () => new Promise<void>(() => {}) };
  world = {
    ...worldOf({ send: () => Promise.reject(new Error("unused")) }),
    dynamodb: running.client,
    clock,
  };
});

afterAll(() => stop());

function newGroup(): string {
  groups += 1;
  return `group-${groups}`;
}

it("any state becomes any other, and is read back as it was meant", async () => {
  const cases = fc.asyncProperty(anyState, anyState, async (before, after) => {
    const group = newGroup();
    const marked = { ...before, epoch: -1 };
    const first = await writeState(world, group, emptyState(), marked, { kind: "version", version: 0 });
    expect(first).toEqual({ written: true, state: { ...marked, version: 1 } });
    const second = await writeState(world, group, first.state, after, { kind: "version", version: 1 });
    expect(second).toEqual({ written: true, state: { ...after, version: 2 } });
    expect(await readState(world, group)).toEqual({ read: "ok", state: second.state });
  });
  await fc.assert(cases, { numRuns: 40 });
});

it("a claim is taken once, settled by its holder only, and told", async () => {
  const group = newGroup();
  const empty = emptyState();
  const version = { kind: "version", version: 0 } as const;
  const mine = await writeState(world, group, empty, claimed(empty, "me"), version);
  const late = await writeState(world, group, empty, claimed(empty, "late"), version);
  expect(late).toEqual({ written: false, state: mine.state });
  const claim = { kind: "claim", epoch: 1, holder: "late" } as const;
  const stranger = await writeState(world, group, mine.state, settled(mine.state), claim);
  expect(stranger.written).toBe(false);
  const done = await writeState(world, group, mine.state, settled(mine.state), { ...claim, holder: "me" });
  expect(done).toEqual({ written: true, state: { ...settled(mine.state), version: 2 } });

  await writeHistory(world, group, done.state.outbox, 400);
  await clearOutbox(world, group, Object.keys(done.state.outbox));
  await clearOutbox(world, group, Object.keys(done.state.outbox));
  const told = Object.values(done.state.outbox).toReversed();
  expect(await readHistory(world, group, told.length + 1)).toEqual(told);
  expect(await readState(world, group)).toEqual({
    read: "ok",
    state: { ...done.state, outbox: {}, version: 3 },
  });
});

it("many records are read in one call, and the history newest first", async () => {
  const group = newGroup();
  const state = paused(emptyState());
  await writeState(world, group, emptyState(), state, { kind: "version", version: 0 });
  const read = await readStates(world, [group, "absent"]);
  expect(read.get(group)).toEqual({ read: "ok", state: { ...state, version: 1 } });
  expect(read.get("absent")).toEqual({ read: "ok", state: emptyState() });
  await writeHistory(world, group, { "1#a": { ...ENTRY, at: 1 }, "2#a": { ...ENTRY, at: 2 } }, 1);
  expect((await readHistory(world, group, 9)).map(({ at }) => at)).toEqual([2, 1]);
});

it("the moves of the fleet are noted and read", async () => {
  await noteFleet(world, "nat-a", { because: "active-failing", by: "first" });
  await noteFleet(world, "nat-a", { because: "active-failing", by: "second" });
  const noted = { "nat-a": { at: world.clock.now(), because: "active-failing", by: "first" } };
  expect(await readFleet(world)).toEqual(noted);
  await forgetFleet(world, "nat-a", "second");
  expect(await readFleet(world)).toEqual(noted);
  await noteFleet(world, "nat-a", { because: "failback", by: "third" }, NOTHING_STANDS);
  await forgetFleet(world, "nat-a", "third");
  expect(await readFleet(world)).toEqual({});
});
