/** AWS::IAM::Role, ::Policy and ::ManagedPolicy, and the policies that functions, queues and topics bear. */
import { evaluateForService } from "../iam/evaluate.ts";
import { many, type OneOrMany, type PolicyDocument, type Statement } from "../iam/policy.ts";
import { ofKind, propertiesOf, type Site } from "./site.ts";
import type { Resource } from "./template.ts";

interface RoleProperties {
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[];
}

interface PolicyProperties {
  readonly PolicyDocument: PolicyDocument;
  readonly Roles?: readonly string[];
}

interface PermissionProperties {
  readonly FunctionName: string;
  readonly Action: string;
  readonly Principal: string;
  readonly SourceArn?: string;
  readonly SourceAccount?: string;
}

/** What AWS's managed policies allow, of those that functions use. Source: AWS managed policy reference. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  AWSXRayDaemonWriteAccess: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSampling*"],
};

/** Grants every role its policies. Answers what is wrong with them. */
export function installRoles(resources: readonly Resource[], { permissions, where }: Site): string[] {
  const problems: string[] = [];
  const managed = new Map(ofKind(resources, "AWS::IAM::ManagedPolicy").map((policy) => [policy.arn, policy]));
  for (const role of ofKind(resources, "AWS::IAM::Role")) {
    const { Policies = [], ManagedPolicyArns = [] } = propertiesOf<RoleProperties>(role);
    for (const { PolicyDocument } of Policies) permissions.grant(role.arn, PolicyDocument);
    for (const arn of ManagedPolicyArns) {
      const own = managed.get(arn);
      if (own !== undefined) {
        permissions.grant(role.arn, propertiesOf<PolicyProperties>(own).PolicyDocument);
        continue;
      }
      const actions = MANAGED[arn.split("/").at(-1) ?? ""];
      if (actions === undefined) problems.push(`${role.logicalId}: what ${arn} allows is not known here`);
      else permissions.grant(role.arn, { Statement: { Effect: "Allow", Action: actions, Resource: "*" } });
    }
  }
  for (const policy of ofKind(resources, "AWS::IAM::Policy")) {
    const { PolicyDocument, Roles = [] } = propertiesOf<PolicyProperties>(policy);
    for (const role of Roles) permissions.grant(`arn:aws:iam::${where.account}:role/${role}`, PolicyDocument);
  }
  return problems;
}

/** Whether the role lets Lambda assume it. Lambda refuses a function whose role does not. */
export function trustsLambda(role: Resource): boolean {
  const { AssumeRolePolicyDocument } = propertiesOf<RoleProperties>(role);
  // A trust policy names no resource: it is the role's own.
  const statements = many(AssumeRolePolicyDocument.Statement).map((one) => ({ ...one, Resource: "*" }));
  const assume = { action: "sts:AssumeRole", resource: role.arn, keys: {} };
  return evaluateForService([{ Statement: statements }], "lambda.amazonaws.com", assume).allowed;
}

/** Gives functions, queues and topics the policies that say who may send to them. */
export function installResourcePolicies(resources: readonly Resource[], { permissions, where }: Site): void {
  for (const permission of ofKind(resources, "AWS::Lambda::Permission")) {
    const statement = permissionStatement(permission, where);
    permissions.attach(String(statement.Resource), { Statement: statement });
  }
  for (const [type, property] of [
    ["AWS::SQS::QueuePolicy", "Queues"],
    ["AWS::SNS::TopicPolicy", "Topics"],
  ] as const) {
    for (const policy of ofKind(resources, type)) {
      const properties = propertiesOf<Record<string, unknown>>(policy);
      for (const bearer of many(properties[property] as OneOrMany<string>)) {
        permissions.attach(arnOfBearer(bearer, where), properties.PolicyDocument as PolicyDocument);
      }
    }
  }
}

/** What Lambda makes of a permission: a statement of the function's policy. */
function permissionStatement(permission: Resource, where: Site["where"]): Statement {
  const properties = propertiesOf<PermissionProperties>(permission);
  const { FunctionName, Action, Principal, SourceArn, SourceAccount } = properties;
  const name = FunctionName.split(":function:").at(-1) ?? FunctionName;
  const condition = {
    ...(SourceArn === undefined ? {} : { ArnLike: { "aws:SourceArn": SourceArn } }),
    ...(SourceAccount === undefined ? {} : { StringEquals: { "aws:SourceAccount": SourceAccount } }),
  };
  return {
    Sid: permission.logicalId,
    Effect: "Allow",
    Principal: Principal.endsWith(".amazonaws.com") ? { Service: Principal } : { AWS: Principal },
    Action,
    Resource: `arn:aws:lambda:${where.region}:${where.account}:function:${name}`,
    Condition: condition,
  };
}

/** Queue policies name queues by URL, topic policies topics by ARN. */
function arnOfBearer(bearer: string, { region, account }: Site["where"]): string {
  return bearer.startsWith("arn:") ? bearer : `arn:aws:sqs:${region}:${account}:${bearer.split("/").at(-1)}`;
}
