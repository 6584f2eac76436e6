/**
 * Deploys a packaged Serverless stack into the embedded cloud, so that events flow as they would in AWS: EC2 and
 * CloudWatch → bus → rules → functions, every call of a function judged by the role that the package gives it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Cloud } from "./cloud.ts";
import { Bus, type BusOptions } from "./events/bus.ts";
import { Delivery } from "./events/delivery.ts";
import { Events } from "./events/events.ts";
import { type Asked, Permissions } from "./iam/permissions.ts";
import { Asynchronous } from "./lambda/asynchronous.ts";
import { lambdaFront } from "./lambda/front.ts";
import type { FunctionConfig } from "./lambda/function.ts";
import { Lambda } from "./lambda/lambda.ts";
import type { Identity } from "./lambda/pool.ts";
import { alarmActions } from "./messages/alarm-actions.ts";
import { Destinations } from "./messages/destinations.ts";
import { receivers } from "./messages/receivers.ts";
import { Sqs } from "./messages/sqs.ts";
import type { Topic } from "./messages/topics.ts";
import { packagedAs } from "./package.ts";
import { seeded } from "./random.ts";
import { withNested } from "./template/nested.ts";
import type { Site } from "./template/site.ts";
import { installStack, type Stack } from "./template/stack.ts";
import { readTemplate } from "./template/template.ts";
import type { RawService } from "./wire/raw-backend.ts";

export interface DeployOptions {
  /** Where `sls package` left its work: `.serverless`. */
  readonly packageDir: string;
  /** Another template beside the packaged zips. */
  readonly templatePath?: string;
  /** `<service>-<stage>`, where the package does not say. */
  readonly stackName?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Of ids, delivery latency and duplicates. */
  readonly seed?: number;
  readonly latency?: NonNullable<BusOptions["latency"]>;
  /** How likely it is that an event is delivered twice. */
  readonly duplicates?: number;
  /** Before the retries of a failed asynchronous invocation; a minute and two where left out. */
  readonly retryDelaysMs?: readonly number[];
  /** Invocations at a time in the account. */
  readonly concurrency?: number;
  /** Told of every question to a policy, and its answer. */
  readonly onAsked?: (asked: Asked) => void;
}

