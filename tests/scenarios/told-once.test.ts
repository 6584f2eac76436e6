/** What stays as it is is told once, whoever looks how often: also where the record keeps no memory of it. */
import { describe, expect, it } from "vitest";
import { SCHEMA } from "../../shared/core/model.ts";
import { emptyState } from "../../shared/core/record.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";
import { TABLE } from "../simulation/cloud.ts";

const notified = (stage: Stage) => stage.told.map(({ report }) => report.notify);

it("a group that observes says once what it would do", async () => {
  const stage = new Stage(groupOf({ policy: { mode: "observe" } }));
  stage.cloud.ec2.break({ kind: "stop", instance: FIRST, force: true }, stage.now());
  await stage.pass(MINUTE);
  for (let sweeps = 0; sweeps < 3; sweeps += 1) await stage.sweepOnce();
  expect(stage.told.map(({ report }) => [report.outcome, report.because, report.to])).toEqual(
    Array(3).fill(["planned", "active-dead", SECOND_MEMBER]),
  );
  expect(notified(stage)).toEqual([true, false, false]);
  expect(stage.told[0]?.report.message).toMatch(/^Observing only\. The group would move from /);
  expect(stage.history.map(({ kind }) => kind)).toEqual(["planned"]);
});

it("a record of a newer version, which may not be written, is told once by each environment", async () => {
  const stage = new Stage(groupOf());
  const Item = { ...emptyState(), schema: SCHEMA + 1, version: 3, pk: "GROUP#nat-a", sk: "STATE" };
  stage.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item });
  for (let sweeps = 0; sweeps < 3; sweeps += 1) await stage.sweepOnce();
  expect(stage.told.map(({ report }) => report.because)).toEqual(Array(3).fill("newer-record"));
  expect(notified(stage)).toEqual([true, false, false]);
});

describe("what people get, all in all", () => {
  const SAY = { ok: 0, failing: 1 };
  const alarms = (stage: Stage, value: keyof typeof SAY, ...instances: string[]) => {
    for (const instance of instances) stage.cloud.alarms.report(alarmOf(instance), SAY[value], stage.now());
  };
  const sweeps = async (stage: Stage, minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) await stage.sweepOnce();
  };
  const headlines = (stage: Stage) =>
    stage.cloud.news.flatMap(({ detail }) =>
      detail.notify ? [detail.headline.replace(/, in use .*/, "")] : [],
    );

  it("of a failover: one message, when it is over", async () => {
    const stage = new Stage(groupOf());
    await stage.pass(MINUTE);
    alarms(stage, "failing", FIRST);
    await sweeps(stage, 15);
    expect(headlines(stage)).toEqual([`nat-a: moved to ${SECOND_MEMBER} (active-failing)`]);
  });

  it("of a hold that lasts an hour: one message, and one more when it comes again", async () => {
    const stage = new Stage(groupOf());
    await stage.pass(MINUTE);
    alarms(stage, "failing", FIRST, SECOND_MEMBER);
    await sweeps(stage, 60);
    const held = "nat-a: DOES NOT MOVE (no-eligible-standby)";
    expect(headlines(stage)).toEqual([held]);
    alarms(stage, "ok", FIRST, SECOND_MEMBER);
    await sweeps(stage, 5);
    alarms(stage, "failing", FIRST, SECOND_MEMBER);
    await sweeps(stage, 5);
    expect(headlines(stage)).toEqual([held, held]);
  });

  it("of an hour in which a group that only observes would move again and again: one message", async () => {
    const stage = new Stage(groupOf({ policy: { mode: "observe" } }));
    await stage.pass(MINUTE);
    for (let time = 0; time < 12; time += 1) {
      alarms(stage, "failing", FIRST);
      await sweeps(stage, 2);
      alarms(stage, "ok", FIRST);
      await sweeps(stage, 3);
    }
    expect(headlines(stage)).toEqual([
      `nat-a: would move to ${SECOND_MEMBER} (active-failing), but only observes`,
    ]);
    expect(stage.history.filter(({ kind }) => kind === "planned")).toHaveLength(12);
  });

  it("of an hour in which what holds the group comes and goes: one message; all of it is in the history", async () => {
    const stage = new Stage(groupOf());
    await stage.pass(MINUTE);
    for (let time = 0; time < 12; time += 1) {
      alarms(stage, "failing", FIRST, SECOND_MEMBER);
      await sweeps(stage, 2);
      alarms(stage, "ok", FIRST, SECOND_MEMBER);
      await sweeps(stage, 3);
    }
    expect(headlines(stage)).toEqual(["nat-a: DOES NOT MOVE (no-eligible-standby)"]);
    expect(stage.history.filter(({ kind }) => kind === "refusal")).toHaveLength(12);
  });

  it("of what nobody can take: that it failed, once in half an hour, and that it is there in the end", async () => {
    const stage = new Stage(groupOf());
    await stage.pass(MINUTE);
    const code = "InvalidParameterValue";
    for (const instance of [FIRST, SECOND_MEMBER])
      stage.cloud.ec2.break({ kind: "refuse-attach", instance, code, times: 999 }, stage.now());
    alarms(stage, "failing", FIRST);
    await sweeps(stage, 20);
    const failed = "nat-a: the move FAILED (no-eligible-standby)";
    const again = `nat-a: the move to ${FIRST} FAILED (no-eligible-standby)`;
    expect(headlines(stage)).toEqual([failed]);
    expect(notified(stage).filter((one) => one)).toEqual([true]);
    expect(stage.history.filter(({ kind }) => kind === "failed-move").length).toBeGreaterThan(15);
    await sweeps(stage, 20);
    expect(headlines(stage)).toEqual([failed, again]);
    for (const instance of [FIRST, SECOND_MEMBER])
      stage.cloud.ec2.break({ kind: "refuse-attach", instance, code, times: 0 }, stage.now());
    await sweeps(stage, 2);
    expect(headlines(stage)).toEqual([failed, again, `nat-a: moved to ${SECOND_MEMBER} (repair)`]);
  });

  it("of a move whose target refuses the interface: that it failed and where the group is, and that it waits", async () => {
    const stage = new Stage(groupOf());
    await stage.pass(MINUTE);
    const code = "InvalidParameterValue";
    stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code, times: 999 }, stage.now());
    alarms(stage, "failing", FIRST);
    await sweeps(stage, 4);
    expect(headlines(stage)).toEqual([
      `nat-a: the move FAILED, back on ${FIRST} (target-lost)`,
      "nat-a: DOES NOT MOVE (cooldown)",
    ]);
    expect(stage.cloud.news.find(({ type }) => type === "Move Failed")?.detail.message).toBe(
      `The interface is back on ${FIRST}: alarm:${alarmOf(FIRST)} in ALARM; then ${SECOND_MEMBER} refused eni-0a100000000000000 (InvalidParameterValue), so back to ${FIRST}.`,
    );
  });
});
