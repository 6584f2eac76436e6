/**
 * What AWS would refuse in a template for its size: told when it is packaged, and not halfway through a deployment.
 * Defaults of quotas are taken for limits: whoever had one raised knows where to look.
 */
import { longest } from "./resources/longest.ts";
import { STACK_RESOURCES } from "./resources/nested.ts";
import { INLINE_CHARACTERS, MANAGED_CHARACTERS, MANAGED_POLICIES } from "./resources/policies.ts";
import { PATTERN_CHARACTERS } from "./resources/rules.ts";
import type { Resource } from "./resources/template.ts";

type Entry = readonly [id: string, properties: Readonly<Record<string, unknown>>];

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Source of each: the quotas page of the service's own guide, under the name that stands here. */
const QUOTAS = {
  templateBytes: { most: 1_000_000, called: "template body size in an S3 object" },
  resources: { most: STACK_RESOURCES, called: "resources in a CloudFormation template" },
  pattern: { most: PATTERN_CHARACTERS, called: "EventBridge event pattern size" },
  targets: { most: 5, called: "targets per rule" },
  /** 100 in the youngest Regions; other stacks have rules too. */
  rules: { most: 100, called: "rules per event bus" },
  inline: { most: INLINE_CHARACTERS, called: "characters of a role's inline policies" },
  managed: { most: MANAGED_CHARACTERS, called: "characters of a managed policy" },
  attached: { most: MANAGED_POLICIES, called: "managed policies per role" },
  functionPolicy: { most: 20_480, called: "bytes of a function's resource-based policy" },
  environment: { most: 4_096, called: "bytes of a function's environment" },
} as const;

/** Source: the API reference of the service, the parameter's length. */
const NAMES: Readonly<Record<string, readonly [property: string, most: number]>> = {
  "AWS::Lambda::Function": ["FunctionName", 64],
  "AWS::Events::Rule": ["Name", 64],
  "AWS::CloudWatch::Alarm": ["AlarmName", 255],
  "AWS::CloudWatch::CompositeAlarm": ["AlarmName", 255],
  "AWS::CloudWatch::Dashboard": ["DashboardName", 255],
  "AWS::DynamoDB::Table": ["TableName", 255],
  "AWS::Logs::LogGroup": ["LogGroupName", 512],
  "AWS::SQS::Queue": ["QueueName", 80],
  "AWS::SNS::Topic": ["TopicName", 256],
  "AWS::IAM::Role": ["RoleName", 64],
};

/** Everything that is too large, too many or too long in the template, in words. Empty: it fits. */
export function tooLarge(template: Template): string[] {
  const all = Object.entries(template.Resources);
  const of = (type: string): Entry[] =>
    all.flatMap(([id, { Type, Properties = {} }]) => (Type === type ? [[id, Properties] as const] : []));
  const functions = of("AWS::Lambda::Function");
  return [
    ...over("the stack", "templateBytes", Buffer.byteLength(JSON.stringify(template))),
    ...over("the stack", "resources", all.length),
    ...over("the stack", "rules", of("AWS::Events::Rule").length),
    ...of("AWS::Events::Rule").flatMap(rule),
    ...of("AWS::IAM::Role").flatMap(role),
    ...of("AWS::IAM::ManagedPolicy").flatMap(([id, { PolicyDocument }]) =>
      over(id, "managed", longest(PolicyDocument)),
    ),
    ...functions.flatMap(([id, { Environment }]) => over(id, "environment", longest(Environment ?? {}))),
    ...functions.flatMap(([id]) => invokers(id, of("AWS::Lambda::Permission"))),
    ...all.flatMap(([id, { Type, Properties = {} }]) => name(id, Type, Properties)),
  ];
}

/** What is otherwise in a template that is large, and what that means. Empty: all is written out. */
export function remarks(template: Template): string[] {
  const all = Object.entries(template.Resources);
  const nested = all.filter(([, { Type }]) => Type === "AWS::CloudFormation::Stack").length;
  const roles = all.flatMap(([id, { Properties = {} }]) =>
    Properties.ManagedPolicyArns === undefined ? [] : [id],
  );
  return [
    ...(nested === 0
      ? []
      : [
          `the alarms on checks are in ${nested} nested stacks. If the deployed stack still has them itself, deploy once with statusAlarm: { enabled: false } before this`,
        ]),
    ...(roles.length === 0
      ? []
      : [
          `${roles.join(" and ")} name more than a role takes, and have managed policies for it: docs/decisions/0024-how-400-groups-fit.md tells what these allow`,
        ]),
  ];
}

function rule([id, { EventPattern, Targets }]: Entry): string[] {
  return [
    ...over(id, "pattern", longest(EventPattern ?? "")),
    ...over(id, "targets", Array.isArray(Targets) ? Targets.length : 0),
  ];
}

function role([id, { Policies = [], ManagedPolicyArns = [] }]: Entry): string[] {
  const documents = (Policies as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument);
  const inline = documents.reduce((sum: number, document) => sum + longest(document), 0);
  return [
    ...over(id, "inline", inline),
    ...over(id, "attached", (ManagedPolicyArns as readonly unknown[]).length),
  ];
}

/** What Lambda keeps of a permission beside its properties: a Sid, and the words of a statement around them. */
const STATEMENT_BYTES = 200;

function invokers(functionId: string, permissions: readonly Entry[]): string[] {
  const own = permissions.filter(([, { FunctionName }]) =>
    JSON.stringify(FunctionName).includes(`"${functionId}"`),
  );
  const bytes = own.reduce(
    (sum, [, properties]) => sum + STATEMENT_BYTES + longest(properties.SourceArn ?? ""),
    0,
  );
  return over(functionId, "functionPolicy", bytes);
}

function name(id: string, type: string, properties: Readonly<Record<string, unknown>>): string[] {
  const [property, most] = NAMES[type] ?? ["", 0];
  const value = properties[property];
  if (typeof value !== "string" || value.length <= most) return [];
  return [`${id}: ${property} has ${value.length} characters, and at most ${most} are allowed (${value})`];
}

function over(what: string, quota: keyof typeof QUOTAS, is: number): string[] {
  const { most, called } = QUOTAS[quota];
  return is <= most ? [] : [`${what}: ${is} ${called}, and at most ${most} are allowed`];
}
