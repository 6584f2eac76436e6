/** The packaged stack, deployed into an embedded cloud in which EC2 is quick, with its groups' scene set. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { type Deployment, deployStack } from "../../local/deploy.ts";
import { realTimings } from "../../local/ec2/timings.ts";
import type { JournalEntry } from "../../local/journal.ts";
import { setConfiguredScene } from "../../local/scene.ts";
import { loadConfig } from "../../shared/config.ts";
import type { State } from "../../shared/core/state.ts";
import { stateKey } from "../../shared/store/keys.ts";

export const STACK = "eni-failover-dev";
export const [ENI, A, B] = ["eni-0a1b2c3d4e5f60718", "i-0123456789abcdef0", "i-0fedcba9876543210"];
const TABLE = `${STACK}-state`;

export interface Stage {
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  /** Invokes a function and answers what it answered. Throws where it failed. */
  invoke(name: string, event: unknown): Promise<Record<string, unknown>>;
  /** The calls of the functions that change something, as `ec2:DetachNetworkInterface`. */
  changes(): string[];
  /** What the group's members are as EC2 has it: who the interface is in use on. */
  holder(): string | undefined;
  record(): Promise<State>;
  /** The kinds of the history items, oldest first; without what the doctor finds when the sweep asks it. */
  history(): Promise<string[]>;
  /** Lets the lease of whoever claimed the group run out. */
  endLease(): Promise<void>;
  /** What people were told of groups, line by line. EventBridge leaves each line in its quotes; alarms send JSON, and a subject. */
  messages(): string[][];
  /** Makes what the record remembers of moves older by so much. */
  ageMoves(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/** The packaged stack as it is, or as another configuration would have made its roles and its functions' settings. */
export interface Dressed {
  readonly configPath: string;
  readonly templatePath: string;
}

export async function stage(packageDir: string, speed: number, dressed?: Dressed): Promise<Stage> {
  const quick = { median: 400, p99: 500 };
  const timings = { ...realTimings, detach: quick, detachForced: quick, detachStopped: quick, attach: quick };
  const cloud = await startCloud({ region: "eu-west-1", seed: 7, speed, ec2: { timings } });
  setConfiguredScene(cloud, await loadConfig(dressed?.configPath ?? "failover.yml"));
  const template = dressed === undefined ? {} : { templatePath: dressed.templatePath };
  const deployment = await deployStack(cloud, { packageDir, seed: 7, ...template });
  const client = new DynamoDBClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const table = DynamoDBDocumentClient.from(client);
  const Key = stateKey("nat-a");
  return {
    cloud,
    deployment,
    invoke: async (name, event) => {
      const payload = JSON.stringify(event);
      const answer = await deployment.lambda.invoke(`${STACK}-${name}`, { payload, cause: undefined });
      if (answer.failure !== undefined) throw new Error(answer.payload);
      return JSON.parse(answer.payload);
    },
    changes: () => changesIn(cloud.journal.entries),
    holder: () => {
      const attachment = cloud.ec2.attachmentTruth(ENI, cloud.now());
      return attachment?.status === "attached" ? attachment.instanceId : undefined;
    },
    record: async () => (await table.send(new GetCommand({ TableName: TABLE, Key }))).Item as State,
    history: async () => {
      const { Items = [] } = await table.send(
        new QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
          ExpressionAttributeValues: { ":pk": Key.pk, ":event": "EVENT#" },
        }),
      );
      return Items.map((item) => item.kind).filter((kind) => kind !== "finding");
    },
    endLease: async () => {
      await table.send(
        new UpdateCommand({
          TableName: TABLE,
          Key,
          UpdateExpression: "SET #lease.#until = :past",
          ExpressionAttributeNames: { "#lease": "lease", "#until": "until" },
          ExpressionAttributeValues: { ":past": Date.now() - 1 },
        }),
      );
    },
    messages: () => {
      const published = [...deployment.topics.values()].flatMap((topic) => topic.published);
      return published.flatMap(({ message, subject }) =>
        subject === undefined ? [message.split("\n")] : [],
      );
    },
    ageMoves: async (milliseconds) => {
      const { moves = [] } = (await table.send(new GetCommand({ TableName: TABLE, Key }))).Item as State;
      await table.send(
        new UpdateCommand({
          TableName: TABLE,
          Key,
          UpdateExpression: "SET #moves = :moves",
          ExpressionAttributeNames: { "#moves": "moves" },
          ExpressionAttributeValues: {
            ":moves": moves.map((one) => ({ ...one, at: one.at - milliseconds })),
          },
        }),
      );
    },
    close: async () => {
      client.destroy();
      await deployment.close();
      await cloud.close();
    },
  };
}

function changesIn(entries: readonly JournalEntry[]): string[] {
  return entries
    .filter(({ kind, cause, subject, detail }) => {
      return (
        kind === "call" &&
        cause !== undefined &&
        !/:(Describe|Get|BatchGet|List|Query)/.test(subject) &&
        !isDry(detail)
      );
    })
    .map(({ subject }) => subject);
}

const isDry = ({ input }: JournalEntry["detail"]) =>
  (input as { DryRun?: boolean } | undefined)?.DryRun === true;

/** Resolves when `is` holds. */
export async function until(is: () => boolean): Promise<void> {
  const end = Date.now() + 40_000;
  while (!is()) {
    if (Date.now() > end) throw new Error(`It has not come about in 40 s: ${is}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
