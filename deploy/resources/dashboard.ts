/**
 * The dashboard: how long moves take against the objective, what holds, and how the controller itself is. No widget is
 * about one group, so that it is the same size for one group and for a thousand.
 */
import type { Config } from "../../shared/config.ts";
import type { Phases } from "../../shared/core/model.ts";
import { METRICS, type Metric, NAMESPACE } from "../../shared/metrics.ts";
import { controllerAlarmArns } from "./controller-alarms.ts";
import { attribute, type Place, type Resource } from "./template.ts";

/** The phases of a move, each measured since the one before. */
const PHASES = Object.keys({
  decided: true,
  claimed: true,
  detachAsked: true,
  detached: true,
  attachAsked: true,
  inUse: true,
  fenceAsked: true,
  fenced: true,
  settled: true,
} satisfies Record<Exclude<keyof Phases, "detected" | "serving">, true>);
const MINUTE = 60;
const FIVE_MINUTES = 300;

interface Widget {
  readonly type: "metric" | "text" | "alarm";
  readonly height: number;
  readonly width: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

export function dashboard(config: Config, place: Place): Resource {
  const body = JSON.stringify({
    periodOverride: "inherit",
    start: "-PT24H",
    widgets: widgets(config, place),
  });
  const [queue, ...alarms] = [
    attribute("DeadLetterQueue", "QueueName"),
    ...controllerAlarmArns(config, place),
  ];
  return {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      // Dashboards are the account's, of all its Regions: a second deployment would find the name taken.
      DashboardName: { "Fn::Sub": `${place.stack}-\${AWS::Region}` },
      DashboardBody: {
        "Fn::Sub": [
          body.replaceAll('"ALARMS"', alarms.map((_, at) => `"\${Alarm${at}}"`).join(",")),
          { Queue: queue, ...Object.fromEntries(alarms.map((one, at) => [`Alarm${at}`, one])) },
        ],
      },
    },
  };
}

function widgets(config: Config, place: Place): Widget[] {
  const { stack } = place;
  const service = ["service", stack];
  const metric = (name: Metric, ...more: unknown[]) => [NAMESPACE, name, ...service, ...more];
  /** Every value of the metric's dimensions, as they come, but those that are left out. */
  const each = (name: Metric, statistic: string, but = "") => {
    const schema = [NAMESPACE, "service", ...METRICS[name].dimensions].join(",");
    const search = `SEARCH('{${schema}} MetricName="${name}" service="${stack}"${but}', '${statistic}', ${FIVE_MINUTES})`;
    return [{ expression: search, id: name }];
  };
  const lambda = (name: string, fn: string) => ["AWS/Lambda", name, "FunctionName", `${stack}-${fn}`];
  return [
    {
      type: "alarm",
      width: 24,
      height: 3,
      properties: { title: "The controller itself", alarms: ["ALARMS"] },
    },
    graph("Recovery: from detected to in use, against the objective (rtoSeconds)", {
      metrics: [
        metric("recoveryMilliseconds", { stat: "Maximum", label: "slowest" }),
        metric("recoveryMilliseconds", { stat: "p50", label: "median" }),
      ],
      annotations: { horizontal: objectives(config) },
      period: FIVE_MINUTES,
    }),
    graph("Phases of moves, milliseconds since the phase before", {
      metrics: PHASES.map((phase) => metric("phaseMilliseconds", "phase", phase, { label: phase })),
      stat: "Maximum",
      stacked: true,
      period: FIVE_MINUTES,
    }),
    graph("Moves, by outcome and because", { metrics: [each("moves", "Sum")], stacked: true }),
    graph("Holds, by because; without healthy, beside which they could not be seen", {
      metrics: [each("holds", "Sum", ' NOT because="healthy"')],
    }),
    graph("Sweeps a minute, and seconds between them", {
      metrics: [
        metric("sweeps", { stat: "Sum" }),
        metric("sweepGapSeconds", { stat: "Maximum", yAxis: "right" }),
      ],
      period: MINUTE,
    }),
    graph("Groups that nobody could take, interfaces on nothing", {
      metrics: [metric("groupsWithoutStandby"), metric("interfacesOnNothing")],
      stat: "Sum",
      period: MINUTE,
    }),
    graph("Errors, by kind", { metrics: [each("errors", "Sum")], stacked: true }),
    graph("Functions: errors, throttles, slowest run", {
      metrics: ["onHealthEvent", "sweep"].flatMap((fn) => [
        [...lambda("Errors", fn), { stat: "Sum" }],
        [...lambda("Throttles", fn), { stat: "Sum" }],
        [...lambda("Duration", fn), { stat: "Maximum", yAxis: "right" }],
      ]),
      period: MINUTE,
    }),
    graph("Dead letters", {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
      metrics: [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${Queue}"]],
      stat: "Maximum",
      period: MINUTE,
    }),
  ];
}

function graph(title: string, properties: Readonly<Record<string, unknown>>): Widget {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
  const region = "${AWS::Region}";
  return {
    type: "metric",
    width: 12,
    height: 6,
    properties: { title, region, view: "timeSeries", ...properties },
  };
}

/** One line for each objective, or for the shortest and the longest where there are many. */
function objectives({ groups }: Config): object[] {
  const all = [...new Set(Object.values(groups).map(({ policy }) => policy.rtoSeconds))].sort(
    (a, b) => a - b,
  );
  const drawn = all.length <= 4 ? all : [all[0], all.at(-1)];
  return drawn.map((seconds = 0) => ({ label: `objective ${seconds} s`, value: seconds * 1000 }));
}
