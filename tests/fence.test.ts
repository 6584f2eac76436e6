/**
 * Fencing and release, from the failing alarm to the security groups that EC2 shows in the end: the production loop at the
 * SDK's `send`. What EC2 may answer to a fence is put in front of the model; that nothing is lost when the invocation is
 * killed is proven in crash.test.ts.
 */
import { describe, expect, it } from "vitest";
import { AwsError } from "../local/aws-error.ts";
import type { Policy } from "../shared/core/model.ts";
import { reconcile } from "../shared/reconcile.ts";
import { release } from "../shared/release.ts";
import { sweep } from "../shared/sweep.ts";
import type { World } from "../shared/world.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";
import { TABLE } from "./simulation/cloud.ts";
import { OWN, primaryOf, QUARANTINE } from "./simulation/fences.ts";

const ISOLATE: Partial<Policy> = { fence: { kind: "isolate", securityGroup: QUARANTINE } };
const STOP: Partial<Policy> = { fence: { kind: "stop" }, graceSeconds: 4 };
const PRIMARY = primaryOf(FIRST);

async function failing(policy: Partial<Policy>, members = 2): Promise<Stage> {
  const stage = new Stage(groupOf({ policy, members }));
  await stage.pass(MINUTE);
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
  return stage;
}

async function healed(stage: Stage): Promise<void> {
  stage.cloud.alarms.report(alarmOf(FIRST), 0, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "OK");
}

const worn = (stage: Stage) => stage.cloud.ec2.securityGroupsTruth(PRIMARY, stage.now());
const stateOfFirst = (stage: Stage) => stage.cloud.ec2.instanceTruth(FIRST, stage.now())?.state;
const told = (stage: Stage) => stage.told.map(({ report }) => `${report.outcome} ${report.because}`);

/** The world, in which EC2 answers these errors to an operation before it takes it. */
function meeting(world: World, operation: string, errors: readonly string[]): World {
  const left = [...errors];
  const send = async (command: object, options: object) => {
    const code = command.constructor.name === `${operation}Command` ? left.shift() : undefined;
    if (code === undefined) return await world.ec2.send(command as never, options as never);
    throw Object.assign(new Error(code), { name: code, $metadata: { httpStatusCode: 400 } });
  };
  return { ...world, ec2: { send: send as unknown as World["ec2"]["send"] } };
}

/** A sweep to which EC2 answers this error for one operation, so many times. */
async function sweepMeeting(stage: Stage, operation: string, code: string, times: number): Promise<void> {
  stage.invoke("sweep-met", async (world, tell) => {
    await sweep(
      { groups: [stage.group], named: false },
      stage.config,
      meeting(world, operation, Array(times).fill(code)),
      tell,
    );
  });
  await stage.pass(3 * MINUTE);
}

/** Asks for the release of the first member; answers what came of it. EC2 answers `errors` first. */
async function releasing(
  stage: Stage,
  change: { force?: boolean } = {},
  ...errors: readonly string[]
): Promise<string> {
  let answer = "";
  stage.invoke("release", async (world) => {
    const asked = { group: stage.group, member: FIRST, force: false, by: "anna", ...change };
    const met = meeting(world, "ModifyNetworkInterfaceAttribute", errors);
    answer = await release(asked, stage.config, met).then(
      ({ changed, message }) => `${changed ? "changed" : "unchanged"}: ${message}`,
      (error: Error) => `${error.name}: ${error.message}`,
    );
  });
  await stage.pass(30_000);
  return answer;
}

