/** An attach that takes longer than anybody waits: the target has refused, and the group goes on. */
import { expect, it } from "vitest";
import { FIRST, groupOf, SECOND_MEMBER, THIRD } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

/** The active has ended, and the first standby takes an interface and never has it. */
function failover(): Stage {
  const stage = new Stage(groupOf({ members: 3 }));
  const slow = { kind: "slow-attach", instance: SECOND_MEMBER, milliseconds: 60 * MINUTE, times: 1 } as const;
  stage.cloud.ec2.break(slow, stage.now());
  stage.cloud.ec2.break({ kind: "stop", instance: FIRST }, stage.now());
  return stage;
}

function expectOnTheThird(stage: Stage): void {
  expect(stage.holders).toEqual([THIRD]);
  expect(stage.state.moves).toMatchObject([{ because: "active-dead", from: FIRST, to: THIRD }]);
  expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
  const forced = stage.calls("DetachNetworkInterface").filter(({ input }) => input.Force === true);
  expect(forced.map(({ holder }) => holder)).toEqual([SECOND_MEMBER]);
  expect(stage.wrong()).toEqual([]);
}

it("is forced off, and the group goes on to the next member under the same move", async () => {
  const stage = failover();
  await stage.sweepOnce();
  await stage.pass(MINUTE);
  expectOnTheThird(stage);
});

it("is given up by whoever takes the move up, too", async () => {
  const stage = failover();
  stage.invoke("killed", stage.sweep, { call: 30, after: false });
  await stage.pass(2 * MINUTE);
  expect(stage.state.intent?.to).toBe(SECOND_MEMBER);
  await stage.sweepOnce();
  await stage.pass(MINUTE);
  expectOnTheThird(stage);
});
