/** What Lambda knows of a function, and how an invocation of it can end. */
import type { Place } from "../service.ts";

export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** `dist/health.handler`: path of the module in the package, then the export. */
  readonly handler: string;
  /** Folder of the unzipped package. */
  readonly codeDirectory: string;
  readonly codeBytes: number;
  /** Base64 of the package's SHA-256. */
  readonly codeSha256: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  /** ARN of the role that the function's calls are made under. */
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** At most so many invocations at a time; undefined: what the account has left. */
  readonly reservedConcurrency: number | undefined;
  /** Where it lives; absent: in no VPC. There are no networks here: what a function reaches is this machine's affair. */
  readonly vpc?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
  readonly asynchronous: AsynchronousConfig;
  /** X-Ray traces are written. */
  readonly tracing: boolean;
}

/** How Lambda treats asynchronous invocations that fail. */
export interface AsynchronousConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** ARN of a queue or topic that gets a record of what failed for good. */
  readonly onFailure: string | undefined;
  readonly onSuccess: string | undefined;
  /** ARN of a queue or topic that gets the bare event of what failed for good. */
  readonly deadLetter: string | undefined;
}

/** Lambda's own defaults. Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation". */
export const ASYNCHRONOUS_DEFAULTS: AsynchronousConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
  onFailure: undefined,
  onSuccess: undefined,
  deadLetter: undefined,
};

/** The three fields by which Lambda reports an error of a function. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export interface Answer {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** Set when the function failed: then `payload` tells the same. */
  readonly failure: FunctionFailure | undefined;
  /** The log lines of this invocation, `START` to `REPORT`. */
  readonly logs: string;
  /** The journal entry of its end. */
  readonly ended: string;
}

export const functionArn = (place: Pick<Place, "account" | "region">, name: string) =>
  `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;

/** A name, `name:qualifier`, a partial ARN or an ARN, as the API takes them, without a qualifier of `$LATEST`. */
export function functionName(given: string): string {
  const parts = given.split(":");
  const at = parts.indexOf("function");
  const [name = "", qualifier] = at < 0 ? parts : parts.slice(at + 1);
  return qualifier === undefined || qualifier === "$LATEST" ? name : `${name}:${qualifier}`;
}
