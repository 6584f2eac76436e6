/** The status of groups: on the embedded cloud's models, in virtual time, after what a test lets happen. */
import { describe, expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import { reconcile } from "../shared/reconcile.ts";
import { memberStatus } from "../shared/status/members.ts";
import { type GroupStatus, type Status, statusOf } from "../shared/status.ts";
import type { World } from "../shared/world.ts";
import { groupOf as coreGroup, details, HOUR, LAUNCHED, NOW, situationOf } from "./core/scene.ts";
import { FIRST, groupOf, SECOND_MEMBER as SECOND } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";
import { Fleet, groupsOf } from "./fleet/fleet.ts";

const ENI = "eni-0a100000000000000";

async function staged(...group: Parameters<typeof groupOf>): Promise<Stage> {
  const stage = new Stage(groupOf(...group));
  await stage.pass(10 * MINUTE);
  return stage;
}

/** Lets work come to its end. */
async function run<T>(stage: Stage, work: (world: World) => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | undefined;
  stage.invoke("status", async (world) => {
    answer = { value: await work(world) };
  });
  await stage.until(() => answer !== undefined || stage.bugs.length > 0);
  expect(stage.bugs).toEqual([]);
  return answer?.value ?? expect.fail("it gave no answer");
}

async function status(stage: Stage, history = 0): Promise<GroupStatus> {
  const all: Status = await run(stage, (world) => statusOf([stage.group], history, world));
  return all.groups[0] ?? expect.fail("there is no group");
}

const switchover = (stage: Stage, to: string) =>
  run(stage, (world) => {
    const request = { by: "anna", force: false, to, reason: "kernel upgrade" };
    return reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world);
  });

const paused = (stage: Stage, seconds: number) =>
  run(stage, (world) =>
    command(stage.group, stage.config, world, (state, now) => pause(state, { by: "anna", seconds }, now)),
  );

/** Answers every call of the table with this. */
function breakTable(stage: Stage, answer: () => never): void {
  const { execute } = stage.cloud;
  Object.assign(stage.cloud, {
    execute: ((service, ...rest) =>
      service === "dynamodb" ? answer() : execute(service, ...rest)) as typeof execute,
  });
}

