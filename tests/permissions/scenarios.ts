/**
 * What the functions do that takes a permission: each scenario ends in something that can be seen, and all of them
 * together need every action of every statement. A new action needs a scenario here.
 */
import { expect } from "vitest";
import { STACK, until } from "../wire/stage.ts";
import type { There } from "./there.ts";

/** A group that is not fenced, and one that is; each with its members in order. */
export const WEB = { eni: "eni-00000000000000001", a: "i-0000000000000001a", b: "i-0000000000000001b" };
const DB = { eni: "eni-00000000000000002", a: "i-0000000000000002a", b: "i-0000000000000002b" };

type Named = typeof WEB;
const group = ({ eni, a, b }: Named, policy: object = {}) => ({
  interfaces: [{ eni, deviceIndex: 1 }],
  members: [{ instance: a }, { instance: b }],
  policy,
});

const DRILLS = { schedule: { at: "rate(7 days)", groups: ["web"], andBack: true } };

/**
 * Two configurations, since what isolating takes hides what moving takes: to modify any interface is to modify the
 * group's own.
 */
const probes = { subnets: ["subnet-0a1b2c3d4e5f60718"], securityGroups: ["sg-0123456789abcdef0"] };
const probed = {
  ...group(WEB),
  members: [
    { instance: WEB.a, address: "127.0.1.1" },
    { instance: WEB.b, address: "127.0.1.2" },
  ],
  probe: { tcp: 9, address: "127.0.1.3" },
};
export const CONFIGURATIONS = {
  stops: {
    probes,
    groups: { web: probed, db: group(DB, { fence: "stop" }) },
    drills: DRILLS,
    notifications: {
      emails: ["on-call@example.com"],
      encryptionKey: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    },
  },
  isolates: {
    probes,
    groups: { web: probed, db: group(DB, { fence: { isolate: "sg-0123456789abcdef0" } }) },
    drills: DRILLS,
  },
};

export interface Scenario {
  readonly says: string;
  readonly in: keyof typeof CONFIGURATIONS;
  readonly play: (there: There) => Promise<void>;
}

const holder = ({ cloud }: There, { eni }: Named) => {
  const attachment = cloud.ec2.attachmentTruth(eni, cloud.now());
  return attachment?.status === "attached" ? attachment.instanceId : undefined;
};

const endsOf = ({ cloud }: There, name: string) =>
  cloud.journal.entries.filter(
    ({ kind, subject }) => kind === "invocation-end" && subject === `${STACK}-${name}`,
  );

/** What the invocations of onHealthEvent came to: `outcome because` of each look. */
function answers(there: There): string[] {
  return endsOf(there, "onHealthEvent").flatMap(({ detail }) => {
    const { reports = [] } = (detail.answer ?? {}) as { reports?: { outcome: string; because: string }[] };
    return reports.map(({ outcome, because }) => `${outcome} ${because}`);
  });
}

const stopping = (instance: string) => ({ "instance-id": instance, state: "stopping" });
const spotNotice = (instance: string) => ({ "instance-id": instance, "instance-action": "terminate" });
const lifecycleAction = (instance: string) => ({
  EC2InstanceId: instance,
  AutoScalingGroupName: "web",
});

