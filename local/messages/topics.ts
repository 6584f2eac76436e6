/**
 * SNS topics: what was published is kept to be looked at, and handed on to the queues and functions that subscribe.
 * Subscriptions of people (email, SMS) and of HTTP endpoints are noted and get nothing.
 */
import { randomUUID } from "node:crypto";
import { DeliveryError, type Destinations, type Outgoing } from "./destinations.ts";

export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
}

export interface Published {
  readonly id: string;
  readonly message: string;
  readonly subject: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

export class Topic {
  readonly name: string;
  readonly arn: string;
  readonly published: Published[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly #destinations: Destinations;

  constructor(name: string, arn: string, destinations: Destinations) {
    this.name = name;
    this.arn = arn;
    this.#destinations = destinations;
  }

  publish({ body, subject, cause }: Outgoing): string {
    const published = { id: randomUUID(), message: body, subject, at: Date.now() };
    this.published.push(published);
    for (const { protocol, endpoint } of this.subscriptions) {
      if (protocol !== "sqs" && protocol !== "lambda") continue;
      const envelope = JSON.stringify(
        protocol === "sqs" ? this.#notification(published) : this.#records(published),
      );
      this.#forward(endpoint, { body: envelope, cause });
    }
    return published.id;
  }

  /** A subscriber that does not let the topic in gets nothing, and nobody is told: so it is with SNS. */
  #forward(endpoint: string, message: Outgoing): void {
    const sender = { kind: "service", service: "sns.amazonaws.com", sourceArn: this.arn } as const;
    try {
      this.#destinations.send(endpoint, sender, message);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
    }
  }

  #notification({ id, message, subject, at }: Published): Record<string, unknown> {
    return {
      Type: "Notification",
      MessageId: id,
      TopicArn: this.arn,
      ...(subject === undefined ? {} : { Subject: subject }),
      Message: message,
      Timestamp: new Date(at).toISOString(),
    };
  }

  #records(published: Published): Record<string, unknown> {
    return { Records: [{ EventSource: "aws:sns", EventVersion: "1.0", Sns: this.#notification(published) }] };
  }
}