describe("status", () => {
  it("of a sound group says who is active, how everybody is, and who would take over, never proven", async () => {
    const stage = await staged();
    const group = await status(stage);
    const evidence = ["system-check", "instance-check", "ebs-check"].map((source) => {
      return { source, says: "healthy", detail: "ok", ageSeconds: 0 };
    });
    const sound = {
      health: "healthy",
      leaving: null,
      quarantine: null,
      burnedDeviceIndexes: [],
      isolatedInterfaces: [],
      evidence,
    };
    expect(group).toEqual({
      group: "nat-a",
      mode: "act",
      active: FIRST,
      now: { because: "healthy", message: `${FIRST} is active and healthy.`, advice: "Nothing." },
      readiness: {
        ready: true,
        to: SECOND,
        because: "active-failing",
        message: `If ${FIRST} failed now, the group would move to ${SECOND}.`,
        lastProven: null,
      },
      lastDrill: null,
      interfaces: {
        [ENI]: {
          state: "attached",
          on: FIRST,
          instance: FIRST,
          deviceIndex: 1,
          attachmentId: expect.stringMatching(/^eni-attach-/),
          attachedAt: "2025-12-31T00:00:00.000Z",
          deleteOnTermination: false,
          zone: "eu-west-1a",
        },
      },
      members: [
        {
          member: FIRST,
          instance: FIRST,
          role: "active",
          eligible: false,
          notEligibleBecause: "active",
          ...sound,
        },
        {
          member: SECOND,
          instance: SECOND,
          role: "standby",
          eligible: true,
          notEligibleBecause: null,
          ...sound,
        },
      ],
      record: {
        epoch: 0,
        pause: null,
        cooldownUntil: null,
        budget: { movesLeft: 3, of: 3, windowSeconds: 3600, refillsAt: null },
        quarantine: {},
        isolated: {},
        moveInHand: null,
        historyWaiting: 0,
      },
      lastMoves: [],
    });
    expect(stage.writes).toBe(0);
  });

  it("after a move tells it with the seconds of its phases, the objective, and the standby that it proved", async () => {
    const stage = await staged();
    await switchover(stage, SECOND);
    await switchover(stage, FIRST);
    const { readiness, lastMoves, record } = await status(stage);
    expect(lastMoves).toMatchObject([
      { because: "operator", from: SECOND, to: FIRST, failed: false, objectiveSeconds: 60 },
      { because: "operator", from: FIRST, to: SECOND },
    ]);
    const [last] = lastMoves as [{ phaseSeconds: Record<string, number>; detectedToInUseSeconds: number }];
    expect(Object.keys(last.phaseSeconds)).toEqual([
      "decided",
      "claimed",
      "detachAsked",
      "detached",
      "attachAsked",
      "inUse",
      "settled",
    ]);
    const { settled = 0, ...untilInUse } = last.phaseSeconds;
    const sum = Object.values(untilInUse).reduce((whole, one) => whole + one, 0);
    expect(last.detectedToInUseSeconds).toBeCloseTo(sum, 3);
    expect(last.detectedToInUseSeconds).toBeGreaterThan(1);
    expect(settled).toBeLessThan(1);
    expect(record).toMatchObject({ epoch: 2, cooldownUntil: expect.stringMatching(/^2026-01-01T00:1/) });
    expect(readiness).toMatchObject({ ready: false, because: "cooldown" });
    await stage.pass(10 * MINUTE);
    expect((await status(stage)).readiness).toMatchObject({
      ready: true,
      to: SECOND,
      lastProven: { because: "operator", at: expect.stringMatching(/^2026-01-01T00:1/) },
    });
  });

  it("says the one reason why a standby is not eligible, since when, and that a failover would be held", async () => {
    const stage = await staged();
    stage.cloud.ec2.break({ kind: "hang", instance: SECOND }, stage.now());
    await stage.pass(5 * MINUTE);
    const { members, readiness, now } = await status(stage);
    expect(now.because).toBe("healthy");
    expect(readiness).toMatchObject({ ready: false, to: null, because: "no-eligible-standby" });
    expect(members[1]).toMatchObject({ health: "failing", eligible: false, notEligibleBecause: "failing" });
    const failing = members[1]?.evidence.find(({ source }) => source === "instance-check");
    expect(failing).toMatchObject({ says: "failing", detail: expect.stringMatching(/^impaired for \d+ s$/) });
    expect(failing?.ageSeconds).toBeGreaterThan(60);
  });

  it("shows a pause while it lasts, with the override of the hold, and none once it has run out", async () => {
    const stage = await staged();
    await paused(stage, 120);
    const during = await status(stage);
    expect(during.record).toMatchObject({ pause: { by: "anna", until: expect.any(String), reason: null } });
    expect(during.now).toMatchObject({ because: "paused", override: { group: "nat-a", force: true } });
    expect(during.readiness).toMatchObject({ ready: false, because: "paused" });
    await stage.pass(3 * MINUTE);
    const after = await status(stage);
    expect(after.record).toMatchObject({ pause: null });
    expect(after.readiness.ready).toBe(true);
  });

  it("with history tells moves, refusals and commands, the newest first", async () => {
    const stage = await staged();
    await switchover(stage, SECOND);
    await paused(stage, 600);
    await switchover(stage, FIRST);
    const { history } = await status(stage, 10);
    expect(history).toMatchObject([
      { kind: "refusal", because: "paused", by: "anna" },
      { kind: "command", because: "operator", by: "anna" },
      {
        kind: "move",
        because: "operator",
        by: "anna",
        reason: "kernel upgrade",
        epoch: 1,
        phases: { inUse: expect.stringMatching(/^2026-01-01T00:10/) },
        phaseSeconds: { attachAsked: expect.any(Number) },
        evidence: ["system-check ok (healthy)", "instance-check ok (healthy)", "ebs-check ok (healthy)"],
      },
    ]);
    expect((await status(stage, 1)).history).toHaveLength(1);
  });

  it("without the table says so, and still shows places and health", async () => {
    const stage = await staged();
    breakTable(stage, () => {
      throw Object.assign(new Error("no"), { code: "AccessDeniedException", status: 400 });
    });
    const group = await status(stage, 5);
    expect(group).toMatchObject({
      active: FIRST,
      now: { because: "unconfirmed", message: expect.stringContaining("AccessDeniedException") },
      readiness: { ready: false, because: "unconfirmed" },
      record: { unread: expect.stringContaining("AccessDeniedException"), meaning: expect.any(String) },
      history: { unread: expect.stringContaining("AccessDeniedException") },
    });
    expect(group.members.map(({ health }) => health)).toEqual(["healthy", "healthy"]);
  });

  it("without EC2 says so, and still shows the record", async () => {
    const stage = await staged();
    await paused(stage, 600);
    const { execute } = stage.cloud;
    Object.assign(stage.cloud, {
      execute: ((service, ...rest) => {
        if (service !== "ec2") return execute(service, ...rest);
        throw Object.assign(new Error("no"), { code: "UnauthorizedOperation", status: 403 });
      }) as typeof execute,
    });
    const group = await status(stage);
    expect(group).toMatchObject({
      active: null,
      now: { because: "unconfirmed" },
      readiness: { ready: false },
      interfaces: { [ENI]: { state: "unread", error: expect.stringContaining("UnauthorizedOperation") } },
      record: { pause: { by: "anna" } },
    });
    expect(group.members.map(({ health }) => health)).toEqual(["unknown", "unknown"]);
  });

  it("of a record of a newer schema shows what can be understood, and who has to act", async () => {
    const stage = await staged();
    await paused(stage, 600);
    const Item = { ...stage.state, pk: "GROUP#nat-a", sk: "STATE", schema: 2, moves: "another shape" };
    stage.cloud.dynamo.execute("PutCommand", { TableName: "sim-state", Item });
    expect(await status(stage)).toMatchObject({
      now: { because: "newer-record" },
      record: { pause: { by: "anna" } },
      lastMoves: [],
    });
  });

  it("of a broken record says what is broken", async () => {
    const stage = await staged();
    await paused(stage, 600);
    const Item = { ...stage.state, pk: "GROUP#nat-a", sk: "STATE", moves: "another shape" };
    stage.cloud.dynamo.execute("PutCommand", { TableName: "sim-state", Item });
    expect((await status(stage)).record).toMatchObject({ unread: expect.stringContaining("moves") });
  });
});

it.each([
  ["before its restart", 0, { why: "forced-detach", since: "2026-03-01T11:00:00.000Z" }],
  ["after its restart", 1, null],
])("a quarantine that a restart ends is shown of the member %s", (_, later, is) => {
  const quarantine = { m2: { why: "forced-detach", since: NOW - HOUR, untilLaunchAfter: LAUNCHED } } as const;
  const seen = { details: { m2: details({ launchedAt: LAUNCHED + later }) } };
  const situation = situationOf(coreGroup(), seen, { quarantine });
  const [, m2] = situation.diagnosis.members;
  expect(m2 && memberStatus(m2, situation)).toMatchObject({ eligible: is === null, quarantine: is });
});

it("of a fleet of 200 groups is read in calls for many, so that nothing is unread for throttling", async () => {
  const fleet = new Fleet(groupsOf(200));
  let all: Status | undefined;
  void fleet.invoke("status", async (world) => {
    all = await statusOf(fleet.groups, 0, world);
  });
  while (all === undefined) await fleet.pass(100);
  expect(fleet.throttled).toBe(0);
  expect(all.groups.filter(({ now }) => now.because !== "healthy")).toEqual([]);
});
