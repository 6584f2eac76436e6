/**
 * The runtime inside an execution environment: loads the handler and answers one invocation after another.
 *
 * Plain JavaScript that imports nothing but Node itself, so that a function sees only what is in its own package. It
 * speaks to its parent over Node's IPC channel, and ends each invocation with a mark on stdout and stderr: IPC and pipes
 * are not ordered among each other, and a log line must not end up in the next invocation.
 *
 * Handlers answer by value or promise. Callback handlers are refused, as nodejs24.x refuses them.
 */
import { existsSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const { LAMBDA_TASK_ROOT: root = process.cwd(), _HANDLER: handlerName = "" } = process.env;

/** The invocation under way; undefined while loading and between invocations. */
let current;

patchConsole();
// Nobody is left to answer to.
process.on("disconnect", () => process.exit());
process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (reason) =>
  fail({
    name: "Runtime.UnhandledPromiseRejection",
    message: format(reason),
    stack: reason instanceof Error ? reason.stack : undefined,
  }),
);

const handler = await load().catch((error) => {
  fail(error);
  return undefined;
});
if (handler !== undefined) {
  process.on("message", (invocation) => void run(invocation));
  process.send({ kind: "ready" });
}

async function load() {
  const directory = join(root, dirname(handlerName));
  const [module, ...path] = basename(handlerName).split(".");
  const file = [".js", ".mjs", ".cjs"].map((end) => join(directory, module + end)).find(existsSync);
  if (file === undefined) {
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${module}'`);
  }
  const namespace = await import(pathToFileURL(file).href);
  const find = (from) => path.reduce((value, key) => value?.[key], from);
  const found = find(namespace) ?? find(namespace.default);
  if (found === undefined) {
    throw named("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  }
  if (typeof found !== "function") {
    throw named("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  }
  if (found.length > 2) {
    throw named(
      "Runtime.CallbackHandlerDeprecated",
      "ERROR: Node.js 24 does not support callback-based handlers",
    );
  }
  return found;
}

async function run(invocation) {
  current = invocation;
  process.env._X_AMZN_TRACE_ID = invocation.trace;
  let answer;
  try {
    const value = await handler(JSON.parse(invocation.event), contextOf(invocation));
    answer = { kind: "result", payload: JSON.stringify(value) ?? "null" };
  } catch (error) {
    console.error("Invoke Error", JSON.stringify({ ...described(error), stack: traceOf(error) }));
    answer = { kind: "error", error: described(error) };
  }
  finish(answer);
}

function finish(answer) {
  const { requestId } = current;
  current = undefined;
  mark(requestId);
  process.send({ ...answer, requestId, memoryBytes: process.memoryUsage.rss() });
}

/** What no handler caught ends the invocation, or the loading, and the environment with it. */
function fail(error) {
  const phase = current === undefined ? "init-error" : "error";
  const requestId = current?.requestId;
  writeSync(2, `${format("%s", error?.stack ?? error)}\n`);
  mark(requestId ?? "init");
  const memoryBytes = process.memoryUsage.rss();
  const answer = { kind: phase, error: described(error), requestId, memoryBytes, last: true };
  current = undefined;
  process.send(answer, () => process.exit(128));
}

function contextOf({ requestId, deadline, functionArn, clientContext }) {
  const env = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: requestId,
    ...(clientContext === undefined ? {} : { clientContext }),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function mark(requestId) {
  const line = `\u0000${requestId}\u0000\n`;
  writeSync(1, line);
  writeSync(2, line);
}

/** The three fields by which Lambda reports what a handler threw. */
function described(error) {
  const isError = error !== null && typeof error === "object" && "message" in error;
  return {
    errorType: isError ? (error.name ?? "Error") : typeof error,
    errorMessage: isError ? String(error.message) : String(error),
    trace: traceOf(error),
  };
}

function traceOf(error) {
  return typeof error?.stack === "string" ? error.stack.split("\n") : [];
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

/** Lambda's text format: time, request id, level and message, parted by tabs. */
function patchConsole() {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => {
      const head = [new Date().toISOString(), current?.requestId ?? "undefined", level].join("\t");
      process.stdout.write(`${head}\t${format(...values)}\n`);
    };
  }
}
