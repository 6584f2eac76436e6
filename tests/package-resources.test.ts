/** What follows from the configuration for the template: tables over small configurations. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { IAM_FILE, iamText } from "../deploy/iam-table.ts";
import { statusAlarms } from "../deploy/resources/alarms.ts";
import type { Statement } from "../deploy/resources/policies.ts";
import { probeFunctions } from "../deploy/resources/probers.ts";
import { roles } from "../deploy/resources/roles.ts";
import { alarmNames, healthRules, instanceIds } from "../deploy/resources/rules.ts";
import { drillSchedule } from "../deploy/resources/schedule.ts";
import { matchesPattern } from "../local/events/pattern.ts";
import { parseConfig } from "../shared/config/parse.ts";

const PLACE = { stack: "fleet-prod" };
const config = (value: unknown) => parseConfig(JSON.stringify(value), { path: "test.json", ...PLACE });

const A = "i-0000000000000000a";
const B = "i-0000000000000000b";
const C = "i-0000000000000000c";
const ENI = "eni-00000000000000001";
const OTHER_ENI = "eni-00000000000000002";

const group = (extra: object = {}) => ({
  interfaces: [{ eni: ENI, deviceIndex: 1 }],
  members: [{ instance: A, alarms: ["a-full"] }, { instance: B }],
  alarms: ["no-traffic"],
  ...extra,
});
const one = (extra: object = {}) => config({ groups: { nat: group(extra) } });
const two = config({
  groups: {
    nat: group(),
    "vpn-1": {
      interfaces: [{ eni: OTHER_ENI, deviceIndex: 2 }],
      members: [{ instance: B }, { instance: C, alarms: ["a-full"] }],
    },
  },
});

function statements(of: ReturnType<typeof config>, role: string): readonly Statement[] {
  const policies = roles(of, PLACE)[role]?.Properties.Policies;
  return (policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}
const actions = (of: ReturnType<typeof config>, role: string) =>
  [...new Set(statements(of, role).flatMap(({ Action }) => Action))].sort();
/** Resources as text, without the part that is the same for all of an account. */
const resources = (statement: Statement | undefined) =>
  [statement?.Resource ?? []]
    .flat()
    .map((resource) =>
      typeof resource === "string" ? resource : JSON.stringify(resource).replace(/.*AccountId\}:|"\}$/g, ""),
    );

