/** `sls invoke -f status`: who is active, how everybody is, and why nothing moves. Changes nothing. */
import { lambda } from "../shared/lambda.ts";
import { parseStatusRequest } from "../shared/requests.ts";
import type { Status } from "../shared/status.ts";
import { statusOf } from "../shared/status.ts";

export const handler = lambda(async (event, { config, world }): Promise<Status> => {
  const { groups, history } = parseStatusRequest(event, config);
  return await statusOf(groups, history, world);
});
