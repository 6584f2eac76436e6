/**
 * Goal: a packaged stack comes to life in the embedded cloud: events flow, roles bind, and what fails is kept.
 * Method: a small package deployed into a real cloud, everything asked over the wire; asserted on are answers, the
 * journal's chains of causes, and what lies in the queue.
 */
import { rmSync } from "node:fs";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeTimeToLiveCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { type Deployment, deployStack } from "../../local/deploy.ts";
import type { Json } from "../../local/template/template.ts";
import { RESOURCES, writePackage } from "./deploy-package.ts";

const INSTANCE = "i-0123456789abcdef0";
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=operator/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

let cloud: Cloud;
let folder: string;
let deployment: Deployment;

beforeAll(async () => {
  cloud = await startCloud({ region: "eu-west-1", seed: 1 });
  cloud.ec2.addInstance({ instanceId: INSTANCE, zone: "eu-west-1a" }, cloud.now());
  folder = writePackage();
  deployment = await deployStack(cloud, {
    packageDir: folder,
    seed: 1,
    latency: { medianMs: 0, p99Ms: 0 },
    retryDelaysMs: [10],
  });
});

afterAll(async () => {
  await deployment.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

async function invoke(name: string, event: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${cloud.endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: "POST",
    headers: { ...signedFor("lambda"), ...headers },
    body: JSON.stringify(event),
  });
  const text = await answer.text();
  const error = answer.headers.get("x-amz-function-error");
  return {
    status: answer.status,
    headers: answer.headers,
    error,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

async function sqs(
  operation: string,
  input: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = {
    ...signedFor("sqs"),
    "x-amz-target": `AmazonSQS.${operation}`,
    "content-type": "application/x-amz-json-1.0",
  };
  const answer = await fetch(cloud.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

interface DeadLetter {
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
}

/** Takes every message out of the queue. */
async function deadLetters(): Promise<DeadLetter[]> {
  const { body } = await sqs("GetQueueUrl", { QueueName: "dead" });
  const QueueUrl = body.QueueUrl;
  const received = await sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
  const messages = (received.body.Messages ?? []) as DeadLetter[];
  for (const { ReceiptHandle } of messages) await sqs("DeleteMessage", { QueueUrl, ReceiptHandle });
  return messages;
}

const entriesSince = (id: string) =>
  cloud.journal.entries.slice(cloud.journal.entries.findIndex((entry) => entry.id === id));

describe("a deployment", () => {
  it("knows everything by its logical id", () => {
    expect(deployment.stack).toMatchObject({
      name: "app-dev",
      functions: { React: "app-dev-react", Echo: "app-dev-echo" },
      roles: { Worker: "worker" },
      queues: { Dead: "dead" },
      tables: { Table: "app-dev-state" },
      alarms: { Alarm: "failing", Either: "either" },
      outputs: { Table: "app-dev-state" },
      notEmulated: ["Bucket (AWS::S3::Bucket)"],
    });
    expect(Object.keys(deployment.stack.rules)).toEqual(["Stopping", "Unasked", "Tell"]);
  });

  it("has made tables and alarms", async () => {
    const credentials = { accessKeyId: "operator", secretAccessKey: "operator" };
    const options = { endpoint: cloud.endpoint, region: "eu-west-1", credentials };
    const dynamodb = new DynamoDBClient(options);
    const cloudwatch = new CloudWatchClient(options);
    const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "app-dev-state" }));
    const alarms = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    dynamodb.destroy();
    cloudwatch.destroy();
    expect(ttl.TimeToLiveDescription).toMatchObject({ AttributeName: "ttl", TimeToLiveStatus: "ENABLED" });
    expect(alarms.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(["failing"]);
    expect(alarms.CompositeAlarms?.map(({ AlarmRule }) => AlarmRule)).toEqual(["ALARM(failing)"]);
  });
});

describe("when an instance stops", () => {
  let broken: string;

  beforeAll(async () => {
    broken = cloud.break({ kind: "stop", instance: INSTANCE }) ?? "";
    cloud.tick();
    await deployment.idle();
  });

  it("the function of the rule runs, and its calls follow from the breakage, link by link", () => {
    const call = entriesSince(broken).find(
      ({ kind, subject }) => kind === "call" && subject === "ec2:DescribeInstances",
    );
    expect(cloud.journal.chain(call?.id ?? "").map(({ kind }) => kind)).toEqual([
      "call",
      "invocation",
      "rule",
      "event",
      "instance-state",
      "breakage",
    ]);
  });

  it("the function may do what its role allows and nothing else", () => {
    const end = entriesSince(broken).find(
      ({ kind, subject }) => kind === "invocation-end" && subject === "app-dev-react",
    );
    expect(end?.detail.answer).toEqual({
      seen: { status: 200 },
      ended: { status: 403, code: "UnauthorizedOperation" },
    });
    const refused = entriesSince(broken).find(({ subject }) => subject === "ec2:TerminateInstances");
    expect(refused?.detail).toMatchObject({
      principal: "arn:aws:sts::123456789012:assumed-role/worker/app-dev-react",
      reason: expect.stringMatching(/^no statement allows ec2:TerminateInstances/),
    });
  });

  it("a rule that the function does not let in sends the event to the dead letters", async () => {
    expect(deployment.lambda.logs("app-dev-echo")).toEqual([]);
    const letters = await deadLetters();
    expect(letters.map(({ Body }) => JSON.parse(Body).detail)).toEqual([
      { "instance-id": INSTANCE, state: "stopping" },
    ]);
    expect(letters[0]?.MessageAttributes?.ERROR_CODE?.StringValue).toBe("NO_PERMISSIONS");
    expect(deployment.lost).toEqual([]);
  });

  it("a topic is told in the words of the rule's transformer", () => {
    const [topic] = deployment.topics.values();
    expect(topic?.published.map(({ message }) => message)).toEqual([`"${INSTANCE} is stopping"`]);
  });
});

describe("Invoke on the wire", () => {
  it("answers what the function returned, with its log where asked for", async () => {
    const answer = await invoke("app-dev-echo", { word: "hello" }, { "x-amz-log-type": "Tail" });
    expect(answer).toMatchObject({ status: 200, error: null, body: { word: "hello" } });
    expect(answer.headers.get("x-amz-executed-version")).toBe("$LATEST");
    const log = Buffer.from(answer.headers.get("x-amz-log-result") ?? "", "base64").toString();
    expect(log).toMatch(/START RequestId[\s\S]*\tINFO\tsaid hello\n[\s\S]*REPORT RequestId/);
  });

  it.each([
    "app-dev-echo:$LATEST",
    "arn:aws:lambda:eu-west-1:123456789012:function:app-dev-echo",
    "123456789012:function:app-dev-echo",
  ])("takes the function as %s", async (name) => {
    expect((await invoke(encodeURIComponent(name), { word: "x" })).body).toEqual({ word: "x" });
  });

  it("says by a header that the function failed, and how in the body", async () => {
    const answer = await invoke("app-dev-fail", {});
    expect(answer).toMatchObject({ status: 200, error: "Unhandled" });
    expect(answer.body).toMatchObject({
      errorType: "Error",
      errorMessage: "not today",
      trace: expect.any(Array),
    });
  });

  it("takes an event and runs it later; what fails for good is kept", async () => {
    expect(await invoke("app-dev-fail", { n: 1 }, { "x-amz-invocation-type": "Event" })).toMatchObject({
      status: 202,
      body: undefined,
    });
    await deployment.idle();
    const letters = await deadLetters();
    expect(letters.map(({ Body }) => JSON.parse(Body))).toMatchObject([
      {
        requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 2 },
        requestPayload: { n: 1 },
      },
    ]);
  });

  it("runs nothing when dry", async () => {
    const before = deployment.lambda.logs("app-dev-echo").length;
    expect((await invoke("app-dev-echo", {}, { "x-amz-invocation-type": "DryRun" })).status).toBe(204);
    expect(deployment.lambda.logs("app-dev-echo")).toHaveLength(before);
  });

  it("of a function that is killed in the middle says so", async () => {
    const answer = invoke("app-dev-wait", {});
    while ((await deployment.lambda.kill("app-dev-wait")) === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await answer).body.errorType).toBe("Runtime.ExitError");
  });

  it.each<[string, string, string, Record<string, string>, number, string]>([
    ["a function that is not there", "nobody", "{}", {}, 404, "ResourceNotFoundException"],
    ["a version that is not there", "app-dev-echo:7", "{}", {}, 404, "ResourceNotFoundException"],
    ["what is no JSON", "app-dev-echo", "{", {}, 400, "InvalidRequestContentException"],
    [
      "an unknown invocation type",
      "app-dev-echo",
      "{}",
      { "x-amz-invocation-type": "Later" },
      400,
      "InvalidParameterValueException",
    ],
  ])("refuses %s", async (_, name, body, headers, status, code) => {
    const answer = await fetch(`${cloud.endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: "POST",
      headers: { ...signedFor("lambda"), ...headers },
      body,
    });
    await answer.text();
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([status, code]);
  });

  it("is told what functions there are", async () => {
    const get = async (path: string) => {
      const answer = await fetch(`${cloud.endpoint}${path}`, { headers: signedFor("lambda") });
      return (await answer.json()) as Record<string, unknown>;
    };
    const { Functions } = await get("/2015-03-31/functions/");
    expect((Functions as { FunctionName: string }[]).map(({ FunctionName }) => FunctionName)).toEqual([
      ...["app-dev-echo", "app-dev-fail", "app-dev-react", "app-dev-wait"],
    ]);
    expect(await get("/2015-03-31/functions/app-dev-echo")).toMatchObject({
      Configuration: { Handler: "dist/code.echo", Environment: { Variables: { TABLE: "app-dev-state" } } },
      Concurrency: { ReservedConcurrentExecutions: 1 },
    });
    expect(await get("/2019-09-25/functions/app-dev-fail/event-invoke-config")).toMatchObject({
      MaximumRetryAttempts: 1,
    });
  });
});

it("a queue that is not there is refused as SQS refuses it", async () => {
  const { status, body } = await sqs("GetQueueUrl", { QueueName: "nowhere" });
  expect([status, body.__type]).toEqual([400, "com.amazonaws.sqs#QueueDoesNotExist"]);
});

describe("a stack is not deployed", () => {
  const with_ = (id: string, properties: Record<string, Json>): Record<string, Json> => {
    const { Type, Properties } = RESOURCES[id] as { Type: string; Properties: Record<string, Json> };
    return { ...RESOURCES, [id]: { Type, Properties: { ...Properties, ...properties } } };
  };

  it.each<[string, Record<string, Json>, RegExp]>([
    [
      "whose role Lambda can't assume",
      with_("Worker", { AssumeRolePolicyDocument: { Statement: [] } }),
      /React: the role defined for the function cannot be assumed by Lambda/,
    ],
    [
      "whose role may not write to its dead letters",
      with_("Worker", { Policies: [] }),
      /Fail: the execution role does not have permission to call sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:dead/,
    ],
    [
      "whose role rests on a policy that is not known",
      with_("Worker", { ManagedPolicyArns: ["arn:aws:iam::aws:policy/Unheard"] }),
      /Worker: what arn:aws:iam::aws:policy\/Unheard allows is not known here/,
    ],
    [
      "whose role may not put on the bus what its function answers",
      {
        ...RESOURCES,
        EchoConfig: {
          Type: "AWS::Lambda::EventInvokeConfig",
          Properties: {
            FunctionName: { Ref: "Echo" },
            Qualifier: "$LATEST",
            DestinationConfig: {
              OnSuccess: { Destination: "arn:aws:events:eu-west-1:123456789012:event-bus/default" },
            },
          },
        },
      },
      /Echo: the execution role does not have permission to call events:PutEvents on arn:aws:events:.*:event-bus\/default/,
    ],
    [
      "whose function is to live in a VPC under a role that may not make interfaces there",
      with_("Echo", { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } }),
      /Echo: the provided execution role does not have permissions to call CreateNetworkInterface on EC2/,
    ],
    [
      "whose rule EventBridge would refuse",
      with_("Tell", { EventPattern: { source: "aws.ec2" } }),
      /Tell: Event pattern is not valid/,
    ],
    [
      "whose function has no role of its own",
      with_("Echo", { Role: "arn:aws:iam::123456789012:role/other" }),
      /Echo: there is no role arn:aws:iam::123456789012:role\/other/,
    ],
    [
      "whose package is missing",
      with_("Echo", { Code: { S3Key: "gone.zip" } }),
      /Echo: its package can't be read/,
    ],
  ])("%s", async (_, resources, problem) => {
    const other = await startCloud({ region: "eu-west-1" });
    const packageDir = writePackage(resources);
    await expect(deployStack(other, { packageDir })).rejects.toThrow(problem);
    await other.close();
    rmSync(packageDir, { recursive: true });
  });
});
