/**
 * Asynchronous invocations: taken at once, run at least once, tried again when the function fails, and sent to the
 * dead letters in the end.
 *
 *     function error   again after 1 and after 2 minutes, at most MaximumRetryAttempts times
 *     throttled        again after 1 s, 2 s, 4 s … 5 min, until MaximumEventAge
 *
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import { DeliveryError, type Destinations } from "../messages/destinations.ts";
import { Timers } from "../messages/timers.ts";
import type { Answer, FunctionConfig } from "./function.ts";
import type { Lambda } from "./lambda.ts";

export interface AsynchronousOptions {
  readonly lambda: Lambda;
  readonly destinations: Destinations;
  /** Before the first retry after a function error, before the second, … the last counts for all that follow. */
  readonly retryDelaysMs?: readonly number[];
  /** Told of what could neither be run nor put anywhere. */
  readonly onLost?: (functionName: string, why: string) => void;
}

interface Pending {
  readonly config: FunctionConfig;
  readonly payload: string;
  readonly requestId: string;
  readonly accepted: number;
  cause: string | undefined;
  attempts: number;
  throttles: number;
}

export class Asynchronous {
  readonly #options: AsynchronousOptions;
  readonly #timers = new Timers();
  readonly #running = new Set<Promise<void>>();

  constructor(options: AsynchronousOptions) {
    this.#options = options;
  }

  /** Takes the event and answers its request id. Throws ResourceNotFoundException. */
  accept(name: string, payload: string, cause: string | undefined): string {
    const config = this.#options.lambda.find(name);
    const requestId = randomUUID();
    this.#start({ config, payload, requestId, cause, accepted: Date.now(), attempts: 0, throttles: 0 });
    return requestId;
  }

  /** Resolves when nothing runs and nothing waits for a retry. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#timers.pending > 0) {
      await Promise.race([...this.#running, new Promise((resolve) => setTimeout(resolve, 5))]);
    }
  }

  /** Drops what waits. Ends the running ones only with their environments. */
  close(): void {
    this.#timers.close();
  }

  #start(pending: Pending): void {
    const attempt = this.#attempt(pending).catch((error: unknown) => {
      this.#options.onLost?.(pending.config.name, error instanceof Error ? error.message : String(error));
    });
    this.#running.add(attempt);
    void attempt.finally(() => this.#running.delete(attempt));
  }

  async #attempt(pending: Pending): Promise<void> {
    const answer = await this.#invoke(pending);
    if (answer === undefined) this.#throttled(pending);
    else this.#answered(pending, answer);
  }

  #answered(pending: Pending, answer: Answer): void {
    pending.attempts += 1;
    pending.cause = answer.ended;
    const { asynchronous } = pending.config;
    if (answer.failure === undefined) {
      this.#destine(asynchronous.onSuccess, pending, record(pending, "Success", answer));
      return;
    }
    const delays = this.#options.retryDelaysMs ?? [60_000, 120_000];
    const delay = delays[Math.min(pending.attempts, delays.length) - 1] ?? 0;
    const exhausted = pending.attempts > asynchronous.maximumRetryAttempts;
    if (exhausted) this.#giveUp(pending, "RetriesExhausted", answer);
    else if (this.#tooOld(pending, delay)) this.#giveUp(pending, "EventAgeExceeded", answer);
    else this.#timers.after(delay, () => this.#start(pending));
  }

  /** Undefined: throttled. */
  async #invoke(pending: Pending): Promise<Answer | undefined> {
    const { config, payload, requestId, cause } = pending;
    try {
      return await this.#options.lambda.invoke(config.name, { payload, requestId, cause });
    } catch (error) {
      if (error instanceof AwsError && error.code === "TooManyRequestsException") return undefined;
      throw error;
    }
  }

  #throttled(pending: Pending): void {
    const [first = 60_000] = this.#options.retryDelaysMs ?? [];
    // In step with the function's retries where these were made faster: a second to their minute.
    const delay = Math.min(first / 60, 1000) * Math.min(2 ** pending.throttles, 300);
    pending.throttles += 1;
    if (this.#tooOld(pending, delay)) this.#giveUp(pending, "EventAgeExceeded", undefined);
    else this.#timers.after(delay, () => this.#start(pending));
  }

  #tooOld(pending: Pending, delay: number): boolean {
    const age = Date.now() + delay - pending.accepted;
    return age > pending.config.asynchronous.maximumEventAgeSeconds * 1000;
  }

  #giveUp(pending: Pending, condition: string, answer: Answer | undefined): void {
    const { onFailure, deadLetter } = pending.config.asynchronous;
    this.#destine(onFailure, pending, record(pending, condition, answer));
    if (deadLetter === undefined) return;
    this.#destine(deadLetter, pending, pending.payload, {
      RequestID: pending.requestId,
      ErrorCode: "200",
      ErrorMessage: answer?.failure?.errorMessage ?? condition,
    });
  }

  #destine(
    arn: string | undefined,
    pending: Pending,
    body: string,
    attributes: Record<string, string> = {},
  ): void {
    if (arn === undefined) return;
    const sender = { kind: "role", role: pending.config.role } as const;
    try {
      this.#options.destinations.send(arn, sender, { body, attributes, cause: pending.cause });
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      this.#options.onLost?.(pending.config.name, error.message);
    }
  }
}

/** What a destination is sent. Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations". */
function record(pending: Pending, condition: string, answer: Answer | undefined): string {
  const { config, payload, requestId, attempts } = pending;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId,
      functionArn: `${config.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(payload),
    ...(answer === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: "$LATEST",
            ...(answer.failure === undefined ? {} : { functionError: "Unhandled" }),
          },
          responsePayload: JSON.parse(answer.payload),
        }),
  });
}
