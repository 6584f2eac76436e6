/**
 * Delivery of a matched event to one target: tried again while that can help, and then to the rule's dead letters.
 *
 * A target that is gone, or that does not let this rule in, gets no second try: the event goes to the dead letters at
 * once. A function that *fails* was delivered to: its retries are Lambda's.
 * Source: EventBridge user guide, "How EventBridge retries delivering events" and "Using dead-letter queues".
 */
import { DeliveryError, type Destinations } from "../messages/destinations.ts";
import { Timers } from "../messages/timers.ts";
import type { Rule, Target } from "./rule.ts";

export interface DeliveryOptions {
  readonly destinations: Destinations;
  /** Before the first retry; it doubles up to a minute. AWS does not document its own. */
  readonly firstRetryMs?: number;
  /** Told of what was dropped, there being no dead letter queue that took it. */
  readonly onLost?: (rule: string, why: string) => void;
}

interface Parcel {
  readonly rule: Rule;
  readonly target: Target;
  readonly body: string;
  readonly cause: string;
  readonly begun: number;
  attempts: number;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #timers = new Timers();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** How many deliveries wait for their next try. */
  get pending(): number {
    return this.#timers.pending;
  }

  deliver(rule: Rule, target: Target, body: string, cause: string): void {
    this.#attempt({ rule, target, body, cause, begun: Date.now(), attempts: 0 });
  }

  close(): void {
    this.#timers.close();
  }

  #attempt(parcel: Parcel): void {
    const { rule, target, body, cause } = parcel;
    const sender = { kind: "service", service: "events.amazonaws.com", sourceArn: rule.arn } as const;
    try {
      this.#options.destinations.send(target.arn, sender, { body, cause });
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      this.#failed(parcel, error);
    }
  }

  #failed(parcel: Parcel, error: DeliveryError): void {
    const { maximumRetryAttempts = 185, maximumEventAgeSeconds = 86_400 } = parcel.target.retryPolicy ?? {};
    const delay = Math.min((this.#options.firstRetryMs ?? 1000) * 2 ** parcel.attempts, 60_000);
    const tooOld = Date.now() + delay - parcel.begun > maximumEventAgeSeconds * 1000;
    if (!error.retriable) this.#bury(parcel, error, undefined);
    else if (parcel.attempts >= maximumRetryAttempts) this.#bury(parcel, error, "MaximumRetryAttempts");
    else if (tooOld) this.#bury(parcel, error, "MaximumEventAgeInSeconds");
    else {
      parcel.attempts += 1;
      this.#timers.after(delay, () => this.#attempt(parcel));
    }
  }

  #bury(parcel: Parcel, error: DeliveryError, exhausted: string | undefined): void {
    const { rule, target, body, cause, attempts } = parcel;
    if (target.deadLetter === undefined) {
      this.#options.onLost?.(rule.name, error.message);
      return;
    }
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: error.code,
      ERROR_MESSAGE: error.message,
      RETRY_ATTEMPTS: String(attempts),
      ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    const sender = { kind: "service", service: "events.amazonaws.com", sourceArn: rule.arn } as const;
    try {
      this.#options.destinations.send(target.deadLetter, sender, { body, attributes, cause });
    } catch (failure) {
      if (!(failure instanceof DeliveryError)) throw failure;
      const why = `${error.message}; and the dead letter queue refused it: ${failure.message}`;
      this.#options.onLost?.(rule.name, why);
    }
  }
}
