/** A look that finds the table away: it takes the group off the dead beyond doubt, and does nothing else. */
import { describe, expect, it } from "vitest";
import type { Breakage } from "../../local/ec2/ec2.ts";
import { seeded } from "../../local/random.ts";
import { command } from "../../shared/command.ts";
import { pause } from "../../shared/core/commands.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";
import { TABLE } from "../simulation/cloud.ts";

const TERMINATE: Breakage = { kind: "terminate", instance: FIRST };
const STOP: Breakage = { kind: "stop", instance: FIRST };
const HANG: Breakage = { kind: "hang", instance: FIRST };

/** A group whose record was read a minute ago, or never; then the table goes away, and something breaks. */
async function away(
  breakage: Breakage,
  { copy = false, paused = false, group = groupOf() } = {},
): Promise<Stage> {
  const stage = new Stage(group);
  if (paused) {
    stage.invoke("pause", async (world) => {
      await command(stage.group, stage.config, world, (state, now) => pause(state, { by: "anna" }, now));
    });
    await stage.pass(5_000);
  }
  if (copy) await stage.sweepOnce();
  if (!copy) stage.memory.copies.clear();
  stage.tableAwayUntil = stage.now() + 20 * MINUTE;
  stage.cloud.ec2.break(breakage, stage.now());
  await stage.pass(3 * MINUTE);
  if (!copy) stage.memory.copies.clear();
  await stage.sweepOnce();
  return stage;
}

const MOVES = [
  { what: "a terminated active", breakage: TERMINATE, copy: false },
  { what: "a stopped active, with a fresh copy that says not paused", breakage: STOP, copy: true },
];

it.each(MOVES)("$what is left without the table", async ({ breakage, copy }) => {
  const stage = await away(breakage, { copy });
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.told.at(-1)?.report).toMatchObject({ outcome: "moved", to: SECOND_MEMBER });
  expect(stage.bugs).toEqual([]);
});

const HOLDS = [
  { what: "a stopped active without a copy of the record", breakage: STOP },
  {
    what: "a stopped active of a group that the copy says is paused",
    breakage: STOP,
    copy: true,
    paused: true,
  },
  {
    what: "a terminated active of a group that the copy says is paused",
    breakage: TERMINATE,
    copy: true,
    paused: true,
  },
  { what: "a hung active, which may come back", breakage: HANG, copy: true },
  {
    what: "the active of a group that only observes",
    breakage: TERMINATE,
    group: groupOf({ policy: { mode: "observe" } }),
  },
];

it.each(HOLDS)("$what is left alone without the table", async ({ breakage, ...more }) => {
  const stage = await away(breakage, more);
  expect(stage.calls("DetachNetworkInterface")).toEqual([]);
  expect(stage.calls("AttachNetworkInterface")).toEqual([]);
  expect(stage.told.map(({ report }) => report.outcome)).not.toContain("moved");
});

it("a copy that is older than five minutes says nothing", async () => {
  const stage = new Stage(groupOf());
  await stage.sweepOnce();
  stage.tableAwayUntil = stage.now() + 20 * MINUTE;
  await stage.pass(5 * MINUTE);
  stage.cloud.ec2.break(STOP, stage.now());
  await stage.pass(2 * MINUTE);
  await stage.sweepOnce();
  expect(stage.holders).toEqual([FIRST]);
});

it("a stopped active that is started again under the hands of a look keeps the group", async () => {
  // By this seed EC2 refuses a detach from an instance that is pending.
  const stage = new Stage(groupOf(), seeded(3));
  await stage.sweepOnce();
  stage.tableAwayUntil = stage.now() + 20 * MINUTE;
  stage.cloud.ec2.break(STOP, stage.now());
  await stage.pass(3 * MINUTE);
  stage.invoke("look", stage.sweep);
  // The third time it has read that the active is stopped, and is about to detach.
  const asked = (): number => stage.trace.events.filter(({ kind }) => kind === "fault").length;
  while (asked() < 3) await stage.pass(10);
  stage.cloud.ec2.break({ kind: "start", instance: FIRST }, stage.now());
  await stage.pass(3 * MINUTE);
  const refusals = stage.trace.events.flatMap((event) => (event.kind === "call" ? [event.error] : []));
  expect(refusals).toEqual(["IncorrectState"]);
  expect(stage.holders).toEqual([FIRST]);
});

function unanswered(): Error {
  return Object.assign(new Error("the table does not answer"), { name: "TimeoutError" });
}

it("a broken record is thrown, once no read is on its way any more", async () => {
  const stage = new Stage(groupOf());
  const Item = { pk: "GROUP#nat-a", sk: "STATE", schema: 1, version: 1, epoch: 0, moves: "none" };
  stage.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item });
  let onTheWay: number | undefined;
  stage.invoke("look", async (world) => {
    let pending = 0;
    const send = async (...call: readonly never[]) => {
      pending += 1;
      await world.clock.sleep(1_000);
      return await (world.ec2.send as (...sent: typeof call) => Promise<unknown>)(...call).finally(() => {
        pending -= 1;
      });
    };
    const look = { trigger: "event", historyDays: 400 };
    const looked = reconcile(stage.group, look, { ...world, ec2: { send: send as never } });
    await expect(looked).rejects.toMatchObject({ code: "BrokenRecord" });
    onTheWay = pending;
  });
  await stage.pass(MINUTE);
  expect(onTheWay).toBe(0);
});

describe("once the table is back", () => {
  it("the move is recorded as what it was", async () => {
    const stage = await away(TERMINATE, { copy: true });
    stage.tableAwayUntil = stage.now();
    await stage.sweepOnce();
    expect(stage.state.moves).toMatchObject([
      { because: expect.stringMatching(/active-dead|repair/), to: SECOND_MEMBER },
    ]);
    expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
    expect(stage.history[0]?.message).toContain("without the table");
    expect(stage.wrong()).toEqual([]);
  });

  it("the move is recorded as what it was by a later look, where the table does not take it at first", async () => {
    const stage = await away(TERMINATE, { copy: true });
    stage.tableAwayUntil = stage.now();
    const { execute } = stage.cloud;
    const refuse: typeof execute = (service, command, by) => {
      if (command.constructor.name === "UpdateCommand") throw unanswered();
      return execute.call(stage.cloud, service, command, by);
    };
    Object.assign(stage.cloud, { execute: refuse });
    await stage.sweepOnce();
    expect(stage.state.moves).toEqual([]);
    Object.assign(stage.cloud, { execute });
    await stage.sweepOnce();
    expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
    expect(stage.history[0]?.message).toContain("without the table");
  });

  it("in the middle of it, everything is decided anew and claimed", async () => {
    const stage = new Stage(groupOf());
    stage.tableAwayUntil = stage.now() + 20 * MINUTE;
    stage.cloud.ec2.break(TERMINATE, stage.now());
    stage.invoke("look", stage.sweep);
    while (stage.calls("DetachNetworkInterface").length === 0) await stage.pass(10);
    stage.tableAwayUntil = stage.now();
    await stage.pass(MINUTE);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.state).toMatchObject({ epoch: 1, moves: [{ to: SECOND_MEMBER }] });
    expect(stage.wrong()).toEqual([]);
  });
});