const PROBE_VERDICT = JSON.parse(
  readFileSync(new URL("events/probe-verdict.json", import.meta.url), "utf8"),
) as { detail: { responsePayload: Record<string, unknown> } };
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:fleet-prod-${name}:$LATEST`;

const statusAlarm = (groupName: string, instance: string) => `fleet-prod-${groupName}-${instance}-status`;

describe("the rules", () => {
  it("name every alarm once: of the stack, of members, of groups", () => {
    expect(alarmNames(two)).toEqual([
      statusAlarm("nat", A),
      "a-full",
      statusAlarm("nat", B),
      "no-traffic",
      statusAlarm("vpn-1", B),
      statusAlarm("vpn-1", C),
    ]);
  });

  it("name every instance once, however many groups it is a member of", () => {
    expect(instanceIds(two)).toEqual([A, B, C]);
  });

  it("have no rule on alarms where there are none", () => {
    const quiet = config({
      groups: { nat: { interfaces: group().interfaces, members: [{ instance: A }, { instance: B }] } },
      statusAlarm: { enabled: false },
    });
    expect(healthRules(quiet, PLACE).map(({ eventBridge }) => eventBridge.name)).toEqual([
      "fleet-prod-instance-1",
      "fleet-prod-spot-1",
      "fleet-prod-lifecycle-1",
    ]);
  });

  it("are split so that every pattern fits, and together still name everything once", () => {
    const id = (prefix: string, n: number) => `${prefix}-${n.toString(16).padStart(17, "0")}`;
    const groups = Array.from({ length: 100 }, (_, n) => [
      `group-${n}`,
      {
        interfaces: [{ eni: id("eni", n), deviceIndex: 1 }],
        members: [{ instance: id("i", 2 * n) }, { instance: id("i", 2 * n + 1) }],
      },
    ]);
    const many = config({ groups: Object.fromEntries(groups) });
    const rules = healthRules(many, PLACE);
    for (const { eventBridge } of rules)
      expect(JSON.stringify(eventBridge.pattern).length).toBeLessThanOrEqual(2048);
    expect(new Set(rules.map(({ eventBridge }) => eventBridge.name)).size).toBe(rules.length);
    const named = rules.flatMap(({ eventBridge }) => {
      const { alarmName } = eventBridge.pattern.detail as { alarmName?: string[] };
      return alarmName ?? [];
    });
    expect(named).toEqual(alarmNames(many));
  });
});

describe("the schedule of drills", () => {
  it("is a rule where the configuration asks for one, and none where it does not", () => {
    const drills = { schedule: { at: "cron(0 3 ? * SUN *)" } };
    expect(drillSchedule(config({ groups: { nat: group() }, drills }), PLACE)).toEqual([
      {
        eventBridge: expect.objectContaining({ name: "fleet-prod-drill", schedule: "cron(0 3 ? * SUN *)" }),
      },
    ]);
    expect(drillSchedule(one(), PLACE)).toEqual([]);
  });
});

describe("the alarms", () => {
  it("are one for each membership, under the name that the controller knows", () => {
    const names = Object.values(statusAlarms(two, PLACE)).map(({ Properties }) => Properties.AlarmName);
    const known = Object.values(two.groups).flatMap(({ members }) =>
      members.map((member) => member.statusAlarm),
    );
    expect(names).toEqual(known);
  });

  it("are none where they are switched off", () => {
    expect(
      statusAlarms(config({ groups: { nat: group() }, statusAlarm: { enabled: false } }), PLACE),
    ).toEqual({});
  });

  it("take the configured number of periods", () => {
    const slow = config({ groups: { nat: group() }, statusAlarm: { periods: 3, of: 5 } });
    for (const { Properties } of Object.values(statusAlarms(slow, PLACE))) {
      expect(Properties).toMatchObject({ DatapointsToAlarm: 3, EvaluationPeriods: 5 });
    }
  });
});

describe("the roles", () => {
  const ALL = [
    "cloudwatch:DescribeAlarms",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeNetworkInterfaces",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
  ];
  const DETAILS = ["cloudwatch:ListAlarmMuteRules", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances"];
  const ISOLATE = { fence: { isolate: "sg-0123456789abcdef0" } };
  const DESK = [
    ...ALL,
    ...DETAILS,
    "dynamodb:Query",
    "cloudwatch:SetAlarmState",
    "lambda:InvokeFunction",
    "sqs:SendMessage",
  ];
  const MOVER = [
    ...ALL,
    ...DETAILS,
    "dynamodb:BatchGetItem",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:Query",
    "ec2:AttachNetworkInterface",
    "ec2:DetachNetworkInterface",
    "ec2:ModifyNetworkInterfaceAttribute",
    "events:ListRules",
    "events:PutEvents",
    "lambda:InvokeFunction",
    "sqs:SendMessage",
  ];

  const statement = (of: ReturnType<typeof config>, sid: string) =>
    statements(of, "MoverRole").find(({ Sid }) => Sid === sid);

  it.each([
    { role: "DeskRole", policy: {}, allowed: DESK },
    { role: "ReleaseRole", policy: {}, allowed: ALL },
    { role: "MoverRole", policy: {}, allowed: MOVER },
    { role: "DeskRole", policy: { fence: "stop" }, allowed: DESK },
    { role: "ReleaseRole", policy: { fence: "stop" }, allowed: ALL },
    { role: "MoverRole", policy: { fence: "stop" }, allowed: [...MOVER, "ec2:StopInstances"] },
    { role: "DeskRole", policy: ISOLATE, allowed: DESK },
    { role: "ReleaseRole", policy: ISOLATE, allowed: [...ALL, "ec2:ModifyNetworkInterfaceAttribute"] },
    { role: "MoverRole", policy: ISOLATE, allowed: MOVER },
  ])("$role with policy $policy may do this and no more", ({ role, policy, allowed }) => {
    expect(actions(one({ policy }), role)).toEqual([...allowed].sort());
  });

  it("are told in docs/iam.md as they are: npm run iam", () => {
    expect(readFileSync(IAM_FILE, "utf8")).toBe(iamText());
  });

  it("allow no action by wildcard, and every resource only for reads and traces", () => {
    for (const role of ["MoverRole", "DeskRole", "ReleaseRole"]) {
      for (const { Action, Resource } of statements(one({ policy: { fence: "stop" } }), role)) {
        expect(Action.filter((action) => action.includes("*"))).toEqual([]);
        if (Resource !== "*") continue;
        expect(Action.filter((action) => !/:(Describe|List)|^xray:Put/.test(action))).toEqual([]);
      }
    }
  });

  it("move exactly the configured interfaces, between exactly the configured members", () => {
    expect(resources(statement(two, "Move"))).toEqual([
      `network-interface/${ENI}`,
      `network-interface/${OTHER_ENI}`,
      `instance/${A}`,
      `instance/${B}`,
      `instance/${C}`,
    ]);
  });

  it("stop only the members of groups that are fenced so", () => {
    const fenced = config({
      groups: {
        nat: group({ policy: { fence: "stop" } }),
        vpn: {
          interfaces: [{ eni: OTHER_ENI, deviceIndex: 2 }],
          members: [{ instance: B }, { instance: C }],
        },
      },
    });
    expect(resources(statement(fenced, "Stop"))).toEqual([`instance/${A}`, `instance/${B}`]);
    expect(statement(two, "Stop")).toBeUndefined();
    expect(statement(two, "Isolate")).toBeUndefined();
  });

  it("set exactly the alarms that are evidence, for drills, and ask for no move but by failover", () => {
    const ofDesk = (of: ReturnType<typeof config>, sid: string) =>
      resources(statements(of, "DeskRole").find(({ Sid }) => Sid === sid));
    expect(ofDesk(two, "SetAlarms")).toEqual([
      "alarm:fleet-prod-*-status",
      "alarm:a-full",
      "alarm:no-traffic",
    ]);
    expect(ofDesk(two, "SwitchBack")).toEqual(["function:fleet-prod-failover"]);
    const own = config({ groups: { nat: group() }, statusAlarm: { enabled: false } });
    expect(ofDesk(own, "SetAlarms")).toEqual(["alarm:a-full", "alarm:no-traffic"]);
    const more = config({ groups: { nat: group() }, statusAlarm: { attachedEbs: true, application: true } });
    expect(ofDesk(more, "SetAlarms")).toEqual([
      "alarm:fleet-prod-*-status",
      "alarm:fleet-prod-*-ebs",
      "alarm:fleet-prod-*-application",
      "alarm:a-full",
      "alarm:no-traffic",
    ]);
    const odd = config({
      groups: { nat: group({ alarms: [`cost-$${"{x}"}`] }) },
      statusAlarm: { enabled: false },
    });
    expect(ofDesk(odd, "SetAlarms")).toContain(`alarm:cost-$${"{!x}"}`);
  });

  it("write only to the log groups of their own functions", () => {
    const [desk] = statements(two, "DeskRole").filter(({ Sid }) => Sid === "Logs");
    expect(resources(desk)).toEqual(
      ["status", "pause", "resume", "acknowledge", "drill"].map(
        (name) => `log-group:/aws/lambda/fleet-prod-${name}:*`,
      ),
    );
  });
});

describe("the probers", () => {
  const HOME = { subnets: ["subnet-0a1b2c3d"], securityGroups: ["sg-0123abcd"] };
  const probed = config({
    probes: HOME,
    groups: {
      nat: {
        ...group({ probe: { tcp: 22, address: "10.0.0.10" } }),
        members: [
          { instance: A, address: "10.0.1.1" },
          { instance: B, address: "10.0.1.2" },
        ],
      },
      vpn: {
        interfaces: [{ eni: OTHER_ENI, deviceIndex: 2 }],
        members: [
          { instance: B, address: "10.0.1.2" },
          { instance: C, address: "10.0.1.3" },
        ],
        probe: { http: { path: "/up" }, subnets: ["subnet-0b2c3d4e"] },
      },
    },
  });
  const rulesOf = (name: string) => {
    const { events = [] } = probeFunctions(probed, PLACE)[name] ?? {};
    return (events as { eventBridge: Record<string, unknown> }[]).map(({ eventBridge }) => eventBridge);
  };

  it("are no function, no rule and no role where no group is probed", () => {
    expect(probeFunctions(two, PLACE)).toEqual({});
    expect(roles(two, PLACE)).not.toHaveProperty("ProbeRole");
    expect(healthRules(two, PLACE).some(({ eventBridge }) => eventBridge.name.includes("verdict"))).toBe(
      false,
    );
  });

  it("are a function for each place, in its subnets, that sends what it answers to the bus and is never retried", () => {
    const functions = probeFunctions(probed, PLACE);
    expect(Object.keys(functions)).toEqual(["probe", "probe2"]);
    expect(functions.probe).toMatchObject({
      handler: "dist/probe.handler",
      role: "ProbeRole",
      vpc: { subnetIds: HOME.subnets, securityGroupIds: HOME.securityGroups },
      maximumRetryAttempts: 0,
      destinations: { onSuccess: { type: "eventBus" } },
    });
    expect(functions.probe2).toMatchObject({ vpc: { subnetIds: ["subnet-0b2c3d4e"] } });
  });

  it("are more where there are many groups, each with the memory for its own", () => {
    const id = (prefix: string, n: number) => `${prefix}-${n.toString(16).padStart(17, "0")}`;
    const groups = Array.from({ length: 130 }, (_, n) => [
      `group-${n}`,
      {
        interfaces: [{ eni: id("eni", n), deviceIndex: 1 }],
        members: [0, 1].map((m) => ({ instance: id("i", 2 * n + m), address: `10.1.${n}.${m + 1}` })),
        probe: { tcp: 22 },
      },
    ]);
    const functions = probeFunctions(config({ probes: HOME, groups: Object.fromEntries(groups) }), PLACE);
    expect(Object.values(functions).map(({ memorySize, vpc }) => ({ memorySize, vpc }))).toEqual(
      [640, 256].map((memorySize) => ({
        memorySize,
        vpc: { subnetIds: HOME.subnets, securityGroupIds: HOME.securityGroups },
      })),
    );
  });

  it("are started every minute, and for the rest of one by what they answered before its time", () => {
    const [minute, rest] = rulesOf("probe2");
    expect(minute).toMatchObject({ name: "fleet-prod-probe2", schedule: "rate(1 minute)" });
    const early = {
      ...PROBE_VERDICT,
      detail: { ...PROBE_VERDICT.detail, requestContext: { functionArn: arnOf("probe2") } },
    };
    const { until: _, ...over } = early.detail.responsePayload;
    expect(matchesPattern(rest?.pattern, early)).toBe(true);
    expect(
      matchesPattern(rest?.pattern, { ...early, detail: { ...early.detail, responsePayload: over } }),
    ).toBe(false);
    expect(matchesPattern(rest?.pattern, PROBE_VERDICT)).toBe(false);
  });

  it("are all heard by one rule, and nobody else is", () => {
    const verdict = healthRules(probed, PLACE).find(
      ({ eventBridge }) => eventBridge.name === "fleet-prod-verdict-1",
    );
    const from = (name: string) => ({
      ...PROBE_VERDICT,
      detail: { ...PROBE_VERDICT.detail, requestContext: { functionArn: arnOf(name) } },
    });
    const heard = ["probe", "probe2", "probe3", "sweep"].map((name) =>
      matchesPattern(verdict?.eventBridge.pattern, from(name)),
    );
    expect(heard).toEqual([true, true, false, false]);
  });

  it("run under a role for what Lambda does for them, and no more", () => {
    expect(actions(probed, "ProbeRole")).toEqual([
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]);
    const byId = Object.fromEntries(statements(probed, "ProbeRole").map((one) => [one.Sid, resources(one)]));
    expect(byId).toMatchObject({
      ToTheBus: ["event-bus/default"],
      Logs: ["log-group:/aws/lambda/fleet-prod-probe:*", "log-group:/aws/lambda/fleet-prod-probe2:*"],
    });
  });
});
