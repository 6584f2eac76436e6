/** Alarms, mutes, and what is read of members only when about to move. */
import { describe, expect, it } from "vitest";
import { alarmNames, observe, observeMembers } from "../shared/observe.ts";
import { A, type Answer, awsError, B, group, member, stubWorld, T0 } from "./stub-world.ts";

const WATCHED = group({
  members: [
    member(A, { alarms: ["a-1", "shared"], statusAlarm: "a-status" }),
    member(B, { alarms: ["shared"] }),
  ],
  alarms: ["no-traffic", "composite"],
});

/** Nothing is known of EC2 here, except what the test answers. */
function stub(answer: Answer) {
  return stubWorld((operation, input, nth) => answer(operation, input, nth) ?? {});
}

const metric = (AlarmName: string, more: object = {}) => ({
  AlarmName,
  StateValue: "ALARM",
  StateTransitionedTimestamp: new Date(T0 - 30_000),
  StateUpdatedTimestamp: new Date(T0 - 10_000),
  Namespace: "NAT",
  MetricName: "Conntrack",
  ...more,
});
const seen = (name: string, more: object = {}) => ({
  name,
  state: "ALARM",
  transitionedAt: T0 - 30_000,
  suppressed: false,
  onStatusChecks: false,
  ...more,
});

const alarmsOf = async (answer: Answer, details = false) => {
  const { world } = stub(answer);
  return (await observe(world, WATCHED, { details })).alarms;
};

describe("alarms", () => {
  it("are those of the members, their status checks and the group, each once", () => {
    expect(alarmNames(WATCHED)).toEqual(["a-1", "shared", "a-status", "no-traffic", "composite"]);
  });

  it("are asked for by name and of every type; one that does not exist is absent", async () => {
    const { world, inputs } = stub((operation) =>
      operation === "DescribeAlarms"
        ? {
            MetricAlarms: [metric("a-1"), metric("shared", { StateValue: "OK" }), metric("not-ours")],
            CompositeAlarms: [{ AlarmName: "composite", StateValue: "INSUFFICIENT_DATA" }],
          }
        : undefined,
    );
    const { alarms, alarmsUnread } = await observe(world, WATCHED, { details: false });
    expect(inputs("DescribeAlarms")).toMatchObject([
      { AlarmNames: alarmNames(WATCHED), AlarmTypes: ["MetricAlarm", "CompositeAlarm", "LogAlarm"] },
    ]);
    expect(alarms).toEqual({
      "a-1": seen("a-1"),
      shared: seen("shared", { state: "OK" }),
      composite: seen("composite", { state: "INSUFFICIENT_DATA", transitionedAt: 0 }),
    });
    expect(alarmsUnread).toBeUndefined();
  });

  it("that nobody configured are not asked for", async () => {
    const { world, inputs } = stub(() => undefined);
    await observe(world, group(), { details: true });
    expect(inputs("DescribeAlarms")).toEqual([]);
  });

  it("are asked for a hundred at a time, and what could be read stands beside what could not", async () => {
    const alarms = Array.from({ length: 130 }, (_, index) => `alarm-${index}`);
    const { world, inputs } = stub((operation, { AlarmNames }) => {
      if (operation !== "DescribeAlarms") return undefined;
      if ((AlarmNames as string[]).length < 100) throw awsError("Throttling");
      return { MetricAlarms: [metric("alarm-0")] };
    });
    const found = await observe(world, group({ alarms }), { details: false });
    expect(inputs("DescribeAlarms").map((input) => (input.AlarmNames as string[]).length)).toContain(100);
    expect(found).toMatchObject({
      alarms: { "alarm-0": seen("alarm-0") },
      alarmsUnread: "Throttling (HTTP 400)",
    });
  });

  it("are read to the last page", async () => {
    const alarms = await alarmsOf((operation, { NextToken }) => {
      if (operation !== "DescribeAlarms") return undefined;
      return NextToken === undefined
        ? { MetricAlarms: [metric("a-1")], NextToken: "2" }
        : { MetricAlarms: [metric("no-traffic")] };
    });
    expect(Object.keys(alarms)).toEqual(["a-1", "no-traffic"]);
  });

  it("whose actions are suppressed are suppressed", async () => {
    const alarms = await alarmsOf(() => ({
      CompositeAlarms: [metric("composite", { ActionsSuppressedBy: "WaitPeriod" })],
    }));
    expect(alarms.composite).toMatchObject({ suppressed: true });
  });

  const query = (Namespace: string, MetricName: string) => ({
    Id: "m1",
    MetricStat: { Metric: { Namespace, MetricName }, Period: 60, Stat: "Maximum" },
  });
  const math = (...queries: object[]) => ({
    Namespace: undefined,
    MetricName: undefined,
    Metrics: [{ Id: "e1", Expression: "MAX(METRICS())" }, ...queries],
  });
  it.each([
    ["StatusCheckFailed", { Namespace: "AWS/EC2", MetricName: "StatusCheckFailed" }, true],
    ["StatusCheckFailed_System", { Namespace: "AWS/EC2", MetricName: "StatusCheckFailed_System" }, true],
    [
      "a metric of the same name of somebody else's",
      { Namespace: "Mine", MetricName: "StatusCheckFailed" },
      false,
    ],
    ["another metric of EC2", { Namespace: "AWS/EC2", MetricName: "CPUUtilization" }, false],
    ["metric math of status checks alone", math(query("AWS/EC2", "StatusCheckFailed_Instance")), true],
    [
      "metric math of a status check and something else",
      math(query("AWS/EC2", "StatusCheckFailed"), query("NAT", "Traffic")),
      false,
    ],
    ["an expression without a metric", math(), false],
  ])("on %s: on status checks is %s", async (_, more, onStatusChecks) => {
    const alarms = await alarmsOf(() => ({ MetricAlarms: [metric("a-status", more)] }));
    expect(alarms["a-status"]).toMatchObject({ onStatusChecks });
  });

  it.each([
    ["StatusCheckFailed_Application", { Namespace: "AWS/EC2", MetricName: "StatusCheckFailed_Application" }],
    ["one application check", { Namespace: "AWS/EC2", MetricName: "StatusCheckFailed_Application_asc-0a1b" }],
    ["metric math of it", math(query("AWS/EC2", "StatusCheckFailed_Application"))],
  ])("on %s: on the application check", async (_, more) => {
    const alarms = await alarmsOf(() => ({ MetricAlarms: [metric("a-1", more)] }));
    expect(alarms["a-1"]).toMatchObject({ onStatusChecks: false, onApplicationCheck: true });
  });

  it("on both kinds of checks: a witness of its own", async () => {
    const both = math(
      query("AWS/EC2", "StatusCheckFailed"),
      query("AWS/EC2", "StatusCheckFailed_Application"),
    );
    const alarms = await alarmsOf(() => ({ MetricAlarms: [metric("a-1", both)] }));
    expect(alarms["a-1"]).toMatchObject({ onStatusChecks: false });
    expect(alarms["a-1"]).not.toHaveProperty("onApplicationCheck");
  });

  it("of a log alarm are read like those of any other", async () => {
    const alarms = await alarmsOf(() => ({ LogAlarms: [metric("shared")] }));
    expect(alarms.shared).toMatchObject({ state: "ALARM", onStatusChecks: false });
  });
});

