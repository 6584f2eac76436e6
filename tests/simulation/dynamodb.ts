/**
 * A stand-in for one DynamoDB table at the document client's `send`, for the simulation: no sockets, no timers, the same
 * answers and errors. `tests/contract/dynamodb.test.ts` holds it to a real implementation of the API.
 *
 * What it leaves out: sets and binaries, indexes, scans, transactions, filters, capacity, the list of reserved words
 * (use `#names`), the 400 KB limit of an item and the 1 MB limit of a page; numbers are doubles, so keep to integers.
 */
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { holds } from "./dynamodb/conditions.ts";
import { conditionFailed, DynamoError, validation } from "./dynamodb/errors.ts";
import { type Expressions, expressionsOf, type Request } from "./dynamodb/expressions.ts";
import { Items } from "./dynamodb/items.ts";
import { Keeping } from "./dynamodb/keeping.ts";
import { keyRange } from "./dynamodb/keys.ts";
import { project } from "./dynamodb/projection.ts";
import { update } from "./dynamodb/updates.ts";
import { copyMap, type Item, keyPart } from "./dynamodb/values.ts";

const KEYS = ["pk", "sk"];
const MISSING: Item = {};

type ReturnValues = "NONE" | "ALL_OLD" | "ALL_NEW";

interface ItemRequest extends Request {
  readonly Key: Record<string, unknown>;
  readonly ReturnValues?: ReturnValues;
}

interface PutRequest extends Request {
  readonly Item: Record<string, unknown>;
  readonly ReturnValues?: ReturnValues;
}

interface QueryRequest extends Request {
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Record<string, unknown>;
}

interface BatchGetRequest {
  readonly RequestItems: Readonly<
    Record<string, Request & { readonly Keys: readonly Record<string, unknown>[] }>
  >;
}

export class SimDynamo {
  readonly #table: string;
  readonly #items = new Items();
  readonly #keeping = new Keeping();
  readonly #parsed: Parameters<typeof expressionsOf>[2] = new Map();

  constructor(table: string) {
    this.#table = table;
  }

  /** The front for a World. Answers in a microtask; the simulation delays and breaks calls around it. */
  readonly send = (async (command: { input: object }, options?: { abortSignal?: AbortSignal }) => {
    if (options?.abortSignal?.aborted) throw new DynamoError("AbortError", "Request aborted");
    const answer = this.execute(command.constructor.name, command.input);
    return { ...answer, $metadata: { httpStatusCode: 200, attempts: 1 } };
  }) as unknown as DynamoDBDocumentClient["send"];

  /**
   * Carries out one command of lib-dynamodb, given its class name (`UpdateCommand`) and input, at once and as a whole.
   * Input shares nothing with the table; an answer may share parts with it, and is not to be changed. Throws DynamoError
   * with the code as its name.
   */
  execute(commandName: string, input: object): object {
    switch (commandName) {
      case "GetCommand":
        return this.#get(input as ItemRequest);
      case "PutCommand":
        return this.#put(input as PutRequest);
      case "UpdateCommand":
        return this.#update(input as ItemRequest);
      case "DeleteCommand":
        return this.#delete(input as ItemRequest);
      case "QueryCommand":
        return this.#query(input as QueryRequest);
      case "BatchGetCommand":
        return this.#batchGet(input as BatchGetRequest);
      case "UpdateContinuousBackupsCommand":
      case "DescribeContinuousBackupsCommand":
      case "UpdateTimeToLiveCommand":
      case "DescribeTimeToLiveCommand":
        return this.#keeping.execute(commandName, input);
      default:
        throw new Error(`The stand-in for DynamoDB does not know ${commandName}`);
    }
  }

  /** The item as it is stored, for those who look from outside; not to be changed. */
  peek(pk: string, sk: string): Item | undefined {
    return this.#items.get(pk, sk);
  }

  /** Every item, partition by partition; not to be changed. */
  all(): Iterable<Item> {
    return this.#items.all();
  }

