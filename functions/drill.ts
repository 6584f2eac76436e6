/** `sls invoke -f drill`: rehearses a failover through a real alarm and the real path; also on schedule. */
import { settings } from "../shared/config.ts";
import { switchBack } from "../shared/drill/back.ts";
import { type Drilled, scheduledDrills } from "../shared/drill/scheduled.ts";
import { drill } from "../shared/drill.ts";
import { lambda } from "../shared/lambda.ts";
import type { Answer } from "../shared/report.ts";
import { parseDrillRequest } from "../shared/requests/drill.ts";
import { liveFunction } from "../shared/world.ts";

/** The time limit of every function that moves: so long the way back may take. */
const LONGEST_FAILOVER_MS = 300_000;

/** A drill that is refused, or ends otherwise than with its move, is an error; on schedule it is told, and is none. */
export const handler = lambda(async (event, { config, world, tell }): Promise<Answer | Drilled> => {
  const asked = parseDrillRequest(event, config);
  const failover = liveFunction(`${settings().stack}-failover`, LONGEST_FAILOVER_MS);
  const tools = {
    back: (input: Parameters<typeof switchBack>[2]) => switchBack(world, failover, input),
    tell: (report: Parameters<typeof tell>[0]) => tell(report, "drill"),
  };
  if ("group" in asked) return await drill(asked, config, world, tools);
  return await scheduledDrills(asked, config, world, tools);
});
