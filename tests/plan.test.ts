/**
 * Plans: what `failover` says it would do is what it does, and a plan for a world that is no longer there is refused, with
 * what has changed. On the embedded cloud's models, in virtual time.
 */
import { describe, expect, it } from "vitest";
import { BadRequest } from "../shared/bad-request.ts";
import { command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import type { Group } from "../shared/core/model.ts";
import { reconcile } from "../shared/reconcile.ts";
import type { Report } from "../shared/report.ts";
import { parseFailoverRequest } from "../shared/requests.ts";
import { FIRST, groupOf, SECOND_MEMBER as SECOND } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";

const THIRD = "i-0a300000000000000";
const ENI = "eni-0a100000000000000";

/** Asks `failover` as an operator would, and lets it come to its end. */
async function failover(stage: Stage, input: object): Promise<Report> {
  const { group, plan, planId, ...request } = parseFailoverRequest(
    { group: "nat-a", ...input },
    stage.config,
  );
  const look = { trigger: "operator", request, plan, historyDays: 400 };
  let report: Report | undefined;
  stage.invoke("failover", async (world) => {
    report = await reconcile(group, planId === undefined ? look : { ...look, planId }, world);
  });
  await stage.until(() => report !== undefined || stage.bugs.length > 0);
  expect(stage.bugs).toEqual([]);
  return report ?? expect.fail("there is no report");
}

async function staged(group: Group = groupOf()): Promise<Stage> {
  const stage = new Stage(group);
  await stage.pass(10 * MINUTE);
  return stage;
}

async function planned(stage: Stage, input: object = {}) {
  const report = await failover(stage, { plan: true, ...input });
  const { plan } = report;
  if (plan?.planId === undefined) return expect.fail(`no plan: ${report.message}`);
  return { report, plan, planId: plan.planId };
}

const attachmentOf = (stage: Stage) => stage.cloud.ec2.attachmentTruth(ENI, stage.now())?.id;

describe("a plan", () => {
  it("says its steps with their ids, the evidence, and that they are allowed, and changes nothing", async () => {
    const stage = await staged(groupOf({ policy: { fence: { kind: "stop" } } }));
    const attachmentId = attachmentOf(stage);
    const { report, plan } = await planned(stage, { to: SECOND });
    expect(report).toMatchObject({
      outcome: "planned",
      because: "operator",
      from: FIRST,
      to: SECOND,
      interfaces: { [ENI]: FIRST },
      evidence: ["system-check ok (healthy)", "instance-check ok (healthy)", "ebs-check ok (healthy)"],
    });
    expect(plan.steps).toEqual([
      { call: "DetachNetworkInterface", interface: ENI, attachmentId, force: false },
      { call: "AttachNetworkInterface", interface: ENI, instance: SECOND, deviceIndex: 1 },
    ]);
    expect(plan.permissions).toEqual([
      { call: "DetachNetworkInterface", on: attachmentId, verdict: "allowed" },
      {
        call: "AttachNetworkInterface",
        on: `${ENI} to ${SECOND}`,
        verdict: "unproven",
        code: expect.stringMatching(/^Invalid(NetworkInterface\.InUse|ParameterValue)$/),
      },
      { call: "ModifyNetworkInterfaceAttribute", on: ENI, verdict: "allowed" },
      { call: "StopInstances", on: FIRST, verdict: "allowed" },
    ]);
    expect(attachmentOf(stage)).toBe(attachmentId);
    expect(stage.writes).toBe(0);
    expect(stage.history).toEqual([]);
  });

  it("of several interfaces detaches all before it attaches all, each at its index", async () => {
    const stage = await staged(groupOf({ interfaces: 2 }));
    const { plan } = await planned(stage, { force: true });
    expect(plan.steps.map(({ call, force, deviceIndex }) => [call, force ?? deviceIndex])).toEqual([
      ["DetachNetworkInterface", true],
      ["DetachNetworkInterface", true],
      ["AttachNetworkInterface", 1],
      ["AttachNetworkInterface", 2],
    ]);
  });

  it("of an interface on nothing is the attach alone, and then EC2 proves that it is allowed", async () => {
    const stage = await staged();
    stage.cloud.ec2.call("DetachNetworkInterface", { AttachmentId: attachmentOf(stage) }, stage.now());
    await stage.until(() => stage.holders[0] === null);
    const { report, plan } = await planned(stage);
    expect(report.because).toBe("repair");
    expect(plan.steps).toEqual([
      { call: "AttachNetworkInterface", interface: ENI, instance: FIRST, deviceIndex: 1 },
    ]);
    expect(plan.permissions).toEqual([
      { call: "AttachNetworkInterface", on: `${ENI} to ${FIRST}`, verdict: "allowed" },
    ]);
  });

  it("that would be held is the hold, with its override, and no error", async () => {
    const stage = await staged();
    stage.cloud.ec2.break({ kind: "stop", instance: SECOND }, stage.now());
    await stage.pass(MINUTE);
    const report = await failover(stage, { plan: true, to: SECOND });
    expect(report).toMatchObject({ outcome: "held", because: "no-eligible-standby" });
    expect(report.plan).toBeUndefined();
    expect(stage.history).toEqual([]);
  });

  it("carries what is said on permissions from EC2's own code", async () => {
    const stage = await staged();
    const { execute } = stage.cloud;
    Object.assign(stage.cloud, {
      execute: (service: "ec2", call: { input: { DryRun?: boolean } }, by: never) => {
        if (service !== "ec2" || call.input.DryRun !== true) return execute(service, call, by);
        throw Object.assign(new Error("no"), { code: "UnauthorizedOperation", status: 403 });
      },
    });
    const { plan } = await planned(stage);
    expect(plan.permissions.map(({ verdict, code }) => [verdict, code])).toEqual(
      Array.from({ length: 3 }, () => ["denied", "UnauthorizedOperation"]),
    );
  });
});

describe("a planId", () => {
  it.each([{}, { to: SECOND }, { to: SECOND, force: true }])(
    "of %j carries out that very plan",
    async (asked) => {
      const stage = await staged(groupOf({ members: 3 }));
      const { plan, planId } = await planned(stage, asked);
      await stage.pass(5 * MINUTE);
      expect(await failover(stage, { planId, by: "anna" })).toMatchObject({ outcome: "moved", to: SECOND });
      expect(stage.holders).toEqual([SECOND]);
      const done = [...stage.calls("DetachNetworkInterface"), ...stage.calls("AttachNetworkInterface")];
      expect(done.map(({ operation, input }) => [operation, input.AttachmentId ?? input.InstanceId])).toEqual(
        plan.steps.map(({ call, attachmentId, instance }) => [call, attachmentId ?? instance]),
      );
      expect(stage.history).toMatchObject([{ kind: "move", by: "anna" }]);
      expect(stage.wrong()).toEqual([]);
    },
  );

  const changes: readonly (readonly [string, (stage: Stage) => unknown, readonly string[]])[] = [
    [
      "the target fails",
      (stage) => stage.cloud.ec2.break({ kind: "hang", instance: SECOND }, stage.now()),
      [
        `the target was ${SECOND} and is ${THIRD} now`,
        `the health of ${SECOND} was healthy and is failing now`,
        `the eligibility of ${SECOND} was eligible and is failing now`,
      ],
    ],
    [
      "the active fails, so that the detach would be forced",
      (stage) => stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now()),
      [
        `the health of ${FIRST} was healthy and is failing now`,
        `the detach of ${ENI} was gracefully and is by force now`,
      ],
    ],
    [
      "the group has moved meanwhile",
      (stage) =>
        stage.invoke("other", async (world) => {
          const request = { by: "bert", force: false, to: THIRD };
          await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world);
        }),
      [`the epoch was 0 and is 1 now`, `${ENI} was on ${FIRST} and is on ${THIRD} now`],
    ],
    [
      "somebody detached and attached the interface on the same member",
      async (stage) => {
        stage.cloud.ec2.call("DetachNetworkInterface", { AttachmentId: attachmentOf(stage) }, stage.now());
        await stage.until(() => stage.holders[0] === null);
        const input = { NetworkInterfaceId: ENI, InstanceId: FIRST, DeviceIndex: 1, NetworkCardIndex: 0 };
        stage.cloud.ec2.call("AttachNetworkInterface", input, stage.now());
      },
      [`the attachment of ${ENI} was another and is eni-attach-`],
    ],
    [
      "the group is paused",
      (stage) =>
        stage.invoke("pause", async (world) => {
          await command(stage.group, stage.config, world, (state, now) => pause(state, { by: "bert" }, now));
        }),
      ["the pause was none and is by bert", "A failover would be held now (paused)"],
    ],
  ];

  it.each(changes)("is refused when %s, saying what changed", async (_, change, expected) => {
    const stage = await staged(groupOf({ members: 3 }));
    const { planId } = await planned(stage);
    await change(stage);
    await stage.pass(3 * MINUTE);
    const before = stage.holders;
    const report = await failover(stage, { planId, by: "anna" });
    expect(report).toMatchObject({ outcome: "held", because: "world-changed" });
    for (const words of expected) expect(report.message).toContain(words);
    expect(report.message).toMatch(/^The plan no longer holds: .* Ask for a new plan\.$/);
    expect(stage.holders).toEqual(before);
    const refusal = stage.history.find(({ because }) => because === "world-changed");
    expect(refusal).toMatchObject({ kind: "refusal", by: "anna", message: report.message });
  });

  it("is refused when the configuration has changed", async () => {
    const stage = await staged();
    const { planId } = await planned(stage);
    const policy = { ...stage.group.policy, graceSeconds: 99 };
    Object.assign(stage.config.groups, { "nat-a": { ...stage.group, policy } });
    expect(await failover(stage, { planId })).toMatchObject({
      because: "world-changed",
      message: "The plan no longer holds: the configuration of the group is another. Ask for a new plan.",
    });
  });

  it("does not give up a move that has begun", async () => {
    const stage = await staged();
    const { planId } = await planned(stage);
    stage.invoke(
      "killed",
      async (world) => {
        const request = { by: "bert", force: false };
        await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world);
      },
      { call: 8, after: true },
    );
    await stage.pass(MINUTE);
    expect(stage.state.intent).toBeDefined();
    expect((await failover(stage, { planId })).because).toBe("world-changed");
    expect(stage.state.intent).toBeDefined();
    await stage.sweepOnce();
    expect(stage.holders).toEqual([SECOND]);
  });

  it.each([
    [{ planId: "p1.nonsense" }, "planId: is no plan of nat-a with its present members"],
    [
      { planId: "p9.nonsense", to: SECOND },
      "to: can't be said beside planId — leave it out; planId: is no plan",
    ],
    [{ planId: 7 }, "planId: must be the planId that a plan answered, is 7"],
  ])("%j is a bad request", async (input, expected) => {
    const stage = new Stage(groupOf());
    const asked = () => parseFailoverRequest({ group: "nat-a", ...input }, stage.config);
    expect(asked).toThrow(BadRequest);
    expect(asked).toThrow(expected);
  });
});
