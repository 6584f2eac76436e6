/**
 * Who signed a request and for which service, read from its SigV4 credential scope (header or query). Signatures are
 * not verified: the cloud listens on the loopback interface and takes anybody's test credentials.
 */
import type { HttpRequest } from "./http.ts";
import { parametersOf } from "./parameters.ts";

export interface Credential {
  readonly accessKeyId: string;
  /** The signing name: `ec2`, `monitoring`, `dynamodb`; undefined with Signature Version 2. */
  readonly service: string | undefined;
}

/** The credential of a request, or undefined where it carries none. */
export function credentialOf(request: HttpRequest): Credential | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const scope = header ?? request.query.get("X-Amz-Credential") ?? undefined;
  if (scope !== undefined) {
    const parts = scope.split("/");
    // SigV4 has key/date/region/service/aws4_request, SigV4a leaves the region out.
    return { accessKeyId: parts[0] ?? "", service: parts.at(-2) };
  }
  if (
    request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ||
    request.method === "GET"
  ) {
    const key = parametersOf(request).get("AWSAccessKeyId");
    if (key !== null) return { accessKeyId: key, service: undefined };
  }
  return undefined;
}

const TARGETS: readonly (readonly [string, string])[] = [
  ["GraniteServiceVersion", "monitoring"],
  ["DynamoDB_", "dynamodb"],
  ["AWSEvents", "events"],
  ["AmazonSQS", "sqs"],
  ["Logs_", "logs"],
];

const VERSIONS: Readonly<Record<string, string>> = {
  "2010-08-01": "monitoring",
  "2011-06-15": "sts",
  "2012-11-05": "sqs",
  "2010-03-31": "sns",
  "2010-05-15": "cloudformation",
  "2010-05-08": "iam",
};

/** The service a request is for: its credential scope, else its target, path, or version. */
export function serviceOf(request: HttpRequest, credential: Credential | undefined): string {
  if (credential?.service !== undefined) return credential.service;
  const target = request.headers["x-amz-target"] ?? "";
  const byTarget = TARGETS.find(([prefix]) => target.startsWith(prefix));
  if (byTarget !== undefined) return byTarget[1];
  if (request.path.startsWith("/service/GraniteService")) return "monitoring";
  if (/^\/\d{4}-\d{2}-\d{2}\/functions/.test(request.path)) return "lambda";
  const parameters = parametersOf(request);
  return parameters.has("Action") ? (VERSIONS[parameters.get("Version") ?? ""] ?? "ec2") : "unknown";
}
