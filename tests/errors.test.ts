/** Every code that is documented or was seen, on the steps where it can come, and what happens next. */
import { describe, expect, it } from "vitest";
import {
  caughtFailure,
  Failure,
  failureOf,
  inShort,
  isPermission,
  isThrottle,
  type Next,
  type Step,
} from "../shared/errors.ts";
import { awsError } from "./stub-world.ts";

/** What happens next after a read, and after a detach or attach. */
const codes: readonly (readonly [code: string, status: number, read: Next, change: Next])[] = [
  ["InvalidAttachmentID.NotFound", 400, "look-again", "look-again"],
  ["InvalidNetworkInterfaceAttachmentId.Malformed", 400, "bug", "bug"],
  ["InvalidNetworkInterfaceID.NotFound", 400, "operator", "operator"],
  ["InvalidNetworkInterface.InUse", 400, "look-again", "look-again"],
  ["InvalidParameterValue", 400, "look-again", "look-again"],
  ["AttachmentLimitExceeded", 400, "look-again", "look-again"],
  ["OperationNotPermitted", 400, "operator", "operator"],
  ["InvalidParameterCombination", 400, "operator", "operator"],
  ["InvalidInstanceID.NotFound", 400, "look-again", "look-again"],
  ["InvalidInstanceID.Malformed", 400, "operator", "operator"],
  ["MissingParameter", 400, "bug", "bug"],
  ["UnknownParameter", 400, "bug", "bug"],
  ["IncorrectState", 400, "look-again", "look-again"],
  ["IncorrectInstanceState", 400, "look-again", "look-again"],
  ["UnauthorizedOperation", 403, "operator", "look-again"],
  ["AccessDenied", 403, "operator", "look-again"],
  ["AuthFailure", 401, "operator", "look-again"],
  ["DryRunOperation", 412, "bug", "bug"],
  ["RequestLimitExceeded", 503, "retry", "look-again"],
  ["Throttling", 400, "retry", "look-again"],
  ["InternalError", 500, "retry", "look-again"],
  ["InternalFailure", 500, "retry", "look-again"],
  ["ServerInternal", 500, "retry", "look-again"],
  ["Unavailable", 503, "retry", "look-again"],
  ["ServiceUnavailable", 503, "retry", "look-again"],
  ["DependencyViolation", 400, "look-again", "look-again"],
  ["IdempotentParameterMismatch", 400, "bug", "bug"],
  ["RequestExpired", 400, "retry", "look-again"],
  ["ConcurrentTagAccess", 400, "retry", "look-again"],
  ["FilterLimitExceeded", 400, "bug", "bug"],
  ["InvalidPaginationToken", 400, "retry", "look-again"],
  ["InvalidRouteTableID.NotFound", 400, "operator", "operator"],
  ["InvalidRoute.NotFound", 400, "look-again", "look-again"],
  ["InvalidAllocationID.NotFound", 400, "operator", "operator"],
  ["InvalidSecurityGroupID.NotFound", 400, "operator", "operator"],
  ["NobodyKnowsThisCode", 400, "look-again", "look-again"],
  ["NobodyKnowsThisCode", 403, "operator", "look-again"],
  ["NobodyKnowsThisCode", 429, "retry", "look-again"],
  ["NobodyKnowsThisCode", 502, "retry", "look-again"],
  ["toString", 400, "look-again", "look-again"],
];

describe("a code of AWS", () => {
  it.each(codes)("%s (%i): a read → %s, a change → %s", (code, status, read, change) => {
    const error = awsError(code, status, "something 'i-1' is not 'running'");
    expect(failureOf(error, "read")).toMatchObject({ next: read, code, status, step: "read", cause: error });
    for (const step of ["detach", "attach"] as const) {
      expect(failureOf(error, step)).toMatchObject({ next: change, code, status, step });
    }
  });

  it("says a permission that is missing to the operator, except where 403 can mean already detached", () => {
    const next = (step: Step) => failureOf(awsError("UnauthorizedOperation", 403), step).next;
    expect(["read", "modify", "stop", "dry-run", "record"].map((step) => next(step as Step))).toEqual(
      Array(5).fill("operator"),
    );
    expect([next("detach"), next("attach")]).toEqual(["look-again", "look-again"]);
  });

  it("of the table: a lost condition is looked at again, a missing table is the operator's", () => {
    const next = (code: string, status: number) => failureOf(awsError(code, status), "record").next;
    expect(next("ConditionalCheckFailedException", 400)).toBe("look-again");
    expect(next("ProvisionedThroughputExceededException", 400)).toBe("look-again");
    expect(next("ResourceNotFoundException", 400)).toBe("operator");
    expect(failureOf(awsError("ResourceNotFound", 404), "set-alarm").next).toBe("operator");
    expect(next("AccessDeniedException", 400)).toBe("operator");
    expect(next("ValidationException", 400)).toBe("bug");
  });
});

