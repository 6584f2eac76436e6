/** How many custom metrics CloudWatch would bill: what the code publishes, each name with its dimensions once. */
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { emptyMemory } from "../shared/memory.ts";
import { Tally } from "../shared/metrics.ts";
import type { Report } from "../shared/report.ts";

/** The metrics that reports come to; with `swept`, those of a sweep of all groups beside. */
export function metricsOf(reports: readonly Report[], swept = false): number {
  const tally = new Tally();
  for (const report of reports) tally.report(report);
  if (swept) tally.sweep(reports, { whole: true, memory: { ...emptyMemory(), sweptAt: 0 }, now: 60_000 });
  const seen = new Set<string>();
  const one = () => {
    let dimensions: unknown = {};
    return {
      addDimensions: (all: unknown) => {
        dimensions = all;
      },
      addMetric: (name: string) => seen.add(JSON.stringify([name, dimensions])),
    };
  };
  // Of powertools' metrics the tally uses this alone.
  tally.publish({ singleMetric: one } as unknown as Metrics);
  return seen.size;
}
