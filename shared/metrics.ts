/**
 * Metrics by embedded metric format: lines in the log, no call on the way of a failover.
 *
 * No dimension is a group: CloudWatch bills by the metric, and hundreds of groups would be thousands of them. Which group
 * it was stands in the log, in the history and in `status`.
 */
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Memory } from "./memory.ts";
import type { Report } from "./report.ts";

export const NAMESPACE = "EniFailover";

/** Every metric, and its dimensions beside `service`, which is the name of the stack. */
export const METRICS = {
  moves: { unit: MetricUnit.Count, dimensions: ["outcome", "because"] },
  holds: { unit: MetricUnit.Count, dimensions: ["because"] },
  /** Of a move: since the phase before. */
  phaseMilliseconds: { unit: MetricUnit.Milliseconds, dimensions: ["phase"] },
  /** Of a move: from detected to in use, which the objective is about. */
  recoveryMilliseconds: { unit: MetricUnit.Milliseconds, dimensions: [] },
  sweeps: { unit: MetricUnit.Count, dimensions: [] },
  /** Since this environment's last sweep of all groups. */
  sweepGapSeconds: { unit: MetricUnit.Seconds, dimensions: [] },
  groupsWithoutStandby: { unit: MetricUnit.Count, dimensions: [] },
  interfacesOnNothing: { unit: MetricUnit.Count, dimensions: [] },
  errors: { unit: MetricUnit.Count, dimensions: ["kind"] },
} as const;

export type Metric = keyof typeof METRICS;
type Dimensions<M extends Metric> = Readonly<Record<(typeof METRICS)[M]["dimensions"][number], string>>;

interface Counted {
  readonly metric: Metric;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: number[];
}

/** What one invocation counts and measures: written once, at its end, however many groups it looked at. */
export class Tally {
  readonly #counted = new Map<string, Counted>();

  /** Adds to a count; of what is measured, another value. */
  add<M extends Metric>(metric: M, value: number, dimensions: Dimensions<M>): void {
    const key = JSON.stringify([metric, dimensions]);
    const counted = this.#counted.get(key) ?? { metric, dimensions, values: [] };
    this.#counted.set(key, counted);
    if (METRICS[metric].unit !== MetricUnit.Count) counted.values.push(value);
    else counted.values[0] = (counted.values[0] ?? 0) + value;
  }

  /** Counts what a look came to, and times the phases of a move. */
  report({ outcome, because, phases, plan, drill }: Report): void {
    // Somebody has only asked; or a drill has ended, and the look that ended it was counted.
    if (plan !== undefined || drill !== undefined) return;
    if (outcome === "moved" || outcome === "failed") this.add("moves", 1, { outcome, because });
    else if (outcome !== "serving" && outcome !== "moved-not-serving") this.add("holds", 1, { because });
    if (outcome !== "moved") return;
    const reached = Object.entries(phases).map(([name, at]) => [name, Date.parse(at)] as const);
    reached.forEach(([phase, at], index) => {
      const before = reached[index - 1];
      if (before !== undefined) this.add("phaseMilliseconds", at - before[1], { phase });
    });
    const { detected, inUse } = phases;
    if (detected === undefined || inUse === undefined) return;
    this.add("recoveryMilliseconds", Date.parse(inUse) - Date.parse(detected), {});
  }

  /** Counts what a sweep saw: the groups that nobody could take, and the interfaces that nobody has. */
  sweep(
    reports: readonly Report[],
    { whole, memory, now }: { readonly whole: boolean; readonly memory: Memory; readonly now: number },
  ): void {
    if (whole) {
      this.add("sweeps", 1, {});
      if (memory.sweptAt !== undefined) this.add("sweepGapSeconds", (now - memory.sweptAt) / 1000, {});
      memory.sweptAt = now;
    }
    const nobody = reports.filter(({ standbys }) => standbys === 0);
    const nothing = reports.flatMap(({ interfaces }) =>
      Object.values(interfaces).filter((instance) => instance === null),
    );
    this.add("groupsWithoutStandby", nobody.length, {});
    this.add("interfacesOnNothing", nothing.length, {});
  }

  /** How often something was counted in this invocation. */
  total(metric: Metric): number {
    const all = [...this.#counted.values()].filter((one) => one.metric === metric);
    return all.reduce((sum, { values }) => sum + values.reduce((left, right) => left + right, 0), 0);
  }

  /** Writes everything to the log, and forgets it. */
  publish(metrics: Metrics): void {
    for (const { metric, dimensions, values } of this.#counted.values()) {
      for (const value of values) {
        const one = metrics.singleMetric();
        one.addDimensions({ ...dimensions });
        one.addMetric(metric, METRICS[metric].unit, value);
      }
    }
    this.#counted.clear();
  }
}
