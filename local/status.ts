/** What the demonstration asks the cloud afterwards: the status function's answer, and the history in the table. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { EVENT_PREFIX, partitionOf } from "../shared/store/keys.ts";
import type { Cloud } from "./cloud.ts";

const NOBODY = { accessKeyId: "operator", secretAccessKey: "operator" };

/** Invokes the deployed `status` function through Lambda's own API. */
export async function invokeStatus(cloud: Cloud, stack: string, group: string): Promise<unknown> {
  const url = `${cloud.endpoint}/2015-03-31/functions/${stack}-status/invocations`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${NOBODY.accessKeyId}/20260101/${cloud.region}/lambda/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ group }),
  });
  return await answer.json();
}

/** The history items of a group, newest first. */
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
    return Items ?? [];
  } finally {
    client.destroy();
  }
}
