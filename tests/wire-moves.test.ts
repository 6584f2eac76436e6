/**
 * Goal: what happens on a bad day happens once: a holder that is killed, an event that comes five times, rumours.
 * Method: the packaged functions as processes, against the embedded cloud, on the wire; asserted on is how it ended.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { packagedExample } from "./package/sls.ts";
import { AwsLines } from "./wire/aws-lines.ts";
import { dressed } from "./wire/dressed.ts";
import { A, B, ENI, STACK, type Stage, stage, until } from "./wire/stage.ts";

let folder: string;

beforeAll(async () => {
  folder = (await packagedExample()).folder;
});

const ALARM = `${STACK}-nat-a-${A}-status`;
const NAME = `${STACK}-onHealthEvent`;

async function staged(
  work: (there: Stage) => Promise<void>,
  speed = 120,
  policy?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const there = await stage(folder, speed, policy && (await dressed(folder, policy)));
  try {
    await work(there);
  } finally {
    await there.close();
  }
}

/** What the invocations of onHealthEvent came to: `outcome because` of each look. */
function answers({ cloud }: Stage): string[] {
  const ends = cloud.journal.entries.filter(
    ({ kind, subject }) => kind === "invocation-end" && subject === NAME,
  );
  return ends.flatMap(({ detail }) => {
    const { reports = [] } = (detail.answer ?? {}) as { reports?: { outcome: string; because: string }[] };
    return reports.map(({ outcome, because }) => `${outcome} ${because}`);
  });
}

describe("a holder that is killed in the middle of a move", () => {
  it("is followed by a sweep that finishes the move, once its lease has run out", () =>
    staged(async (there) => {
      const { cloud, deployment, invoke } = there;
      cloud.break({ kind: "hang", instance: A });
      await until(() => there.changes().includes("ec2:DetachNetworkInterface"));
      expect(await deployment.lambda.kill(NAME)).toBe(1);
      expect(await invoke("sweep", {})).toMatchObject({ because: { "in-progress": 1 } });
      expect(there.holder()).not.toBe(B);
      await there.endLease();
      // A read of EC2 may lag behind the detach that the killed holder asked for: then it is decided and asked for again.
      const because = expect.stringMatching(/^(resume|active-failing)$/);
      expect(await invoke("sweep", {})).toMatchObject({
        reports: [{ outcome: "moved", because, from: A, to: B, epoch: 2 }],
      });
      expect(there.holder()).toBe(B);
      const changes = new Set(there.changes().filter((call) => call.startsWith("ec2:")));
      expect([...changes]).toEqual(["ec2:DetachNetworkInterface", "ec2:AttachNetworkInterface"]);
      const { lease, intent, moves, outbox } = await there.record();
      expect({ lease, intent, moves, outbox }).toMatchObject({ moves: [{ from: A, to: B }], outbox: {} });
      expect([lease, intent]).toEqual([undefined, undefined]);
      expect(await there.history()).toEqual(["move"]);
    }));
});

describe("the same event five times at once", () => {
  it("moves once, and people are told once; who comes second says that it is in hand, or done", () =>
    staged(async (there) => {
      const { cloud, deployment } = there;
      const stop = cloud.onEvent((event, cause) => {
        const { state } = event.detail as { state?: { value?: string } };
        if (state?.value !== "ALARM") return;
        stop();
        for (let copy = 0; copy < 4; copy += 1) deployment.bus.publish(event, cause);
      });
      cloud.break({ kind: "hang", instance: A });
      await until(() => answers(there).length === 5);
      const [moved, ...others] = answers(there).sort((a, b) => Number(b[0] === "m") - Number(a[0] === "m"));
      expect(moved).toBe("moved active-failing");
      for (const other of others) expect(["in-progress in-progress", "held healthy"]).toContain(other);
      expect(there.holder()).toBe(B);
      expect(there.changes().filter((call) => call === "ec2:AttachNetworkInterface")).toHaveLength(1);
      expect((await there.record()).moves).toHaveLength(1);
      expect(await there.history()).toEqual(["move"]);
      await deployment.idle();
      const { Metrics = [] } = cloud.cloudwatch.call("ListMetrics", { Namespace: "EniFailover" }, 0) as {
        Metrics?: { MetricName: string; Dimensions: { Name: string; Value: string }[] }[];
      };
      const service = { Name: "service", Value: STACK };
      const outcome = { Name: "outcome", Value: "moved" };
      const because = { Name: "because", Value: "active-failing" };
      expect(Metrics).toContainEqual(
        expect.objectContaining({ MetricName: "moves", Dimensions: [service, outcome, because] }),
      );
      expect(deployment.lost).toEqual([]);
      expect(there.messages()).toEqual([
        [
          expect.stringMatching(
            `^"nat-a: moved to ${B} \\(active-failing\\), in use [0-9.]+ s after it was detected"$`,
          ),
          expect.stringMatching(`^"The interface is in use on ${B}, moved from ${A}: .*"$`),
          `"Now: ${ENI} on ${B}."`,
          expect.stringMatching(/^"What to do: The group is served\..*"$/),
          '"Runbook: docs/runbook.md#active-failing"',
          `"Status: aws lambda invoke --function-name ${STACK}-status --region eu-west-1 /dev/stdout"`,
          expect.stringMatching(`^"${STACK}, account 123456789012, eu-west-1, 20.*Z"$`),
        ],
      ]);
    }));
});

