/**
 * The doctor: every check has a misconfiguration here, made by calls that anybody may make, that it finds and beside
 * which it reports nothing; and on a sound group it reports nothing at all.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import { CHECKS, type Check, type Severity } from "../shared/core/finding.ts";
import type { Group, ProbeFinding } from "../shared/core/model.ts";
import { hearVerdicts } from "../shared/verdicts.ts";
import { type } from "./doctor-mend.ts";
import { Clinic, ENI, FIRST, SECOND, told, watchedGroup } from "./doctor-stage.ts";
import { alarmOf } from "./enumeration/groups.ts";
import { MINUTE } from "./enumeration/stage.ts";
import { PROBE } from "./prober/probe.ts";
import { STRANGER } from "./simulation/scene.ts";
import { STACK } from "./stack-rules.ts";

const ALARM = alarmOf(SECOND);
const TABLE = "sim-state";
const WIDE = { policy: { budget: { moves: 1, seconds: 86_400 } } };

interface Case {
  readonly check: Check;
  readonly severity: Severity;
  readonly subject: string;
  /** The command that mends it, or the part of it that matters. */
  readonly mend: string;
  readonly group?: Group;
  readonly seed: (clinic: Clinic) => Promise<unknown> | unknown;
  readonly unproven?: true;
}

/** A group whose interface has a second index: a forced detach puts nobody into quarantine. */
const roomy = (more: Parameters<typeof watchedGroup>[0] = {}): Group => ({
  ...watchedGroup(more),
  interfaces: [{ eni: ENI, deviceIndexes: [1, 2] }],
});

/** The index at which the group's own interface is stays taken by it. */
const holding = (clinic: Clinic, eni: string, index = 2): Group => ({
  ...clinic.stage.group,
  interfaces: [{ eni, deviceIndexes: [index] }],
});

async function failedOver(clinic: Clinic): Promise<void> {
  clinic.stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, clinic.now);
  await clinic.stage.pass(4 * MINUTE);
  await clinic.stage.sweepOnce();
  clinic.stage.cloud.ec2.break({ kind: "heal", instance: FIRST }, clinic.now);
  await clinic.stage.pass(20 * MINUTE);
}

const deny = (clinic: Clinic, ...calls: readonly string[]): void => {
  clinic.refuses = (call) => (calls.includes(call) ? "UnauthorizedOperation" : undefined);
};

