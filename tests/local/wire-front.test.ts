import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateTagsCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AwsError } from "../../local/aws-error.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../local/cloud.ts";
import type { Access } from "../../local/service.ts";
import type { BusEvent } from "../../local/wire/envelope.ts";

const ENI = "eni-0a1b2c3d4e5f60718";
const INSTANCE = "i-0123456789abcdef0";
const ROLE = "arn:aws:sts::123456789012:assumed-role/mover/run";
const ADMINISTRATOR = { accessKeyId: "anybody", secretAccessKey: "x" };
const DESCRIBE = { Filters: [{ Name: "network-interface-id", Values: [ENI] }], MaxResults: 5 };

let cloud: Cloud;
const clients: { destroy(): void }[] = [];

async function start(options: CloudOptions = {}): Promise<void> {
  const consistent = { lag: { usual: 0, slow: 0, slowShare: 0 } };
  cloud = await startCloud({ seed: 1, ec2: { behaviour: consistent }, ...options });
  const scene = {
    instances: [{ instanceId: INSTANCE, zone: "us-east-1a" }],
    interfaces: [{ networkInterfaceId: ENI, zone: "us-east-1a", attachedTo: INSTANCE }],
  };
  cloud.ec2.createScene(scene, cloud.now());
}

beforeEach(() => start());

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await cloud.close();
});

function ec2(credentials = ADMINISTRATOR, maxAttempts = 1): EC2Client {
  const client = new EC2Client({ endpoint: cloud.endpoint, region: "us-east-1", credentials, maxAttempts });
  clients.push(client);
  return client;
}

async function attachmentId(): Promise<string | undefined> {
  const { NetworkInterfaces } = await ec2().send(new DescribeNetworkInterfacesCommand(DESCRIBE));
  return NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
}

async function refusal(sent: Promise<unknown>) {
  return sent.then(
    () => expect.fail("the call was not refused"),
    (error: { name: string; message: string; $metadata: { httpStatusCode: number; attempts: number } }) =>
      error,
  );
}

function lastCall(subject: string) {
  return cloud.journal.entries.findLast((entry) => entry.kind === "call" && entry.subject === subject);
}

describe("the journal", () => {
  test("tells of every call: who, what, with which outcome", async () => {
    await ec2().send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(lastCall("ec2:DescribeNetworkInterfaces")).toMatchObject({
      cause: undefined,
      detail: {
        principal: "arn:aws:iam::123456789012:user/administrator",
        userAgent: expect.stringContaining("aws-sdk-js"),
        input: DESCRIBE,
        code: "ok",
        status: 200,
        durationMs: expect.any(Number),
      },
    });
    await refusal(
      ec2().send(new DetachNetworkInterfaceCommand({ AttachmentId: "eni-attach-0123456789abcdef0" })),
    );
    expect(lastCall("ec2:DetachNetworkInterface")?.detail).toMatchObject({
      code: "InvalidAttachmentID.NotFound",
      status: 400,
    });
  });

  test("names the invocation that an issued key is used by as the cause", async () => {
    let invocation: string | undefined = "j-invocation";
    const key = cloud.issueKey({ principalArn: ROLE, invocation: () => invocation });
    const client = ec2(key);
    await client.send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(lastCall("ec2:DescribeNetworkInterfaces")).toMatchObject({
      cause: invocation,
      detail: { principal: ROLE },
    });
    invocation = undefined;
    await client.send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(lastCall("ec2:DescribeNetworkInterfaces")?.cause).toBeUndefined();
  });

  test("shows the stack of what was a mistake of the cloud itself", async () => {
    cloud.register("logs", () => {
      throw new TypeError("a bug");
    });
    const authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/logs/aws4_request";
    const answer = await fetch(cloud.endpoint, { method: "POST", headers: { authorization } });
    expect(answer.status).toBe(500);
    expect(lastCall("logs:POST /")?.detail.bug).toContain("TypeError: a bug");
  });
});

