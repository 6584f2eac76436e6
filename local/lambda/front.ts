/**
 * Lambda's API on the wire, REST with JSON: Invoke, and what tools read before they invoke.
 * Source: AWS Lambda API reference.
 */
import { AwsError } from "../aws-error.ts";
import type { Access, Place } from "../service.ts";
import type { HttpAnswer, HttpRequest } from "../wire/http.ts";
import type { RawRequest, RawService } from "../wire/raw-backend.ts";
import type { Asynchronous } from "./asynchronous.ts";
import { functionArn, functionName } from "./function.ts";
import type { Lambda } from "./lambda.ts";
import { shown, shownAsynchronous, tail } from "./report.ts";

/** Source: Lambda quotas, "Invocation payload": synchronous, and asynchronous. */
const MOST_BYTES = 6_291_456;
const MOST_BYTES_ASYNCHRONOUS = 1_048_576;

const ROUTES: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /^\/2015-03-31\/functions\/?$/, "ListFunctions"],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)$/, "GetFunction"],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["GET", /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/, "GetFunctionConcurrency"],
  ["PUT", /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/, "PutFunctionConcurrency"],
  ["DELETE", /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/, "DeleteFunctionConcurrency"],
  ["GET", /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/, "GetFunctionEventInvokeConfig"],
];

const RESERVING = new Set(["PutFunctionConcurrency", "DeleteFunctionConcurrency"]);

/** The API as a service of the cloud. */
export function lambdaFront(lambda: Lambda, asynchronous: Asynchronous, place: Place): RawService {
  return {
    operation: (request) => route(request).operation,
    access: (request) => access(request, place),
    handle: (request) => {
      const { operation, name } = route(request);
      if (operation === "Invoke") return invoke(lambda, asynchronous, name, request);
      if (RESERVING.has(operation)) return reserve(lambda, name, request);
      return json(read(lambda, operation, name));
    },
  };
}

function route({ method, path }: HttpRequest): { operation: string; name: string } {
  for (const [wanted, pattern, operation] of ROUTES) {
    const found = method === wanted ? pattern.exec(path) : null;
    if (found !== null) return { operation, name: decodeURIComponent(found[1] ?? "") };
  }
  return { operation: `${method} ${path}`, name: "" };
}

/** The action that allows Invoke is InvokeFunction. Source: Service Authorization Reference, AWS Lambda. */
function access(request: HttpRequest, place: Place): Access[] {
  const { operation, name } = route(request);
  const action = operation === "Invoke" ? "lambda:InvokeFunction" : `lambda:${operation}`;
  return [{ action, resource: name === "" ? "*" : functionArn(place, functionName(name)), keys: {} }];
}

function read(lambda: Lambda, operation: string, name: string): unknown {
  switch (operation) {
    case "ListFunctions":
      return { Functions: lambda.list().map(shown) };
    case "GetFunctionConfiguration":
      return shown(lambda.find(name));
    case "GetFunction": {
      const config = lambda.find(name);
      const reserved = config.reservedConcurrency;
      return {
        Configuration: shown(config),
        Code: { RepositoryType: "S3" },
        ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
      };
    }
    case "GetFunctionConcurrency":
      return { ReservedConcurrentExecutions: lambda.find(name).reservedConcurrency };
    case "GetFunctionEventInvokeConfig": {
      const found = shownAsynchronous(lambda.find(name));
      if (found !== undefined) return found;
      throw new AwsError(
        "ResourceNotFoundException",
        `The function ${name} doesn't have an EventInvokeConfig`,
        404,
      );
    }
    default:
      throw new AwsError("UnsupportedOperation", `${operation} is not emulated`, 501);
  }
}

function reserve(lambda: Lambda, name: string, { method, body }: HttpRequest): HttpAnswer {
  if (method === "DELETE") {
    lambda.reserve(name, undefined);
    return { status: 204, headers: {}, body: "" };
  }
  const { ReservedConcurrentExecutions: most } = JSON.parse(body.toString("utf8"));
  if (!Number.isInteger(most) || most < 0)
    throw new AwsError("InvalidParameterValueException", `ReservedConcurrentExecutions is ${most}`);
  lambda.reserve(name, most);
  return json({ ReservedConcurrentExecutions: most });
}

async function invoke(
  lambda: Lambda,
  asynchronous: Asynchronous,
  name: string,
  request: RawRequest,
): Promise<HttpAnswer> {
  const { headers, query, body, journalId } = request;
  const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
  const qualifier = query.get("Qualifier");
  const whole = qualifier === null ? name : `${functionName(name)}:${qualifier}`;
  lambda.find(whole);
  const payload = payloadOf(body, type);
  if (type === "DryRun") return { status: 204, headers: {}, body: "" };
  if (type === "Event") {
    asynchronous.accept(whole, payload, journalId);
    return { status: 202, headers: {}, body: "" };
  }
  const clientContext = contextOf(headers["x-amz-client-context"]);
  const answer = await lambda.invoke(whole, {
    payload,
    cause: journalId,
    ...(clientContext === undefined ? {} : { clientContext }),
  });
  return {
    status: 200,
    headers: {
      "content-type": "application/json",
      "x-amzn-requestid": answer.requestId,
      "x-amz-executed-version": "$LATEST",
      ...(answer.failure === undefined ? {} : { "x-amz-function-error": "Unhandled" }),
      ...(headers["x-amz-log-type"] === "Tail" ? { "x-amz-log-result": tail(answer.logs) } : {}),
    },
    body: answer.payload,
  };
}

function payloadOf(body: Buffer, type: string): string {
  if (!["RequestResponse", "Event", "DryRun"].includes(type)) {
    throw new AwsError("InvalidParameterValueException", `Unknown invocation type ${type}`);
  }
  const most = type === "Event" ? MOST_BYTES_ASYNCHRONOUS : MOST_BYTES;
  if (body.length > most) {
    const message = `${body.length} byte payload is too large for the ${type} invocation type (limit ${most} bytes)`;
    throw new AwsError("RequestTooLargeException", message, 413);
  }
  const text = body.toString("utf8");
  try {
    if (text !== "") JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${why}`);
  }
  return text === "" ? "{}" : text;
}

function contextOf(header: string | undefined): unknown {
  if (header === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(header, "base64").toString("utf8"));
  } catch {
    throw new AwsError(
      "InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.",
    );
  }
}

const json = (document: unknown): HttpAnswer => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(document),
});
