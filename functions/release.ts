/** `sls invoke -f release`: gives an isolated member its security groups back. */
import type { Answered } from "../shared/command.ts";
import { lambda } from "../shared/lambda.ts";
import { release } from "../shared/release.ts";
import { parseReleaseRequest } from "../shared/requests/commands.ts";

export const handler = lambda(
  async (event, { config, world }): Promise<Answered> =>
    await release(parseReleaseRequest(event, config), config, world),
);
