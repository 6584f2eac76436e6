/**
 * Alarms on the controller itself, which tell the same people by the same topic, and not by way of the controller.
 *
 * None is about a group: a group's trouble is told by its own events. The runbook has a section for each, under its name.
 */
import type { Config } from "../../shared/config.ts";
import { type Metric, NAMESPACE } from "../../shared/metrics.ts";
import { probersOf } from "../../shared/probers.ts";
import { TOPIC } from "./notifications.ts";
import { arn, attribute, type Place, type Resource, type Resources } from "./template.ts";

interface Watched {
  /** The anchor in the runbook. */
  readonly name: string;
  readonly what: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const MINUTE = 60;
/** Functions that nobody waits for: their errors are nobody's answer. Those of a command are its operator's. */
const BACKGROUND = ["onHealthEvent", "sweep"];
/** Commands that also run by themselves: what fails then lies in the dead-letter queue, and a refused command does not. */
const BOTH = ["doctor", "drill"];

/** The alarms, by logical id. */
export function controllerAlarms(config: Config, place: Place): Resources {
  return Object.fromEntries(watched(config, place).map((one) => [idOf(one.name), alarm(config, place, one)]));
}

/** Their ARNs, for the dashboard. */
export function controllerAlarmArns(config: Config, place: Place): unknown[] {
  return watched(config, place).map(({ name }) => arn("cloudwatch", `alarm:${physical(place, name)}`));
}

function watched(config: Config, place: Place): Watched[] {
  const alone = [...BACKGROUND, ...probersOf(config).map(({ name }) => name)];
  return [
    {
      name: "no-sweep",
      what: "No sweep for three minutes: nobody looks at the groups.",
      properties: {
        // FILL: a minute without a sweep is a zero at once, and not a gap that CloudWatch first looks around.
        Metrics: [
          {
            Id: "sweeps",
            MetricStat: { Metric: own(place, "sweeps"), Period: MINUTE, Stat: "Sum" },
            ReturnData: false,
          },
          { Id: "filled", Expression: "FILL(sweeps, 0)", Label: "sweeps", ReturnData: true },
        ],
        ComparisonOperator: "LessThanThreshold",
        Threshold: 1,
        EvaluationPeriods: 3,
        TreatMissingData: "breaching",
      },
    },
    {
      name: "dead-letters",
      what: "Something could not be delivered, or failed for good: it lies in the dead-letter queue.",
      properties: {
        ...single("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
        Dimensions: [{ Name: "QueueName", Value: attribute("DeadLetterQueue", "QueueName") }],
        ...above(1, 1),
      },
    },
    {
      name: "no-eligible-standby",
      what: "For five minutes a group has had no member that could take it: the next failure would not be survived.",
      properties: { ...ofOurs(place, "groupsWithoutStandby", "Sum"), ...above(1, 5) },
    },
    {
      name: "interface-on-nothing",
      what: "For three minutes an interface has been attached to nothing: its address is down.",
      properties: { ...ofOurs(place, "interfacesOnNothing", "Sum"), ...above(1, 3) },
    },
    {
      name: "events-unsent",
      what: "Events could not be put on the bus: people are not told of moves.",
      properties: {
        ...ofOurs(place, "errors", "Sum"),
        Dimensions: [...serviceOf(place), { Name: "kind", Value: "bus" }],
        ...above(1, 1),
      },
    },
    {
      name: "throttled",
      what: "Lambda had no room for an invocation: see the account's concurrency.",
      properties: {
        Metrics: [
          // An alarm takes ten metrics and expressions: past that, probers are left to the doctor, who hears nothing of them.
          ...[...BOTH, ...alone].slice(0, 9).map((name, at) => ({
            Id: `m${at}`,
            MetricStat: { Metric: ofFunction(place, "Throttles", name), Period: MINUTE, Stat: "Sum" },
            ReturnData: false,
          })),
          { Id: "all", Expression: "SUM(METRICS())", Label: "throttles", ReturnData: true },
        ],
        ...above(1, 1),
      },
    },
    ...alone.map((name) => ({
      name: `errors-${name}`,
      what: `${name} failed: its log says why.`,
      properties: {
        ...single("AWS/Lambda", "Errors", "Sum"),
        Dimensions: ofFunction(place, "Errors", name).Dimensions,
        ...above(1, 1),
      },
    })),
  ];
}

const single = (Namespace: string, MetricName: string, Statistic: string) => ({
  Namespace,
  MetricName,
  Statistic,
  Period: MINUTE,
});

const serviceOf = ({ stack }: Place) => [{ Name: "service", Value: stack }];

const own = (place: Place, MetricName: Metric) => ({
  Namespace: NAMESPACE,
  MetricName,
  Dimensions: serviceOf(place),
});

const ofOurs = (place: Place, metric: Metric, statistic: string) => ({
  ...single(NAMESPACE, metric, statistic),
  Dimensions: serviceOf(place),
});

const ofFunction = ({ stack }: Place, MetricName: string, name: string) => ({
  Namespace: "AWS/Lambda",
  MetricName,
  Dimensions: [{ Name: "FunctionName", Value: `${stack}-${name}` }],
});

/** In ALARM once it has been so much for so many minutes. */
const above = (Threshold: number, EvaluationPeriods: number) => ({
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  Threshold,
  EvaluationPeriods,
  TreatMissingData: "notBreaching",
});

function alarm(
  { notifications: { runbook } }: Config,
  place: Place,
  { name, what, properties }: Watched,
): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: physical(place, name),
      AlarmDescription: `${what} What to do: ${runbook}#${anchorOf(name)}`,
      ...properties,
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
    },
  };
}

/** One section of the runbook is for all functions that fail. */
const anchorOf = (name: string) => `alarm-${name.startsWith("errors-") ? "errors" : name}`;

const physical = ({ stack }: Place, name: string) => `${stack}-controller-${name}`;

/** Logical ids are letters and digits only. */
const idOf = (name: string) =>
  `Controller${name
    .split("-")
    .map((part) => part[0]?.toUpperCase() + part.slice(1))
    .join("")}`;
