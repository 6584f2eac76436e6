/** The real world of a prober: sockets, the time, and metrics by embedded metric format in its log. */
import { setMaxListeners } from "node:events";
import { MetricResolution, Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { liveClock } from "../clock.ts";
import { settings } from "../config.ts";
import { ask } from "./ask.ts";
import type { Site } from "./run.ts";

/** For one run. */
export function liveSite(): Site {
  const controller = new AbortController();
  // Every address that is asked listens to it; Node takes more than ten listeners for a leak, and says so in the log.
  setMaxListeners(0, controller.signal);
  // Two stages of one account must not be counted together: `service` is the name of the stack.
  const metrics = new Metrics({ namespace: "EniFailover", serviceName: settings().stack });
  return {
    clock: liveClock(controller.signal),
    ask,
    /** High resolution: a second each. CloudWatch takes them out of the log, so the prober needs no way to it. */
    measure: (group, address, { ok, began, ended }) => {
      metrics.addDimensions({ group, address });
      metrics.addMetric("probeAnswered", MetricUnit.Count, ok ? 1 : 0, MetricResolution.High);
      metrics.addMetric("probeTook", MetricUnit.Milliseconds, ended - began, MetricResolution.High);
      metrics.publishStoredMetrics();
    },
    stop: () => controller.abort(),
    signal: controller.signal,
  };
}