describe("isolate", () => {
  it("takes the security groups of the failed active's own interface, and writes them down", async () => {
    const stage = await failing(ISOLATE);
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(worn(stage)).toEqual([QUARANTINE]);
    expect(stage.state.isolated).toEqual({ [FIRST]: { [PRIMARY]: OWN } });
    expect(stage.history.at(-1)?.message).toContain(`${FIRST} is isolated: ${PRIMARY} in ${QUARANTINE}`);
    expect(Object.keys(stage.history.at(-1)?.phases ?? {})).toEqual(
      expect.arrayContaining(["fenceAsked", "fenced"]),
    );
    expect(stage.wrong()).toEqual([]);
  });

  it("never comes before the move, and does not delay it: the interface is in use first", async () => {
    const stage = await failing(ISOLATE);
    await stage.sweepOnce();
    const { inUse = 0, fenceAsked = 0 } = stage.history.at(-1)?.phases ?? {};
    expect(fenceAsked).toBeGreaterThanOrEqual(inUse);
    expect(fenceAsked - inUse).toBeLessThan(3_000);
  });

  it("leaves the member that a switchover takes the group off as it is", async () => {
    const stage = new Stage(groupOf({ policy: ISOLATE }));
    await stage.pass(MINUTE);
    stage.invoke("switchover", async (world, tell) => {
      const request = { by: "anna", force: false, to: SECOND_MEMBER };
      tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
    });
    await stage.pass(MINUTE);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(worn(stage)).toEqual(OWN);
  });

  it("is asked again while EC2 is busy", async () => {
    const stage = await failing(ISOLATE);
    await sweepMeeting(stage, "ModifyNetworkInterfaceAttribute", "RequestLimitExceeded", 3);
    expect(worn(stage)).toEqual([QUARANTINE]);
    expect(told(stage)).toEqual(["moved active-failing"]);
  });

  it("leaves an interface that another AWS service manages, which EC2 would refuse to change", async () => {
    const stage = await failing(ISOLATE);
    const managed = { networkInterfaceId: "eni-0e100000000000000", requesterManaged: true };
    const where = { zone: "eu-west-1a", attachedTo: FIRST, deviceIndex: 5 };
    stage.cloud.ec2.addInterface({ ...managed, ...where }, stage.now());
    await stage.sweepOnce();
    expect(stage.state.isolated).toEqual({ [FIRST]: { [PRIMARY]: OWN } });
    expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
  });

  it("of an interface that has gone meanwhile is done", async () => {
    const stage = await failing(ISOLATE);
    await sweepMeeting(stage, "ModifyNetworkInterfaceAttribute", "InvalidNetworkInterfaceID.NotFound", 1);
    expect(stage.calls("ModifyNetworkInterfaceAttribute")).toEqual([]);
    expect(stage.history.map(({ kind }) => kind)).toEqual(["move"]);
  });

  it.each(["UnauthorizedOperation", "InvalidGroup.NotFound"])(
    "does not block or undo the move where EC2 answers %s: it settles, and an operator is told",
    async (code) => {
      const stage = await failing(ISOLATE);
      await sweepMeeting(stage, "ModifyNetworkInterfaceAttribute", code, 100);
      expect(stage.holders).toEqual([SECOND_MEMBER]);
      expect(stage.state.intent).toBeUndefined();
      expect(worn(stage)).toEqual(OWN);
      const entries = stage.history.map(({ kind, because }) => `${kind} ${because}`);
      expect(entries.slice(-2).sort()).toEqual(["move active-failing", "refusal operator-needed"]);
      expect(stage.told[0]?.report.message).toContain(`${FIRST} is not fenced: ${PRIMARY} could not get`);
      expect(stage.told[0]?.report.message).toContain(code);
    },
  );

  it("does not block the move where the member's interfaces can't be read", async () => {
    const stage = await failing(ISOLATE);
    stage.invoke("sweep-blind", async (world, tell) => {
      const send = world.ec2.send.bind(world.ec2) as (...args: unknown[]) => Promise<unknown>;
      const blind = async (command: { input: { Filters?: { Name?: string }[] } }, options: object) => {
        const others = command.input.Filters?.some(({ Name }) => Name === "attachment.instance-id");
        if (others === true) throw new AwsError("UnauthorizedOperation", "no");
        return await send(command, options);
      };
      const ec2 = { send: blind as unknown as World["ec2"]["send"] };
      await sweep({ groups: [stage.group], named: false }, stage.config, { ...world, ec2 }, tell);
    });
    await stage.pass(3 * MINUTE);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.state.intent).toBeUndefined();
    expect(stage.told[0]?.report.message).toContain("could not be read");
  });
});

describe("stop", () => {
  it("stops the failed active after the move, by force once the grace is over", async () => {
    const stage = await failing(STOP);
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    const forced = stage.calls("StopInstances").map(({ input }) => input.Force);
    expect([forced[0], forced.at(-1)]).toEqual([false, true]);
    await stage.pass(2 * MINUTE);
    expect(stateOfFirst(stage)).toBe("stopped");
    expect(stage.wrong()).toEqual([]);
  });

  it("does not ask a guest that hangs", async () => {
    const stage = new Stage(groupOf({ policy: STOP }));
    await stage.pass(MINUTE);
    stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now());
    await stage.until(
      () => stage.cloud.ec2.statusMetrics(FIRST, stage.now())?.values.StatusCheckFailed === 1,
    );
    await stage.sweepOnce();
    expect(stage.calls("StopInstances").map(({ input }) => input.Force)).toEqual([true]);
  });

  it("that is refused does not block the move", async () => {
    const stage = await failing(STOP);
    await sweepMeeting(stage, "StopInstances", "UnauthorizedOperation", 100);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.state.intent).toBeUndefined();
    expect(stage.told[0]?.report.message).toContain("could not be stopped (UnauthorizedOperation)");
  });
});

describe("stop first", () => {
  const FIRSTLY = { ...STOP, fenceFirst: true };

  it("detaches only once the stop is seen", async () => {
    const stage = await failing(FIRSTLY);
    await stage.sweepOnce();
    await stage.pass(MINUTE);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stateOfFirst(stage)).toBe("stopped");
    expect(stage.calls("DetachNetworkInterface")).toHaveLength(1);
    expect(stage.wrong()).toEqual([]);
  });

  it("holds, told once, while the stop is refused; nothing is detached", async () => {
    const stage = await failing(FIRSTLY);
    await sweepMeeting(stage, "StopInstances", "UnauthorizedOperation", 100);
    await sweepMeeting(stage, "StopInstances", "UnauthorizedOperation", 100);
    expect(stage.holders).toEqual([FIRST]);
    expect(stage.detached).toEqual([]);
    expect(told(stage)).toEqual(["held fence-unconfirmed", "held fence-unconfirmed"]);
    expect(stage.told.map(({ report }) => report.notify)).toEqual([true, false]);
    expect(stage.history.map(({ because }) => because)).toEqual(["fence-unconfirmed"]);
    expect([stage.state.intent, stage.state.lease]).toEqual([undefined, undefined]);
    await stage.sweepOnce();
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND_MEMBER]);
  });
});