describe("rumours", () => {
  const now = () => new Date().toISOString();
  const envelope = (source: string, type: string, detail: object) => ({
    version: "0" as const,
    id: "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
    "detail-type": type,
    source,
    account: "123456789012",
    time: `${now().slice(0, 19)}Z`,
    region: "eu-west-1",
    resources: [],
    detail: { ...detail },
  });
  const alarm = (alarmName: string, value: string, timestamp = now()) =>
    envelope("aws.cloudwatch", "CloudWatch Alarm State Change", { alarmName, state: { value, timestamp } });
  const instance = (id: string, state: string) =>
    envelope("aws.ec2", "EC2 Instance State-change Notification", { "instance-id": id, state });

  const ignored = { kind: "ignored", reports: [] };
  const healthy = { reports: [{ group: "nat-a", outcome: "held", because: "healthy" }] };

  it("are dropped by the rules, or looked into, and move nothing", () =>
    staged(async (there) => {
      const { cloud, deployment, invoke } = there;
      const cases: [event: ReturnType<typeof alarm>, delivered: boolean, answer: object][] = [
        [
          alarm("somebody-elses", "ALARM"),
          false,
          { ...ignored, message: expect.stringContaining("no group") },
        ],
        [alarm(ALARM, "OK"), false, { ...ignored, message: expect.stringContaining("OK") }],
        [instance("i-0999999999999999f", "stopped"), false, ignored],
        [instance(A, "running"), false, { reports: expect.anything() }],
        [alarm(ALARM, "ALARM", "2026-01-01T00:00:00Z"), true, healthy],
        [instance(A, "stopped"), true, healthy],
        [instance(B, "terminated"), true, healthy],
      ];
      for (const [event] of cases) deployment.bus.publish(event, undefined);
      await deployment.idle();
      const rules = cloud.journal.entries.filter(({ kind }) => kind === "rule");
      expect(rules).toHaveLength(cases.filter(([, delivered]) => delivered).length);
      // Whoever may invoke the function can tell it anything.
      for (const [event, , answer] of cases)
        expect(await invoke("onHealthEvent", event)).toMatchObject(answer);
      expect(new Set(answers(there))).toEqual(new Set(["held healthy"]));
      expect(there.changes()).toEqual([]);
      expect(cloud.ec2.attachmentTruth(ENI, cloud.now())?.instanceId).toBe(A);
    }, 1));
});

describe("a group that is fenced", () => {
  const QUARANTINE = "sg-0123456789abcdef0";

  it("isolates under the role that the policy makes, and gives back what was taken on release", () =>
    staged(
      async (there) => {
        const { cloud, invoke } = there;
        cloud.break({ kind: "hang", instance: A });
        await until(() => answers(there).length > 0);
        expect(answers(there)).toEqual(["moved active-failing"]);
        expect(there.holder()).toBe(B);
        const [[primary = "", own] = []] = Object.entries((await there.record()).isolated[A] ?? {});
        const worn = () => cloud.ec2.securityGroupsTruth(primary, cloud.now());
        expect(worn()).toEqual([QUARANTINE]);
        const released = await invoke("release", { group: "nat-a", member: A, force: true });
        expect(released).toMatchObject({ changed: true, record: { isolated: {} } });
        expect(own).not.toEqual([QUARANTINE]);
        expect(worn()).toEqual(own);
        expect(await there.history()).toEqual(["move", "command"]);
      },
      120,
      { fence: { isolate: QUARANTINE } },
    ));
});