describe("a code is known by itself, though its HTTP status says something else:", () => {
  /** What a read and an attach come to, whether it says that AWS is busy, and what a person is told. */
  const kinds: readonly (readonly [
    kind: string,
    is: { readonly read: Next; readonly attach: Next; readonly busy: boolean; readonly status: number },
    advice: RegExp,
    codes: string,
  ])[] = [
    [
      "throttled",
      { read: "retry", attach: "look-again", busy: true, status: 403 },
      /asked again, more slowly/,
      `RequestLimitExceeded Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException
       TooManyRequestsException EC2ThrottledException BandwidthLimitExceeded PriorRequestNotComplete
       ProvisionedThroughputExceededException TransactionInProgressException LimitExceededException SlowDown`,
    ],
    [
      "not answered",
      { read: "retry", attach: "look-again", busy: true, status: 403 },
      /did not answer in time/,
      `TimeoutError RequestTimeout RequestTimeoutException AbortError UnreadableAnswer ECONNRESET ECONNREFUSED
       ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN`,
    ],
    [
      "in trouble",
      { read: "retry", attach: "look-again", busy: true, status: 403 },
      /trouble of its own/,
      `InternalError InternalFailure InternalServerError InternalServiceFault InternalServiceException ServerInternal
       Unavailable ServiceUnavailable ServiceUnavailableException RequestExpired RequestTimeTooSkewed RequestInTheFuture
       ConcurrentTagAccess TransactionConflictException InvalidPaginationToken InvalidNextToken`,
    ],
    [
      "not as was thought",
      { read: "look-again", attach: "look-again", busy: false, status: 403 },
      /the world is not what was thought/,
      `InvalidAttachmentID.NotFound InvalidNetworkInterface.InUse InvalidParameterValue AttachmentLimitExceeded
       InvalidInstanceID.NotFound IncorrectState IncorrectInstanceState InvalidRoute.NotFound DependencyViolation
       ConditionalCheckFailedException`,
    ],
    [
      "not permitted",
      { read: "operator", attach: "look-again", busy: false, status: 500 },
      /the role may not do this/,
      `UnauthorizedOperation AccessDenied AccessDeniedException UnauthorizedException NotAuthorized AuthFailure
       OptInRequired ExpiredToken ExpiredTokenException InvalidClientTokenId UnrecognizedClientException
       MissingAuthenticationToken MissingAuthenticationTokenException IncompleteSignature SignatureDoesNotMatch
       InvalidSignatureException`,
    ],
    [
      "the operator's",
      { read: "operator", attach: "operator", busy: false, status: 500 },
      /will not mend itself/,
      `InvalidNetworkInterfaceID.NotFound InvalidNetworkInterfaceId.Malformed InvalidInstanceID.Malformed
       InvalidAllocationID.NotFound InvalidRouteTableID.NotFound InvalidGroup.NotFound
       InvalidSecurityGroupID.NotFound ResourceNotFound OperationNotPermitted
       InvalidParameterCombination ResourceNotFoundException`,
    ],
    [
      "without credentials",
      { read: "operator", attach: "operator", busy: false, status: 500 },
      /nothing was asked of AWS/,
      "CredentialsProviderError",
    ],
    [
      "a bug",
      { read: "bug", attach: "bug", busy: false, status: 500 },
      /a bug of the controller/,
      `MissingParameter UnknownParameter InvalidNetworkInterfaceAttachmentId.Malformed FilterLimitExceeded
       IdempotentParameterMismatch InvalidAction DryRunOperation ValidationException TypeError ReferenceError RangeError
       AssertionError`,
    ],
  ];

  it.each(kinds)("%s", (kind, is, advice, codes) => {
    for (const code of codes.split(/\s+/)) {
      const error = awsError(code, is.status);
      const [read, attach] = [failureOf(error, "read"), failureOf(error, "attach")];
      expect([code, read.next, attach.next, read.busy]).toEqual([code, is.read, is.attach, is.busy]);
      expect(read.message).toMatch(advice);
      expect([read.code, attach.code]).toEqual([code, kind === "not answered" ? "no-answer" : code]);
      expect([isThrottle(code), isPermission(code)]).toEqual([
        kind === "throttled",
        kind === "not permitted",
      ]);
    }
  });

  it("and what nobody knows says so", () => {
    expect(failureOf(awsError("NobodyKnowsThisCode", 400), "read").message).toMatch(
      /an unknown code; it is looked at again$/,
    );
  });
});

it.each([
  [400, "look-again"],
  [401, "operator"],
  [403, "operator"],
  [429, "retry"],
  [499, "look-again"],
  [500, "retry"],
] as const)("an unknown code of HTTP status %i: a read → %s", (status, next) => {
  expect(failureOf(awsError("NobodyKnowsThisCode", status), "read").next).toBe(next);
});

