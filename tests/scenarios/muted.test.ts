/** An alarm on the target is muted: that it is in ALARM stops no move, however long the move takes. */
import { describe, expect, it } from "vitest";
import { reconcile } from "../../shared/reconcile.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

/** A failover whose detach takes longer than what is known of the members lasts. */
async function slowFailover(): Promise<Stage> {
  const stage = new Stage(groupOf({ policy: { graceSeconds: 30 } }));
  await stage.pass(MINUTE);
  const [{ eni } = { eni: "" }] = stage.group.interfaces;
  stage.cloud.ec2.break({ kind: "stick-detach", interface: eni, milliseconds: 25_000 }, stage.now());
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
  return stage;
}

function ring(stage: Stage): void {
  stage.cloud.alarms.mute(alarmOf(SECOND_MEMBER), 15, stage.now());
  stage.cloud.alarms.report(alarmOf(SECOND_MEMBER), 1, stage.now());
}

describe("a failover to a member whose alarm is muted", () => {
  it("ends there, though the alarm was in ALARM before it began", async () => {
    const stage = await slowFailover();
    ring(stage);
    await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(SECOND_MEMBER)) === "ALARM");
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.wrong()).toEqual([]);
  });

  it("ends there, though the alarm went off in the middle of it", async () => {
    const stage = await slowFailover();
    stage.scheduler.after(3_000, () => ring(stage));
    await stage.sweepOnce();
    expect(stage.cloud.cloudwatch.stateTruth(alarmOf(SECOND_MEMBER))).toBe("ALARM");
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.wrong()).toEqual([]);
  });
});

it("a switchover off a member whose alarm is muted does not force it, though it goes off in the middle of it", async () => {
  const stage = new Stage(groupOf({ policy: { graceSeconds: 5 } }));
  await stage.pass(MINUTE);
  const [{ eni } = { eni: "" }] = stage.group.interfaces;
  stage.cloud.ec2.break({ kind: "stick-detach", interface: eni, milliseconds: 25_000 }, stage.now());
  stage.cloud.alarms.mute(alarmOf(FIRST), 15, stage.now());
  stage.invoke("switchover", async (world, tell) => {
    const request = { by: "anna", force: false, to: SECOND_MEMBER };
    tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
  });
  await stage.pass(1_000);
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
  await stage.pass(MINUTE);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.calls("DetachNetworkInterface").map(({ input }) => input.Force)).toEqual([false]);
});

it("an alarm of the group that was not cleared by a move tells nobody anything while it is muted", async () => {
  const stage = new Stage({ ...groupOf(), alarms: ["no-traffic"] });
  await stage.pass(MINUTE);
  stage.cloud.alarms.mute("no-traffic", 15, stage.now());
  stage.cloud.alarms.report("no-traffic", 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth("no-traffic") === "ALARM");
  stage.invoke("switchover", async (world, tell) => {
    const request = { by: "anna", force: false, to: SECOND_MEMBER };
    tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
  });
  await stage.pass(MINUTE);
  await stage.sweepOnce();
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.told.map(({ report }) => report.because)).toEqual(["operator", "healthy"]);
});
