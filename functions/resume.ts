/** `sls invoke -f resume`: the end of maintenance mode. */
import { type Answered, command } from "../shared/command.ts";
import { resume } from "../shared/core/commands.ts";
import { lambda } from "../shared/lambda.ts";
import { parseResumeRequest } from "../shared/requests/commands.ts";

export const handler = lambda(async (event, { config, world }): Promise<Answered> => {
  const { group, ...asking } = parseResumeRequest(event, config);
  return await command(group, config, world, (state, now) => resume(state, asking, now));
});
