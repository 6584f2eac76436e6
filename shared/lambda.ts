/**
 * What every function shares, as one middy stack: the logging context, the metrics, the deadline and the shape of an
 * error. What a function exports is the wrapped handler; a test proves that the stack runs.
 */
import { setMaxListeners } from "node:events";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { Config } from "./config.ts";
import { loadConfig, settings } from "./config.ts";
import { Failure } from "./errors.ts";
import { NAMESPACE, Tally } from "./metrics.ts";
import type { Report } from "./report.ts";
import { Refused } from "./report.ts";
import type { World } from "./world.ts";
import { liveWorld } from "./world.ts";

/** What a function is given beside its input. */
export interface Invocation {
  readonly config: Config;
  readonly world: World;
  /** Logs a report as one wide line and counts it. Every report goes through here. */
  readonly tell: (report: Report, trigger: string) => void;
  /** Counts what the invocation did; written to the log at its end. */
  readonly tally: Tally;
}

export type Handler<Answer> = (event: unknown, context: Context) => Promise<Answer>;

/** Calls in flight are aborted, and awaited, so long before Lambda would cut them off. */
const ABORT_BEFORE_LIMIT_MS = 3_000;
/** More calls are never in flight: each of them listens to the signal. */
const CALLS_AT_ONCE = 1_000;

const logger = new Logger({ serviceName: "eni-failover" });
/** Two stages of one account must not be counted together: `service` is the name of the stack. */
const metrics = new Metrics({ namespace: NAMESPACE, serviceName: settings().stack });

/** Parsed once per cold start; a configuration that is wrong fails every invocation with all its problems. */
let configuration: Promise<Config> | undefined;

/** Wraps what a function does into the Lambda handler that it exports. */
export function lambda<Answer>(
  work: (event: unknown, invocation: Invocation) => Promise<Answer>,
): Handler<Answer> {
  return middy<unknown, Answer>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(failures)
    .handler((event, context) => withDeadline(context, (signal) => run(work, event, context, signal)));
}

async function run<Answer>(
  work: (event: unknown, invocation: Invocation) => Promise<Answer>,
  event: unknown,
  context: Context,
  signal: AbortSignal,
): Promise<Answer> {
  const tally = new Tally();
  configuration ??= loadConfig();
  const config = await configuration;
  const world = liveWorld({
    table: tableName(),
    stack: settings().stack,
    remainingMs: context.getRemainingTimeInMillis(),
    signal,
    log: (level, message, fields: LogFields = {}) => {
      logger[level](message, { ...fields });
      if (level === "error") tally.add("errors", 1, { kind: fields.kind ?? kindOf(fields.error) });
    },
  });
  const tell = (report: Report, trigger: string): void => {
    // Hundreds of groups are healthy every minute: that is in the metrics.
    const level = report.because === "healthy" ? "debug" : "info";
    logger[level](report.message, { report: { ...report, trigger } });
    tally.report(report);
  };
  try {
    return await work(event, { config, world, tell, tally });
  } catch (error) {
    const said = error instanceof Refused || tally.total("errors") > 0;
    if (!said) tally.add("errors", 1, { kind: kindOf(error) });
    throw error;
  } finally {
    tally.publish(metrics);
  }
}

interface LogFields {
  readonly kind?: string;
  readonly error?: unknown;
}

/** What an error is counted as: what happens next, or else whose it is. */
function kindOf(error: unknown): string {
  if (error instanceof Failure) return error.next;
  return error instanceof Error && error.name === "BadRequest" ? "bad-request" : "bug";
}

function tableName(): string {
  const { table } = settings();
  if (table === undefined) {
    throw new Error(
      "FAILOVER_TABLE is not set: give it the name of the DynamoDB table that keeps the record.",
    );
  }
  return table;
}

/** Gives `work` a signal that aborts shortly before the limit. `work` itself is always awaited. */
async function withDeadline<Answer>(
  context: Context,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController();
  // Node takes more than ten listeners for a leak, and says so in the log.
  setMaxListeners(CALLS_AT_ONCE, controller.signal);
  const left = context.getRemainingTimeInMillis() - ABORT_BEFORE_LIMIT_MS;
  const timer = setTimeout(() => controller.abort(), Math.max(left, 0));
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    // Sleeps that nobody waits for any more end here: a timer must not outlive its invocation.
    controller.abort();
  }
}

/**
 * Logs what went wrong, and lets it go on: a swallowed error is a failover that never happened. A refusal is an
 * answer, already logged as a report.
 */
const failures: MiddlewareObj = {
  onError: (request) => {
    if (!(request.error instanceof Refused)) logger.error("the function failed", request.error as Error);
  },
};
