/**
 * The subjects of the contract: the simulation's stand-in for DynamoDB, and a real implementation of the API behind the
 * wire front of the embedded cloud. The same commands go to both; answers and error names must agree.
 */
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect } from "vitest";
import { SimDynamo } from "../simulation/dynamodb.ts";
import { startWire } from "./dynalite.ts";

export const TABLE = "contract";
export const KEY = { pk: "GROUP#a", sk: "STATE" };
export const FAILED = "ConditionalCheckFailedException";
export const INVALID = "ValidationException";

export type Command = { readonly input: object };

export const put = (item: object, more: object = {}): PutCommand =>
  new PutCommand({ TableName: TABLE, Item: { ...KEY, ...item }, ...more });
export const get = (more: object = {}): GetCommand => new GetCommand({ TableName: TABLE, Key: KEY, ...more });
export const remove = (more: object = {}): DeleteCommand =>
  new DeleteCommand({ TableName: TABLE, Key: KEY, ...more });
export const change = (UpdateExpression: string, more: object = {}): UpdateCommand =>
  new UpdateCommand({ TableName: TABLE, Key: KEY, UpdateExpression, ReturnValues: "ALL_NEW", ...more });

type Send = (command: Command) => Promise<object>;
type Both = (commands: readonly Command[]) => Promise<readonly unknown[]>;

/**
 * Starts the real one for the tests of a file. The answer sends commands to both, one after the other, beginning with
 * an empty stand-in, and answers what both answered; it fails where they differ.
 */
export function contract(): Both {
  let real: Send;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const running = await startWire(TABLE);
    stop = running.stop;
    real = (command) => running.client.send(command as GetCommand);
  });
  afterAll(() => stop());

  return async (commands) => {
    const simulated = new SimDynamo(TABLE);
    const outcomes: unknown[] = [];
    for (const command of commands) {
      const expected = await outcome(real, command);
      const found = await outcome((one) => simulated.send(one as GetCommand), command);
      expect({ input: command.input, outcome: found }).toEqual({ input: command.input, outcome: expected });
      outcomes.push(found);
    }
    return outcomes;
  };
}

/** An answer without the SDK's metadata and what is empty anyway, a batch in order; or the name of the error. */
async function outcome(send: Send, command: Command): Promise<unknown> {
  try {
    const sent = (await send(command)) as Record<string, unknown>;
    const { $metadata: _, UnprocessedKeys: _none, ...answer } = sent;
    const responses = answer.Responses as Record<string, { sk: string }[]> | undefined;
    for (const items of Object.values(responses ?? {}))
      items.sort((one, other) => (one.sk < other.sk ? -1 : 1));
    return JSON.parse(JSON.stringify(answer));
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}
