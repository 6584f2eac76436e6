/**
 * Queues in memory, as SQS answers: a message received is hidden for the visibility timeout, and gone once deleted.
 * Not emulated: FIFO queues, delays, redrive to another queue, expiry.
 */
import { createHash, randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Datapoint } from "../cloudwatch/metrics.ts";
import type { Place } from "../service.ts";

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  received: number;
  firstReceivedAt: number | undefined;
  hiddenUntil: number;
  receipt: string | undefined;
}

export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly visibilitySeconds: number;
  readonly messages: Message[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(name: string, place: Pick<Place, "account" | "region">, visibilitySeconds = 30) {
    this.name = name;
    this.arn = `arn:aws:sqs:${place.region}:${place.account}:${name}`;
    this.visibilitySeconds = visibilitySeconds;
  }

  send(body: string, attributes: Readonly<Record<string, string>> = {}): Message {
    const message: Message = {
      id: randomUUID(),
      body,
      attributes,
      sentAt: Date.now(),
      received: 0,
      firstReceivedAt: undefined,
      hiddenUntil: 0,
      receipt: undefined,
    };
    this.messages.push(message);
    for (const wake of this.#waiting) wake();
    return message;
  }

  /** At most `count` messages that nobody else holds, waiting for the first up to `waitMs`. */
  async receive(count: number, waitMs: number, hideMs: number): Promise<Message[]> {
    if (this.#visible(Date.now()).length === 0 && waitMs > 0) await this.#arrival(waitMs);
    const now = Date.now();
    const taken = this.#visible(now).slice(0, count);
    for (const message of taken) {
      message.received += 1;
      message.firstReceivedAt ??= now;
      message.hiddenUntil = now + hideMs;
      message.receipt = randomUUID();
    }
    return taken;
  }

  /** Deletes by receipt handle; one that is out of date deletes nothing, as SQS has it. */
  delete(receipt: string): void {
    const index = this.messages.findIndex((message) => message.receipt === receipt);
    if (index >= 0) this.messages.splice(index, 1);
  }

  /** Makes a received message visible again after so many milliseconds. */
  hide(receipt: string, milliseconds: number): void {
    const message = this.messages.find((candidate) => candidate.receipt === receipt);
    if (message === undefined) {
      throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.", 404);
    }
    message.hiddenUntil = Date.now() + milliseconds;
  }

  /** Every attribute of GetQueueAttributes that is known here. */
  attributes(): Record<string, string> {
    const visible = this.#visible(Date.now()).length;
    return {
      QueueArn: this.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(this.messages.length - visible),
      ApproximateNumberOfMessagesDelayed: "0",
      VisibilityTimeout: String(this.visibilitySeconds),
      DelaySeconds: "0",
      ReceiveMessageWaitTimeSeconds: "0",
    };
  }

  /** What SQS measures of it each minute. */
  visibleMessages(): Datapoint {
    const [namespace, name] = ["AWS/SQS", "ApproximateNumberOfMessagesVisible"];
    const value = this.#visible(Date.now()).length;
    return { namespace, name, dimensions: { QueueName: this.name }, value };
  }

  #visible(now: number): Message[] {
    return this.messages.filter(({ hiddenUntil }) => hiddenUntil <= now);
  }

  #arrival(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }
}

/** What SQS sends with every body, for the client to compare. */
export const md5 = (text: string) => createHash("md5").update(text).digest("hex");