describe("mutes", () => {
  const answer = (rules: Answer): Answer => {
    return (operation, input, nth) => {
      if (operation === "ListAlarmMuteRules") return rules(operation, input, nth);
      if (operation !== "DescribeAlarms") return undefined;
      return { MetricAlarms: [metric("a-1"), metric("shared"), metric("no-traffic", { StateValue: "OK" })] };
    };
  };

  it("are read before a move, for alarms in ALARM alone", async () => {
    const { world, inputs } = stub(
      answer((_, { AlarmName }) =>
        AlarmName === "a-1" ? { AlarmMuteRuleSummaries: [{ Status: "ACTIVE" }] } : {},
      ),
    );
    const { alarms } = await observe(world, WATCHED, { details: true });
    expect(alarms).toEqual({
      "a-1": seen("a-1", { muted: true }),
      shared: seen("shared", { muted: false }),
      "no-traffic": seen("no-traffic", { state: "OK" }),
    });
    expect(inputs("ListAlarmMuteRules").map((input) => input.AlarmName)).toEqual(["a-1", "shared"]);
  });

  it("are not read on a look that is not about to move", async () => {
    const { world, inputs } = stub(answer(() => undefined));
    await observe(world, WATCHED, { details: false });
    expect(inputs("ListAlarmMuteRules")).toEqual([]);
  });

  it("that are scheduled or expired mute nothing", async () => {
    const rules = [{ Status: "SCHEDULED" }, { Status: "EXPIRED" }];
    const alarms = await alarmsOf(
      answer(() => ({ AlarmMuteRuleSummaries: rules })),
      true,
    );
    expect(alarms["a-1"]).toMatchObject({ muted: false });
  });

  it("that can't be read leave the alarm to count", async () => {
    const { world, warnings } = stub(
      answer(() => {
        throw awsError("AccessDeniedException");
      }),
    );
    const { alarms, alarmsUnread } = await observe(world, WATCHED, { details: true });
    expect(alarms["a-1"]).toEqual(seen("a-1"));
    expect(alarmsUnread).toBeUndefined();
    expect(warnings).toContain("mute rules could not be read");
  });
});

