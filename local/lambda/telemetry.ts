/**
 * What Lambda writes for a function with the function's own role: its log and, where tracing is on, its traces.
 * Source: Lambda developer guide, "Permissions" of CloudWatch Logs and of X-Ray.
 */
import type { Access } from "../service.ts";
import type { FunctionConfig } from "./function.ts";

/** The questions that must all be answered with yes for the log to be written. */
export function logAccess({ arn, name }: FunctionConfig): Access[] {
  const [, , , region, account] = arn.split(":");
  const resource = `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${name}:log-stream:$LATEST`;
  return ["logs:CreateLogStream", "logs:PutLogEvents"].map((action) => ({ action, resource, keys: {} }));
}

/** The same for a trace; X-Ray's actions have no resource types. */
export function traceAccess({ tracing }: FunctionConfig): Access[] {
  const actions = tracing ? ["xray:PutTraceSegments", "xray:PutTelemetryRecords"] : [];
  return actions.map((action) => ({ action, resource: "*", keys: {} }));
}
