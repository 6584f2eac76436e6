/** Members that come back, restart, refuse, or are all that is left: who has the group in the end, and what is remembered. */
import { expect, it } from "vitest";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER, THIRD } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

async function alarming(stage: Stage, instance: string): Promise<void> {
  stage.cloud.alarms.report(alarmOf(instance), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(instance)) === "ALARM");
}

async function sweeps(stage: Stage, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await stage.sweepOnce();
}

async function hung(stage: Stage, instance: string): Promise<void> {
  stage.cloud.ec2.break({ kind: "hang", instance }, stage.now());
  await stage.until(
    () => stage.cloud.ec2.statusMetrics(instance, stage.now())?.values.StatusCheckFailed === 1,
  );
}

const eniOf = (stage: Stage): string => stage.group.interfaces[0]?.eni ?? "";

it.each(["DetachNetworkInterface", "AttachNetworkInterface"])(
  "an active that recovers by itself after the %s is a standby, and nothing more",
  async (operation) => {
    const stage = new Stage(groupOf());
    await hung(stage, FIRST);
    stage.invoke("look", stage.sweep);
    while (stage.calls(operation).length === 0) await stage.pass(10);
    stage.cloud.ec2.break({ kind: "auto-recover", instance: FIRST }, stage.now());
    await sweeps(stage, 8);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.state.moves).toHaveLength(1);
    expect(stage.told.at(-1)?.report.because).toBe("healthy");
    expect(stage.wrong()).toEqual([]);
  },
);

it("an active that recovers before anything was detached keeps the group", async () => {
  const stage = new Stage(groupOf({ policy: { impairedSeconds: 900 } }));
  await hung(stage, FIRST);
  stage.cloud.ec2.break({ kind: "auto-recover", instance: FIRST }, stage.now());
  await sweeps(stage, 6);
  expect(stage.holders).toEqual([FIRST]);
  expect(stage.detached).toEqual([]);
  expect(stage.state.moves).toEqual([]);
});

it("a dead active whose only standby fails is left for it, said as a last resort", async () => {
  const stage = new Stage(groupOf());
  await hung(stage, SECOND_MEMBER);
  await stage.pass(5 * MINUTE);
  stage.cloud.ec2.break({ kind: "stop", instance: FIRST, force: true }, stage.now());
  await stage.until(() => stage.cloud.ec2.instanceTruth(FIRST, stage.now())?.state === "stopped");
  await sweeps(stage, 4);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.state.moves).toMatchObject([{ because: "last-resort", to: SECOND_MEMBER }]);
  expect(stage.history.filter(({ because }) => because === "last-resort")).toHaveLength(1);
});

it("a failing active is not left for a failing standby", async () => {
  const stage = new Stage(groupOf());
  await alarming(stage, FIRST);
  await alarming(stage, SECOND_MEMBER);
  await sweeps(stage, 4);
  expect(stage.holders).toEqual([FIRST]);
  expect(stage.state.told?.because).toBe("no-eligible-standby");
  expect(stage.history.filter(({ because }) => because === "no-eligible-standby")).toHaveLength(1);
});

it("a target that refuses is passed over once, and what it refused goes to the next", async () => {
  const stage = new Stage(groupOf({ members: 3, interfaces: 2 }));
  const code = "AttachmentLimitExceeded";
  stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code }, stage.now());
  await alarming(stage, FIRST);
  await sweeps(stage, 4);
  expect(stage.holders).toEqual([THIRD, THIRD]);
  expect(stage.state.moves).toMatchObject([{ from: FIRST, to: THIRD }]);
  expect(stage.wrong()).toEqual([]);
});

it("with no candidate left the old active takes the group back, and the cooldown keeps it there", async () => {
  const stage = new Stage(groupOf());
  const code = "AttachmentLimitExceeded";
  stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code }, stage.now());
  await alarming(stage, FIRST);
  await sweeps(stage, 4);
  expect(stage.holders).toEqual([FIRST]);
  expect(stage.state.moves).toMatchObject([{ failed: true, to: FIRST }]);
  expect(stage.history.map(({ kind }) => kind)).toEqual(["failed-move", "refusal"]);
  expect(stage.told.at(-1)?.report.because).toBe("cooldown");
});

it("a refused target and a dead old active: the target gets it as soon as it takes it", async () => {
  const stage = new Stage(groupOf());
  const code = "AttachmentLimitExceeded";
  stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code }, stage.now());
  stage.cloud.ec2.break({ kind: "terminate", instance: FIRST }, stage.now());
  await stage.pass(2 * MINUTE);
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([null]);
  stage.cloud.ec2.break({ kind: "heal", instance: SECOND_MEMBER }, stage.now());
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.bugs).toEqual([]);
});

it("an index burned by a forced detach keeps a member out until it is stopped and started", async () => {
  const stage = new Stage(groupOf({ policy: { cooldownSeconds: 60 } }));
  await hung(stage, FIRST);
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.state.burned).toMatchObject([{ member: FIRST, deviceIndex: 1, eni: eniOf(stage) }]);
  expect(stage.state.quarantine).toMatchObject({ [FIRST]: { why: "forced-detach" } });
  stage.cloud.ec2.break({ kind: "heal", instance: FIRST }, stage.now());
  await stage.pass(10 * MINUTE);
  await alarming(stage, SECOND_MEMBER);
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.state.told?.because).toBe("no-eligible-standby");
  stage.cloud.ec2.break({ kind: "stop", instance: FIRST }, stage.now());
  await stage.until(() => stage.cloud.ec2.instanceTruth(FIRST, stage.now())?.state === "stopped");
  stage.cloud.ec2.break({ kind: "start", instance: FIRST }, stage.now());
  await stage.pass(8 * MINUTE);
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([FIRST]);
  expect(stage.wrong()).toEqual([]);
});

it("a reboot frees no burned index: the instance was not launched anew", async () => {
  const stage = new Stage(groupOf({ policy: { cooldownSeconds: 60 } }));
  await hung(stage, FIRST);
  await sweeps(stage, 3);
  stage.cloud.ec2.break({ kind: "auto-recover", instance: FIRST }, stage.now());
  await stage.pass(10 * MINUTE);
  await alarming(stage, SECOND_MEMBER);
  await sweeps(stage, 3);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.state.told?.because).toBe("no-eligible-standby");
});
