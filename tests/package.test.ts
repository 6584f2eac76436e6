/**
 * The package as `sls package` makes it of the example configuration, without an account: the template is what
 * would be deployed, so it is what is looked at. package-zips.test.ts has the code.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../local/iam/policy.ts";
import { validate } from "../local/iam/validate.ts";
import { resolveTemplate } from "../local/template/resolution.ts";
import { grave } from "./package/schemas.ts";
import { FUNCTIONS, packagedExample, packagedOf, ROOT } from "./package/sls.ts";
import { ofType, references, type Template } from "./package/template.ts";
import { CONFIGURATIONS } from "./permissions/scenarios.ts";

const MEMBERS = ["i-0123456789abcdef0", "i-0fedcba9876543210"];
const STATUS_ALARMS = MEMBERS.map((member) => `eni-failover-dev-nat-a-${member}-status`);

let folder: string;
let template: Template;

beforeAll(async () => {
  folder = (await packagedExample()).folder;
  template = JSON.parse(readFileSync(templateFile(), "utf8"));
});

const templateFile = (of = folder) => path.join(of, "cloudformation-template-update-stack.json");

/** What the template refers to and has not. */
function dangling(one: Template): string[] {
  const present = [...Object.keys(one.Resources), ...Object.keys(one.Parameters ?? {})];
  return references(one).filter((id) => !present.includes(id));
}

/** What CloudFormation calls with the deployer's permissions to make and to delete each kind. The table stays. */
const MADE_BY: Readonly<Record<string, readonly string[]>> = {
  "AWS::CloudFormation::Stack": ["cloudformation:CreateStack", "cloudformation:DeleteStack"],
  "AWS::CloudWatch::Alarm": ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
  "AWS::CloudWatch::Dashboard": ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
  "AWS::DynamoDB::Table": [
    "dynamodb:CreateTable",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTimeToLive",
  ],
  "AWS::Events::Rule": ["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"],
  "AWS::IAM::ManagedPolicy": [
    "iam:CreatePolicy",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:DeletePolicy",
  ],
  "AWS::IAM::Role": ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole"],
  "AWS::Lambda::EventInvokeConfig": [
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:DeleteFunctionEventInvokeConfig",
  ],
  "AWS::Lambda::Function": ["lambda:CreateFunction", "iam:PassRole", "lambda:DeleteFunction"],
  "AWS::Lambda::Permission": ["lambda:AddPermission", "lambda:RemovePermission"],
  "AWS::Logs::LogGroup": ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"],
  "AWS::S3::Bucket": ["s3:CreateBucket", "s3:PutEncryptionConfiguration", "s3:DeleteBucket"],
  "AWS::S3::BucketPolicy": ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
  "AWS::SNS::Subscription": ["sns:Subscribe", "sns:Unsubscribe"],
  "AWS::SNS::Topic": ["sns:CreateTopic", "sns:DeleteTopic"],
  "AWS::SNS::TopicPolicy": ["sns:SetTopicAttributes"],
  "AWS::SQS::Queue": ["sqs:CreateQueue", "sqs:DeleteQueue"],
  "AWS::SQS::QueuePolicy": ["sqs:SetQueueAttributes"],
};

/** Mistakes that a template could have, and what the schemas say of them. */
const SABOTAGE: readonly { readonly id: string; readonly properties: object; readonly says: RegExp }[] = [
  { id: "StateTable", properties: { BilingMode: "PAY_PER_REQUEST" }, says: /F3002 .*BilingMode/ },
  { id: "SweepLambdaFunction", properties: { Timeout: "two" }, says: /F3012 .*two/ },
  { id: "FailoverLambdaFunction", properties: { MemorySize: 64 }, says: /F3034 .*64/ },
  { id: "StatusLambdaFunction", properties: { Architectures: ["arm65"] }, says: /W3030 .*arm65/ },
  { id: "PauseLambdaFunction", properties: { Runtime: "nodejs12.x" }, says: /E2533 .*nodejs12/ },
];

