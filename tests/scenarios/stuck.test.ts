/** A detach that may not be forced, and does not finish: told once, tried on, and open to an operator's word. */
import { expect, it } from "vitest";
import { reconcile } from "../../shared/reconcile.ts";
import { FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import type { Work } from "../enumeration/stage.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

const asked =
  (stage: Stage, force: boolean): Work =>
  async (world, tell) => {
    const request = { by: "operator", force, to: SECOND_MEMBER };
    tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
  };

/** A switchover off a healthy member whose guest never lets go of the interface. */
async function stuckSwitchover(): Promise<Stage> {
  const stage = new Stage(groupOf());
  const [first] = stage.group.interfaces;
  if (first === undefined) throw new Error("the group has an interface");
  stage.cloud.ec2.break({ kind: "stick-detach", interface: first.eni }, stage.now());
  await stage.pass(MINUTE);
  stage.invoke("switchover", asked(stage, false));
  await stage.pass(2 * MINUTE);
  return stage;
}

it("a switchover that gets stuck says so after a minute, keeps its intent and lets go of its lease", async () => {
  const stage = await stuckSwitchover();
  expect(stage.told.map(({ report }) => report.because)).toEqual(["detach-stuck"]);
  expect(stage.state).toMatchObject({ intent: { to: SECOND_MEMBER }, told: { because: "detach-stuck" } });
  expect(stage.state.lease).toBeUndefined();
  expect(stage.calls("DetachNetworkInterface").filter(({ input }) => input.Force === true)).toEqual([]);
});

it("every sweep tries it on, and it is told once", async () => {
  const stage = await stuckSwitchover();
  for (let sweeps = 0; sweeps < 5; sweeps += 1) {
    await stage.sweepOnce();
    await stage.pass(MINUTE);
  }
  expect(stage.history.filter(({ because }) => because === "detach-stuck")).toHaveLength(1);
  expect(stage.told.map(({ report }) => report.notify)).toEqual([true, false, false, false, false, false]);
  const eni = stage.group.interfaces[0]?.eni ?? "";
  stage.cloud.ec2.break({ kind: "unstick-detach", interface: eni }, stage.now());
  await stage.sweepOnce();
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.state.intent).toBeUndefined();
  expect(stage.state.told).toBeUndefined();
});

it("an operator's force ends it", async () => {
  const stage = await stuckSwitchover();
  stage.invoke("force", asked(stage, true));
  await stage.pass(MINUTE);
  expect(stage.holders).toEqual([SECOND_MEMBER]);
  expect(stage.told.at(-1)?.report.outcome).toMatch(/moved|already-there/);
  expect(stage.wrong()).toEqual([]);
});

it("a hung member of a group that may not force keeps the move waiting, and the operator is told", async () => {
  const stage = new Stage(groupOf({ policy: { detach: "graceful" } }));
  stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now());
  await stage.pass(5 * MINUTE);
  for (let sweeps = 0; sweeps < 8; sweeps += 1) {
    await stage.sweepOnce();
    await stage.pass(MINUTE);
  }
  expect(stage.holders).toEqual([FIRST]);
  const told = stage.history.filter(({ because }) => because === "detach-stuck");
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toMatch(
    /: .* is not forced off .* where the group says detach: graceful\. Every sweep/,
  );
});
