/** What stays as it is is told once, whoever looks how often: also where the record keeps no memory of it. */
import { expect, it } from "vitest";
import { SCHEMA } from "../../shared/core/model.ts";
import { emptyState } from "../../shared/core/record.ts";
import { FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
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
