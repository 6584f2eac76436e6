/** The metrics of a function: those that it writes into its log, and Lambda's own. */
import { type MetricName, type Sample, sampleOf } from "../cloudwatch/metrics.ts";

/** One metric, and what is known of it at one time. */
export type Measured = readonly [MetricName, Sample];

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
}

type Line = Readonly<Record<string, unknown>> & {
  readonly _aws?: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
};

/**
 * The metrics that CloudWatch takes out of a line of the log: each of a directive's metrics once for each of its sets of
 * dimensions, with every value that the line has for it. A line without the format has none.
 * Source: CloudWatch user guide, "Specification: Embedded metric format".
 */
export function embeddedMetrics(line: string): Measured[] {
  const root = line.includes('"_aws"') ? parsed(line) : {};
  const { Timestamp: at = 0, CloudWatchMetrics: directives = [] } = root._aws ?? {};
  return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics: metrics }) =>
    Dimensions.flatMap((names) =>
      metrics.flatMap(({ Name: name, Unit }) => {
        const dimensions = Object.fromEntries(names.map((key) => [key, String(root[key])]));
        const values = [root[name]].flat().filter((value) => typeof value === "number");
        return values.map((value): Measured => {
          return [{ namespace, name, dimensions }, sampleOf(value, at, undefined, Unit)];
        });
      }),
    ),
  );
}

/** A line that a killed process has not written to its end is no JSON, and has none. */
function parsed(line: string): Line {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** What Lambda measures of an invocation, or of one that it had no room for. Source: Lambda developer guide, "Types of metrics for Lambda functions". */
export function lambdaMetrics(
  FunctionName: string,
  at: number,
  values: Readonly<Partial<Record<"Invocations" | "Errors" | "Throttles" | "Duration", number>>>,
): Measured[] {
  return Object.entries(values).map(([name, value]) => {
    const unit = name === "Duration" ? "Milliseconds" : "Count";
    const metric = { namespace: "AWS/Lambda", name, dimensions: { FunctionName } };
    return [metric, sampleOf(value, at, undefined, unit)];
  });
}
