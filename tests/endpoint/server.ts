/**
 * A bare HTTP endpoint that speaks what EC2, CloudWatch, EventBridge and DynamoDB document, and refuses all else with a
 * 4xx, on record. All are written by hand but the items of the table, which dynalite keeps, behind a list of the operations
 * that are let through.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { startDynalite } from "../contract/dynalite.ts";
import { BareEc2, Refusal, type Scene } from "./ec2.ts";

export interface Endpoint {
  readonly url: string;
  readonly ec2: BareEc2;
  /** Every operation that was answered. */
  readonly answered: readonly string[];
  /** Every request that was refused, in words. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

const TABLE_OPERATIONS = [
  "BatchGetItem",
  "DescribeContinuousBackups",
  "DescribeTimeToLive",
  "GetItem",
  "PutItem",
  "Query",
  "UpdateItem",
];

/** The alarms that exist, by name. */
type Alarms = Readonly<Record<string, { readonly state: string; readonly instance: string }>>;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export async function startEndpoint(scene: Scene, alarms: Alarms, table: string): Promise<Endpoint> {
  const ec2 = new BareEc2(scene);
  const dynamodb = await startDynalite(table);
  const [answered, refused]: [string[], string[]] = [[], []];
  const server = createServer(async (request, response) => {
    const body = await read(request);
    let answer: Answer;
    try {
      const { operation, work } = route(request, body, { ec2, alarms, dynamodb: dynamodb.endpoint });
      answer = await work();
      answered.push(operation);
    } catch (error) {
      const code = error instanceof Refusal ? error.code : "InternalFailure";
      // A rehearsal that passes is an error by its form alone.
      if (code === "DryRunOperation") answered.push(code);
      else refused.push(`${request.method} ${request.url} ${target(request)}: ${code}: ${String(error)}`);
      answer = refusal(request, code, String(error));
    }
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    await dynamodb.stop();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ec2,
    answered,
    refused,
    close,
  };
}

interface Services {
  readonly ec2: BareEc2;
  readonly alarms: Alarms;
  readonly dynamodb: string;
}

/** Who is asked for what, by the signature's service and the protocol that this service documents. */
function route(request: IncomingMessage, body: string, { ec2, alarms, dynamodb }: Services) {
  const service = /Credential=[^/]+\/\d{8}\/eu-west-1\/([^/]+)\/aws4_request/.exec(
    request.headers.authorization ?? "",
  )?.[1];
  if (request.method !== "POST" || request.url !== "/" || service === undefined) {
    throw new Refusal("MissingAuthenticationToken", "not a signed POST to /");
  }
  const [prefix, operation = ""] = target(request).split(".");
  if (service === "ec2") {
    const parameters = new URLSearchParams(body);
    const action = parameters.get("Action") ?? "";
    if (parameters.get("Version") !== "2016-11-15") throw new Refusal("NoSuchVersion", "which version?");
    const work = () => ({
      status: 200,
      type: "text/xml;charset=UTF-8",
      body: ec2.answer(action, parameters),
    });
    return { operation: `ec2:${action}`, work };
  }
  if (service === "monitoring" && prefix === "GraniteServiceVersion20100801") {
    const work = () => json(cloudwatch(operation, JSON.parse(body), alarms));
    return { operation: `cloudwatch:${operation}`, work };
  }
  if (service === "events" && prefix === "AWSEvents") {
    return { operation: `events:${operation}`, work: () => json(eventbridge(operation, JSON.parse(body))) };
  }
  if (service === "dynamodb" && operation === "DescribeContinuousBackups") {
    return { operation: `dynamodb:${operation}`, work: () => json(BACKUPS) };
  }
  if (service === "dynamodb" && prefix === "DynamoDB_20120810" && TABLE_OPERATIONS.includes(operation)) {
    return { operation: `dynamodb:${operation}`, work: () => passOn(request, body, dynamodb) };
  }
  throw new Refusal("UnknownOperationException", `${service} has no ${target(request)} here`);
}

function cloudwatch(operation: string, input: Record<string, unknown>, alarms: Alarms): unknown {
  if (operation === "ListAlarmMuteRules") return { AlarmMuteRuleSummaries: [] };
  if (operation !== "DescribeAlarms") throw new Refusal("UnknownOperationException", operation);
  const MetricAlarms = Object.entries(alarms)
    .filter(([name]) => (input.AlarmNames as string[] | undefined)?.includes(name) === true)
    .map(([AlarmName, { state, instance }]) => ({
      AlarmName,
      StateValue: state,
      // CloudWatch's JSON has its times in seconds.
      StateTransitionedTimestamp: Date.now() / 1000 - 5,
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed",
      Dimensions: [{ Name: "InstanceId", Value: instance }],
    }));
  return { MetricAlarms, CompositeAlarms: [] };
}

/** A bus that takes every event, and has no rules. */
function eventbridge(operation: string, input: Record<string, unknown>): unknown {
  if (operation === "ListRules") return { Rules: [] };
  if (operation !== "PutEvents") throw new Refusal("UnknownOperationException", operation);
  const entries = input.Entries as readonly unknown[];
  return { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: `event-${index}` })) };
}

const BACKUPS = {
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: "ENABLED",
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
  },
};

async function passOn(request: IncomingMessage, body: string, endpoint: string): Promise<Answer> {
  const { authorization = "", "x-amz-date": date = "", "content-type": type = "" } = request.headers;
  const headers = {
    authorization,
    "x-amz-date": String(date),
    "content-type": type,
    "x-amz-target": target(request),
  };
  const answer = await fetch(endpoint, { method: "POST", headers, body });
  return { status: answer.status, type: "application/x-amz-json-1.0", body: await answer.text() };
}

const target = (request: IncomingMessage) => String(request.headers["x-amz-target"] ?? "");

const json = (value: unknown): Answer => ({
  status: 200,
  type: "application/x-amz-json-1.0",
  body: JSON.stringify(value),
});

function refusal(request: IncomingMessage, code: string, message: string): Answer {
  if (target(request) !== "") {
    return { ...json({ __type: code, message }), status: 400 };
  }
  const body = `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`;
  return { status: 400, type: "text/xml", body };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