const INTERFACES: readonly Case[] = [
  {
    check: "interface-missing",
    severity: "error",
    subject: ENI,
    mend: "aws ec2 create-network-interface",
    seed: async (clinic) => {
      await clinic.detach();
      clinic.ec2("DeleteNetworkInterface", { NetworkInterfaceId: ENI });
      await clinic.stage.pass(MINUTE);
    },
  },
  {
    check: "interface-primary",
    severity: "error",
    subject: "eni-0c000000000000000",
    mend: "aws ec2 create-network-interface",
    seed: (clinic) => {
      const { ec2 } = clinic.stage.cloud;
      const place = { instanceId: "i-0c000000000000000", zone: "eu-west-1a" };
      ec2.addInstance({ ...place, primaryInterfaceId: "eni-0c000000000000000" }, clinic.now);
      clinic.configure(holding(clinic, "eni-0c000000000000000"));
    },
  },
  {
    check: "interface-managed",
    severity: "error",
    subject: "eni-0b100000000000000",
    mend: "aws ec2 create-network-interface",
    seed: (clinic) => clinic.configure(holding(clinic, clinic.addInterface({ requesterManaged: true }))),
  },
  {
    check: "interface-zone",
    severity: "error",
    subject: "eni-0b100000000000000",
    mend: "aws ec2 create-network-interface",
    seed: (clinic) => clinic.configure(holding(clinic, clinic.addInterface({}, "eu-west-1b"))),
  },
  {
    check: "interface-with-stranger",
    severity: "error",
    subject: ENI,
    mend: "aws ec2 detach-network-interface --attachment-id eni-attach-",
    seed: async (clinic) => {
      await clinic.detach();
      await clinic.attach(ENI, STRANGER, 1);
    },
  },
  {
    check: "interface-on-nothing",
    severity: "error",
    subject: ENI,
    mend: `npx sls invoke -f sweep -d '{"group":"nat-a"}'`,
    seed: (clinic) => clinic.detach(),
  },
  {
    check: "interface-delete-on-termination",
    severity: "warning",
    subject: ENI,
    mend: `aws ec2 modify-network-interface-attribute --network-interface-id ${ENI} --attachment AttachmentId=eni-attach-`,
    seed: (clinic) => {
      const AttachmentId = clinic.stage.cloud.ec2.attachmentTruth(ENI, clinic.now)?.id;
      const Attachment = { AttachmentId, DeleteOnTermination: true };
      clinic.ec2("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: ENI, Attachment });
    },
  },
];

const MEMBERS: readonly Case[] = [
  {
    check: "member-missing",
    severity: "error",
    subject: SECOND,
    mend: "npx sls deploy",
    seed: async (clinic) => {
      clinic.ec2("TerminateInstances", { InstanceIds: [SECOND] });
      await clinic.stage.pass(90 * MINUTE);
    },
  },
  {
    check: "member-stopped",
    severity: "error",
    subject: SECOND,
    mend: `aws ec2 start-instances --instance-ids ${SECOND}`,
    seed: async (clinic) => {
      clinic.ec2("StopInstances", { InstanceIds: [SECOND] });
      await clinic.stage.pass(30 * MINUTE);
    },
  },
  {
    check: "member-unwell",
    severity: "error",
    subject: SECOND,
    mend: `aws ec2 reboot-instances --instance-ids ${SECOND}`,
    seed: async (clinic) => {
      clinic.stage.cloud.ec2.break({ kind: "impair", instance: SECOND, check: "instance" }, clinic.now);
      await clinic.stage.pass(5 * MINUTE);
    },
  },
  {
    check: "member-zone",
    severity: "error",
    subject: "i-0d000000000000000",
    mend: "npx sls deploy",
    seed: (clinic) => {
      clinic.stage.cloud.ec2.addInstance(
        { instanceId: "i-0d000000000000000", zone: "eu-west-1b" },
        clinic.now,
      );
      const [first] = clinic.stage.group.members;
      const away = {
        name: "i-0d000000000000000",
        instance: "i-0d000000000000000",
        alarms: [],
        deviceIndexes: {},
      };
      clinic.configure({ ...clinic.stage.group, members: first === undefined ? [away] : [first, away] });
    },
  },
  {
    check: "member-no-slot",
    severity: "error",
    subject: SECOND,
    mend: `aws ec2 modify-instance-attribute --instance-id ${SECOND}`,
    seed: async (clinic) => {
      for (const index of [2, 3, 4]) await clinic.attach(clinic.addInterface(), SECOND, index);
    },
  },
  {
    check: "member-index-taken",
    severity: "error",
    subject: SECOND,
    mend: "npx sls deploy",
    seed: (clinic) => clinic.attach(clinic.addInterface(), SECOND, 1),
  },
  {
    check: "member-index-burned",
    severity: "error",
    subject: FIRST,
    mend: `aws ec2 stop-instances --instance-ids ${FIRST}`,
    seed: async (clinic) => {
      await clinic.failover(SECOND, true);
      await clinic.detach();
      clinic.configure(holding(clinic, clinic.addInterface({ attachedTo: SECOND, deviceIndex: 1 }), 1));
    },
  },
  {
    check: "member-quarantined",
    severity: "error",
    subject: FIRST,
    mend: `aws ec2 stop-instances --instance-ids ${FIRST}`,
    seed: async (clinic) => {
      await clinic.failover(SECOND, true);
    },
  },
  {
    check: "member-isolated",
    severity: "error",
    subject: FIRST,
    mend: `npx sls invoke -f release -d '{"group":"nat-a","member":"${FIRST}"}'`,
    group: roomy({ policy: { fence: { kind: "isolate", securityGroup: "sg-0a000000000000000" } } }),
    seed: failedOver,
  },
  {
    check: "member-never-held",
    severity: "warning",
    subject: SECOND,
    mend: `npx sls invoke -f failover -d '{"group":"nat-a","to":"${SECOND}"}'`,
    unproven: true,
    seed: () => undefined,
  },
  {
    check: "member-unmatched",
    severity: "warning",
    subject: SECOND,
    mend: "npx sls deploy",
    seed: (clinic) => {
      const EventPattern = JSON.stringify({ source: ["aws.ec2"], detail: { "instance-id": [FIRST] } });
      clinic.rules.call("PutRule", { Name: `${STACK}-instance-1`, EventPattern });
      clinic.rules.call("DeleteRule", { Name: `${STACK}-spot-1` });
    },
  },
];

const ALARMS: readonly Case[] = [
  {
    check: "alarm-missing",
    severity: "warning",
    subject: ALARM,
    mend: `aws cloudwatch put-metric-alarm --alarm-name ${ALARM}`,
    seed: (clinic) => clinic.cloudwatch("DeleteAlarms", { AlarmNames: [ALARM] }),
  },
  {
    check: "alarm-actions-disabled",
    severity: "warning",
    subject: ALARM,
    mend: `aws cloudwatch enable-alarm-actions --alarm-names ${ALARM}`,
    seed: (clinic) => clinic.cloudwatch("DisableAlarmActions", { AlarmNames: [ALARM] }),
  },
  {
    check: "alarm-muted",
    severity: "warning",
    subject: ALARM,
    mend: "aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name upgrade",
    seed: async (clinic) => {
      const at = new Date(clinic.now + MINUTE).toISOString().slice(0, 16);
      clinic.cloudwatch("PutAlarmMuteRule", {
        Name: "upgrade",
        Rule: { Schedule: { Expression: `at(${at})`, Duration: "PT1H" } },
        MuteTargets: { AlarmNames: [ALARM] },
      });
      await clinic.stage.pass(2 * MINUTE);
    },
  },
  {
    check: "alarm-without-data",
    severity: "warning",
    subject: ALARM,
    mend: `aws cloudwatch describe-alarms --alarm-names ${ALARM}`,
    seed: async (clinic) => {
      clinic.cloudwatch("PutMetricAlarm", {
        AlarmName: ALARM,
        Namespace: "App",
        MetricName: "misspelt",
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "missing",
      });
      await clinic.stage.pass(30 * MINUTE);
    },
  },
  {
    check: "alarm-unmatched",
    severity: "warning",
    subject: ALARM,
    mend: "npx sls deploy",
    seed: (clinic) => {
      const alarmName = clinic.stage.group.members.flatMap(({ alarms, statusAlarm }) => [
        statusAlarm,
        ...alarms,
      ]);
      const detail = { alarmName: alarmName.filter((name) => name !== ALARM), state: { value: ["ALARM"] } };
      const EventPattern = JSON.stringify({ source: ["aws.cloudwatch"], detail });
      clinic.rules.call("PutRule", { Name: `${STACK}-alarm-1`, EventPattern });
    },
  },
  {
    check: "alarm-composite-denied",
    severity: "error",
    subject: "cloudwatch:DescribeAlarms",
    mend: "npx sls deploy",
    seed: (clinic) => {
      clinic.refuses = (call, { AlarmTypes = [] }) =>
        call === "cloudwatch:DescribeAlarms" && (AlarmTypes as string[]).includes("CompositeAlarm")
          ? "AccessDenied"
          : undefined;
    },
  },
];

const PERMISSIONS: readonly Case[] = [
  ...(["AttachNetworkInterface", "DetachNetworkInterface"] as const).map(
    (call): Case => ({
      check: "permission-denied",
      severity: "error",
      subject: `ec2:${call}`,
      mend: "npx sls deploy",
      seed: (clinic) => deny(clinic, `ec2:${call}`),
    }),
  ),
  {
    check: "permission-denied",
    severity: "warning",
    subject: "ec2:StopInstances",
    mend: "npx sls deploy",
    group: watchedGroup({ policy: { fence: { kind: "stop" } } }),
    seed: (clinic) => deny(clinic, "ec2:StopInstances"),
  },
  {
    check: "permission-denied",
    severity: "warning",
    subject: "ec2:ModifyNetworkInterfaceAttribute",
    mend: "npx sls deploy",
    group: watchedGroup({ policy: { fence: { kind: "isolate", securityGroup: "sg-0a000000000000000" } } }),
    // Upkeep is allowed; what is denied are the security groups of the members' other interfaces.
    seed: (clinic) => {
      clinic.refuses = (call, { Groups }) =>
        call === "ec2:ModifyNetworkInterfaceAttribute" && Groups !== undefined
          ? "UnauthorizedOperation"
          : undefined;
    },
  },
  {
    check: "permission-unproven",
    severity: "warning",
    subject: "ec2:ModifyNetworkInterfaceAttribute",
    mend: "npx sls invoke -f doctor",
    seed: (clinic) => {
      clinic.refuses = (call) =>
        call === "ec2:ModifyNetworkInterfaceAttribute" ? "RequestLimitExceeded" : undefined;
    },
  },
  {
    check: "fence-group-missing",
    severity: "warning",
    subject: "sg-0b000000000000000",
    mend: "aws ec2 create-security-group",
    seed: (clinic) => {
      const { group } = clinic.stage;
      const fence = { kind: "isolate", securityGroup: "sg-0b000000000000000" } as const;
      clinic.configure({ ...group, policy: { ...group.policy, fence } });
    },
  },
];

const RECORD: readonly Case[] = [
  {
    check: "record-unread",
    severity: "error",
    subject: "nat-a",
    mend: `aws dynamodb get-item --table-name ${TABLE}`,
    seed: (clinic) => {
      clinic.refuses = (call) => (call === "dynamodb:Get" ? "AccessDeniedException" : undefined);
    },
  },
  {
    check: "record-newer",
    severity: "error",
    subject: "nat-a",
    mend: "npx sls deploy",
    seed: (clinic) =>
      clinic.dynamodb("UpdateCommand", {
        Key: { pk: "GROUP#nat-a", sk: "STATE" },
        UpdateExpression: "SET #schema = :newer",
        ExpressionAttributeNames: { "#schema": "schema" },
        ExpressionAttributeValues: { ":newer": 2 },
      }),
  },
  {
    check: "paused",
    severity: "error",
    subject: "nat-a",
    mend: `npx sls invoke -f resume -d '{"group":"nat-a"}'`,
    seed: async (clinic) => {
      const { stage, config } = clinic;
      stage.invoke("pause", async (world) => {
        await command(stage.group, config, world, (state, now) => pause(state, { by: "anna" }, now));
      });
      await stage.pass(MINUTE);
    },
  },
  {
    check: "budget-spent",
    severity: "warning",
    subject: "nat-a",
    mend: `npx sls invoke -f acknowledge -d '{"group":"nat-a","budget":true}'`,
    group: roomy(WIDE),
    seed: failedOver,
  },
  {
    check: "observing",
    severity: "info",
    subject: "nat-a",
    mend: "npx sls deploy",
    seed: (clinic) => {
      const { group } = clinic.stage;
      clinic.configure({ ...group, policy: { ...group.policy, mode: "observe" } });
    },
  },
];

const probedGroup = (): Group => ({ ...watchedGroup(), probe: PROBE });

/** A verdict that everybody serves, but for one address. */
async function hears(clinic: Clinic, floating: Partial<ProbeFinding> = {}): Promise<void> {
  const { stage, config } = clinic;
  const serving = { says: "serving", since: clinic.now, detail: "answered", answeredAt: clinic.now } as const;
  const verdict = { at: clinic.now, floating: { ...serving, ...floating }, members: { [FIRST]: serving } };
  const { answeredAt, ...never } = verdict.floating;
  const heard = answeredAt === undefined ? { ...verdict, floating: never } : verdict;
  stage.invoke("verdict", async (world) => {
    await hearVerdicts({ [stage.group.name]: heard }, config, world, () => undefined);
  });
  await stage.pass(MINUTE);
}

const PROBES: readonly Case[] = [
  {
    check: "probe-unheard",
    severity: "warning",
    subject: "nat-a",
    mend: `npx sls invoke -f probe -d '{"seconds":10}'`,
    group: probedGroup(),
    seed: () => undefined,
  },
  {
    check: "probe-unheard",
    severity: "warning",
    subject: "nat-a",
    mend: `npx sls invoke -f probe -d '{"seconds":10}'`,
    group: probedGroup(),
    seed: async (clinic) => {
      await hears(clinic);
      await clinic.stage.pass(61 * MINUTE);
    },
  },
  {
    check: "probe-unanswered",
    severity: "warning",
    subject: "10.0.0.10",
    mend: `npx sls invoke -f probe -d '{"seconds":10}'`,
    group: probedGroup(),
    seed: (clinic) => hears(clinic, { says: "silent", answeredAt: undefined as never }),
  },
];

const CONTROLLER: readonly Case[] = [
  {
    check: "table-no-recovery",
    severity: "warning",
    subject: TABLE,
    mend: `aws dynamodb update-continuous-backups --table-name ${TABLE}`,
    seed: (clinic) =>
      clinic.dynamodb("UpdateContinuousBackupsCommand", {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      }),
  },
  {
    check: "table-no-expiry",
    severity: "warning",
    subject: TABLE,
    mend: `aws dynamodb update-time-to-live --table-name ${TABLE}`,
    seed: (clinic) =>
      clinic.dynamodb("UpdateTimeToLiveCommand", {
        TimeToLiveSpecification: { Enabled: false, AttributeName: "ttl" },
      }),
  },
  {
    check: "sweep-unscheduled",
    severity: "error",
    subject: `${STACK}-sweep`,
    mend: `aws events enable-rule --name ${STACK}-sweep`,
    seed: (clinic) => clinic.rules.call("DisableRule", { Name: `${STACK}-sweep` }),
  },
  {
    check: "time-limit",
    severity: "warning",
    subject: STACK,
    mend: "npx sls deploy",
    seed: (clinic) => {
      clinic.limitSeconds = 60;
    },
  },
  ...[
    ["ec2:DescribeNetworkInterfaces", "error"],
    ["ec2:DescribeInstanceStatus", "error"],
    ["ec2:DescribeInstances", "error"],
    ["cloudwatch:DescribeAlarms", "error"],
    ["cloudwatch:ListAlarmMuteRules", "warning"],
    ["events:ListRules", "warning"],
    ["dynamodb:DescribeContinuousBackups", "warning"],
    ["dynamodb:DescribeTimeToLive", "warning"],
  ].map(
    ([call = "", severity]): Case => ({
      check: "unread",
      severity: severity as Severity,
      subject: call,
      mend: "npx sls deploy",
      seed: (clinic) => deny(clinic, call),
    }),
  ),
  {
    check: "unread",
    severity: "warning",
    subject: "ec2:DescribeInstanceTypes",
    mend: "npx sls deploy",
    seed: async (clinic) => {
      // Two interfaces any type takes: it is asked for where there are more.
      await clinic.attach(clinic.addInterface(), SECOND, 2);
      deny(clinic, "ec2:DescribeInstanceTypes");
    },
  },
  {
    check: "unread",
    severity: "warning",
    subject: "dynamodb:Query",
    mend: "npx sls deploy",
    unproven: true,
    seed: (clinic) => deny(clinic, "dynamodb:Query"),
  },
];

/** What the command alone mends: the others take a change of the configuration, or something that only its reader knows. */
const MENDED: ReadonlySet<Check> = new Set<Check>([
  "interface-with-stranger",
  "interface-on-nothing",
  "interface-delete-on-termination",
  "member-stopped",
  "member-index-burned",
  "member-quarantined",
  "member-isolated",
  "member-never-held",
  "alarm-actions-disabled",
  "alarm-muted",
  "paused",
  "budget-spent",
  "table-no-recovery",
  "table-no-expiry",
  "sweep-unscheduled",
]);

const CASES = [...INTERFACES, ...MEMBERS, ...ALARMS, ...PERMISSIONS, ...RECORD, ...PROBES, ...CONTROLLER];

describe("a misconfiguration is found, nothing beside it, and the command mends it:", () => {
  it.each(CASES)("$check ($subject)", async ({ check, severity, subject, mend, group, seed, unproven }) => {
    const clinic = await Clinic.of(group, unproven !== true);
    await seed(clinic);
    const { findings } = await clinic.look();
    expect(told(findings)).toEqual([`${check} ${subject}`]);
    expect(findings[0]).toMatchObject({ severity, group: expect.toSatisfy(isOf(check)) });
    expect(findings[0]?.mend).toContain(mend);
    expect(findings[0]?.means).toMatch(/^[A-Z\w].*\.$/);
    expect(findings[0]?.means).not.toContain("undefined");
    if (MENDED.has(check)) {
      await type(clinic, findings[0]?.mend ?? "");
      await clinic.stage.pass(10 * MINUTE);
      // What was taken off a stranger is attached by the next look.
      if (check === "interface-with-stranger") await clinic.stage.sweepOnce();
      expect(told((await clinic.look()).findings)).toEqual([]);
    }
    clinic.rules.close();
  });

  it("every check has one, and a line in docs/commands.md", () => {
    expect(CHECKS.filter((check) => !CASES.some((one) => one.check === check))).toEqual([]);
    const document = readFileSync(path.join(import.meta.dirname, "../docs/commands.md"), "utf8");
    const lines = [...document.matchAll(/^\| `([\w-]+)` \| (error|warning|info) \|/gm)].map(
      ([, check]) => check,
    );
    expect(lines).toEqual(CHECKS);
  });
});

const isOf = (check: Check) => (group: string | null) =>
  check === "unread" || (group === null) === /^(table|sweep|time)-/.test(check);

describe("a sound group", () => {
  it("has no findings, and the answer says what was looked at; nothing is changed", async () => {
    const clinic = await Clinic.of();
    const { writes, history } = clinic.stage;
    const { findings, checked } = await clinic.look();
    expect(findings).toEqual([]);
    expect(checked).toBe(
      "Checked: 1 interface, 2 members and 4 alarms of nat-a, with record and history; 2 calls that a move needs, " +
        "proven by EC2's DryRun under the role that moves; 2 calls that EC2 did not refuse for want of permission but " +
        "for the state of things (an interface in use can't be attached), so that no more can be known; the rules, " +
        "the schedule, the table and the time limit of the controller.",
    );
    expect(clinic.stage.writes).toBe(writes);
    expect(clinic.stage.history).toEqual(history);
    expect(clinic.stage.wrong()).toEqual([]);
    clinic.rules.close();
  });

  it("of which each member can take the group is one with a fence that may be carried out, too", async () => {
    for (const fence of [
      { kind: "stop" },
      { kind: "isolate", securityGroup: "sg-0a000000000000000" },
    ] as const) {
      const clinic = await Clinic.of(watchedGroup({ policy: { fence } }));
      const { findings, checked } = await clinic.look();
      expect(findings).toEqual([]);
      expect(checked).toContain("4 calls that a move needs, proven");
      clinic.rules.close();
    }
  });
});

describe("with another standby that could take the group", () => {
  it("a standby that can't is a warning", async () => {
    const clinic = await Clinic.of(watchedGroup({ members: 3 }));
    clinic.ec2("StopInstances", { InstanceIds: [SECOND] });
    await clinic.stage.pass(MINUTE);
    const { findings } = await clinic.look();
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual([
      ["member-stopped", "warning"],
      ["member-never-held", "warning"],
    ]);
    clinic.rules.close();
  });
});

describe("in a large configuration", () => {
  it("the alarms that one wildcard of a rule matches are matched, and no others", async () => {
    const clinic = await Clinic.of();
    const [first, second] = clinic.stage.group.members.map(({ statusAlarm = "", alarms }) => ({
      statusAlarm,
      alarms,
    }));
    const put = (...alarmName: unknown[]) => {
      const detail = { alarmName: [...alarmName, ...(first?.alarms ?? []), ...(second?.alarms ?? [])] };
      const EventPattern = JSON.stringify({ source: ["aws.cloudwatch"], detail });
      clinic.rules.call("PutRule", { Name: `${STACK}-alarm-1`, EventPattern });
    };
    put({ wildcard: `${first?.statusAlarm.slice(0, 3)}*${first?.statusAlarm.slice(-3)}` });
    expect((await clinic.look()).findings).toEqual([]);
    put({ wildcard: `${first?.statusAlarm.slice(0, 3)}*.` });
    expect(told((await clinic.look()).findings)).toEqual([
      `alarm-unmatched ${first?.statusAlarm}`,
      `alarm-unmatched ${second?.statusAlarm}`,
    ]);
    clinic.rules.close();
  });
});

describe("several misconfigurations", () => {
  it("are told worst first, each with its command", async () => {
    const clinic = await Clinic.of();
    clinic.cloudwatch("DeleteAlarms", { AlarmNames: [ALARM] });
    clinic.ec2("StopInstances", { InstanceIds: [SECOND] });
    clinic.rules.call("DisableRule", { Name: `${STACK}-alarm-1` });
    await clinic.stage.pass(MINUTE);
    const { findings } = await clinic.look();
    expect(told(findings)).toEqual([
      `member-stopped ${SECOND}`,
      ...clinic.stage.group.members.flatMap(({ instance, statusAlarm }) => [
        `alarm-unmatched ${statusAlarm}`,
        instance === SECOND ? `alarm-missing ${ALARM}` : `alarm-unmatched ${alarmOf(instance)}`,
      ]),
    ]);
    expect(findings.at(-1)?.mend).toBe(
      `aws cloudwatch put-metric-alarm --alarm-name ${ALARM} --cli-input-json file://ALARM.json`,
    );
    expect(findings[1]?.mend).toBe(`aws events enable-rule --name ${STACK}-alarm-1`);
    clinic.rules.close();
  });
});

describe("the daily look", () => {
  it("tells what is new and what is gone, once, and keeps it in the record and the history", async () => {
    const clinic = await Clinic.of();
    expect((await clinic.daily()).changes).toEqual([]);
    clinic.cloudwatch("DisableAlarmActions", { AlarmNames: [ALARM] });
    const { changes } = await clinic.daily();
    const finding = expect.objectContaining({
      check: "alarm-actions-disabled",
      subject: ALARM,
      group: "nat-a",
    });
    expect(changes).toEqual([{ change: "new", group: "nat-a", finding }]);
    const known = { check: "alarm-actions-disabled", severity: "warning", subject: ALARM };
    expect(clinic.stage.state.examined?.found).toEqual([known]);
    expect(await clinic.daily()).toMatchObject({
      changes: [],
      findings: [{ check: "alarm-actions-disabled" }],
    });
    clinic.cloudwatch("EnableAlarmActions", { AlarmNames: [ALARM] });
    expect((await clinic.daily()).changes).toEqual([{ change: "gone", group: "nat-a", finding: known }]);
    expect(clinic.stage.state).toMatchObject({ examined: { found: [] }, outbox: {} });
    const mend = `aws cloudwatch enable-alarm-actions --alarm-names ${ALARM}`;
    expect(clinic.stage.history.slice(2)).toMatchObject([
      {
        kind: "finding",
        because: "doctor",
        message: expect.stringContaining("switched off"),
        finding: { change: "new", ...known, mend },
      },
      {
        kind: "finding",
        message: `alarm-actions-disabled (${ALARM}) is gone.`,
        finding: { change: "gone", ...known },
      },
    ]);
    const events = clinic.stage.cloud.news.filter(({ type }) => type === "Doctor Finding");
    expect(events.map(({ detail }) => detail)).toMatchObject([
      { because: "alarm-actions-disabled", notify: false, finding: { change: "new", ...known, mend } },
      { because: "alarm-actions-disabled", notify: false, finding: { change: "gone", ...known } },
    ]);
    clinic.rules.close();
  });

  it("takes nothing for gone that it could not read", async () => {
    const clinic = await Clinic.of();
    clinic.cloudwatch("DisableAlarmActions", { AlarmNames: [ALARM] });
    await clinic.daily();
    deny(clinic, "cloudwatch:DescribeAlarms");
    expect((await clinic.daily()).changes).toMatchObject([{ change: "new", finding: { check: "unread" } }]);
    deny(clinic);
    expect((await clinic.daily()).changes).toMatchObject([{ change: "gone", finding: { check: "unread" } }]);
    clinic.rules.close();
  });
});
