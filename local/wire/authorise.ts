/** Authorisation on the wire: the questions of a call put to the authoriser, and the refusal as each service words it. */
import { AwsError } from "../aws-error.ts";
import type { Access } from "../service.ts";
import type { Caller } from "./callers.ts";

export interface Verdict {
  readonly allowed: boolean;
  /** Why, for the journal. */
  readonly reason: string;
  /** A policy says deny; otherwise nothing says allow. */
  readonly explicit?: boolean;
}

/** Decides whether a principal may do everything that is asked. */
export type Authoriser = (principal: Caller, access: readonly Access[]) => Verdict;

/** A refusal, with what the authoriser said: the caller is told less than the journal. */
export class Refused extends AwsError {
  readonly reason: string;

  constructor(code: string, message: string, status: number, reason: string) {
    super(code, message, status);
    this.reason = reason;
  }
}

/** Codes and statuses differ by service; `UnauthorizedOperation` is EC2's. */
const CODES: Readonly<Record<string, readonly [code: string, status: number]>> = {
  ec2: ["UnauthorizedOperation", 403],
  monitoring: ["AccessDenied", 403],
  sts: ["AccessDenied", 403],
  sqs: ["AccessDenied", 403],
  lambda: ["AccessDeniedException", 403],
};

/** Throws `Refused` for the first question that is not answered with yes. Administrators are not asked. */
export function authorise(
  service: string,
  caller: Caller,
  access: readonly Access[],
  authoriser: Authoriser | undefined,
): void {
  if (caller.administrator || authoriser === undefined) return;
  for (const question of access) {
    const verdict = authoriser(caller, [question]);
    if (verdict.allowed) continue;
    const [code, status] = CODES[service] ?? ["AccessDeniedException", 400];
    throw new Refused(code, wording(service, caller, question, verdict), status, verdict.reason);
  }
}

function wording(service: string, caller: Caller, { action, resource }: Access, verdict: Verdict): string {
  const why = verdict.explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${caller.principalArn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return service === "ec2" ? `You are not authorized to perform this operation. ${message}` : message;
}
