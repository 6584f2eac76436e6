/**
 * Every code the controller knows, and what it means for what happens next.
 *
 * EC2: https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html; the throttling codes are those that the
 * SDK itself counts as throttling; the network's are Node's.
 */

/** What a code means, before it is known what was being done. */
export type Kind = "throttled" | "no-answer" | "again" | "changed" | "permission" | "operator" | "bug";

export interface Row {
  readonly kind: Kind;
  /** What to do, for a person. */
  readonly advice: string;
  readonly codes: readonly string[];
}

export const THROTTLED: Row = {
  kind: "throttled",
  advice: "it is asked again, more slowly; if it lasts, see the account's EC2 and CloudWatch request quotas",
  codes: [
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "EC2ThrottledException",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "LimitExceededException",
    "SlowDown",
  ],
};

const NO_ANSWER: Row = {
  kind: "no-answer",
  advice: "AWS did not answer in time; it is looked at again",
  codes: [
    "TimeoutError",
    "RequestTimeout",
    "RequestTimeoutException",
    "AbortError",
    "UnreadableAnswer",
    "ECONNRESET",
    "ECONNREFUSED",
    "ECONNABORTED",
    "EPIPE",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENETDOWN",
  ],
};

export const AGAIN: Row = {
  kind: "again",
  advice: "AWS has trouble of its own; it is looked at again",
  codes: [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceFault",
    "InternalServiceException",
    "ServerInternal",
    "Unavailable",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    // The clock was off, or the request was long on its way: the SDK corrects its clock from the answer.
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestInTheFuture",
    "ConcurrentTagAccess",
    "TransactionConflictException",
    "InvalidPaginationToken",
    "InvalidNextToken",
  ],
};

const CHANGED: Row = {
  kind: "changed",
  advice: "the world is not what was thought; it is looked at again",
  codes: [
    "InvalidAttachmentID.NotFound",
    "InvalidNetworkInterface.InUse",
    // "Index taken" and, at times, "in use": only a look tells which.
    "InvalidParameterValue",
    // Another member may have a slot left.
    "AttachmentLimitExceeded",
    "InvalidInstanceID.NotFound",
    "IncorrectState",
    "IncorrectInstanceState",
    "InvalidRoute.NotFound",
    "DependencyViolation",
    "ConditionalCheckFailedException",
  ],
};

export const PERMISSION: Row = {
  kind: "permission",
  advice: "the role may not do this, or its credentials do not work; compare it with the deployed stack",
  codes: [
    "UnauthorizedOperation",
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedException",
    "NotAuthorized",
    "AuthFailure",
    "OptInRequired",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
  ],
};

const OPERATOR: Row = {
  kind: "operator",
  advice:
    "it will not mend itself; check that the configuration names what exists, in one zone, and is free to move",
  codes: [
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidNetworkInterfaceId.Malformed",
    "InvalidInstanceID.Malformed",
    "InvalidAllocationID.NotFound",
    "InvalidRouteTableID.NotFound",
    "InvalidGroup.NotFound",
    "InvalidSecurityGroupID.NotFound",
    // Index 0, or an interface that another AWS service manages.
    "OperationNotPermitted",
    // Attach: another Availability Zone.
    "InvalidParameterCombination",
    "ResourceNotFoundException",
    // SetAlarmState: the alarm is gone.
    "ResourceNotFound",
  ],
};

const NO_CREDENTIALS: Row = {
  kind: "operator",
  advice: "nothing was asked of AWS; away from Lambda, set the variables that the message names",
  codes: ["CredentialsProviderError"],
};

const BUG: Row = {
  kind: "bug",
  advice: "this is a bug of the controller; please report it with this line",
  codes: [
    "MissingParameter",
    "UnknownParameter",
    "InvalidNetworkInterfaceAttachmentId.Malformed",
    "FilterLimitExceeded",
    "IdempotentParameterMismatch",
    "InvalidAction",
    "DryRunOperation",
    "ValidationException",
    "TypeError",
    "ReferenceError",
    "RangeError",
    "AssertionError",
  ],
};

export const UNKNOWN: Row = { kind: "changed", advice: "an unknown code; it is looked at again", codes: [] };

/** The one table. */
export const BY_CODE: ReadonlyMap<string, Row> = new Map(
  [THROTTLED, NO_ANSWER, AGAIN, CHANGED, PERMISSION, OPERATOR, NO_CREDENTIALS, BUG].flatMap((row) =>
    row.codes.map((code) => [code, row] as const),
  ),
);
