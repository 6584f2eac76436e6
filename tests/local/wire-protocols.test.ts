import { cbor, dateToTag } from "@smithy/core/cbor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";

const ENI = "eni-0a1b2c3d4e5f60718";
const INSTANCE = "i-0123456789abcdef0";

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ seed: 1, ec2: { behaviour: { lag: { usual: 0, slow: 0, slowShare: 0 } } } });
  const scene = {
    instances: [{ instanceId: INSTANCE, zone: "us-east-1a" }],
    interfaces: [
      { networkInterfaceId: ENI, zone: "us-east-1a", attachedTo: INSTANCE, description: "a <b> & c" },
    ],
  };
  cloud.ec2.createScene(scene, cloud.now());
});

afterAll(() => cloud.close());

function scope(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

function post(service: string, body: string | Uint8Array, headers: Record<string, string> = {}, path = "/") {
  const type = "application/x-www-form-urlencoded; charset=utf-8";
  const all = { authorization: scope(service), "content-type": type, ...headers };
  return fetch(`${cloud.endpoint}${path}`, { method: "POST", headers: all, body: body as never });
}

describe("ec2Query as it is on the wire", () => {
  const action = (parameters: string) => post("ec2", `Version=2016-11-15&${parameters}`);

  test("a detach answers the documented element, with its id in body and header", async () => {
    const answer = await action(
      `Action=DescribeNetworkInterfaces&Filter.1.Name=network-interface-id&Filter.1.Value.1=${ENI}`,
    );
    const attachment = /<attachmentId>(.+?)</.exec(await answer.text())?.[1];
    const detached = await action(`Action=DetachNetworkInterface&AttachmentId=${attachment}&Force=true`);
    const id = detached.headers.get("x-amzn-requestid");
    expect(await detached.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<DetachNetworkInterfaceResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
        `<requestId>${id}</requestId><return>true</return></DetachNetworkInterfaceResponse>`,
    );
    expect(detached.headers.get("content-type")).toBe("text/xml;charset=UTF-8");
  });

  test("a read by GET, signed in the query, answers sets of items, whole seconds and escaped text", async () => {
    const credential = encodeURIComponent("AKIATEST/20260101/us-east-1/ec2/aws4_request");
    const query = `Action=DescribeNetworkInterfaces&Version=2016-11-15&NetworkInterfaceId.1=${ENI}&X-Amz-Credential=${credential}`;
    const xml = await (await fetch(`${cloud.endpoint}/?${query}`)).text();
    expect(xml).toContain(`<networkInterfaceSet><item>`);
    expect(xml).toContain("<description>a &lt;b&gt; &amp; c</description>");
    expect(xml).toContain("<tagSet/>");
    expect(xml).not.toMatch(/T\d\d:\d\d:\d\d\.(?!000Z)/);
  });

  test.each([
    ["Action=DescribeNothing", "InvalidAction", 400],
    ["", "MissingAction", 400],
    ["Action=DetachNetworkInterface", "MissingParameter", 400],
    [
      `Action=DetachNetworkInterface&AttachmentId=eni-attach-0123456789abcdef0&Fast=true`,
      "UnknownParameter",
      400,
    ],
    ["Action=DescribeNetworkInterfaces&Filter.1.Nam=x", "UnknownParameter", 400],
    ["Action=DescribeNetworkInterfaces&NetworkInterfaceId.x=1", "UnknownParameter", 400],
    ["Action=DescribeNetworkInterfaces&MaxResults=many", "InvalidParameterValue", 400],
    ["Action=DescribeNetworkInterfaces&DryRun=perhaps", "InvalidParameterValue", 400],
    ["Action=DescribeNetworkInterfaces&DryRun=true", "DryRunOperation", 412],
    [
      "Action=CreateFleet&LaunchTemplateConfigs=1&TargetCapacitySpecification.TotalTargetCapacity=1",
      "InvalidAction",
      400,
    ],
  ])("%s: %s, %i", async (parameters, code, status) => {
    const answer = await action(parameters);
    const xml = await answer.text();
    expect([/<Code>(.+)<\/Code>/.exec(xml)?.[1], answer.status]).toEqual([code, status]);
    expect(xml).toMatch(
      /<Response><Errors><Error><Code>.*<\/Code><Message>.*<\/Message><\/Error><\/Errors><RequestID>/,
    );
  });

  test("the message names the parameter as EC2 spells it", async () => {
    const unknown = await action(
      "Action=DetachNetworkInterface&AttachmentId=eni-attach-1&NetworkInterfaceId=x",
    );
    expect(await unknown.text()).toContain("The parameter NetworkInterfaceId is not recognized");
    const missing = await action("Action=AttachNetworkInterface&InstanceId=i-1&NetworkInterfaceId=eni-1");
    expect(await missing.text()).toContain("The request must contain the parameter deviceIndex");
  });
});

describe("CloudWatch's protocols", () => {
  beforeAll(async () => {
    const alarm =
      "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=wire&Namespace=App&MetricName=Beat&Statistic=Sum&Period=60" +
      "&EvaluationPeriods=1&Threshold=1.5&ComparisonOperator=LessThanThreshold&Dimensions.member.1.Name=Host" +
      "&Dimensions.member.1.Value=a&ActionsEnabled=false&AlarmActions.member.1=arn%3Aaws%3Asns%3Aus-east-1%3A1%3At";
    const answer = await post("monitoring", alarm);
    const id = answer.headers.get("x-amzn-requestid");
    expect(await answer.text()).toBe(
      '<PutMetricAlarmResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">' +
        `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></PutMetricAlarmResponse>`,
    );
  });

  test("Query XML describes with members, ISO times and its result element", async () => {
    const body = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=wire&MaxRecords=10";
    const xml = await (await post("monitoring", body)).text();
    expect(xml).toMatch(/^<DescribeAlarmsResponse xmlns="[^"]+"><DescribeAlarmsResult>/);
    expect(xml).toContain("<MetricAlarms><member>");
    expect(xml).toContain("<Dimensions><member><Name>Host</Name><Value>a</Value></member></Dimensions>");
    expect(xml).toContain("<AlarmActions><member>arn:aws:sns:us-east-1:1:t</member></AlarmActions>");
    expect(xml).toContain("<Threshold>1.5</Threshold>");
    expect(xml).toContain("<ActionsEnabled>false</ActionsEnabled>");
    expect(xml).toMatch(/<StateUpdatedTimestamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z</);
  });

  test("Query XML tells errors as Sender", async () => {
    const body = "Action=SetAlarmState&Version=2010-08-01&AlarmName=none&StateValue=OK&StateReason=x";
    const answer = await post("monitoring", body);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(
      /<ErrorResponse [^>]+><Error><Type>Sender<\/Type><Code>ResourceNotFound<\/Code><Message>.+<\/Message><\/Error><RequestId>/,
    );
  });

  const rpc = (operation: string, input: unknown) =>
    post(
      "monitoring",
      Uint8Array.from(cbor.serialize(input)),
      { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", accept: "application/cbor" },
      `/service/GraniteServiceVersion20100801/operation/${operation}`,
    );
  const read = async (answer: Response) => cbor.deserialize(new Uint8Array(await answer.arrayBuffer()));

  test("CBOR describes, with tagged times", async () => {
    const answer = await rpc("DescribeAlarms", { AlarmNames: ["wire"] });
    expect(answer.headers.get("smithy-protocol")).toBe("rpc-v2-cbor");
    expect(answer.headers.get("x-amzn-requestid")).toBeTruthy();
    const { MetricAlarms } = await read(answer);
    expect(MetricAlarms[0]).toMatchObject({
      AlarmName: "wire",
      Threshold: 1.5,
      StateUpdatedTimestamp: { tag: 1 },
    });
  });

  test("CBOR takes tagged times and numbers, and an operation without output answers an empty map", async () => {
    const MetricData = [{ MetricName: "Beat", Value: 2.5, Timestamp: dateToTag(new Date(cloud.now())) }];
    const answer = await rpc("PutMetricData", { Namespace: "App", MetricData });
    expect(answer.status).toBe(200);
    expect(await read(answer)).toEqual({});
    const call = cloud.journal.entries.findLast((entry) => entry.subject === "cloudwatch:PutMetricData");
    expect(call?.detail.input).toMatchObject({ MetricData: [{ Value: 2.5, Timestamp: expect.any(Date) }] });
  });

  test("CBOR tells errors by shape, with the query code beside it", async () => {
    const answer = await rpc("PutMetricAlarm", {
      AlarmName: "x",
      EvaluationPeriods: 1,
      ComparisonOperator: "LessThanThreshold",
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("x-amzn-query-error")).toBe("MissingParameter;Sender");
    expect(await read(answer)).toMatchObject({
      __type: "com.amazonaws.cloudwatch#MissingRequiredParameterException",
    });
  });

  const json = (operation: string, body: string) =>
    post("monitoring", body, {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `GraniteServiceVersion20100801.${operation}`,
      "x-amzn-query-mode": "true",
    });

  test("JSON writes times as epoch seconds, and nothing at all where there is no output", async () => {
    const answer = await json("DescribeAlarms", '{"AlarmNames":["wire"]}');
    const described = (await answer.json()) as { MetricAlarms: { StateUpdatedTimestamp: unknown }[] };
    const updated = described.MetricAlarms[0]?.StateUpdatedTimestamp;
    expect(updated).toBeTypeOf("number");
    expect(updated).toBeCloseTo(cloud.now() / 1000, -2);
    const disabled = await json("DisableAlarmActions", '{"AlarmNames":["wire"]}');
    expect([disabled.status, await disabled.text()]).toEqual([200, ""]);
  });

  test.each([
    ["DescribeAlarms", "{", "SerializationException"],
    ["DescribeAlarms", '{"AlarmNames":"wire"}', "SerializationException"],
    ["DescribeAlarms", '{"MaxRecords":"ten"}', "SerializationException"],
    ["DescribeAlarms", '{"MaxRecords":1000}', "ValidationException"],
    ["MakeCoffee", "{}", "InvalidAction"],
  ])("%s %s: %s", async (operation, body, type) => {
    const answer = await json(operation, body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { __type: string }).__type).toBe(`com.amazonaws.cloudwatch#${type}`);
  });
});

test("who calls is told by GetCallerIdentity, by GET and by POST", async () => {
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const xml = await (await post("sts", body)).text();
  expect(xml).toContain("<Account>123456789012</Account>");
  expect(xml).toContain("<Arn>arn:aws:iam::123456789012:user/administrator</Arn>");
});

describe("without credentials", () => {
  test.each([
    [
      "EC2",
      "Action=DescribeInstances&Version=2016-11-15",
      {},
      403,
      "<Code>MissingAuthenticationToken</Code>",
    ],
    [
      "CloudWatch",
      "Action=DescribeAlarms&Version=2010-08-01",
      {},
      403,
      "<Code>MissingAuthenticationToken</Code>",
    ],
    [
      "DynamoDB",
      "{}",
      { "x-amz-target": "DynamoDB_20120810.ListTables" },
      400,
      "#MissingAuthenticationTokenException",
    ],
  ])("%s refuses as it does", async (_service, body, headers, status, told) => {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(cloud.endpoint, { method: "POST", headers: { ...type, ...headers }, body });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(told);
  });
});

test("a service that is not here says so", async () => {
  const answer = await post("s3", "");
  expect(answer.status).toBe(501);
  expect(await answer.text()).toContain("The embedded cloud has no service s3.");
});
