/** `sls invoke -f failover`: switchover, failback, or with `plan` what would be done. */
import { lambda } from "../shared/lambda.ts";
import { reconcile } from "../shared/reconcile.ts";
import type { Answer } from "../shared/report.ts";
import { answerOf, Refused } from "../shared/report.ts";
import { parseFailoverRequest } from "../shared/requests.ts";

/**
 * Moves a group as an operator asks. A move that was refused or failed is an error, so that scripts notice;
 * `already-there`, `in-progress` and every plan are answers.
 */
export const handler = lambda(async (event, { config, world, tell }): Promise<Answer> => {
  const { group, to, force, plan, planId, by, reason } = parseFailoverRequest(event, config);
  const request = {
    force,
    by,
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
  };
  const report = await reconcile(
    group,
    {
      trigger: "operator",
      request,
      plan,
      historyDays: config.historyDays,
      ...(planId === undefined ? {} : { planId }),
    },
    world,
  );
  tell(report, "operator");
  if (!plan && (report.outcome === "held" || report.outcome === "failed")) throw new Refused(report);
  return answerOf(report);
});
