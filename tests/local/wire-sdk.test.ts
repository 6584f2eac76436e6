import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListAlarmMuteRulesCommand,
  PutAlarmMuteRuleCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  AttachNetworkInterfaceCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeNetworkInterfaces,
  waitUntilNetworkInterfaceAvailable,
} from "@aws-sdk/client-ec2";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";

const ENI = "eni-0a1b2c3d4e5f60718";
const ACTIVE = "i-0123456789abcdef0";
const STANDBY = "i-0fedcba9876543210";
const ZONE = "us-east-1a";

let cloud: Cloud;
let ec2: EC2Client;
let cloudwatch: CloudWatchClient;
let dynamodb: DynamoDBClient;

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

beforeAll(async () => {
  const quick = { median: 20, p99: 60 };
  cloud = await startCloud({
    seed: 7,
    ec2: {
      timings: { detach: quick, attach: quick },
      behaviour: { lag: { usual: 0, slow: 0, slowShare: 0 } },
    },
  });
  const scene = {
    instances: [ACTIVE, STANDBY].map((instanceId) => ({ instanceId, zone: ZONE })),
    interfaces: [{ networkInterfaceId: ENI, zone: ZONE, attachedTo: ACTIVE, tags: { Role: "a & b" } }],
  };
  cloud.ec2.createScene(scene, cloud.now());
  const options = { endpoint: cloud.endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  ec2 = new EC2Client(options);
  cloudwatch = new CloudWatchClient(options);
  dynamodb = new DynamoDBClient(options);
});

afterAll(async () => {
  for (const client of [ec2, cloudwatch, dynamodb]) client.destroy();
  await cloud.close();
});

async function interfaceNow() {
  const Filters = [{ Name: "network-interface-id", Values: [ENI] }];
  const { NetworkInterfaces } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ Filters, MaxResults: 5 }),
  );
  return NetworkInterfaces?.[0];
}

async function refusal(sent: Promise<unknown>) {
  return sent.then(
    () => expect.fail("the call was not refused"),
    (error: { name: string; message: string; $metadata: { httpStatusCode: number; requestId: string } }) =>
      error,
  );
}