  #get(request: ItemRequest): object {
    const expressions = this.#prepare(request);
    const { pk, sk } = keyOf(request.Key);
    const item = this.#items.get(pk, sk);
    return item === undefined ? {} : { Item: shown(item, expressions) };
  }

  #put(request: PutRequest): object {
    const expressions = this.#prepare(request);
    checkReturnValues(request.ReturnValues, ["NONE", "ALL_OLD"]);
    const item = copyMap(request.Item);
    const [pk, sk] = [keyPart(item, "pk"), keyPart(item, "sk")];
    const old = this.#items.get(pk, sk);
    this.#checkCondition(expressions, old);
    this.#items.put(pk, sk, item);
    return attributes(request.ReturnValues === "ALL_OLD" ? old : undefined);
  }

  #update(request: ItemRequest): object {
    const expressions = this.#prepare(request);
    checkReturnValues(request.ReturnValues, ["NONE", "ALL_OLD", "ALL_NEW"]);
    const key = keyOf(request.Key);
    const old = this.#items.get(key.pk, key.sk);
    this.#checkCondition(expressions, old);
    const item = update(old ?? key, expressions.update ?? [], expressions.scope);
    this.#items.put(key.pk, key.sk, item);
    if (request.ReturnValues === "ALL_NEW") return attributes(item);
    return attributes(request.ReturnValues === "ALL_OLD" ? old : undefined);
  }

  #delete(request: ItemRequest): object {
    const expressions = this.#prepare(request);
    checkReturnValues(request.ReturnValues, ["NONE", "ALL_OLD"]);
    const { pk, sk } = keyOf(request.Key);
    const old = this.#items.get(pk, sk);
    this.#checkCondition(expressions, old);
    this.#items.delete(pk, sk);
    return attributes(request.ReturnValues === "ALL_OLD" ? old : undefined);
  }

  #query(request: QueryRequest): object {
    const expressions = this.#prepare(request);
    if (expressions.key === undefined)
      throw validation("KeyConditions or KeyConditionExpression must be given");
    if (request.Limit !== undefined && request.Limit < 1) throw validation("Limit must be at least 1");
    const range = keyRange(expressions.key, expressions.scope);
    const after = request.ExclusiveStartKey && keyOf(request.ExclusiveStartKey).sk;
    const found: Item[] = [];
    for (const item of this.#items.walk(range.partition, request.ScanIndexForward !== false, after)) {
      if (!range.includes(item)) continue;
      found.push(item);
      if (found.length === request.Limit) break;
    }
    const page = {
      Items: found.map((item) => shown(item, expressions)),
      Count: found.length,
      ScannedCount: found.length,
    };
    const last = found.at(-1);
    // As DynamoDB: a page that its Limit has filled names where to go on, even if nothing follows.
    if (last === undefined || found.length !== request.Limit) return page;
    return { ...page, LastEvaluatedKey: { pk: last.pk, sk: last.sk } };
  }

  #batchGet(request: BatchGetRequest): object {
    const responses: Record<string, Item[]> = {};
    for (const [table, wanted] of Object.entries(request.RequestItems)) {
      const expressions = this.#prepare({ ...wanted, TableName: table });
      const keys = wanted.Keys.map(keyOf);
      if (keys.length === 0 || keys.length > 100)
        throw validation("Too many items requested for the BatchGetItem call");
      if (new Set(keys.map(({ pk, sk }) => JSON.stringify([pk, sk]))).size < keys.length) {
        throw validation("Provided list of item keys contains duplicates");
      }
      const found = keys.map(({ pk, sk }) => this.#items.get(pk, sk)).filter((item) => item !== undefined);
      responses[table] = found.map((item) => shown(item, expressions));
    }
    return { Responses: responses, UnprocessedKeys: {} };
  }

  #prepare(request: Request): Expressions {
    const expressions = expressionsOf(request, KEYS, this.#parsed);
    if (request.TableName === this.#table) return expressions;
    throw new DynamoError("ResourceNotFoundException", "Requested resource not found");
  }

  #checkCondition(expressions: Expressions, item: Item | undefined): void {
    if (expressions.condition === undefined) return;
    if (!holds(expressions.condition, item ?? MISSING, expressions.scope)) throw conditionFailed();
  }
}

function keyOf(key: Record<string, unknown>): { pk: string; sk: string } {
  if (Object.keys(key).length !== KEYS.length) {
    throw validation("The provided key element does not match the schema");
  }
  return { pk: keyPart(key, "pk"), sk: keyPart(key, "sk") };
}

/** The item for the caller, or the parts that the projection names. */
function shown(item: Item, { projection, scope }: Expressions): Item {
  return projection === undefined ? item : project(item, projection, scope);
}

function attributes(item: Item | undefined): object {
  return item === undefined ? {} : { Attributes: item };
}

function checkReturnValues(asked: string | undefined, known: readonly ReturnValues[]): void {
  if (asked === undefined || known.some((each) => each === asked)) return;
  if (asked.startsWith("UPDATED_")) throw new Error(`The stand-in for DynamoDB does not answer ${asked}`);
  throw validation(`ReturnValues can not be ${asked} here`);
}
