/** The prober: a minute of probes from inside the VPC. It calls no AWS service; Lambda carries its answer to the bus. */
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { ownProber } from "../shared/prober/own.ts";
import { probeRun } from "../shared/prober/run.ts";
import { liveSite } from "../shared/prober/site.ts";
import { type ProbeAnswer, readProbeRequest } from "../shared/prober/verdict.ts";

const logger = new Logger({ serviceName: "eni-failover" });

export const handler = middy<unknown, ProbeAnswer>({ timeoutEarlyInMillis: 0 })
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event) => {
    const request = readProbeRequest(event);
    const groups = await ownProber();
    const site = liveSite();
    try {
      return await probeRun(groups, request, site);
    } finally {
      site.stop();
    }
  });
