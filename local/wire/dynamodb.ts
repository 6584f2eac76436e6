/**
 * DynamoDB: dynalite, an implementation of its API, in this process, behind the cloud's own front. The front asks IAM's
 * questions, answers what dynalite does not know (TTL, continuous backups), and gives
 * `ReturnValuesOnConditionCheckFailure: ALL_OLD` the item that dynalite leaves out.
 *
 * Not emulated: expiry by TTL (an item past its time stays), transactions, streams.
 */
import { Agent, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { AwsError } from "../aws-error.ts";
import type { Access } from "../service.ts";
import type { Backend, Incoming } from "./backend.ts";
import { type Document, leadingKeys, tablesOf } from "./dynamodb-access.ts";
import type { HttpAnswer } from "./http.ts";
import { JsonRpc } from "./json-rpc.ts";

const NAMESPACE = "com.amazonaws.dynamodb.v20120810";
/** dynalite wants a signature to be there, and does not look at it. */
const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
  "x-amz-date": "20260101T000000Z",
  "content-type": "application/x-amz-json-1.0",
};
const FOREIGN = '"arn:aws:dynamodb:';
const FOREIGN_TABLES = /(?<=")arn:aws:dynamodb:[\w-]+:\d+:table\//g;

export class DynamoDb implements Backend {
  readonly name = "dynamodb";
  readonly #codec = new JsonRpc({ version: "1.0", namespace: NAMESPACE });
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  /** `arn:aws:dynamodb:<region>:<account>:table/` */
  readonly #arnOfTables: string;
  /** Table → attribute that TTL goes by. */
  readonly #ttl = new Map<string, Document>();
  readonly #backups = new Set<string>();
  readonly #keys = new Map<string, readonly string[]>();

  private constructor(server: Server, place: { account: string; region: string }) {
    this.#server = server;
    this.#arnOfTables = `arn:aws:dynamodb:${place.region}:${place.account}:table/`;
  }

  /** Starts dynalite on a port of its own; tables live as long as the process. */
  static start(place: { account: string; region: string }): Promise<DynamoDb> {
    const server = dynalite({ createTableMs: 1, deleteTableMs: 1, updateTableMs: 1 });
    server.unref();
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(new DynamoDb(server, place)));
    });
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  codecFor(): JsonRpc {
    return this.#codec;
  }

  throttle(): void {}

  async access({ operation, input }: Incoming): Promise<readonly Access[]> {
    const document = (input ?? {}) as Document;
    const action = `dynamodb:${operation}`;
    const tables = tablesOf(document);
    if (tables.length === 0) return [{ action, resource: "*", keys: {} }];
    return Promise.all(
      tables.map(async (table) => {
        const [hash] = await this.#keyOf(table);
        const leading = hash === undefined ? [] : leadingKeys(document, table, hash);
        const index = typeof document.IndexName === "string" ? `/index/${document.IndexName}` : "";
        const keys = leading.length === 0 ? {} : { "dynamodb:leadingkeys": leading };
        return { action, resource: `${this.#arnOfTables}${table}${index}`, keys };
      }),
    );
  }

  async answer({ operation, input, requestId }: Incoming): Promise<HttpAnswer> {
    const document = (input ?? {}) as Document;
    if (operation === "DeleteTable") this.#forget(String(document.TableName));
    const own = await this.#answerOwn(operation, document);
    if (own !== undefined) return this.#codec.encode(operation, own, requestId);
    const { status, text } = await this.#ask(operation, JSON.stringify(input));
    const contentType = "application/x-amz-json-1.0";
    const headers = { "content-type": contentType, "x-amzn-requestid": requestId };
    const wantsOld = document.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
    if (status === 400 && wantsOld && text.includes("#ConditionalCheckFailedException")) {
      const Item = await this.#readBack(document);
      const error = { ...(JSON.parse(text) as Document), ...(Item === undefined ? {} : { Item }) };
      return { status, headers, body: JSON.stringify(error) };
    }
    return { status, headers, body: text };
  }

  /** What dynalite does not know, by the tables that it does know; undefined for everything else. */
  async #answerOwn(operation: string, input: Document): Promise<Document | undefined> {
    const table = String(input.TableName);
    switch (operation) {
      case "UpdateTimeToLive": {
        await this.#mustExist(table);
        const wanted = input.TimeToLiveSpecification as Document;
        if (wanted.Enabled === true) this.#ttl.set(table, { AttributeName: wanted.AttributeName });
        else this.#ttl.delete(table);
        return { TimeToLiveSpecification: wanted };
      }
      case "DescribeTimeToLive": {
        await this.#mustExist(table);
        const TimeToLiveStatus = this.#ttl.has(table) ? "ENABLED" : "DISABLED";
        return { TimeToLiveDescription: { TimeToLiveStatus, ...this.#ttl.get(table) } };
      }
      case "UpdateContinuousBackups": {
        await this.#mustExist(table);
        const wanted = input.PointInTimeRecoverySpecification as Document;
        if (wanted.PointInTimeRecoveryEnabled === true) this.#backups.add(table);
        else this.#backups.delete(table);
        return this.#continuousBackups(table);
      }
      case "DescribeContinuousBackups":
        await this.#mustExist(table);
        return this.#continuousBackups(table);
      default:
        return undefined;
    }
  }

  #forget(table: string): void {
    this.#keys.delete(table);
    this.#ttl.delete(table);
    this.#backups.delete(table);
  }

  #continuousBackups(table: string): Document {
    const PointInTimeRecoveryStatus = this.#backups.has(table) ? "ENABLED" : "DISABLED";
    const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
    return {
      ContinuousBackupsDescription: { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription },
    };
  }

  async #mustExist(table: string): Promise<void> {
    if ((await this.#keyOf(table)).length > 0) return;
    const message = `Requested resource not found: Table: ${table} not found`;
    throw new AwsError("ResourceNotFoundException", message);
  }

  /** The attributes of the table's key, hash first; empty while there is no such table. */
  async #keyOf(table: string): Promise<readonly string[]> {
    const known = this.#keys.get(table);
    if (known !== undefined) return known;
    const { status, text } = await this.#ask("DescribeTable", JSON.stringify({ TableName: table }));
    if (status !== 200) return [];
    const schema = (
      JSON.parse(text) as { Table: { KeySchema: { KeyType: string; AttributeName: string }[] } }
    ).Table;
    const key = schema.KeySchema.sort((a, b) => (a.KeyType < b.KeyType ? -1 : 1)).map(
      (part) => part.AttributeName,
    );
    this.#keys.set(table, key);
    return key;
  }

  /** The item that a failed condition was about, as it is now: nothing else writes between two turns of one process. */
  async #readBack(input: Document): Promise<unknown> {
    const item = (input.Item ?? {}) as Document;
    const names = await this.#keyOf(String(input.TableName));
    const Key = input.Key ?? Object.fromEntries(names.map((name) => [name, item[name]]));
    const read = { TableName: input.TableName, Key, ConsistentRead: true };
    const { text } = await this.#ask("GetItem", JSON.stringify(read));
    return (JSON.parse(text) as Document).Item;
  }

  #ask(operation: string, body: string): Promise<{ status: number; text: string }> {
    const { port } = this.#server.address() as AddressInfo;
    const headers = {
      ...SIGNED,
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "content-length": Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: "127.0.0.1", port, method: "POST", headers, agent: this.#agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            // dynalite's tables live in an account of its own.
            const named = text.includes(FOREIGN) ? text.replaceAll(FOREIGN_TABLES, this.#arnOfTables) : text;
            resolve({ status: response.statusCode ?? 500, text: named });
          });
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  }
}