/** Somebody takes the group's interface off its member. */
async function takeOff(there: There, named: Named): Promise<void> {
  const { cloud } = there;
  const AttachmentId = cloud.ec2.attachmentTruth(named.eni, cloud.now())?.id;
  cloud.ec2.call("DetachNetworkInterface", { AttachmentId }, cloud.now());
  await until(() => cloud.ec2.attachmentTruth(named.eni, cloud.now()) === null);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    says: "status of all groups, with history, and of a member that has a further interface",
    in: "stops",
    play: async ({ cloud, invoke }) => {
      // What its type takes matters only now.
      const place = { zone: "eu-west-1a", deviceIndex: 2, attachedTo: WEB.b };
      cloud.ec2.addInterface({ networkInterfaceId: "eni-00000000000000003", ...place }, cloud.now());
      expect(await invoke("status", { history: 5 })).toMatchObject({ groups: [{}, {}] });
    },
  },
  {
    says: "maintenance mode and its end",
    in: "stops",
    play: async ({ invoke }) => {
      expect(await invoke("pause", { group: "web", reason: "kernel" })).toMatchObject({ changed: true });
      expect(await invoke("resume", { group: "web" })).toMatchObject({ changed: true });
    },
  },
  {
    says: "a plan, and the switchover that it is of",
    in: "stops",
    play: async (there) => {
      const { planId } = await there.invoke("failover", { group: "web", plan: true });
      expect(await there.invoke("failover", { group: "web", planId })).toMatchObject({ outcome: "moved" });
      expect(holder(there, WEB)).toBe(WEB.b);
    },
  },
  {
    says: "a group each of whose members has held the interface: the doctor misses nothing but its prober",
    in: "stops",
    play: async (there) => {
      await there.invoke("failover", { group: "web", to: WEB.a });
      expect(await there.invoke("doctor", { group: "web" })).toMatchObject({
        findings: [{ check: "probe-unheard" }],
        checked: expect.stringMatching(/^Checked: 1 interface, 2 members and 2 alarms of web.*the table/),
      });
    },
  },
  {
    says: "members that can be isolated, by the doctor",
    in: "isolates",
    play: async (there) => {
      const { findings } = await there.invoke("doctor", {});
      const checks = (findings as { check: string; group: string }[]).map(({ check, group }) => [
        group,
        check,
      ]);
      expect(checks).toEqual([
        ["web", "member-never-held"],
        ["web", "probe-unheard"],
        ["db", "member-never-held"],
      ]);
    },
  },
  {
    says: "a sweep that finds two groups' interfaces on nothing",
    in: "stops",
    play: async (there) => {
      await Promise.all([takeOff(there, WEB), takeOff(there, DB)]);
      await there.invoke("sweep", {});
      await until(() => [WEB, DB].every((one) => holder(there, one) !== undefined));
    },
  },
  {
    says: "an interface that would be deleted with its instance",
    in: "stops",
    play: async (there) => {
      const { cloud } = there;
      const AttachmentId = cloud.ec2.attachmentTruth(WEB.eni, cloud.now())?.id;
      const Attachment = { AttachmentId, DeleteOnTermination: true };
      const input = { NetworkInterfaceId: WEB.eni, Attachment };
      cloud.ec2.call("ModifyNetworkInterfaceAttribute", input, cloud.now());
      await there.invoke("sweep", { group: "web" });
      expect(cloud.ec2.attachmentTruth(WEB.eni, cloud.now())?.deleteOnTermination).toBe(false);
    },
  },
  {
    says: "a hung active in maintenance mode, and after it, with the fence that stops it",
    in: "stops",
    play: async (there) => {
      const { cloud, invoke } = there;
      await invoke("pause", { group: "db" });
      cloud.break({ kind: "hang", instance: DB.a });
      await until(() => answers(there).includes("held paused"));
      expect(await invoke("status", { group: "db" })).toMatchObject({ groups: [{}] });
      await invoke("resume", { group: "db" });
      await invoke("sweep", { group: "db" });
      expect(holder(there, DB)).toBe(DB.b);
    },
  },
  {
    says: "every event that wakes a function",
    in: "stops",
    play: async (there) => {
      const { deployment } = there;
      const ended = (name: string) => endsOf(there, name).length;
      const before = [ended("onHealthEvent"), ended("sweep")];
      for (const [source, detailType, detail] of [
        ["aws.ec2", "EC2 Spot Instance Interruption Warning", spotNotice(WEB.a)],
        ["aws.autoscaling", "EC2 Instance-terminate Lifecycle Action", lifecycleAction(WEB.a)],
        ["aws.ec2", "EC2 Instance State-change Notification", stopping(WEB.a)],
      ] as const) {
        deployment.bus.emit({ source, detailType, detail }, undefined);
      }
      deployment.bus.runSchedule(`${STACK}-sweep`);
      await deployment.idle();
      const [events = 0, sweeps = 0] = before;
      expect([ended("onHealthEvent"), ended("sweep")]).toEqual([events + 3, sweeps + 1]);
    },
  },
  {
    says: "a minute of probes, of which nothing is left but a second",
    in: "stops",
    play: async (there) => {
      const before = endsOf(there, "onHealthEvent").length;
      await there.start("probe", { seconds: 1 });
      await until(() => endsOf(there, "onHealthEvent").length > before);
    },
  },
  {
    says: "a prober's schedule, and the rest of a minute that it did not finish",
    in: "stops",
    play: async ({ cloud, deployment }) => {
      const { bus, lambda } = deployment;
      const name = `${STACK}-probe`;
      const functionArn = `${lambda.find(name).arn}:$LATEST`;
      const begun = () =>
        cloud.journal.entries.filter(({ kind, subject }) => kind === "invocation" && subject === name).length;
      const before = begun();
      const detailType = "Lambda Function Invocation Result - Success";
      const responsePayload = { until: Date.now() + 60_000, verdicts: {}, doubts: {} };
      const detail = { requestContext: { functionArn }, responsePayload };
      bus.emit({ source: "lambda", detailType, detail }, undefined);
      bus.runSchedule(name);
      await until(() => begun() === before + 2);
      // Each would probe for a minute.
      expect(await lambda.kill(name)).toBe(2);
    },
  },
  {
    says: "events that no function understands",
    in: "stops",
    play: async ({ start, deployment, deadLetters }) => {
      const before = deadLetters();
      for (const name of ["onHealthEvent", "drill"]) await start(name, { detail: "nothing" });
      await deployment.idle();
      expect(deadLetters()).toBe(before + 2);
    },
  },
  {
    says: "an event that can't be delivered",
    in: "stops",
    play: async ({ deployment, deadLetters, refused }) => {
      const before = deadLetters();
      const { permissions, lambda, bus } = deployment;
      const { arn } = lambda.find(`${STACK}-onHealthEvent`);
      const policies = permissions.policiesOf(arn);
      permissions.replace(arn, []);
      const detailType = "EC2 Instance State-change Notification";
      bus.emit({ source: "aws.ec2", detailType, detail: stopping(WEB.a) }, undefined);
      await deployment.idle();
      permissions.replace(arn, policies);
      expect(refused.splice(0)).toHaveLength(1);
      expect(deadLetters()).toBe(before + 1);
    },
  },
  {
    says: "an alarm of the controller's own",
    in: "stops",
    play: async ({ cloud, deployment }) => {
      const [topic] = deployment.topics.values();
      const told = () =>
        topic?.published.filter(({ message }) => message.includes("controller-throttled")).length;
      expect(told()).toBe(0);
      const input = {
        AlarmName: `${STACK}-controller-throttled`,
        StateValue: "ALARM",
        StateReason: "a test",
      };
      cloud.cloudwatch.call("SetAlarmState", input, cloud.now());
      await until(() => told() === 1);
    },
  },
  {
    says: "a drill on schedule, and the way back",
    in: "isolates",
    play: async (there) => {
      const { cloud, deployment } = there;
      const active = holder(there, WEB);
      const alarm = `${STACK}-web-${active}-status`;
      await until(() => cloud.cloudwatch.stateTruth(alarm) === "OK");
      deployment.bus.runSchedule(`${STACK}-drill`);
      await deployment.idle();
      const [answer] = endsOf(there, "drill").map(({ detail }) => detail.answer);
      expect(answer).toMatchObject({ drills: [{ outcome: "moved", back: { outcome: "moved" } }] });
      expect(holder(there, WEB)).toBe(active);
    },
  },
  {
    says: "a hung active, and the security groups that are taken off it and given back",
    in: "isolates",
    play: async (there) => {
      there.cloud.break({ kind: "hang", instance: DB.a });
      await until(() => holder(there, DB) === DB.b);
      await there.deployment.idle();
      const released = await there.invoke("release", { group: "db", member: DB.a, force: true });
      expect(released).toMatchObject({ changed: true, record: { isolated: {} } });
    },
  },
];
