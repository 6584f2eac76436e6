/** A small package as `sls package` would leave it, made for the tests of deployment. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { Json } from "../../local/template/template.ts";

/** Calls EC2 as an SDK would, under the credentials of its environment. */
const CODE = `
const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: key, AWS_REGION: region } = process.env;
async function ec2(parameters) {
  const authorization = "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/" + region + "/ec2/aws4_request, SignedHeaders=host, Signature=0";
  const body = new URLSearchParams({ Version: "2016-11-15", ...parameters });
  const answer = await fetch(endpoint, { method: "POST", headers: { authorization }, body });
  return { status: answer.status, code: /<Code>(.*?)<\\/Code>/.exec(await answer.text())?.[1] };
}
export async function react(event) {
  const instance = event.detail["instance-id"];
  return {
    seen: await ec2({ Action: "DescribeInstances" }),
    ended: await ec2({ Action: "TerminateInstances", "InstanceId.1": instance }),
  };
}
export async function fail() { throw new Error("not today"); }
export async function wait() { await new Promise((resolve) => setTimeout(resolve, 30_000)); }
export async function echo(event) { console.log("said", event.word); return event; }
`;

const att = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });

const lambda = (name: string, more: Record<string, Json> = {}): Json => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    FunctionName: `app-dev-${name}`,
    Handler: `dist/code.${name}`,
    Role: att("Worker"),
    Runtime: "nodejs24.x",
    Timeout: 5,
    Code: { S3Bucket: { Ref: "Bucket" }, S3Key: "serverless/app/dev/1-2026/code.zip" },
    Environment: { Variables: { TABLE: { Ref: "Table" } } },
    ...more,
  },
});

const rule = (target: Json, eventPattern: Json): Json => ({
  Type: "AWS::Events::Rule",
  Properties: { EventPattern: eventPattern, Targets: [target] },
});

const permission = (name: string, ruleId: string): Json => ({
  Type: "AWS::Lambda::Permission",
  Properties: {
    FunctionName: att(name),
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: att(ruleId),
  },
});

const allow = (Action: Json, Resource: Json): Json => ({ Effect: "Allow", Action, Resource });

const stopping = { source: ["aws.ec2"], detail: { state: ["stopping"] } };

export const RESOURCES: Readonly<Record<string, Json>> = {
  Bucket: { Type: "AWS::S3::Bucket" },
  Worker: {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: "worker",
      AssumeRolePolicyDocument: {
        Statement: {
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      },
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
      Policies: [
        {
          PolicyName: "duty",
          PolicyDocument: {
            Statement: [allow("ec2:DescribeInstances", "*"), allow("sqs:SendMessage", att("Dead"))],
          },
        },
      ],
    },
  },
  React: lambda("react"),
  Fail: lambda("fail"),
  Wait: lambda("wait"),
  Echo: lambda("echo", { ReservedConcurrentExecutions: 1 }),
  FailConfig: {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: {
      FunctionName: { Ref: "Fail" },
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: att("Dead") } },
    },
  },
  Stopping: rule({ Id: "t", Arn: att("React"), DeadLetterConfig: { Arn: att("Dead") } }, stopping),
  MayReact: permission("React", "Stopping"),
  // Lets in another rule than the one that has it for a target.
  MayEcho: permission("Echo", "Tell"),
  Unasked: rule({ Id: "t", Arn: att("Echo"), DeadLetterConfig: { Arn: att("Dead") } }, stopping),
  Tell: rule(
    {
      Id: "t",
      Arn: { Ref: "Told" },
      InputTransformer: {
        InputPathsMap: { id: "$.detail.instance-id" },
        InputTemplate: '"<id> is stopping"',
      },
    },
    stopping,
  ),
  Told: { Type: "AWS::SNS::Topic" },
  ToldPolicy: {
    Type: "AWS::SNS::TopicPolicy",
    Properties: {
      Topics: [{ Ref: "Told" }],
      PolicyDocument: {
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: { Ref: "Told" },
          },
        ],
      },
    },
  },
  Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead" } },
  DeadPolicy: {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [{ Ref: "Dead" }],
      PolicyDocument: {
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: att("Dead"),
            Condition: { ArnEquals: { "aws:SourceArn": [att("Unasked")] } },
          },
        ],
      },
    },
  },
  Table: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: "app-dev-state",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    },
  },
  Alarm: {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: "failing",
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed",
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    },
  },
  Either: {
    Type: "AWS::CloudWatch::CompositeAlarm",
    Properties: { AlarmName: "either", AlarmRule: { "Fn::Sub": `ALARM(\${Alarm})` } },
  },
};

/** Writes the package to a new folder and answers its path. */
export function writePackage(resources: Readonly<Record<string, Json>> = RESOURCES): string {
  const folder = mkdtempSync(join(tmpdir(), "deploy-test-"));
  const template = { Resources: resources, Outputs: { Table: { Value: { Ref: "Table" } } } };
  writeFileSync(join(folder, "cloudformation-template-update-stack.json"), JSON.stringify(template));
  const state = { service: { service: "app", provider: { stage: "dev", region: "eu-west-1" } } };
  writeFileSync(join(folder, "serverless-state.json"), JSON.stringify(state));
  const files = { "dist/package.json": strToU8('{"type":"module"}'), "dist/code.js": strToU8(CODE) };
  writeFileSync(join(folder, "code.zip"), zipSync(files));
  return folder;
}
