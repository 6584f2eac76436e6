/** EC2 that is busy: nobody gives up, nobody hammers, and no verdict is read into it. */
import { expect, it } from "vitest";
import type { World } from "../../shared/world.ts";
import { FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import type { Work } from "../enumeration/stage.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";

/** The work, on an EC2 that answers so to every call of this name until then. */
function busy(stage: Stage, work: Work, operation: string, error: () => Error, until: number): Work {
  return (world, tell) => {
    const send = (async (command: object) => {
      const hit = command.constructor.name === `${operation}Command` && stage.now() < until;
      if (hit) {
        await world.clock.sleep(20);
        throw error();
      }
      return await world.ec2.send(command as never);
    }) as World["ec2"]["send"];
    return work({ ...world, ec2: { send } }, tell);
  };
}

const throttled = (): Error =>
  Object.assign(new Error("slow down"), {
    name: "RequestLimitExceeded",
    $metadata: { httpStatusCode: 503 },
  });

const broken = (): Error =>
  Object.assign(new Error("oops"), { name: "InternalError", $metadata: { httpStatusCode: 500 } });

const BUSY = [
  { operation: "DetachNetworkInterface", error: throttled },
  { operation: "DetachNetworkInterface", error: broken },
  { operation: "AttachNetworkInterface", error: throttled },
  { operation: "AttachNetworkInterface", error: broken },
] as const;

it.each(BUSY)(
  "$operation gets nothing but $error.name errors for two minutes, and the move is made after it",
  async ({ operation, error }) => {
    const stage = new Stage(groupOf());
    stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now());
    await stage.pass(5 * MINUTE);
    stage.invoke("look", busy(stage, stage.sweep, operation, error, stage.now() + 2 * MINUTE));
    await stage.pass(4 * MINUTE);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.told.map(({ report }) => report.outcome)).toEqual(["moved"]);
    expect(stage.state.intent).toBeUndefined();
    expect(stage.bugs).toEqual([]);
  },
);
