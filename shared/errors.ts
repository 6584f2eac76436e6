/**
 * Errors, sorted by what happens next: one table, one class.
 *
 * AWS's message texts change and are translated by nobody, so a code is looked up exactly and a message is only
 * passed on to a person. What the table does not know is judged by its HTTP status, and else looked at again.
 */

import type { Kind, Row } from "./errors/table.ts";
import { AGAIN, BY_CODE, PERMISSION, THROTTLED, UNKNOWN } from "./errors/table.ts";

/**
 * What was being done: a read of anything, a change of EC2, a rehearsal of one (`dry-run`), a write to the table, the
 * start of another invocation, an alarm that a drill sets, an event for the bus.
 */
export type Step =
  | "read"
  | "detach"
  | "attach"
  | "modify"
  | "stop"
  | "dry-run"
  | "record"
  | "start"
  | "set-alarm"
  | "tell";

/**
 * What happens next: the read is asked again; the world is looked at again before anything else is done; an operator
 * has to act, since it will not mend itself; an invariant broke, which is ours to mend.
 */
export type Next = "retry" | "look-again" | "operator" | "bug";

/** Why a step did not happen, or may not have happened. The error of AWS or of the network is its `cause`. */
export class Failure extends Error {
  readonly next: Next;
  /** AWS's exact code; `no-answer` for a change that was sent and got no answer. */
  readonly code: string;
  readonly step: Step;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** AWS was throttling, in trouble or out of reach: that says nothing about what was asked. */
  readonly busy: boolean;

  constructor(
    next: Next,
    code: string,
    step: Step,
    message: string,
    more: {
      readonly status?: number | undefined;
      readonly cause?: unknown;
      readonly busy?: boolean;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Failure";
    this.next = next;
    this.code = code;
    this.step = step;
    this.busy = more.busy ?? false;
    if (more.status !== undefined) this.status = more.status;
  }
}

/** Whether AWS asked for patience: the call was not carried out, and the same call may pass later. */
export function isThrottle(code: string): boolean {
  return BY_CODE.get(code)?.kind === "throttled";
}

/** Whether AWS refused for want of a permission, or of credentials. */
export function isPermission(code: string): boolean {
  return BY_CODE.get(code)?.kind === "permission";
}

/** Sorts whatever an AWS call threw. A `Failure` is handed back as it is. */
export function failureOf(error: unknown, step: Step): Failure {
  if (error instanceof Failure) return error;
  const status = statusOf(error);
  const seen = codeOf(error);
  const row = BY_CODE.get(seen) ?? rowOfStatus(status);
  const unanswered = row.kind === "no-answer" && step !== "read";
  const code = unanswered ? "no-answer" : seen;
  const said = error instanceof Error ? error.message : String(error);
  const answer = `${seen}${status === undefined ? "" : ` (HTTP ${status})`}: ${said.slice(0, LONGEST_SAYING)}`;
  return new Failure(nextOf(row.kind, step), code, step, `${step} failed, ${answer} — ${row.advice}`, {
    status,
    cause: error,
    busy: BUSY.has(row.kind),
  });
}

/** The `Failure` that was caught. What is none, or is our own bug, is thrown on: nothing may swallow it. */
export function caughtFailure(caught: unknown): Failure {
  if (!(caught instanceof Failure) || caught.next === "bug") throw caught;
  return caught;
}

/** Authorization failures carry an encoded blob of a thousand characters behind the words that matter. */
const LONGEST_SAYING = 400;

/** The failure in a word or two, the same for the same cause: for evidence and notifications. */
export function inShort(failure: Failure): string {
  return failure.status === undefined ? failure.code : `${failure.code} (HTTP ${failure.status})`;
}

const BUSY: ReadonlySet<Kind> = new Set(["throttled", "no-answer", "again"]);

function nextOf(kind: Kind, step: Step): Next {
  if (kind === "changed") return "look-again";
  if (kind === "bug" || kind === "operator") return kind;
  // EC2 answers 403 to the detach of what is detached already, where the policy is conditioned on tags.
  if (kind === "permission") return step === "detach" || step === "attach" ? "look-again" : "operator";
  return step === "read" ? "retry" : "look-again";
}

function rowOfStatus(status: number | undefined): Row {
  if (status === undefined) return UNKNOWN;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AGAIN;
  return status === 401 || status === 403 ? PERMISSION : UNKNOWN;
}

/** The SDK puts AWS's code into `name`; Node puts its own into `code`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "Unknown";
  // The SDK could not read the answer (a proxy's page, a cut body): that is no answer, and no bug of ours.
  if ("$response" in error && UNREADABLE.has(error.name)) return "UnreadableAnswer";
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (!BY_CODE.has(error.name) && code !== undefined && BY_CODE.has(code)) return code;
  return error.name === "Error" ? (code ?? "Unknown") : error.name;
}

const UNREADABLE: ReadonlySet<string> = new Set(["Error", "SyntaxError", "TypeError", "RangeError"]);

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number } | undefined)?.httpStatusCode;
}