describe("by hand", () => {
  const [, section = ""] = readFileSync("docs/runbook.md", "utf8").split("## The controller itself is down");
  const [given = "", out = "", look = "", off = "", on = "", back = ""] = (
    /```\n([\s\S]*?)```/.exec(section)?.[1] ?? ""
  ).split(/^# \d\. .*$/m);

  it("the lines of the runbook move an interface past the controller, which adopts that when it is let in again", () =>
    staged(async (there) => {
      const { cloud, deployment, invoke } = there;
      await invoke("failover", { group: "nat-a", to: B });
      await there.ageMoves(600_000);
      const shell = new AwsLines(cloud.endpoint);
      const carryOut = async (text: string) => {
        for (const line of text.split("\n")) await shell.run(line);
      };
      await carryOut(given);
      Object.assign(shell.variables, { ENI, TO: A });
      await carryOut(out);
      const before = there.changes().length;
      cloud.break({ kind: "hang", instance: B });
      await until(() => cloud.cloudwatch.stateTruth(`${STACK}-nat-a-${B}-status`) === "ALARM");
      for (const step of [look, off, on]) await carryOut(step);
      await until(() => there.holder() === A);
      // Not by the controller.
      expect(there.changes().slice(before)).toEqual([]);
      await carryOut(back);
      expect(deployment.lambda.find(`${STACK}-onHealthEvent`).reservedConcurrency).toBe(undefined);
      expect(await invoke("sweep", {})).toMatchObject({ because: { healthy: 1 } });
      expect(there.holder()).toBe(A);
      expect((await there.record()).moves.at(-1)).toMatchObject({ because: "found-moved", from: B, to: A });
      await deployment.idle();
      // The doctor may have something to say of B by then.
      expect(there.messages().map((message) => message.slice(0, 3))).toContainEqual([
        `"nat-a: found on ${A}: somebody else moved it off ${B}"`,
        `"The group was on ${B} after the last move and is on ${A} now: somebody moved it."`,
        `"Now: ${ENI} on ${A}."`,
      ]);
    }));
});

describe("a drill", () => {
  it("goes from SetAlarmState over CloudWatch and EventBridge to onHealthEvent and the move, and reports every phase", () =>
    staged(async (there) => {
      const { cloud, invoke } = there;
      await until(() => cloud.cloudwatch.stateTruth(ALARM) === "OK");
      const report = await invoke("drill", { group: "nat-a", by: "anna", andBack: true });
      const seconds = expect.any(Number);
      expect(report).toMatchObject({
        outcome: "moved",
        because: "drill",
        message: expect.stringContaining("the objective of 60 s is met"),
        from: A,
        to: B,
        alarm: ALARM,
        phaseSeconds: {
          detection: seconds,
          claimed: seconds,
          detachAsked: seconds,
          detached: seconds,
          attachAsked: seconds,
          inUse: seconds,
          settled: seconds,
        },
        alarmToInUseSeconds: seconds,
        objective: "met",
        back: { outcome: "moved", because: "operator", from: B, to: A },
      });
      const attach = cloud.journal.entries.find(({ subject }) => subject === "ec2:AttachNetworkInterface");
      const way = cloud.journal.chain(attach?.id ?? "").map(({ kind, subject }) => `${kind} ${subject}`);
      expect(way.reverse()).toEqual([
        `invocation ${STACK}-drill`,
        "call cloudwatch:SetAlarmState",
        `alarm ${ALARM}`,
        "event CloudWatch Alarm State Change",
        `rule ${STACK}-alarm-1`,
        `invocation ${NAME}`,
        "call ec2:AttachNetworkInterface",
      ]);
      // CloudWatch takes the alarm back by what the status checks say: nothing has failed.
      await until(() => cloud.cloudwatch.stateTruth(ALARM) === "OK");
      expect(there.holder()).toBe(A);
      expect((await there.record()).moves.map(({ because }) => because)).toEqual(["drill", "operator"]);
      expect((await there.history()).sort()).toEqual(["drill", "drill", "move", "move"]);
      expect(await invoke("status", { group: "nat-a" })).toMatchObject({
        groups: [{ lastDrill: { outcome: "moved", by: "anna", objective: "met" } }],
      });
    }));
});