describe("release", () => {
  async function isolated(members = 2): Promise<Stage> {
    const stage = await failing(ISOLATE, members);
    await stage.sweepOnce();
    return stage;
  }

  it("gives back exactly what was taken, in its order, and says so in the history", async () => {
    const stage = await isolated();
    await healed(stage);
    expect(await releasing(stage)).toBe(
      `changed: ${FIRST} has its security groups back: ${PRIMARY} bears ${OWN.join(", ")}.`,
    );
    expect(worn(stage)).toEqual(OWN);
    expect(stage.state.isolated).toEqual({});
    expect(stage.history.at(-1)).toMatchObject({ kind: "command", by: "anna" });
    expect(stage.wrong()).toEqual([]);
  });

  it("insists while EC2 is busy", async () => {
    const stage = await isolated();
    const busy = ["RequestLimitExceeded", "Unavailable", "RequestLimitExceeded"];
    expect(await releasing(stage, { force: true }, ...busy)).toContain("changed:");
    expect(worn(stage)).toEqual(OWN);
  });

  it("of an interface that is gone strikes it from the record", async () => {
    const stage = await isolated();
    const gone = "InvalidNetworkInterfaceID.NotFound";
    expect(await releasing(stage, { force: true }, gone)).toContain("changed:");
    expect(stage.state.isolated).toEqual({});
  });

  it("that EC2 refuses says why, and keeps what is written down", async () => {
    const stage = await isolated();
    const refused = await releasing(stage, { force: true }, "UnauthorizedOperation");
    expect(refused).toMatch(
      /^Failure: 1 of 1 interfaces of i-\w+ could not be given back: .*UnauthorizedOperation/,
    );
    expect(stage.state.isolated).toEqual({ [FIRST]: { [PRIMARY]: OWN } });
    expect(await releasing(stage, { force: true })).toContain("changed:");
    expect(worn(stage)).toEqual(OWN);
  });

  it("touches nothing while the record is a newer version's", async () => {
    const stage = await isolated();
    await healed(stage);
    const stored = stage.cloud.dynamo.peek("GROUP#nat-a", "STATE");
    stage.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item: { ...stored, schema: 2 } });
    expect(await releasing(stage)).toMatch(/^Failure: The record was written by a newer version \(schema 2/);
    expect(worn(stage)).toEqual([QUARANTINE]);
    expect(stage.state.isolated).toEqual({ [FIRST]: { [PRIMARY]: OWN } });
  });

  it("asked twice, or of a member that is not isolated, changes nothing", async () => {
    const stage = await isolated();
    await healed(stage);
    await releasing(stage);
    const { version } = stage.state;
    expect(await releasing(stage)).toBe(`unchanged: ${FIRST} is not isolated.`);
    expect(stage.state.version).toBe(version);
  });

  it("is refused while the member is not healthy, and names what overrides that", async () => {
    const stage = await isolated();
    const refused = await releasing(stage);
    expect(refused).toContain(`Refused: nat-a: held (unconfirmed). ${FIRST} is failing`);
    expect(refused).toContain(`ask for {"group":"nat-a","member":"${FIRST}","force":true}`);
    expect(worn(stage)).toEqual([QUARANTINE]);
    expect(stage.history.at(-1)).toMatchObject({ kind: "refusal", because: "unconfirmed", by: "anna" });
    expect(await releasing(stage, { force: true })).toContain("changed:");
    expect(worn(stage)).toEqual(OWN);
  });

  it("waits for a move in hand, which may still isolate, even when forced", async () => {
    const stage = await isolated(3);
    await healed(stage);
    const { eni = "" } = stage.group.interfaces[0] ?? {};
    stage.cloud.ec2.break({ kind: "stick-detach", interface: eni, evenForced: true }, stage.now());
    stage.cloud.alarms.report(alarmOf(SECOND_MEMBER), 1, stage.now());
    await stage.pass(6 * MINUTE);
    stage.invoke("sweep-stuck", stage.sweep);
    await stage.pass(MINUTE);
    expect(stage.state.intent).toBeDefined();
    expect(await releasing(stage, { force: true })).toMatch(/^Refused: nat-a: in-progress .* is in hand/);
    expect(worn(stage)).toEqual([QUARANTINE]);
  });

  it("makes the member eligible again", async () => {
    const stage = await isolated();
    await healed(stage);
    stage.cloud.alarms.report(alarmOf(SECOND_MEMBER), 1, stage.now());
    await stage.pass(6 * MINUTE);
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(stage.state.told?.because).toBe("no-eligible-standby");
    await releasing(stage);
    await stage.sweepOnce();
    expect(stage.holders).toEqual([FIRST]);
  });
});
