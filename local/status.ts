/** What the demonstration reads afterwards: the answer of `status`, and the history in the table. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { EVENT_PREFIX, partitionOf } from "../shared/store/keys.ts";
import type { Cloud } from "./cloud.ts";
import { runSls } from "./package.ts";

const NOBODY = { accessKeyId: "operator", secretAccessKey: "operator" };

/**
 * What `sls invoke local -f status` answers against the cloud: the built handler, in a process of this machine, that
 * only reads.
 */
export async function askStatus(cloud: Cloud, config: string, group: string): Promise<unknown> {
  const data = ["--data", JSON.stringify({ group }), `--param=config=${config}`];
  const output = await runSls(["invoke", "local", "-f", "status", ...data], {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: NOBODY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: NOBODY.secretAccessKey,
  });
  // Before the answer come the lines of the log.
  return JSON.parse(output.slice(output.search(/^\{$/m)));
}

/** The history items of a group, newest first, without what the doctor finds when a sweep asks it: no part of a move. */
export async function historyIn(
  cloud: Cloud,
  stack: string,
  group: string,
): Promise<Record<string, unknown>[]> {
  const client = new DynamoDBClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: NOBODY });
  try {
    const { Items } = await DynamoDBDocumentClient.from(client).send(
      new QueryCommand({
        TableName: `${stack}-state`,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
        ExpressionAttributeValues: { ":pk": partitionOf(group), ":event": EVENT_PREFIX },
        ScanIndexForward: false,
      }),
    );
    return (Items ?? []).filter(({ kind }) => kind !== "finding");
  } finally {
    client.destroy();
  }
}