describe("details", () => {
  const launch = new Date(T0 - 86_400_000);
  const nic = (
    NetworkInterfaceId: string,
    DeviceIndex: number,
    NetworkCardIndex = 0,
    Status = "attached",
  ) => ({
    NetworkInterfaceId,
    Attachment: { DeviceIndex, NetworkCardIndex, Status },
  });
  const instance = (InstanceId: string, InstanceType: string) => ({
    InstanceId,
    InstanceType,
    LaunchTime: launch,
    NetworkInterfaces: [
      nic("eni-0", 0),
      nic("eni-1", 1),
      nic("eni-2", 1, 1),
      nic("eni-3", 2, 0, "detached"),
      nic("eni-4", 3, 0, "detaching"),
    ],
  });
  const cards = (InstanceType: string) => ({
    InstanceType,
    NetworkInfo: {
      MaximumNetworkInterfaces: 14,
      NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: 7 }, { NetworkCardIndex: 1 }],
    },
  });
  const answer = (special: Answer = () => undefined): Answer => {
    return (operation, input, nth) => {
      const answered = special(operation, input, nth);
      if (answered !== undefined) return answered;
      if (operation === "DescribeInstances") {
        const ids = input.InstanceIds as string[];
        return { Reservations: ids.map((id) => ({ Instances: [instance(id, "t3.large")] })) };
      }
      return operation === "DescribeInstanceTypes"
        ? { InstanceTypes: [{ InstanceType: "t3.large", NetworkInfo: { MaximumNetworkInterfaces: 3 } }] }
        : undefined;
    };
  };
  const DETAILS = {
    launchedAt: launch.getTime(),
    attachments: [
      { deviceIndex: 0, eni: "eni-0" },
      { deviceIndex: 1, eni: "eni-1" },
      { deviceIndex: 3, eni: "eni-4" },
    ],
    maxInterfaces: 3,
  };

  it("are launch time, the indexes taken on card 0, and how many the type takes", async () => {
    const { world } = stub(answer());
    const members = await observeMembers(world, group(), { details: true });
    expect(members[A]?.details).toEqual(DETAILS);
    expect(members[B]?.details).toEqual(DETAILS);
  });

  it("are not read on a look that is not about to move", async () => {
    const { world, inputs } = stub(answer());
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]).not.toHaveProperty("details");
    expect(inputs("DescribeInstances")).toEqual([]);
  });

  it("of the standby do not hang on the active", async () => {
    const { world } = stub(
      answer((operation, input) => {
        if (operation === "DescribeInstances" && (input.InstanceIds as string[]).includes(A)) {
          throw awsError("InvalidInstanceID.NotFound");
        }
        return undefined;
      }),
    );
    const members = await observeMembers(world, group(), { details: true });
    expect(members[A]).not.toHaveProperty("details");
    expect(members[B]?.details).toEqual(DETAILS);
  });

  it("count the interfaces of card 0 where a type has several cards", async () => {
    const { world } = stub(
      answer((operation) =>
        operation === "DescribeInstanceTypes" ? { InstanceTypes: [cards("t3.large")] } : undefined,
      ),
    );
    const members = await observeMembers(world, group(), { details: true });
    expect(members[A]?.details?.maxInterfaces).toBe(7);
  });

  it("ask for a type once, however often they are read", async () => {
    const { world, inputs } = stub(answer());
    await observeMembers(world, group(), { details: true });
    await observeMembers(world, group(), { details: true });
    expect(inputs("DescribeInstanceTypes")).toEqual([{ InstanceTypes: ["t3.large"] }]);
  });

  it("go without the type's limit where every type takes as many as there will be", async () => {
    const primary = (ids: readonly string[]) =>
      ids.map((id) => ({
        Instances: [{ ...instance(id, "t3.nano"), NetworkInterfaces: [nic(`eni-${id}`, 0)] }],
      }));
    const { world, inputs } = stub(
      answer((operation, input) =>
        operation === "DescribeInstances"
          ? { Reservations: primary(input.InstanceIds as string[]) }
          : undefined,
      ),
    );
    const members = await observeMembers(world, group(), { details: true });
    expect(members[B]?.details).toMatchObject({
      attachments: [{ deviceIndex: 0 }],
      maxInterfaces: undefined,
    });
    expect(inputs("DescribeInstanceTypes")).toEqual([]);
  });

  it("go without the type's limit where it can't be read", async () => {
    const { world, warnings } = stub(
      answer((operation) => {
        if (operation === "DescribeInstanceTypes") throw awsError("UnauthorizedOperation", 403);
        return undefined;
      }),
    );
    const members = await observeMembers(world, group(), { details: true });
    expect(members[A]?.details).toEqual({ ...DETAILS, maxInterfaces: undefined });
    expect(warnings).toContain("instance types could not be read");
  });
});

it.each([
  ["throttled", awsError("RequestLimitExceeded", 503)],
  ["not permitted", awsError("UnauthorizedOperation", 403)],
])("members that can't be read because calls are %s are not asked for one by one", async (_, error) => {
  const { world, inputs } = stub(() => {
    throw error;
  });
  const members = await observeMembers(world, group(), { details: false });
  expect(members[A]?.instance).toMatchObject({ read: "failed" });
  for (const input of inputs("DescribeInstanceStatus")) expect(input.InstanceIds).toEqual([A, B]);
});
