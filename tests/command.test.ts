/** Commands on the table: they land beside a move in hand, are told once, and say so when the table does not answer. */
import { beforeEach, describe, expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { acknowledge, pause, resume } from "../shared/core/commands.ts";
import { claim, emptyState, renew } from "../shared/core/record.ts";
import { readHistory, readState, writeState } from "../shared/store.ts";
import { groupOf, intentTo } from "./core/scene.ts";
import { FaultyTable, GROUP, worldOf } from "./store-table.ts";

const group = { ...groupOf(), name: GROUP };
const config = { historyDays: 400 };
const ANNA = { by: "anna", reason: "kernel upgrade" };

let table: FaultyTable;
let world: ReturnType<typeof worldOf>;

beforeEach(() => {
  table = new FaultyTable();
  world = worldOf(table);
});

const ask = (apply: Parameters<typeof command>[3]) => command(group, config, world, apply);
const pauseFor = (seconds: number) => ask((state, now) => pause(state, { ...ANNA, seconds }, now));

async function state() {
  const record = await readState(world, GROUP);
  return record.read === "ok" ? record.state : expect.fail("the table is away");
}

describe("a command", () => {
  it("makes the record of a group that has none, answers how it stands, and writes the history", async () => {
    expect(await pauseFor(600)).toMatchObject({
      group: GROUP,
      changed: true,
      message: "Paused: no move begins, until 00:10:00 UTC.",
      record: {
        epoch: 0,
        pause: { by: "anna", reason: "kernel upgrade", until: "2026-11-03T00:10:00.000Z" },
        moveInHand: null,
      },
    });
    expect((await state()).outbox).toEqual({});
    expect(await readHistory(world, GROUP, 9)).toMatchObject([{ kind: "command", ...ANNA }]);
  });

  it("asked twice answers twice, and writes once", async () => {
    await pauseFor(600);
    const { version } = await state();
    expect(await pauseFor(600)).toMatchObject({ changed: false, message: /already, until 00:10:00 UTC/ });
    expect((await state()).version).toBe(version);
    expect(await readHistory(world, GROUP, 9)).toHaveLength(1);
  });

  it("of which the answer was lost is written and told once", async () => {
    table.faults.push("none", "answer lost");
    expect(await pauseFor(600)).toMatchObject({ changed: true });
    expect(await readHistory(world, GROUP, 9)).toHaveLength(1);
  });

  it("in the middle of a move leaves the claim to its holder, who keeps the pause", async () => {
    const now = world.clock.now();
    const before = emptyState();
    const claimed = await writeState(world, GROUP, before, claim(before, intentTo("m2"), "holder", now), {
      kind: "version",
      version: 0,
    });
    const { message } = await pauseFor(600);
    expect(message).toContain("The move to m2 that is in hand is finished if it has begun.");
    const renewed = renew(claimed.state, intentTo("m2"), "holder", now + 9);
    const guard = { kind: "claim", epoch: 1, holder: "holder" } as const;
    const written = await writeState(world, GROUP, claimed.state, renewed, guard);
    expect(written).toMatchObject({
      written: true,
      state: { epoch: 1, lease: { holder: "holder", until: now + 30_009 }, pause: ANNA },
    });
  });

  it("that loses the race is applied anew to what the winner wrote", async () => {
    await pauseFor(600);
    const meanwhile = () =>
      ask((old, now) => acknowledge(old, group, { ...ANNA, member: "m1", budget: false }, now));
    const quarantined = await state();
    await writeState(
      world,
      GROUP,
      quarantined,
      { ...quarantined, quarantine: { m1: { why: "operator", since: 1 } } },
      { kind: "version", version: quarantined.version },
    );
    let looked = 0;
    const resumed = await ask((old, now) => {
      looked += 1;
      if (looked === 1) table.before = meanwhile;
      return resume(old, ANNA, now);
    });
    expect(resumed).toMatchObject({ changed: true });
    const after = await state();
    expect(after.quarantine).toEqual({});
    expect(after).not.toHaveProperty("pause");
    const history = await readHistory(world, GROUP, 9);
    expect(history.map(({ message }) => message).sort()).toEqual([
      "Paused: no move begins, until 00:10:00 UTC.",
      "Resumed: the pause by anna is over.",
      "m1 is out of quarantine (operator).",
    ]);
  });

  it("throws where the table is away, so that nobody believes in a pause that is not there", async () => {
    table.always = "unavailable";
    await expect(pauseFor(600)).rejects.toMatchObject({ name: "Failure", code: "TableAway" });
  });

  it("does not touch a record of a newer schema, and says so", async () => {
    await pauseFor(600);
    const stored = table.state();
    await table.sim.send({
      constructor: { name: "PutCommand" },
      input: { TableName: "failover", Item: { ...stored, schema: 2 } },
    } as never);
    await expect(ask((old, now) => resume(old, ANNA, now))).rejects.toMatchObject({
      code: "NewerRecord",
      message: /newer version \(schema 2, this one knows 1\)/,
    });
    expect(table.state()).toMatchObject({ schema: 2, pause: ANNA });
  });
});
