/**
 * A function for every prober of the configuration, in its subnets, and the rules that carry its answers. None where no
 * group is probed.
 *
 *   schedule ──→ probe ──→ on-success destination: the default bus ──┬─ verdict ──→ onHealthEvent
 *                  ↑                                                 └─ rest ──┐
 *                  └── an early answer: the rest of the minute ────────────────┘
 *
 * The function's subnets need no way out: Lambda takes its log, its metrics and its answer from it.
 */
import type { Config } from "../../shared/config.ts";
import { type Prober, probersOf } from "../../shared/probers.ts";
import { answersOf, type RuleEvent } from "./rules.ts";
import type { ScheduleEvent } from "./schedule.ts";
import { arn, attribute, type Place } from "./template.ts";

/** A function as serverless.yml would have it. */
export type FunctionDefinition = Readonly<Record<string, unknown>>;

/** Twice a minute and more, which no run takes: what hangs is ended. */
const LIMIT_SECONDS = 180;

/** An answer is told again, or is too old: there is nothing to save it for. */
const RETRY = { maximumEventAge: 60, maximumRetryAttempts: 2 };

/** The functions of all probers, by name. */
export function probeFunctions(config: Config, place: Place): Readonly<Record<string, FunctionDefinition>> {
  return Object.fromEntries(probersOf(config).map((prober) => [prober.name, probeFunction(prober, place)]));
}

function probeFunction({ name, subnets, securityGroups, groups }: Prober, place: Place): FunctionDefinition {
  return {
    description: `Probes ${groups.length} ${groups.length === 1 ? "group" : "groups"} from inside the VPC, a minute at a time.`,
    handler: "dist/probe.handler",
    role: "ProbeRole",
    memorySize: megabytes(groups.length),
    timeout: LIMIT_SECONDS,
    // It runs all the time and calls nothing: there is nothing to see in its traces.
    tracing: "PassThrough",
    vpc: { subnetIds: subnets, securityGroupIds: securityGroups },
    package: { patterns: ["dist/package.json", "dist/failover.json", "dist/probe.js", "dist/probe.js.map"] },
    maximumEventAge: 60,
    // A second run would tell of a minute that is over. The schedule starts the next.
    maximumRetryAttempts: 0,
    destinations: { onSuccess: { type: "eventBus", arn: arn("events", "event-bus/default") } },
    events: [minute(name, place), rest(name, place)],
  };
}

/** CPU comes with memory: 128 MB have a fourteenth of one, which twenty groups of three addresses leave mostly idle. */
function megabytes(groups: number): number {
  return 128 * Math.ceil(groups / 20);
}

const deadLetterQueueArn = attribute("DeadLetterQueue", "Arn");

function minute(name: string, { stack }: Place): ScheduleEvent {
  return {
    eventBridge: {
      name: `${stack}-${name}`,
      description: "A minute of probes, every minute",
      schedule: "rate(1 minute)",
      retryPolicy: RETRY,
      deadLetterQueueArn,
    },
  };
}

/** An answer before its time: the rest of the minute is probed by a run that knows what the one before it knew. */
function rest(name: string, place: Place): RuleEvent {
  return {
    eventBridge: {
      name: `${place.stack}-${name}-rest`,
      description: "The rest of a minute of probes",
      pattern: answersOf([name], place, { responsePayload: { until: [{ exists: true }] } }),
      inputTransformer: {
        inputPathsMap: {
          until: "$.detail.responsePayload.until",
          verdicts: "$.detail.responsePayload.verdicts",
          doubts: "$.detail.responsePayload.doubts",
        },
        inputTemplate: '{"until": <until>, "verdicts": <verdicts>, "doubts": <doubts>}',
      },
      retryPolicy: RETRY,
      deadLetterQueueArn,
    },
  };
}
