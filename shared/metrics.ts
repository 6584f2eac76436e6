/** Metrics by embedded metric format: one line in the log, no call on the way of a failover. */
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Report } from "./report.ts";

/** Counts a report by group, outcome and `because`, and times its phases. */
export function measure(metrics: Metrics, report: Report): void {
  const one = metrics.singleMetric();
  one.addDimensions({ group: report.group, outcome: report.outcome, because: report.because });
  one.addMetric("looks", MetricUnit.Count, 1);
  const { detected, inUse, serving } = report.phases;
  if (detected === undefined) return;
  const took = { moved: ["detectedToInUse", inUse], serving: ["detectedToServing", serving] } as const;
  const [name, end] = took[report.outcome as keyof typeof took] ?? [];
  if (name === undefined || end === undefined) return;
  const duration = metrics.singleMetric();
  duration.addDimensions({ group: report.group, because: report.because });
  duration.addMetric(name, MetricUnit.Milliseconds, Date.parse(end) - Date.parse(detected));
}