/** What the SDK and Node throw when there was no answer. */
const unanswered: readonly (readonly [string, Error])[] = [
  ["a request that timed out", Object.assign(new Error("…"), { name: "TimeoutError" })],
  ["an aborted request", Object.assign(new Error("…"), { name: "AbortError" })],
  ["a reset connection", Object.assign(new Error("…"), { name: "TimeoutError", code: "ECONNRESET" })],
  ["a refused connection", Object.assign(new AggregateError([], "…"), { code: "ECONNREFUSED" })],
  ["a name that does not resolve", Object.assign(new Error("…"), { code: "ENOTFOUND" })],
  ["an answer that can't be read", Object.assign(new SyntaxError("…"), { $response: {} })],
  ["an answer that is no text", Object.assign(new TypeError("…"), { $response: {} })],
  ["an answer that is cut short", Object.assign(new RangeError("…"), { $response: {} })],
  ["an answer that is nothing known", Object.assign(new Error("…"), { $response: {} })],
];

describe("no answer", () => {
  it.each(unanswered)("%s: a read is asked again, after a change the world is looked at", (_, error) => {
    expect(failureOf(error, "read").next).toBe("retry");
    expect(failureOf(error, "detach")).toMatchObject({ next: "look-again", code: "no-answer", cause: error });
    expect(failureOf(error, "record")).toMatchObject({ next: "look-again", code: "no-answer" });
  });
});

it("a mistake in our own code is a bug, whatever was being done", () => {
  for (const error of [new TypeError("x is undefined"), new RangeError("…"), new ReferenceError("…")]) {
    expect(failureOf(error, "read").next).toBe("bug");
    expect(failureOf(error, "attach").next).toBe("bug");
  }
});

it("a failure stays the failure it is", () => {
  const failure = new Failure("operator", "Code", "attach", "…");
  expect(failureOf(failure, "read")).toBe(failure);
});

it("a failure says that it is one, and nothing that nobody knows", () => {
  const failure = new Failure("operator", "Code", "attach", "…");
  expect(failure).toMatchObject({ name: "Failure", busy: false, status: undefined });
  expect(failure).not.toHaveProperty("cause");
});

it("what was caught is handed on where it is a failure that may be lived with, and thrown on otherwise", () => {
  const failure = new Failure("retry", "Code", "read", "…");
  expect(caughtFailure(failure)).toBe(failure);
  for (const caught of [new Failure("bug", "Code", "read", "…"), new Error("…")]) {
    expect(() => caughtFailure(caught)).toThrow(caught);
  }
});

it("an error of Node's own is known by its code, and one without says that nobody knows", () => {
  expect(failureOf(Object.assign(new Error("…"), { code: "EACCES" }), "read").code).toBe("EACCES");
  const plain = failureOf(new Error("boom"), "read");
  expect(plain).toMatchObject({
    code: "Unknown",
    message: expect.stringContaining("read failed, Unknown: boom"),
  });
  expect(inShort(plain)).toBe("Unknown");
});

it("what is no error at all is looked at again", () => {
  expect(failureOf("boom", "read")).toMatchObject({ next: "look-again", code: "Unknown" });
  expect(failureOf(undefined, "detach")).toMatchObject({ next: "look-again", code: "Unknown" });
});

it("the message says what failed, what AWS said and what to do next, without a blob behind it", () => {
  const said = `You are not authorized to perform: ec2:DetachNetworkInterface. ${"x".repeat(2000)}`;
  const failure = failureOf(awsError("UnauthorizedOperation", 403, said), "detach");
  expect(failure.message).toMatch(
    /^detach failed, UnauthorizedOperation \(HTTP 403\): You are not authorized/,
  );
  expect(failure.message).toMatch(/the role may not do this.*compare it with the deployed stack$/);
  expect(failure.message.length).toBeLessThan(700);
});

it("in short a failure is the same for the same cause, whatever AWS's words", () => {
  const short = (message: string) => inShort(failureOf(awsError("Unavailable", 503, message), "read"));
  expect(short("request 1")).toBe("Unavailable (HTTP 503)");
  expect(short("request 2")).toBe(short("request 1"));
});

it.each([
  ["RequestLimitExceeded", true],
  ["Throttling", true],
  ["ThrottlingException", true],
  ["ProvisionedThroughputExceededException", true],
  ["EC2ThrottledException", true],
  ["Unavailable", false],
  ["InternalError", false],
  ["no-answer", false],
  ["NobodyKnowsThisCode", false],
])("%s is a throttle: %s", (code, throttle) => {
  expect(isThrottle(code)).toBe(throttle);
});