describe("EC2 through the SDK", () => {
  test("an interface reads back with its types: dates, numbers, booleans, lists, tags", async () => {
    const seen = await interfaceNow();
    expect(seen).toMatchObject({
      NetworkInterfaceId: ENI,
      Status: "in-use",
      AvailabilityZone: ZONE,
      SourceDestCheck: true,
      Attachment: { InstanceId: ACTIVE, DeviceIndex: 1, Status: "attached", DeleteOnTermination: false },
      TagSet: [{ Key: "Role", Value: "a & b" }],
    });
    expect(seen?.Attachment?.AttachTime).toBeInstanceOf(Date);
    expect(seen?.Attachment?.AttachTime?.getMilliseconds()).toBe(0);
    expect(seen?.Groups?.length).toBeGreaterThan(0);
  });

  test("filters with special characters travel, and what matches nothing is an empty list", async () => {
    const by = async (Name: string, Values: string[]) => {
      const found = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values }] }));
      return found.NetworkInterfaces?.length;
    };
    expect(await by("tag:Role", ["a & b"])).toBe(1);
    expect(await by("tag:Role", ["a &amp; b"])).toBe(0);
    expect(await by("attachment.instance-id", [ACTIVE])).toBeGreaterThan(0);
  });

  test("instances and their status read back nested", async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [STANDBY] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: STANDBY,
      State: { Code: 16, Name: "running" },
      Placement: { AvailabilityZone: ZONE },
    });
    expect(Reservations?.[0]?.Instances?.[0]?.LaunchTime).toBeInstanceOf(Date);
    const InstanceIds = [ACTIVE, STANDBY];
    const status = await ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }),
    );
    expect(status.InstanceStatuses?.map((each) => each.SystemStatus?.Status)).toEqual(["ok", "ok"]);
  });

  test("an interface moves: detach, wait by the SDK's waiter, attach with an answer", async () => {
    const AttachmentId = (await interfaceNow())?.Attachment?.AttachmentId;
    const detached = await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    expect(detached.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const waiter = { client: ec2, maxWaitTime: 10, minDelay: 0.1, maxDelay: 0.1 } as const;
    await waitUntilNetworkInterfaceAvailable(waiter, { NetworkInterfaceIds: [ENI] });
    expect((await interfaceNow())?.Attachment).toBeUndefined();
    const attach = { NetworkInterfaceId: ENI, InstanceId: STANDBY, DeviceIndex: 1, NetworkCardIndex: 0 };
    const attached = await ec2.send(new AttachNetworkInterfaceCommand(attach));
    expect(attached.AttachmentId).toMatch(/^eni-attach-[0-9a-f]{17}$/);
    expect(attached.NetworkCardIndex).toBe(0);
    await expect
      .poll(async () => (await interfaceNow())?.Attachment?.Status, { timeout: 5000 })
      .toBe("attached");
    expect((await interfaceNow())?.Attachment).toMatchObject({
      AttachmentId: attached.AttachmentId,
      InstanceId: STANDBY,
    });
  });

  test("a change with nested parameters arrives", async () => {
    const change = { NetworkInterfaceId: ENI, SourceDestCheck: { Value: false }, Description: undefined };
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand(change));
    expect((await interfaceNow())?.SourceDestCheck).toBe(false);
  });

  test("a dry run is an error with status 412", async () => {
    const AttachmentId = (await interfaceNow())?.Attachment?.AttachmentId;
    const error = await refusal(ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId, DryRun: true })));
    expect(error).toMatchObject({
      name: "DryRunOperation",
      message: "Request would have succeeded, but DryRun flag is set.",
      $metadata: { httpStatusCode: 412, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  test("refusals carry EC2's code, message and status", async () => {
    const gone = await refusal(
      ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: "eni-attach-0123456789abcdef0" })),
    );
    expect(gone).toMatchObject({ name: "InvalidAttachmentID.NotFound", $metadata: { httpStatusCode: 400 } });
    const missing = await refusal(ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: undefined })));
    expect(missing).toMatchObject({
      name: "MissingParameter",
      message: "The request must contain the parameter attachmentId",
    });
  });

  test("pages are walked by the SDK's paginator", async () => {
    const ids: (string | undefined)[] = [];
    for await (const page of paginateDescribeNetworkInterfaces({ client: ec2, pageSize: 5 }, {})) {
      ids.push(...(page.NetworkInterfaces ?? []).map((each) => each.NetworkInterfaceId));
    }
    expect(ids).toContain(ENI);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("CloudWatch through the SDK", () => {
  const alarm = {
    Namespace: "AWS/EC2",
    MetricName: "StatusCheckFailed",
    Dimensions: [{ Name: "InstanceId", Value: ACTIVE }],
    Statistic: "Maximum" as const,
    Period: 60,
    EvaluationPeriods: 2,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold" as const,
  };

  test("alarms are put, set and read back, metric and composite apart", async () => {
    await cloudwatch.send(new PutMetricAlarmCommand({ ...alarm, AlarmName: "sdk-metric" }));
    const composite = { AlarmName: "sdk-composite", AlarmRule: "ALARM(sdk-metric)" };
    await cloudwatch.send(new PutCompositeAlarmCommand(composite));
    const state = { AlarmName: "sdk-metric", StateValue: "ALARM", StateReason: "test <&>" } as const;
    await cloudwatch.send(new SetAlarmStateCommand(state));
    const AlarmNames = ["sdk-metric", "sdk-composite"];
    const found = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    expect(found.MetricAlarms?.[0]).toMatchObject({
      StateValue: "ALARM",
      StateReason: "test <&>",
      ...alarm,
    });
    expect(found.MetricAlarms?.[0]?.StateTransitionedTimestamp).toBeInstanceOf(Date);
    expect(found.CompositeAlarms?.[0]).toMatchObject({ AlarmName: "sdk-composite", StateValue: "ALARM" });
    const call = cloud.journal.entries.findLast((entry) => entry.subject === "cloudwatch:SetAlarmState");
    const told = cloud.journal.entries.findLast(
      (entry) => entry.kind === "alarm" && entry.subject === "sdk-metric",
    );
    expect(told?.cause).toBe(call?.id);
  });

  test("what does not exist is ResourceNotFound, 404, under its own name", async () => {
    const input = { AlarmName: "none", StateValue: "OK", StateReason: "x" } as const;
    const error = await refusal(cloudwatch.send(new SetAlarmStateCommand(input)));
    expect(error).toMatchObject({ name: "ResourceNotFound", $metadata: { httpStatusCode: 404 } });
    expect(error.$metadata.requestId).toBeDefined();
  });

  test("a code of the old query protocol comes as the SDK's typed error", async () => {
    const wrong = new PutMetricAlarmCommand({ ...alarm, AlarmName: "wrong", Period: 45 });
    expect((await refusal(cloudwatch.send(wrong))).name).toBe("ValidationException");
    const bare = new SetAlarmStateCommand({ AlarmName: "x" } as never);
    expect((await refusal(cloudwatch.send(bare))).name).toBe("MissingRequiredParameterException");
  });

  test("alarms are paged", async () => {
    for (const AlarmName of ["page-1", "page-2", "page-3"]) {
      await cloudwatch.send(new PutMetricAlarmCommand({ ...alarm, AlarmName }));
    }
    const names: (string | undefined)[] = [];
    const input = { AlarmNamePrefix: "page-", MaxRecords: 2 };
    for await (const page of paginateDescribeAlarms({ client: cloudwatch }, input)) {
      names.push(...(page.MetricAlarms ?? []).map((each) => each.AlarmName));
    }
    expect(names).toEqual(["page-1", "page-2", "page-3"]);
  });

  test("mute rules are put and listed by alarm", async () => {
    const Rule = { Schedule: { Expression: "cron(* * * * *)", Duration: "PT1H" } };
    const MuteTargets = { AlarmNames: ["page-1"] };
    await cloudwatch.send(new PutAlarmMuteRuleCommand({ Name: "mute", Rule, MuteTargets }));
    const listed = await cloudwatch.send(
      new ListAlarmMuteRulesCommand({ AlarmName: "page-1", Statuses: ["ACTIVE"] }),
    );
    expect(listed.AlarmMuteRuleSummaries?.[0]).toMatchObject({ Status: "ACTIVE", MuteType: "RECURRING" });
    expect(listed.AlarmMuteRuleSummaries?.[0]?.LastUpdatedTimestamp).toBeInstanceOf(Date);
  });

  test("a large batch of metric data, which the SDK zips, arrives", async () => {
    const MetricData = Array.from({ length: 400 }, (_, i) => ({
      MetricName: "Zipped",
      Value: i,
      Timestamp: new Date(cloud.now()),
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: "App", MetricData }));
    const call = cloud.journal.entries.findLast((entry) => entry.subject === "cloudwatch:PutMetricData");
    expect(call?.detail).toMatchObject({ code: "ok", status: 200 });
  });
});

describe("DynamoDB through the SDK", () => {
  const TableName = "records";
  let documents: DynamoDBDocumentClient;

  beforeAll(async () => {
    documents = DynamoDBDocumentClient.from(dynamodb);
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({
          AttributeName,
          AttributeType: "S" as const,
        })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    await waitUntilTableExists(
      { client: dynamodb, maxWaitTime: 5, minDelay: 0.05, maxDelay: 0.05 } as never,
      { TableName },
    );
  });

  test("the table lives in the cloud's account and Region", async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableArn).toBe("arn:aws:dynamodb:us-east-1:123456789012:table/records");
  });

  test("items are written, changed on condition, and queried", async () => {
    const Key = { pk: "GROUP#a", sk: "STATE" };
    await documents.send(
      new PutCommand({ TableName, Item: { ...Key, version: 1, nested: { list: [1, "two"] } } }),
    );
    const update = {
      TableName,
      Key,
      UpdateExpression: "SET #v = #v + :one",
      ConditionExpression: "#v = :seen",
      ExpressionAttributeNames: { "#v": "version" },
      ExpressionAttributeValues: { ":one": 1, ":seen": 1 },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } as const;
    const { Attributes } = await documents.send(new UpdateCommand(update));
    expect(Attributes).toMatchObject({ version: 2, nested: { list: [1, "two"] } });
    const error = await refusal(documents.send(new UpdateCommand(update)));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as unknown as ConditionalCheckFailedException).Item?.version).toEqual({ N: "2" });
    const query = {
      TableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": "GROUP#a", ":sk": "ST" },
    };
    expect((await documents.send(new QueryCommand(query))).Count).toBe(1);
    expect(
      (await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item?.version,
    ).toBe(2);
  });

  test("a put on condition that fails tells the old item too", async () => {
    const Item = { pk: "GROUP#b", sk: "STATE", who: "first" };
    const put = (who: string) =>
      documents.send(
        new PutCommand({
          TableName,
          Item: { ...Item, who },
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    await put("first");
    const error = (await refusal(put("second"))) as unknown as ConditionalCheckFailedException;
    expect(error.Item?.who).toEqual({ S: "first" });
  });

  test("time to live and point-in-time recovery are set and read back", async () => {
    const TimeToLiveSpecification = { AttributeName: "ttl", Enabled: true };
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "ttl" });
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    const backups = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
    const recovery = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    expect(recovery?.PointInTimeRecoveryStatus).toBe("ENABLED");
    const none = refusal(dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "nothing" })));
    expect((await none).name).toBe("ResourceNotFoundException");
  });
});
