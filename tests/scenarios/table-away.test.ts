/** The table goes away: a move that has been claimed is carried on as far as that is safe, and recorded later. */
import { expect, it } from "vitest";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

/** Starts a sweep, and takes the table away once it has asked for its first detach. */
async function tableGoesInTheMiddle(stage: Stage, forMs: number): Promise<void> {
  stage.invoke("look", stage.sweep);
  const until = stage.now() + MINUTE;
  while (stage.calls("DetachNetworkInterface").length === 0) {
    if (stage.now() > until) throw new Error("no detach was asked for within a minute");
    await stage.pass(10);
  }
  stage.tableAwayUntil = stage.now() + forMs;
}

async function failing(stage: Stage): Promise<void> {
  stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now());
  await stage.pass(5 * MINUTE);
}

/** A member that fails but answers, and whose guest does not let go of the interface. */
async function slowToLetGo(): Promise<{ stage: Stage; eni: string }> {
  const stage = new Stage(groupOf({ policy: { graceSeconds: 60 } }));
  const eni = stage.group.interfaces[0]?.eni ?? "";
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  stage.cloud.ec2.break({ kind: "stick-detach", interface: eni }, stage.now());
  await stage.pass(MINUTE);
  return { stage, eni };
}

it("a failover under way is finished without the table, told at once, and recorded when the table is back", async () => {
  const stage = new Stage(groupOf());
  await failing(stage);
  await tableGoesInTheMiddle(stage, 5 * MINUTE);
  await stage.pass(MINUTE);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.told.map(({ report }) => report.outcome)).toEqual(["moved"]);
  expect(stage.told[0]?.report.message).toContain("The table did not answer");
  expect(stage.state.intent).toBeDefined();
  await stage.pass(5 * MINUTE);
  await stage.sweepOnce();
  expect(stage.state).toMatchObject({ moves: [{ because: "active-failing", to: SECOND_MEMBER }] });
  expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
  expect(stage.detached).toHaveLength(1);
  expect(stage.wrong()).toEqual([]);
});

it("what comes off after the lease has run out is attached: an interface is not left on nothing for want of the table", async () => {
  const { stage, eni } = await slowToLetGo();
  await tableGoesInTheMiddle(stage, 10 * MINUTE);
  await stage.pass(50_000);
  stage.cloud.ec2.break({ kind: "unstick-detach", interface: eni }, stage.now());
  await stage.pass(20_000);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.told.map(({ report }) => report.outcome)).toEqual(["moved"]);
});

it("once the lease has run out, a holder without the table forces nothing off a living member", async () => {
  const { stage } = await slowToLetGo();
  await tableGoesInTheMiddle(stage, 4 * MINUTE);
  await stage.pass(3 * MINUTE);
  const forced = () => stage.calls("DetachNetworkInterface").filter(({ input }) => input.Force === true);
  expect(forced()).toEqual([]);
  for (let sweeps = 0; sweeps < 6; sweeps += 1) await stage.sweepOnce();
  expect(forced()).toHaveLength(1);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.wrong()).toEqual([]);
});
