/** Goal: a call to the table ends when it must, and leaves nothing behind. Method: what holds of every call, on a read. */
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { readHistory, tableAnswers, writeHistory } from "../shared/store.ts";
import { ENTRY } from "./store-states.ts";
import { FaultyTable, GROUP, worldOf } from "./store-table.ts";

function stage() {
  const table = new FaultyTable();
  return { table, world: worldOf(table) };
}

it("is ended with the invocation, at once, and not tried again", async () => {
  const { table, world } = stage();
  table.always = "hanging";
  const began = world.clock.now();
  const reading = readHistory(world, GROUP, 1);
  world.abort();
  await expect(reading).rejects.toMatchObject({ name: "Failure" });
  expect(world.clock.now()).toBe(began);
  expect(table.sent).toHaveLength(1);
  expect(table.inFlight).toEqual(new Set());
});

it("that begins after the end of the invocation is ended as it begins", async () => {
  const { table, world } = stage();
  table.always = "hanging";
  const began = world.clock.now();
  world.abort();
  await expect(readHistory(world, GROUP, 1)).rejects.toMatchObject({ name: "Failure" });
  expect(world.clock.now()).toBe(began);
});

it("says how long it has waited in vain", async () => {
  const { table, world } = stage();
  table.always = "hanging";
  const message = expect.stringContaining("DynamoDB did not answer within 1000 ms");
  await expect(readHistory(world, GROUP, 1)).rejects.toMatchObject({ message });
});

it("of a read, or of what may be repeated, is tried three times", async () => {
  const { table, world } = stage();
  table.always = "unavailable";
  const began = world.clock.now();
  await expect(readHistory(world, GROUP, 1)).rejects.toMatchObject({ next: "retry" });
  expect(table.sent).toHaveLength(3);
  expect(world.clock.now() - began).toBe(150);
  await expect(writeHistory(world, GROUP, { key: ENTRY }, 400)).rejects.toMatchObject({ next: "look-again" });
  expect(table.sent).toHaveLength(6);
});

it("that was answered in time is not ended afterwards, and no longer listens to the invocation's end", async () => {
  const { table, world } = stage();
  const signals: (AbortSignal | undefined)[] = [];
  const send = table.send.bind(table);
  table.send = (command, options) => {
    signals.push(options?.abortSignal);
    return send(command, options);
  };
  // The first begins a watch, the others join it.
  for (let times = 0; times < 3; times += 1) await tableAnswers(world, GROUP);
  await Promise.all([tableAnswers(world, GROUP), tableAnswers(world, GROUP)]);
  expect(getEventListeners(world.signal, "abort")).toEqual([]);
  await world.clock.sleep(5_000);
  world.abort();
  expect(signals.map((signal) => signal?.aborted)).toEqual(Array(5).fill(false));
});
