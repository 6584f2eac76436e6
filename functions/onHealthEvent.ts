/** EventBridge says that something happened: look at the groups it concerns. An event is a hint, never evidence. */
import type { Handled } from "../shared/health-event.ts";
import { onHealthEvent } from "../shared/health-event.ts";
import { lambda } from "../shared/lambda.ts";

export const handler = lambda(async (event, { config, world, tell }): Promise<Handled> => {
  return await onHealthEvent(event, config, world, tell);
});
