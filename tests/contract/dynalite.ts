/** A DynamoDB with one table of the controller's shape, behind the real document client: bare, or the embedded cloud's. */
import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { startCloud } from "../../local/cloud.ts";

// dynalite brings no types.
const dynalite: (options: object) => Server = createRequire(import.meta.url)("dynalite");

export interface Running {
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  readonly stop: () => Promise<void>;
}

export async function startDynalite(table: string): Promise<Running> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const { client, destroy } = await clientOf(endpoint, table);
  const stop = async (): Promise<void> => {
    destroy();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { endpoint, client, stop };
}

/** The same behind the wire front of the embedded cloud. */
export async function startWire(table: string): Promise<Running> {
  const cloud = await startCloud({ region: "eu-west-1" });
  const { client, destroy } = await clientOf(cloud.endpoint, table);
  const stop = async (): Promise<void> => {
    destroy();
    await cloud.close();
  };
  return { endpoint: cloud.endpoint, client, stop };
}

async function clientOf(
  endpoint: string,
  table: string,
): Promise<{ client: DynamoDBDocumentClient; destroy: () => void }> {
  const client = new DynamoDBClient({
    region: "eu-west-1",
    endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  await createTable(client, table);
  return { client: DynamoDBDocumentClient.from(client), destroy: () => client.destroy() };
}

async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.TableStatus === "ACTIVE") return;
  }
}
