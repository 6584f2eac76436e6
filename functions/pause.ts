/** `sls invoke -f pause`: maintenance mode. It looks and records as ever, and begins no move. */
import { type Answered, command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import { lambda } from "../shared/lambda.ts";
import { parsePauseRequest } from "../shared/requests/commands.ts";

export const handler = lambda(async (event, { config, world }): Promise<Answered> => {
  const { group, ...asking } = parsePauseRequest(event, config);
  return await command(group, config, world, (state, now) => pause(state, asking, now));
});