function sabotaged(
  one: Template,
  how: readonly { readonly id: string; readonly properties: object }[],
): Template {
  const wrong = how.map(({ id, properties }) => {
    const resource = one.Resources[id];
    if (resource === undefined) throw new Error(`there is no ${id} to sabotage`);
    return [id, { ...resource, Properties: { ...resource.Properties, ...properties } }] as const;
  });
  return { ...one, Resources: { ...one.Resources, ...Object.fromEntries(wrong) } };
}

describe("the template", () => {
  it("refers to nothing that is not in it", () => {
    expect(dangling(template)).toEqual([]);
  });

  it("satisfies CloudFormation's own resource schemas, in which each of these mistakes is found", async () => {
    const wrong = path.join(folder, "wrong.json");
    writeFileSync(wrong, JSON.stringify(sabotaged(template, SABOTAGE)));
    const probed = (await packagedOf("probed", CONFIGURATIONS.stops)).folder;
    const [found = [], ...good] = grave([wrong, templateFile(), templateFile(probed)]);
    expect(good).toEqual([[], []]);
    for (const { says } of SABOTAGE) expect(found.join("\n")).toMatch(says);
  });

  it("has with a configuration that uses everything what that asks for", async () => {
    const probed = (await packagedOf("probed", CONFIGURATIONS.stops)).folder;
    const all: Template = JSON.parse(readFileSync(templateFile(probed), "utf8"));
    expect(dangling(all)).toEqual([]);
    const more = new Set(Object.values(all.Resources).map(({ Type }) => Type));
    for (const { Type } of Object.values(template.Resources)) more.delete(Type);
    expect([...more]).toEqual(["AWS::SNS::Subscription"]);
    const schedules = Object.values(ofType(all, "AWS::Events::Rule")).map(
      ({ ScheduleExpression }) => ScheduleExpression,
    );
    expect(schedules).toContain("rate(7 days)");
    expect(Object.values(ofType(all, "AWS::Lambda::Function"))).toContainEqual(
      expect.objectContaining({ FunctionName: "eni-failover-dev-probe", VpcConfig: expect.any(Object) }),
    );
  });

  it("names in its policies only actions and keys that AWS has", async () => {
    const probed = (await packagedOf("probed", CONFIGURATIONS.stops)).folder;
    const text = readFileSync(templateFile(probed), "utf8");
    const policies: PolicyDocument[] = [];
    JSON.parse(text, (key, value) => {
      if (key === "PolicyDocument") policies.push(value);
      return value;
    });
    expect(policies.length).toBeGreaterThan(6);
    expect((await Promise.all(policies.map(validate))).flat()).toEqual([]);
  });

  it("has every attribute that it asks for, and a missing one is found", () => {
    const where = {
      account: "123456789012",
      region: "eu-west-1",
      endpoint: "http://127.0.0.1",
      stackName: "s",
    };
    const resolved = (one: Template) => resolveTemplate(one as Parameters<typeof resolveTemplate>[0], where);
    expect(resolved(template).resources).toHaveLength(Object.keys(template.Resources).length);
    const properties = { Role: { "Fn::GetAtt": ["DeskRole", "Arnn"] } };
    expect(() => resolved(sabotaged(template, [{ id: "ResumeLambdaFunction", properties }]))).toThrow(/Arnn/);
    const { DeadLetterQueue: _gone, ...Resources } = template.Resources;
    expect(dangling({ ...template, Resources })).toContain("DeadLetterQueue");
  });

  it("is of kinds that docs/deploy-policy.json lets one make and delete", async () => {
    const { Statement } = JSON.parse(readFileSync(path.join(ROOT, "docs/deploy-policy.json"), "utf8"));
    const allowed = new Set((Statement as { Action: string | string[] }[]).flatMap(({ Action }) => Action));
    const probed = (await packagedOf("probed", CONFIGURATIONS.stops)).folder;
    const all: Template = JSON.parse(readFileSync(templateFile(probed), "utf8"));
    const large = ["AWS::CloudFormation::Stack", "AWS::IAM::ManagedPolicy"];
    const kinds = new Set([...Object.values(all.Resources).map(({ Type }) => Type), ...large]);
    expect([...kinds].sort()).toEqual(Object.keys(MADE_BY).sort());
    const lacking = Object.values(MADE_BY).flatMap((actions) => actions.filter((one) => !allowed.has(one)));
    expect(lacking).toEqual([]);
  });

  it("has one alarm on the status checks of each member", () => {
    const all = Object.values(ofType(template, "AWS::CloudWatch::Alarm"));
    const alarms = all.filter(({ Namespace }) => Namespace === "AWS/EC2");
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(STATUS_ALARMS);
    expect(alarms.map(({ Dimensions }) => Dimensions)).toEqual(
      MEMBERS.map((Value) => [{ Name: "InstanceId", Value }]),
    );
    expect(alarms[0]).toMatchObject({
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed",
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "missing",
    });
  });

  it("keeps a table that cannot be lost by mistake", () => {
    const { StateTable } = template.Resources;
    expect(StateTable).toMatchObject({
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        TableName: "eni-failover-dev-state",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });
});

describe("the functions", () => {
  const functionNamed = (name: string) => {
    const all = Object.values(ofType(template, "AWS::Lambda::Function"));
    return all.find(({ FunctionName }) => FunctionName === `eni-failover-dev-${name}`);
  };

  it.each([
    { name: "onHealthEvent", role: "MoverRole", Timeout: 300, MemorySize: 512 },
    { name: "sweep", role: "MoverRole", Timeout: 300, MemorySize: 512 },
    { name: "failover", role: "MoverRole", Timeout: 300, MemorySize: 512 },
    { name: "status", role: "DeskRole", Timeout: 30, MemorySize: 256 },
    { name: "pause", role: "DeskRole", Timeout: 30, MemorySize: 256 },
    { name: "resume", role: "DeskRole", Timeout: 30, MemorySize: 256 },
    { name: "acknowledge", role: "DeskRole", Timeout: 30, MemorySize: 256 },
    { name: "drill", role: "DeskRole", Timeout: 900, MemorySize: 256 },
    { name: "release", role: "ReleaseRole", Timeout: 60, MemorySize: 256 },
    { name: "doctor", role: "MoverRole", Timeout: 300, MemorySize: 512 },
  ])("$name runs on Node 24 and arm64 as $role, for $Timeout s at most", ({ name, role, ...rest }) => {
    expect(functionNamed(name)).toMatchObject({
      ...rest,
      Handler: `dist/${name}.handler`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Role: { "Fn::GetAtt": [role, "Arn"] },
      Environment: {
        Variables: { FAILOVER_STACK: "eni-failover-dev", FAILOVER_TABLE: "eni-failover-dev-state" },
      },
    });
  });

  it("write traces, and bear the tags of the stack", () => {
    for (const { TracingConfig, Tags } of Object.values(ofType(template, "AWS::Lambda::Function"))) {
      expect(TracingConfig).toEqual({ Mode: "Active" });
      expect(Tags).toEqual([
        { Key: "service", Value: "eni-failover" },
        { Key: "stage", Value: "dev" },
      ]);
    }
    const state = JSON.parse(readFileSync(path.join(folder, "serverless-state.json"), "utf8"));
    expect(state.service.provider.stackTags).toEqual({ service: "eni-failover", stage: "dev" });
  });

  it("reserve no concurrency, unless that is asked for", () => {
    for (const one of Object.values(ofType(template, "AWS::Lambda::Function")))
      expect(one).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  it("are those of functions/, and no more", () => {
    const files = readdirSync(path.join(ROOT, "functions"))
      .map((file) => path.basename(file, ".ts"))
      // Only where a group is probed.
      .filter((name) => name !== "probe");
    expect(Object.keys(ofType(template, "AWS::Lambda::Function"))).toHaveLength(FUNCTIONS.length);
    expect(files.sort()).toEqual(FUNCTIONS);
  });

  it("keep their logs for a while and not for ever", () => {
    const groups = Object.values(ofType(template, "AWS::Logs::LogGroup"));
    expect(groups.map(({ LogGroupName }) => LogGroupName).sort()).toEqual(
      FUNCTIONS.map((name) => `/aws/lambda/eni-failover-dev-${name}`),
    );
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(90);
  });

  it("may write to their own log group", () => {
    for (const { FunctionName, Role } of Object.values(ofType(template, "AWS::Lambda::Function"))) {
      const [role = ""] = references(Role);
      expect(JSON.stringify(template.Resources[role])).toContain(`:log-group:/aws/lambda/${FunctionName}:*`);
    }
  });

  it("that nobody waits for leave what they failed on in the dead-letter queue", () => {
    const invocations = Object.values(ofType(template, "AWS::Lambda::EventInvokeConfig"));
    const onFailure = Object.fromEntries(
      invocations.map(({ FunctionName, DestinationConfig }) => [
        references(FunctionName)[0],
        DestinationConfig,
      ]),
    );
    const queue = { OnFailure: { Destination: { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] } } };
    expect(onFailure).toEqual({
      OnHealthEventLambdaFunction: queue,
      SweepLambdaFunction: queue,
      DoctorLambdaFunction: queue,
      DrillLambdaFunction: queue,
      // An operator waits for the answer.
      FailoverLambdaFunction: {},
      PauseLambdaFunction: {},
      ReleaseLambdaFunction: {},
      ResumeLambdaFunction: {},
      AcknowledgeLambdaFunction: {},
    });
  });
});

describe("the rules", () => {
  const rules = () => Object.values(ofType(template, "AWS::Events::Rule"));
  /** All but the one that feeds the topic. */
  const invoking = () => rules().filter(({ Name }) => Name !== "eni-failover-dev-notify");

  it("match exactly the configured alarms and instances", () => {
    const patterns = invoking().flatMap(({ EventPattern }) =>
      EventPattern === undefined ? [] : [EventPattern],
    );
    expect(patterns).toEqual([
      {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: STATUS_ALARMS, state: { value: ["ALARM"] } },
      },
      {
        source: ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        detail: { "instance-id": MEMBERS, state: ["stopping", "stopped", "shutting-down", "terminated"] },
      },
      {
        source: ["aws.ec2"],
        "detail-type": ["EC2 Spot Instance Interruption Warning"],
        detail: { "instance-id": MEMBERS },
      },
      {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-terminate Lifecycle Action"],
        detail: { EC2InstanceId: MEMBERS },
      },
    ]);
  });

  it("sweep every minute", () => {
    const [schedule, ...others] = rules().filter(
      ({ ScheduleExpression }) => ScheduleExpression !== undefined,
    );
    expect(others).toEqual([]);
    expect(schedule).toMatchObject({ ScheduleExpression: "rate(1 minute)", State: "ENABLED" });
  });

  it("each may invoke its function, try again for a little while, and leave a dead letter", () => {
    const invokers = JSON.stringify(Object.values(ofType(template, "AWS::Lambda::Permission")));
    for (const { Name, Targets } of invoking()) {
      expect(invokers).toContain(`["rule","${Name}"]`);
      expect(Targets).toEqual([
        expect.objectContaining({
          DeadLetterConfig: { Arn: { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] } },
          RetryPolicy: expect.objectContaining({ MaximumEventAgeInSeconds: expect.any(Number) }),
        }),
      ]);
    }
  });

  it("alone may write to the queue, besides the functions' roles", () => {
    const [{ PolicyDocument } = {}] = Object.values(ofType(template, "AWS::SQS::QueuePolicy"));
    const rulesOfThisStack = expect.stringMatching(/:events:.*:rule\/eni-failover-dev-\*$/);
    expect(PolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: "events.amazonaws.com" },
          Condition: { ArnLike: { "aws:SourceArn": { "Fn::Sub": rulesOfThisStack } } },
        },
        { Sid: "EncryptedInTransit", Effect: "Deny" },
      ],
    });
    for (const { Name } of rules()) expect(Name).toMatch(/^eni-failover-dev-/);
  });
});
