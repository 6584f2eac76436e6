/** The schedule's look at all groups, or at some by name: what no event told, and what a crash left behind. */
import { settings } from "../shared/config.ts";
import { lambda } from "../shared/lambda.ts";
import type { Report } from "../shared/report.ts";
import { parseSweepRequest } from "../shared/requests.ts";
import type { Swept } from "../shared/sweep.ts";
import { sweep } from "../shared/sweep.ts";
import { liveSelf } from "../shared/world.ts";

export const handler = lambda(async (event, { config, world, tell, tally }): Promise<Swept> => {
  const request = parseSweepRequest(event, config);
  const { ownFunction, stack } = settings();
  const self = ownFunction === undefined ? {} : { self: liveSelf(ownFunction, `${stack}-doctor`) };
  const reports: Report[] = [];
  const whole = !request.named;
  return await sweep(request, config, { ...world, ...self }, (report) => {
    reports.push(report);
    tell(report, "sweep");
  }).finally(() => tally.sweep(reports, { whole, memory: world.memory, now: world.clock.now() }));
});
