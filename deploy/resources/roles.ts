/**
 * A role per duty, each with the least that the duty takes: `MoverRole` looks and moves, and is the only one that may
 * touch a group's interfaces. `DeskRole` looks and writes the record, and for drills sets alarms and asks `failover` for the
 * way back; it changes nothing in EC2. `ReleaseRole` gives security groups back where a group isolates. `ProbeRole`,
 * where a group is probed, is Lambda's to use: a prober calls nothing.
 */
import { alarmedChecks } from "../../shared/config/check-alarms.ts";
import type { Config } from "../../shared/config.ts";
import { SOURCE } from "../../shared/core/news.ts";
import { probersOf } from "../../shared/probers.ts";
import { moves, releases } from "./changes.ts";
import { type Duty, duty, listed, type Statement } from "./policies.ts";
import { alarmNames, madeAlarms } from "./rules.ts";
import { arn, attribute, type Place, type Resources } from "./template.ts";

/** The functions that run under each role. */
const MOVERS = ["onHealthEvent", "sweep", "failover", "doctor"];
const DESK = ["status", "pause", "resume", "acknowledge", "drill"];
const RELEASE = ["release"];

/** Every role, by logical id, and the managed policies of those that name more than a role takes. */
export function roles(config: Config, place: Place): Resources {
  const probers = probersOf(config).map(({ name }) => name);
  return {
    ...duty({
      id: "MoverRole",
      statements: [
        observe(...LOOK, ...DETAILS),
        record("dynamodb:BatchGetItem", "dynamodb:Query"),
        ...examine,
        lookAlone(place),
        tell,
        deadLetters,
        trace,
        logs(place, MOVERS),
      ],
      ...moves(config),
    }),
    ...duty({
      id: "DeskRole",
      statements: [
        observe(...LOOK, ...DETAILS),
        record("dynamodb:Query"),
        switchBack(place),
        deadLetters,
        trace,
        logs(place, DESK),
      ],
      ...drills(config, place),
    }),
    ...duty({
      id: "ReleaseRole",
      statements: [observe(...LOOK), record(), trace, logs(place, RELEASE)],
      ...releases(config),
    }),
    ...(probers.length === 0
      ? {}
      : duty({
          id: "ProbeRole",
          statements: [inTheVpc, toTheBus, notItself(place, probers), logs(place, probers)],
        })),
  };
}

/**
 * What Lambda does with the role of a function that lives in a VPC: the interfaces are Lambda's to make and to name.
 * Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC", and the managed policy
 * AWSLambdaVPCAccessExecutionRole.
 */
const inTheVpc: Statement = {
  Sid: "InTheVpc",
  Effect: "Allow",
  Action: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  Resource: "*",
};

/** What happens to a group is told on the default bus, under this service's own name and no other. */
const tell: Statement = {
  Sid: "Tell",
  Effect: "Allow",
  Action: ["events:PutEvents"],
  Resource: [arn("events", "event-bus/default")],
  Condition: { StringEquals: { "events:source": [SOURCE] } },
};

/** Lambda sends what a function answered with the function's own role. */
const toTheBus: Statement = {
  Sid: "ToTheBus",
  Effect: "Allow",
  Action: ["events:PutEvents"],
  Resource: [arn("events", "event-bus/default")],
};

/**
 * What is for Lambda is not for the code that runs under the role: a prober calls nothing. Lambda names the function in
 * requests out of its environment, and not when it makes an interface for it. Its answers are left alone: a prober that
 * lies can do so in them. Source: Lambda developer guide, "Using source function ARN to control function access behavior".
 */
const notItself = ({ stack }: Place, functions: readonly string[]): Statement => ({
  Sid: "NotItself",
  Effect: "Deny",
  Action: inTheVpc.Action,
  Resource: "*",
  Condition: {
    ArnEquals: {
      "lambda:SourceFunctionArn": functions.map((name) => arn("lambda", `function:${stack}-${name}`)),
    },
  },
});

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
 * To set the alarms that are evidence, for drills. Those that the stack makes are named by what their names have in common;
 * where there are too many others, in several statements.
 */
function drills(config: Config, place: Place): Pick<Duty, "exact" | "many"> {
  const own = alarmedChecks(config.statusAlarm).map((check) => `${place.stack}-*-${check}`);
  const made = new Set(madeAlarms(config, place.stack));
  const names = [...own, ...alarmNames(config).filter((name) => !made.has(name))];
  if (names.length === 0) return {};
  // A name is text: what Fn::Sub would take for a variable of its own is escaped.
  const alarms = names.map((name) => arn("cloudwatch", `alarm:${name.replaceAll("${", "${!")}`));
  const actions = ["cloudwatch:SetAlarmState"];
  return {
    exact: [{ Sid: "SetAlarms", Effect: "Allow", Action: actions, Resource: alarms }],
    many: listed("SetAlarms", actions, alarms),
  };
}

/** A drill moves nothing itself: for the way back it asks `failover`. */
const switchBack = (place: Place): Statement => ({
  Sid: "SwitchBack",
  Effect: "Allow",
  Action: ["lambda:InvokeFunction"],
  Resource: [arn("lambda", `function:${place.stack}-failover`)],
});

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

/** X-Ray's actions have no resource types. Source: Service Authorization Reference. */
const trace: Statement = {
  Sid: "Trace",
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  Resource: "*",
};

/** The log groups stand in the stack, with their retention: a function need not, and may not, create one. */
const logs = (place: Place, functions: readonly string[]): Statement => ({
  Sid: "Logs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: functions.map((name) => arn("logs", `log-group:/aws/lambda/${place.stack}-${name}:*`)),
});