describe("authorisation", () => {
  const asked: Access[] = [];
  const allowOnly = (action: string) => {
    asked.length = 0;
    cloud.authoriser = (_principal, access) => {
      asked.push(...access);
      const allowed = access.every((each) => each.action === action);
      return { allowed, reason: "the policy says so" };
    };
  };

  test("asks EC2's questions about both resources, and refuses in EC2's words", async () => {
    const AttachmentId = await attachmentId();
    allowOnly("ec2:DescribeNetworkInterfaces");
    const client = ec2(cloud.issueKey({ principalArn: ROLE, role: "mover" }));
    await client.send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    const error = await refusal(client.send(new DetachNetworkInterfaceCommand({ AttachmentId })));
    const resource = asked.find((each) => each.action === "ec2:DetachNetworkInterface")?.resource;
    expect(resource).toMatch(/^arn:aws:ec2:us-east-1:123456789012:(instance|network-interface)\//);
    expect(error).toMatchObject({
      name: "UnauthorizedOperation",
      message:
        `You are not authorized to perform this operation. User: ${ROLE} is not authorized to perform: ` +
        `ec2:DetachNetworkInterface on resource: ${resource} because no identity-based policy allows the ` +
        "ec2:DetachNetworkInterface action",
      $metadata: { httpStatusCode: 403 },
    });
    expect(lastCall("ec2:DetachNetworkInterface")?.detail.reason).toBe("the policy says so");
    expect(await attachmentId()).toBe(AttachmentId);
  });

  test("an explicit deny is told as one", async () => {
    cloud.authoriser = () => ({ allowed: false, reason: "", explicit: true });
    const client = ec2(cloud.issueKey({ principalArn: ROLE }));
    const error = await refusal(client.send(new DescribeNetworkInterfacesCommand(DESCRIBE)));
    expect(error.message).toMatch(/with an explicit deny in an identity-based policy$/);
  });

  test("anybody's test credentials are the administrator's, who is not asked", async () => {
    allowOnly("nothing");
    await ec2().send(new CreateTagsCommand({ Resources: [ENI], Tags: [{ Key: "a", Value: "b" }] }));
    expect(asked).toEqual([]);
  });

  test("CloudWatch and DynamoDB refuse under their own codes, DynamoDB by leading key", async () => {
    const options = { endpoint: cloud.endpoint, region: "us-east-1", maxAttempts: 1 };
    const administrator = new DynamoDBClient({ ...options, credentials: ADMINISTRATOR });
    await administrator.send(
      new CreateTableCommand({
        TableName: "records",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    allowOnly("nothing");
    const credentials = cloud.issueKey({ principalArn: ROLE });
    const cloudwatch = new CloudWatchClient({ ...options, credentials });
    const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...options, credentials }));
    clients.push(administrator, cloudwatch, dynamodb);
    const set = new SetAlarmStateCommand({ AlarmName: "a", StateValue: "OK", StateReason: "x" });
    expect(await refusal(cloudwatch.send(set))).toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const put = new PutCommand({ TableName: "records", Item: { pk: "GROUP#a" } });
    expect(await refusal(dynamodb.send(put))).toMatchObject({ name: "AccessDeniedException" });
    await refusal(
      dynamodb.send(
        new QueryCommand({
          TableName: "records",
          KeyConditionExpression: "#k = :k",
          ExpressionAttributeNames: { "#k": "pk" },
          ExpressionAttributeValues: { ":k": "GROUP#b" },
        }),
      ),
    );
    const table = "arn:aws:dynamodb:us-east-1:123456789012:table/records";
    expect(asked.slice(1)).toEqual([
      { action: "dynamodb:PutItem", resource: table, keys: { "dynamodb:leadingkeys": ["GROUP#a"] } },
      { action: "dynamodb:Query", resource: table, keys: { "dynamodb:leadingkeys": ["GROUP#b"] } },
    ]);
  });
});

describe("throttling and faults", () => {
  test("a burst over the bucket is RequestLimitExceeded, 503; with throttling off it is not", async () => {
    const burst = async () => {
      const client = ec2();
      const sent = Array.from({ length: 60 }, () => client.send(new DescribeNetworkInterfacesCommand({})));
      const settled = await Promise.allSettled(sent);
      return settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    };
    const [refused] = await burst();
    expect(refused).toMatchObject({ name: "RequestLimitExceeded", $metadata: { httpStatusCode: 503 } });
    await cloud.close();
    await start({ throttling: false });
    expect(await burst()).toEqual([]);
  });

  test.each([
    [{ effect: "throttle" }, "RequestLimitExceeded", 503],
    [{ effect: "error" }, "InternalError", 500],
    [{ effect: "error", code: "IncorrectState", status: 400, message: "no" }, "IncorrectState", 400],
  ] as const)(
    "%j answers %s, %i, as often as it says, and does nothing else",
    async (fault, name, status) => {
      const AttachmentId = await attachmentId();
      cloud.addFault({ match: { service: "ec2", operation: "DetachNetworkInterface" }, times: 1, ...fault });
      const detach = () => ec2().send(new DetachNetworkInterfaceCommand({ AttachmentId }));
      expect(await refusal(detach())).toMatchObject({ name, $metadata: { httpStatusCode: status } });
      expect(await attachmentId()).toBe(AttachmentId);
      await detach();
      expect(lastCall("ec2:DetachNetworkInterface")?.detail.code).toBe("ok");
    },
  );

  test("a lost answer breaks the connection after the call was carried out", async () => {
    const AttachmentId = await attachmentId();
    cloud.addFault({
      match: { service: "ec2", contains: AttachmentId ?? "" },
      effect: "lose-answer",
      times: 1,
    });
    const error = await refusal(ec2().send(new DetachNetworkInterfaceCommand({ AttachmentId })));
    expect(error.$metadata.httpStatusCode).toBeUndefined();
    expect(lastCall("ec2:DetachNetworkInterface")?.detail).toMatchObject({
      code: "ok",
      faults: ["lose-answer"],
    });
    const found = await ec2().send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(found.NetworkInterfaces?.[0]?.Attachment?.Status).toBe("detaching");
  });

  test("a delay holds the call up, and only of the principal it matches", async () => {
    cloud.addFault({ match: { service: "ec2", principal: "mover" }, effect: "delay", ms: 80 });
    await ec2(cloud.issueKey({ principalArn: ROLE })).send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(lastCall("ec2:DescribeNetworkInterfaces")?.detail.durationMs).toBeGreaterThanOrEqual(75);
    await ec2().send(new DescribeNetworkInterfacesCommand(DESCRIBE));
    expect(lastCall("ec2:DescribeNetworkInterfaces")?.detail).not.toHaveProperty("faults");
  });

  test("a fault by probability hits some calls and not others, until it is taken away", () => {
    const id = cloud.faults.add({ match: { service: "ec2" }, effect: "error", probability: 0.5 });
    const call = { service: "ec2", operation: "X", principal: "p", input: {} };
    const hits = () =>
      Array.from({ length: 200 }, () => cloud.faults.draw(call).length).filter(Boolean).length;
    const some = hits();
    expect(some).toBeGreaterThan(60);
    expect(some).toBeLessThan(140);
    cloud.faults.remove(id);
    expect(hits()).toBe(0);
  });
});

describe("events", () => {
  test("a hung instance ends in an alarm's event, and the journal leads back to the hang", async () => {
    await cloud.close();
    await start({ speed: 600 });
    const cloudwatch = new CloudWatchClient({
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: ADMINISTRATOR,
    });
    clients.push(cloudwatch);
    const events: { event: BusEvent; journal: string | undefined }[] = [];
    cloud.onEvent((event, journal) => events.push({ event, journal }));
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "status",
        Namespace: "AWS/EC2",
        MetricName: "StatusCheckFailed",
        Dimensions: [{ Name: "InstanceId", Value: INSTANCE }],
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      }),
    );
    const hang = cloud.break({ kind: "hang", instance: INSTANCE });
    const alarmed = () =>
      events.find(({ event }) => (event.detail.state as { value?: string })?.value === "ALARM");
    await expect.poll(alarmed, { timeout: 5000, interval: 20 }).toBeDefined();
    const { event, journal } = alarmed() ?? expect.fail("no event");
    expect(event).toMatchObject({
      version: "0",
      "detail-type": "CloudWatch Alarm State Change",
      source: "aws.cloudwatch",
      account: "123456789012",
      region: "us-east-1",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      resources: ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:status"],
    });
    const chain = cloud.journal.chain(journal ?? "");
    expect(chain.map((entry) => entry.kind)).toEqual(["alarm", "metric", "status-check", "breakage"]);
    expect(chain.at(-1)?.id).toBe(hang);
  });

  test("a stopped instance sends its state changes as EC2 does", async () => {
    const events: BusEvent[] = [];
    const stop = cloud.onEvent((event) => events.push(event));
    cloud.break({ kind: "stop", instance: INSTANCE });
    cloud.tick();
    stop();
    expect(events).toEqual([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        "detail-type": "EC2 Instance State-change Notification",
        source: "aws.ec2",
        account: "123456789012",
        time: expect.any(String),
        region: "us-east-1",
        resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`],
        detail: { "instance-id": INSTANCE, state: "stopping" },
      },
    ]);
  });
});

describe("registered services", () => {
  const signed = (service: string) =>
    `AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/${service}/aws4_request`;

  test("get the request as it came, with its caller and journal entry", async () => {
    const path = "/2015-03-31/functions/a%20b/invocations";
    cloud.register("lambda", {
      operation: () => "Invoke",
      handle: ({ method, path, query, headers, body, caller, journalId }) => {
        const told = {
          method,
          path,
          q: query.get("q"),
          type: headers["x-amz-invocation-type"],
          body: String(body),
        };
        return {
          status: 202,
          headers: {},
          body: JSON.stringify({ ...told, caller: caller.principalArn, journalId }),
        };
      },
    });
    const headers = { authorization: signed("lambda"), "x-amz-invocation-type": "Event" };
    const answer = await fetch(`${cloud.endpoint}${path}?q=1`, { method: "POST", headers, body: "{}" });
    const entry = lastCall("lambda:Invoke");
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      method: "POST",
      path,
      q: "1",
      type: "Event",
      body: "{}",
      caller: "arn:aws:iam::123456789012:user/administrator",
      journalId: entry?.id,
    });
    expect(entry?.detail).toMatchObject({ code: "ok", status: 202 });
  });

  test("are authorised, and their errors are worded in the protocol of the request", async () => {
    cloud.authoriser = () => ({ allowed: false, reason: "no" });
    const access = () => [{ action: "events:PutEvents", resource: "*", keys: {} }];
    const handle = () => {
      throw new AwsError("NotThere", "gone", 404);
    };
    cloud.register("events", { handle, access });
    const { accessKeyId } = cloud.issueKey({ principalArn: ROLE });
    const ask = async (key: string, headers: Record<string, string>) => {
      const authorization = signed("events").replace("KEY", key);
      const answer = await fetch(cloud.endpoint, { method: "POST", headers: { authorization, ...headers } });
      return [answer.status, await answer.text(), answer.headers.get("x-amzn-errortype")];
    };
    const target = { "x-amz-target": "AWSEvents.PutEvents", "content-type": "application/x-amz-json-1.1" };
    const [status, text] = await ask(accessKeyId, target);
    expect(status).toBe(400);
    expect(JSON.parse(String(text)).__type).toMatch(/#AccessDeniedException$/);
    expect(await ask("other", target)).toEqual([
      404,
      '{"__type":"com.amazonaws.events#NotThere","message":"gone"}',
      null,
    ]);
    expect(await ask("other", { "content-type": "application/json" })).toEqual([
      404,
      '{"Type":"User","Message":"gone"}',
      "NotThere",
    ]);
  });
});

describe("the control endpoint", () => {
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(`${cloud.endpoint}/_cloud/${path}`, { ...sent, headers });
    return { status: answer.status, told: (await answer.json()) as Record<string, unknown> };
  };

  test("breaks instances and adds faults, each with its journal entry", async () => {
    const { told } = await ask("break", { kind: "terminate", instance: INSTANCE });
    expect(cloud.ec2.instanceTruth(INSTANCE, cloud.now())?.state).toBe("shutting-down");
    expect(cloud.journal.entries.find((entry) => entry.id === told.journal)?.kind).toBe("breakage");
    await ask("break", { match: { service: "ec2" }, effect: "error", times: 1 });
    expect((await refusal(ec2().send(new DescribeNetworkInterfacesCommand(DESCRIBE)))).name).toBe(
      "InternalError",
    );
  });

  test.each([
    [{ kind: "hang", instance: "i-0000000000000000f" }, "InvalidInstanceID.NotFound"],
    [{ effect: "explode", match: { service: "ec2" } }, "BadRequest"],
    [{ effect: "error" }, "BadRequest"],
    ["nonsense", "BadRequest"],
  ])("%j is refused: %s", async (body, code) => {
    const { status, told } = await ask("break", body);
    expect([status, told.code]).toEqual([400, code]);
  });

  test("shows the journal, also from an entry on, and the state", async () => {
    cloud.break({ kind: "hang", instance: INSTANCE });
    const journal = (await ask("journal")).told as unknown as { id: string }[];
    expect(journal.map((entry) => entry.id)).toEqual(cloud.journal.entries.map((entry) => entry.id));
    const last = journal.at(-1)?.id;
    expect((await ask(`journal?since=${last}`)).told).toEqual([]);
    const { told } = await ask("state");
    expect(Object.keys(told)).toEqual(["instances", "interfaces", "alarms"]);
  });

  test("is closed to web pages", async () => {
    expect((await ask("journal", undefined, { origin: "http://evil.example" })).status).toBe(403);
    expect((await ask("nothing")).status).toBe(404);
  });
});

test("a port that is taken is an error, and nothing stays open", async () => {
  const port = Number(new URL(cloud.endpoint).port);
  await expect(startCloud({ port })).rejects.toThrow("EADDRINUSE");
});
