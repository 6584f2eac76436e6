/** `sls invoke -f acknowledge`: the operator's word that lifts a quarantine or refills the budget. */
import { type Answered, command } from "../shared/command.ts";
import { acknowledge } from "../shared/core/commands.ts";
import { lambda } from "../shared/lambda.ts";
import { parseAcknowledgeRequest } from "../shared/requests/commands.ts";

export const handler = lambda(async (event, { config, world }): Promise<Answered> => {
  const { group, ...asking } = parseAcknowledgeRequest(event, config);
  return await command(group, config, world, (state, now) => acknowledge(state, group, asking, now));
});