export interface Deployment {
  readonly stack: Stack;
  readonly lambda: Lambda;
  readonly bus: Bus;
  readonly sqs: Sqs;
  /** By ARN. */
  readonly topics: ReadonlyMap<string, Topic>;
  readonly permissions: Permissions;
  /** Events and records that nothing could take, logs and traces that could not be written, in words. */
  readonly lost: readonly string[];
  /** Resolves when no event waits for delivery and no asynchronous invocation runs or waits. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Deploys the package. Throws TemplateError where it can't be. One stack a cloud. */
export async function deployStack(cloud: Cloud, options: DeployOptions): Promise<Deployment> {
  const { packageDir, templatePath = join(packageDir, "cloudformation-template-update-stack.json") } =
    options;
  const codeDirectory = await mkdtemp(join(tmpdir(), "embedded-cloud-"));
  const services = assemble(cloud, options);
  const { lambda, bus, sqs, topics, permissions, asynchronous, lost, clients } = services;
  const disconnect = connect(cloud, services);
  const close = async () => {
    disconnect();
    bus.close();
    asynchronous.close();
    await lambda.close();
    for (const client of Object.values(clients)) client.destroy();
    await rm(codeDirectory, { recursive: true, force: true });
  };
  const site: Site = {
    where: { account: cloud.account, region: cloud.region, endpoint: cloud.endpoint },
    ...services,
    ...clients,
    packageDirectory: packageDir,
    codeDirectory,
  };
  try {
    const stackName = options.stackName ?? (await packagedAs(packageDir)).stackName;
    const { parameters = {} } = options;
    const template = await withNested(await readTemplate(templatePath), packageDir);
    const stack = await installStack(template, site, { stackName, parameters });
    const idle = async () => {
      await bus.idle();
      await asynchronous.idle();
    };
    return { stack, lambda, bus, sqs, topics, permissions, lost, idle, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Services = ReturnType<typeof assemble>;

function assemble(cloud: Cloud, options: DeployOptions) {
  const {
    seed = Math.floor(Math.random() * 2 ** 32),
    latency,
    duplicates,
    retryDelaysMs,
    concurrency,
  } = options;
  const { account, region, journal } = cloud;
  const place = { account, region, random: seeded(seed) };
  const lost: string[] = [];
  const onLost = (subject: string, why: string) => void lost.push(`${subject}: ${why}`);
  const permissions = new Permissions();
  permissions.onAsked = options.onAsked;
  const destinations = new Destinations();
  const topics = new Map<string, Topic>();
  const sqs = new Sqs(() => cloud.endpoint);
  const lambda = new Lambda({
    place,
    journal,
    identify: (config) => identify(cloud, config),
    permitted: (role, access) => permissions.ofRole(role, access).allowed,
    onLost,
    onMeasured: (measured) => cloud.cloudwatch.measure(measured),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  const retries = retryDelaysMs === undefined ? {} : { retryDelaysMs };
  const asynchronous = new Asynchronous({ lambda, destinations, onLost, ...retries });
  const delivery = new Delivery({ destinations, onLost });
  const bus = new Bus({
    place,
    journal,
    delivery,
    ...(latency === undefined ? {} : { latency }),
    ...(duplicates === undefined ? {} : { duplicates }),
  });
  receivers(destinations, { permissions, asynchronous, sqs, topics, bus, journal });
  const administrator = {
    endpoint: cloud.endpoint,
    region,
    credentials: { accessKeyId: "cloudformation", secretAccessKey: "cloudformation" },
  };
  const clients = {
    cloudwatch: new CloudWatchClient(administrator),
    dynamodb: new DynamoDBClient(administrator),
  };
  const act = alarmActions({ cloudwatch: cloud.cloudwatch, destinations, place }, onLost);
  return { place, permissions, destinations, topics, sqs, lambda, asynchronous, bus, act, lost, clients };
}

/** Joins the services to the cloud: their APIs, its events, and the authoriser. Answers what stops the events. */
function connect(cloud: Cloud, services: Services): () => void {
  const { lambda, asynchronous, place, bus, sqs, permissions, act } = services;
  cloud.register("lambda", lambdaFront(lambda, asynchronous, place));
  cloud.register("events", eventsFront(new Events(bus)));
  cloud.register("sqs", sqsFront(sqs));
  cloud.authoriser = (caller, access) => {
    // Lambda names the function in every request out of its environment. Source: Lambda developer guide, "Source function ARN".
    const from = caller.functionArn ? { "lambda:sourcefunctionarn": [caller.functionArn] } : {};
    const verdicts = access.map((question) =>
      permissions.ofRole(caller.role ?? "", { ...question, keys: { ...question.keys, ...from } }),
    );
    const refused = verdicts.find(({ allowed }) => !allowed);
    return refused === undefined
      ? { allowed: true, reason: verdicts.map(({ why }) => why).join("; ") }
      : { allowed: false, explicit: refused.explicit, reason: refused.why };
  };
  const stops = [
    cloud.onEvent((event, journal) => bus.publish(event, journal)),
    cloud.onEvent((event, journal) => act(event, journal, cloud.now())),
    cloud.onMinute(() => [...sqs.queues.values()].map((queue) => queue.visibleMessages())),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The credentials of one execution environment; its calls are caused by whatever it is busy with. */
function identify(cloud: Cloud, config: FunctionConfig): Identity {
  let invocation: string | undefined;
  const role = config.role.split("/").at(-1) ?? "";
  const key = cloud.issueKey({
    principalArn: `arn:aws:sts::${cloud.account}:assumed-role/${role}/${config.name}`,
    role: config.role,
    functionArn: config.arn,
    invocation: () => invocation,
  });
  return {
    variables: {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_SESSION_TOKEN: key.sessionToken,
    },
    busyWith: (entry) => {
      invocation = entry;
    },
  };
}

const operationOf = (request: { headers: Readonly<Record<string, string>> }) =>
  request.headers["x-amz-target"]?.split(".").at(-1) ?? "";

function eventsFront(events: Events): RawService {
  return {
    access: (request) => events.access(operationOf(request), parsed(request.body)),
    handle: (request) => {
      const output = events.call(operationOf(request), parsed(request.body), request.journalId);
      return answer("1.1", output);
    },
  };
}

function sqsFront(sqs: Sqs): RawService {
  return {
    access: (request) => sqs.access(operationOf(request), parsed(request.body)),
    handle: async (request) => answer("1.0", await sqs.call(operationOf(request), parsed(request.body))),
  };
}

/** The front has answered requests that are no JSON already. */
const parsed = (body: Buffer): unknown => (body.length === 0 ? {} : JSON.parse(body.toString("utf8")));

const answer = (version: string, output: unknown) => ({
  status: 200,
  headers: { "content-type": `application/x-amz-json-${version}` },
  body: JSON.stringify(output ?? {}),
});
