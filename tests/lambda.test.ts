/** What every function shares: the invocation's signal. */
import { getMaxListeners } from "node:events";
import type { Context } from "aws-lambda";
import { expect, it, vi } from "vitest";
import { lambda } from "../shared/lambda.ts";

it("the signal bears many calls side by side, and ends what still sleeps when the invocation is over", async () => {
  vi.stubEnv("FAILOVER_TABLE", "table");
  const handler = lambda(async (_event, { world }) => {
    const slept = world.clock.sleep(60_000);
    return { signal: world.signal, slept, aborted: world.signal.aborted };
  });
  const context = { getRemainingTimeInMillis: () => 300_000, functionName: "f" } as Context;
  const { signal, slept, aborted } = await handler({}, context);
  vi.unstubAllEnvs();
  expect(getMaxListeners(signal)).toBeGreaterThan(100);
  expect(aborted).toBe(false);
  expect(signal.aborted).toBe(true);
  await slept;
});
