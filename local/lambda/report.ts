/** The lines that Lambda puts around the output of an invocation, and its words for how one ended. */

import type { Ending, Run } from "./environment.ts";
import { ASYNCHRONOUS_DEFAULTS, type FunctionConfig, type FunctionFailure } from "./function.ts";

/** What the caller is told went wrong; undefined when nothing did. */
export function failureOf(
  ending: Ending,
  requestId: string,
  timeoutSeconds: number,
): FunctionFailure | undefined {
  switch (ending.kind) {
    case "result":
      return undefined;
    case "error":
      return ending.error;
    case "timeout":
      return {
        errorType: "Sandbox.Timedout",
        errorMessage: `RequestId: ${requestId} ${timedOut(timeoutSeconds)}`,
      };
    case "exit":
      return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${ending.how}` };
  }
}

const timedOut = (seconds: number) => `Error: Task timed out after ${seconds.toFixed(2)} seconds`;

/** `START`, the function's own lines, `END` and `REPORT`. Tools parse the last one by its tabs. */
export function logsOf(config: FunctionConfig, requestId: string, run: Run): string {
  const failure = failureOf(run.ending, requestId, config.timeoutSeconds);
  const lost = run.ending.kind === "timeout" || run.ending.kind === "exit";
  const lines = [
    `START RequestId: ${requestId} Version: $LATEST`,
    ...run.lines,
    ...(lost && failure !== undefined
      ? [`${new Date().toISOString()} ${failure.errorMessage.slice(11)}`]
      : []),
    `END RequestId: ${requestId}`,
    report(config, requestId, run),
  ];
  return `${lines.join("\n")}\n`;
}

function report(config: FunctionConfig, requestId: string, run: Run): string {
  const billed = Math.ceil(run.durationMs + (run.initMs ?? 0));
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${run.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billed} ms`,
    `Memory Size: ${config.memoryMegabytes} MB`,
    `Max Memory Used: ${Math.max(1, Math.round(run.memoryBytes / 1_048_576))} MB`,
    ...(run.initMs === undefined ? [] : [`Init Duration: ${run.initMs.toFixed(2)} ms`]),
  ];
  return `${fields.join("\t")}\t`;
}

/** The last 4 KB of the log, as `X-Amz-Log-Result` carries them. */
export const tail = (logs: string) => Buffer.from(logs).subarray(-4096).toString("base64");

/** The configuration as GetFunctionConfiguration and ListFunctions show it. */
export function shown(config: FunctionConfig): Record<string, unknown> {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime,
    Role: config.role,
    Handler: config.handler,
    CodeSize: config.codeBytes,
    CodeSha256: config.codeSha256,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMegabytes,
    LastModified: "2026-01-01T00:00:00.000+0000",
    Version: "$LATEST",
    Environment: { Variables: config.environment },
    Architectures: [config.architecture],
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${config.name}` },
    TracingConfig: { Mode: "PassThrough" },
    ...(config.vpc === undefined
      ? {}
      : { VpcConfig: { SubnetIds: config.vpc.subnets, SecurityGroupIds: config.vpc.securityGroups } }),
    ...(config.asynchronous.deadLetter === undefined
      ? {}
      : { DeadLetterConfig: { TargetArn: config.asynchronous.deadLetter } }),
  };
}

/** GetFunctionEventInvokeConfig's answer; undefined where the function has none but the defaults. */
export function shownAsynchronous({
  arn,
  asynchronous,
}: FunctionConfig): Record<string, unknown> | undefined {
  const { deadLetter: _, ...own } = asynchronous;
  const { deadLetter: __, ...defaults } = ASYNCHRONOUS_DEFAULTS;
  if (JSON.stringify(own) === JSON.stringify(defaults)) return undefined;
  return {
    FunctionArn: `${arn}:$LATEST`,
    LastModified: 1_767_225_600,
    MaximumRetryAttempts: own.maximumRetryAttempts,
    MaximumEventAgeInSeconds: own.maximumEventAgeSeconds,
    DestinationConfig: {
      OnFailure: own.onFailure === undefined ? {} : { Destination: own.onFailure },
      OnSuccess: own.onSuccess === undefined ? {} : { Destination: own.onSuccess },
    },
  };
}
