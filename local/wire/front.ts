/**
 * The way of a request through the cloud: authenticate → authorise → throttle → faults → call, and the journal entry
 * that tells of it. One front for all services.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "../aws-error.ts";
import type { Journal } from "../journal.ts";
import { type Authoriser, authorise, Refused } from "./authorise.ts";
import type { Backend, Incoming } from "./backend.ts";
import type { Callers } from "./callers.ts";
import type { Fault, Faults } from "./faults.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { RestJson } from "./rest-json.ts";
import { credentialOf, serviceOf } from "./signature.ts";

export interface FrontOptions {
  readonly journal: Journal;
  readonly callers: Callers;
  readonly faults: Faults;
  /** By signing name. */
  readonly backends: ReadonlyMap<string, Backend>;
  readonly authoriser: () => Authoriser | undefined;
  readonly clock: () => number;
}

/** What the journal says of a call. The outcome is filled in when the answer leaves: an invocation may take minutes. */
interface CallDetail {
  [key: string]: unknown;
  code?: string;
  status?: number;
  durationMs?: number;
}

const THROTTLED: Readonly<Record<string, readonly [code: string, message: string, status: number]>> = {
  ec2: ["RequestLimitExceeded", "Request limit exceeded.", 503],
  monitoring: ["Throttling", "Rate exceeded", 400],
  lambda: ["TooManyRequestsException", "Rate Exceeded.", 429],
};

/** For requests to services that do not exist here. */
const UNKNOWN = new RestJson();

export class Front {
  readonly #options: FrontOptions;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Answers a request; undefined when a fault lost the answer and the connection is to be broken. */
  async handle(request: HttpRequest): Promise<HttpAnswer | undefined> {
    const { backends, callers, journal, clock } = this.#options;
    const requestId = randomUUID();
    const credential = credentialOf(request);
    const service = serviceOf(request, credential);
    const backend = backends.get(service);
    const codec = backend?.codecFor(request) ?? UNKNOWN;
    const caller = credential === undefined ? undefined : callers.of(credential.accessKeyId);
    const started = clock();
    const detail: CallDetail = {
      principal: caller?.principalArn ?? "anonymous",
      userAgent: request.headers["x-amz-user-agent"] ?? request.headers["user-agent"] ?? "",
      requestId,
    };
    const subject = `${backend?.name ?? service}:${codec.operationOf(request)}`;
    const journalId = journal.add({ kind: "call", cause: caller?.cause(), at: started, subject, detail });
    let answer: HttpAnswer;
    try {
      if (backend === undefined) throw noService(service);
      if (caller === undefined) throw missingToken(service);
      const { operation, input } = codec.decode(request);
      detail.input = input;
      const incoming = { request, codec, operation, input, caller, journalId, requestId, now: started };
      answer = await this.#carryOut(service, backend, incoming, detail);
    } catch (error) {
      answer = codec.encodeError(this.#failure(error, detail), requestId);
    }
    detail.code ??= answer.status < 400 ? "ok" : (errorCode(answer) ?? "error");
    detail.status = answer.status;
    detail.durationMs = clock() - started;
    return detail.lost === true ? undefined : answer;
  }

  async #carryOut(
    service: string,
    backend: Backend,
    incoming: Incoming,
    detail: CallDetail,
  ): Promise<HttpAnswer> {
    const { caller, operation, input } = incoming;
    authorise(service, caller, await backend.access(incoming), this.#options.authoriser());
    backend.throttle(incoming);
    const faults = this.#options.faults.draw({ service, operation, principal: caller.principalArn, input });
    if (faults.length > 0) detail.faults = faults.map((fault) => fault.effect);
    for (const fault of faults) {
      if (fault.effect === "delay") await sleep(fault.ms ?? 1000);
      if (fault.effect === "throttle" || fault.effect === "error") throw faultError(service, fault);
    }
    try {
      return await backend.answer({ ...incoming, now: this.#options.clock() });
    } finally {
      detail.lost = faults.some((fault) => fault.effect === "lose-answer");
    }
  }

  #failure(error: unknown, detail: CallDetail): AwsError {
    if (error instanceof Refused) detail.reason = error.reason;
    const known = error instanceof AwsError ? error : new AwsError("InternalError", internal(error), 500);
    // A bug of this cloud must be found, not guessed at behind an InternalError.
    if (known !== error) detail.bug = error instanceof Error ? error.stack : String(error);
    detail.code = known.code;
    return known;
  }
}

function faultError(service: string, fault: Fault): AwsError {
  const [code, message, status] =
    fault.effect === "throttle"
      ? (THROTTLED[service] ?? ["ThrottlingException", "Rate exceeded", 400])
      : (["InternalError", "An internal error has occurred", 500] as const);
  return new AwsError(fault.code ?? code, fault.message ?? message, fault.status ?? status);
}

function noService(service: string): AwsError {
  return new AwsError("UnknownServiceException", `The embedded cloud has no service ${service}.`, 501);
}

/** EC2 and CloudWatch answer 403, the JSON services 400. */
function missingToken(service: string): AwsError {
  const message = "Request is missing Authentication Token";
  return service === "dynamodb" || service === "events" || service === "sqs"
    ? new AwsError("MissingAuthenticationTokenException", message)
    : new AwsError("MissingAuthenticationToken", message, 403);
}

function internal(error: unknown): string {
  return `An internal error has occurred: ${error instanceof Error ? error.message : String(error)}`;
}

/** The code of an error that a service has put on the wire itself. */
function errorCode(answer: HttpAnswer): string | undefined {
  const header = answer.headers["x-amzn-errortype"];
  if (header !== undefined) return header.split(":")[0];
  const text = typeof answer.body === "string" ? answer.body : "";
  return /"__type":\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
}
