/**
 * A role per duty, each with the least that the duty takes: `MoverRole` looks and moves, and is the only one that may
 * touch a group's interfaces. `DeskRole` looks and writes the record, and for drills sets alarms and asks `failover` for the
 * way back; it changes nothing in EC2. `ReleaseRole` gives security groups back where a group isolates.
 *
 * Changes to EC2 are allowed on the configured interfaces and members alone, by ARN. No condition rests on tags: AWS
 * takes the tags off a dying instance, and the very detach that matters would be refused.
 */
import type { Config } from "../../shared/config.ts";
import type { Fence } from "../../shared/core/model.ts";
import { instanceIds } from "./rules.ts";
import { arn, attribute, distinct, type Place, type Resource, type Resources } from "./template.ts";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: "*" | readonly unknown[];
}

/** The functions that run under each role. */
const MOVERS = ["onHealthEvent", "sweep", "failover", "doctor"];
const DESK = ["status", "pause", "resume", "acknowledge", "drill"];
const RELEASE = ["release"];

/** Every role, by logical id. */
export function roles(config: Config, place: Place): Resources {
  return {
    MoverRole: role([
      observe(...LOOK, ...DETAILS),
      move(config),
      ...stop(config),
      ...isolate(config, []),
      record("dynamodb:BatchGetItem", "dynamodb:Query"),
      ...examine,
      lookAlone(place),
      deadLetters,
      logs(place, MOVERS),
    ]),
    DeskRole: role([
      observe(...LOOK, ...DETAILS),
      record("dynamodb:Query"),
      ...drills(config, place),
      logs(place, DESK),
    ]),
    ReleaseRole: role([
      observe(...LOOK),
      ...isolate(config, membersFencedBy(config, "isolate")),
      record(),
      logs(place, RELEASE),
    ]),
  };
}

/** Who is active, and how every member is: what each duty reads. */
const LOOK = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceStatus", "cloudwatch:DescribeAlarms"];
/** Beside it, what is read before a move, and to tell who could take the group. */
const DETAILS = ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "cloudwatch:ListAlarmMuteRules"];

/**
 * The reads. EC2's Describe calls have no resource types, composite alarms are only answered where DescribeAlarms is
 * allowed on everything, and whose mute rules there are is not known beforehand. Source: Service Authorization
 * Reference; CloudWatch API reference, DescribeAlarms.
 */
const observe = (...actions: readonly string[]): Statement => ({
  Sid: "Observe",
  Effect: "Allow",
  Action: actions,
  Resource: "*",
});

/** The moves: on the interfaces and members that the configuration names. EC2 asks for both ARNs of every call. */
function move(config: Config): Statement {
  return {
    Sid: "Move",
    Effect: "Allow",
    Action: [
      "ec2:AttachNetworkInterface",
      "ec2:DetachNetworkInterface",
      "ec2:ModifyNetworkInterfaceAttribute",
    ],
    Resource: [
      ...interfaceIds(config).map((eni) => arn("ec2", `network-interface/${eni}`)),
      ...instanceIds(config).map(instanceArn),
    ],
  };
}

/** To stop the members of the groups that are fenced so. */
function stop(config: Config): Statement[] {
  const members = membersFencedBy(config, "stop");
  if (members.length === 0) return [];
  return [
    { Sid: "Stop", Effect: "Allow", Action: ["ec2:StopInstances"], Resource: members.map(instanceArn) },
  ];
}

/**
 * To take security groups off a member's other interfaces, and to give them back. The members are named beside the
 * interfaces, unless another statement names them.
 */
function isolate(config: Config, members: readonly string[]): Statement[] {
  if (membersFencedBy(config, "isolate").length === 0) return [];
  // Which interfaces a member has besides the group's is not configured, nor which security groups they bear and must
  // be given back.
  const any = [arn("ec2", "network-interface/*"), arn("ec2", "security-group/*")];
  return [
    {
      Sid: "Isolate",
      Effect: "Allow",
      Action: ["ec2:ModifyNetworkInterfaceAttribute"],
      Resource: [...any, ...members.map(instanceArn)],
    },
  ];
}

const instanceArn = (instance: string) => arn("ec2", `instance/${instance}`);

function membersFencedBy(config: Config, kind: Fence["kind"]): string[] {
  const groups = Object.values(config.groups).filter(({ policy }) => policy.fence.kind === kind);
  return distinct(groups.flatMap(({ members }) => members.map(({ instance }) => instance)));
}

function interfaceIds(config: Config): string[] {
  return distinct(Object.values(config.groups).flatMap(({ interfaces }) => interfaces.map(({ eni }) => eni)));
}

/** The record of a group, and its history; `more` is what not every duty does. */
const record = (...more: readonly string[]): Statement => ({
  Sid: "Record",
  Effect: "Allow",
  Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", ...more],
  Resource: [attribute("StateTable", "Arn")],
});

/** What the doctor reads besides. EventBridge's lists have no resource types. Source: Service Authorization Reference. */
const examine: readonly Statement[] = [
  { Sid: "ExamineRules", Effect: "Allow", Action: ["events:ListRules"], Resource: "*" },
  {
    Sid: "ExamineTable",
    Effect: "Allow",
    Action: ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive"],
    Resource: [attribute("StateTable", "Arn")],
  },
];

/**
 * What a drill takes: to set the alarms that are evidence, and to ask `failover` for the way back. It moves nothing
 * itself. The alarms that the stack makes are named by what their names have in common.
 */
function drills(config: Config, place: Place): Statement[] {
  const own = `${place.stack}-*-status`;
  const groups = Object.values(config.groups);
  const named = groups.flatMap(({ alarms, members }) => [...members.flatMap((one) => one.alarms), ...alarms]);
  const names = distinct([...(config.statusAlarm.enabled ? [own] : []), ...named]);
  const failover: Statement = {
    Sid: "SwitchBack",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: [arn("lambda", `function:${place.stack}-failover`)],
  };
  if (names.length === 0) return [failover];
  // A name is text: what Fn::Sub would take for a variable of its own is escaped.
  const alarms = names.map((name) => arn("cloudwatch", `alarm:${name.replaceAll("${", "${!")}`));
  return [
    { Sid: "SetAlarms", Effect: "Allow", Action: ["cloudwatch:SetAlarmState"], Resource: alarms },
    failover,
  ];
}

/** The sweep starts a look at one group in an invocation of its own, or the doctor's. The names are Serverless's own. */
const lookAlone = (place: Place): Statement => ({
  Sid: "LookAlone",
  Effect: "Allow",
  Action: ["lambda:InvokeFunction"],
  Resource: ["sweep", "doctor"].map((name) => arn("lambda", `function:${place.stack}-${name}`)),
});

/** Lambda sends what a function failed on with the function's own role. */
const deadLetters: Statement = {
  Sid: "DeadLetters",
  Effect: "Allow",
  Action: ["sqs:SendMessage"],
  Resource: [attribute("DeadLetterQueue", "Arn")],
};

/** The log groups stand in the stack, with their retention: a function need not, and may not, create one. */
const logs = (place: Place, functions: readonly string[]): Statement => ({
  Sid: "Logs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: functions.map((name) => arn("logs", `log-group:/aws/lambda/${place.stack}-${name}:*`)),
});

function role(statements: readonly Statement[]): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      },
      Policies: [{ PolicyName: "duty", PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
    },
  };
}
