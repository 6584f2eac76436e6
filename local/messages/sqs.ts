/**
 * SQS's API over the queues: as much of it as reading dead letters takes.
 * Source: Amazon SQS API reference; operations that are missing answer UnsupportedOperation.
 */
import { AwsError } from "../aws-error.ts";
import type { Access } from "../service.ts";
import { type Message, md5, type Queue } from "./queues.ts";

/** The members of all inputs that are understood, in one shape: SQS's operations share their names. */
interface Input {
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly QueueNamePrefix?: string;
  readonly MessageBody?: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
  readonly VisibilityTimeout?: number;
  readonly ReceiptHandle?: string;
  readonly AttributeNames?: readonly string[];
}

type Operation = (sqs: Sqs, input: Input) => unknown;

export class Sqs {
  readonly queues = new Map<string, Queue>();
  readonly #endpoint: () => string;

  /** `endpoint` is where the cloud listens: it is part of a queue's URL. */
  constructor(endpoint: () => string) {
    this.#endpoint = endpoint;
  }

  /** Carries out one operation; what waits for a message answers later. Throws AwsError. */
  async call(operation: string, input: unknown): Promise<unknown> {
    const run = OPERATIONS.get(operation);
    if (run === undefined) throw new AwsError("UnsupportedOperation", `${operation} is not emulated`);
    return run(this, (input ?? {}) as Input);
  }

  access(operation: string, input: unknown): Access[] {
    const { QueueUrl, QueueName } = (input ?? {}) as Input;
    const name = QueueUrl?.split("/").at(-1) ?? QueueName;
    const resource = (name === undefined ? undefined : this.queues.get(name)?.arn) ?? "*";
    return [{ action: `sqs:${operation}`, resource, keys: {} }];
  }

  /** The queue that an input is about. Throws QueueDoesNotExist. */
  queue({ QueueUrl, QueueName }: Input): Queue {
    const queue = this.queues.get(QueueUrl?.split("/").at(-1) ?? QueueName ?? "");
    if (queue !== undefined) return queue;
    throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
  }

  url(queue: Queue): string {
    return `${this.#endpoint()}/${queue.arn.split(":")[4]}/${queue.name}`;
  }
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["GetQueueUrl", (sqs, input) => ({ QueueUrl: sqs.url(sqs.queue(input)) })],
  [
    "ListQueues",
    (sqs, { QueueNamePrefix = "" }) => {
      const found = [...sqs.queues.values()].filter(({ name }) => name.startsWith(QueueNamePrefix));
      return { QueueUrls: found.map((queue) => sqs.url(queue)) };
    },
  ],
  [
    "GetQueueAttributes",
    (sqs, input) => {
      const wanted = new Set(input.AttributeNames ?? []);
      const known = Object.entries(sqs.queue(input).attributes());
      return {
        Attributes: Object.fromEntries(known.filter(([name]) => wanted.has("All") || wanted.has(name))),
      };
    },
  ],
  [
    "SendMessage",
    (sqs, input) => {
      const body = required(input.MessageBody, "MessageBody");
      const { id } = sqs.queue(input).send(body, plain(input.MessageAttributes));
      return { MessageId: id, MD5OfMessageBody: md5(body) };
    },
  ],
  ["ReceiveMessage", receive],
  [
    "DeleteMessage",
    (sqs, input) => {
      sqs.queue(input).delete(required(input.ReceiptHandle, "ReceiptHandle"));
      return {};
    },
  ],
  [
    "ChangeMessageVisibility",
    (sqs, input) => {
      const seconds = required(input.VisibilityTimeout, "VisibilityTimeout");
      sqs.queue(input).hide(required(input.ReceiptHandle, "ReceiptHandle"), seconds * 1000);
      return {};
    },
  ],
  [
    "PurgeQueue",
    (sqs, input) => {
      sqs.queue(input).messages.splice(0);
      return {};
    },
  ],
]);

async function receive(sqs: Sqs, input: Input): Promise<unknown> {
  const queue = sqs.queue(input);
  const { MaxNumberOfMessages: count = 1, WaitTimeSeconds: wait = 0 } = input;
  if (count < 1 || count > 10) {
    const problem = `Value ${count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`;
    throw new AwsError("InvalidParameterValue", problem);
  }
  const hide = (input.VisibilityTimeout ?? queue.visibilitySeconds) * 1000;
  const messages = await queue.receive(count, Math.min(wait, 20) * 1000, hide);
  return messages.length === 0 ? {} : { Messages: messages.map(shown) };
}

/** All attributes, whichever were asked for: a client takes what it wants. */
function shown(message: Message): Record<string, unknown> {
  const attributes = Object.entries(message.attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: {
      SentTimestamp: String(message.sentAt),
      ApproximateReceiveCount: String(message.received),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    },
    ...(attributes.length === 0
      ? {}
      : {
          MessageAttributes: Object.fromEntries(
            attributes.map(([name, value]) => [name, { StringValue: value, DataType: "String" }]),
          ),
        }),
  };
}

function plain(attributes: Input["MessageAttributes"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, { StringValue = "" }]) => [name, StringValue]),
  );
}

function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);
}
