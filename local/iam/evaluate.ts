/**
 * IAM's decision, as a pure function: an explicit deny beats an allow, and what nothing allows is denied.
 * Identity policies only; boundaries, organisation policies and sessions are not part of the embedded cloud.
 * Source: IAM user guide, "Policy evaluation logic".
 */
import type { Access } from "../service.ts";
import { conditionsHold } from "./conditions.ts";
import { many, matchesWildcards, type PolicyDocument, type Statement } from "./policy.ts";

export interface Verdict {
  readonly allowed: boolean;
  /** A statement says deny; otherwise, where it is not allowed, nothing says allow. */
  readonly explicit: boolean;
  /** One sentence: which statement decided, or that none did. */
  readonly why: string;
}

/** May the holder of `policies` do this? Throws on a condition that can't be judged. */
export function evaluate(policies: readonly PolicyDocument[], access: Access): Verdict {
  const question = `${access.action} on ${access.resource}`;
  const statements = policies.flatMap((policy) => many(policy.Statement));
  const deciding = statements.filter((statement) => speaksOf(statement, access));
  const deny = deciding.find(({ Effect }) => Effect === "Deny");
  if (deny !== undefined) return { allowed: false, explicit: true, why: `${name(deny)} denies ${question}` };
  const allow = deciding.find(({ Effect }) => Effect === "Allow");
  if (allow !== undefined)
    return { allowed: true, explicit: false, why: `${name(allow)} allows ${question}` };
  return { allowed: false, explicit: false, why: `no statement allows ${question}` };
}

/** May `service` do this to a resource that bears `policies`: a queue's or a topic's policy. */
export function evaluateForService(
  policies: readonly PolicyDocument[],
  service: string,
  access: Access,
): Verdict {
  const about = policies.map(({ Statement }) => ({
    Statement: many(Statement).filter((statement) => namesService(statement, service)),
  }));
  return evaluate(about, access);
}

function speaksOf(statement: Statement, access: Access): boolean {
  return coversAction(statement, access.action) && coversResource(statement, access.resource)
    ? conditionsHold(statement.Condition, access.keys)
    : false;
}

/** Names of actions are not case-sensitive; ARNs are. */
function coversAction(statement: Statement, action: string): boolean {
  const covers = (pattern: string) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase());
  if (statement.NotAction !== undefined) return !many(statement.NotAction).some(covers);
  return many(statement.Action).some(covers);
}

function coversResource(statement: Statement, resource: string): boolean {
  const covers = (pattern: string) => matchesWildcards(pattern, resource);
  if (statement.NotResource !== undefined) return !many(statement.NotResource).some(covers);
  return many(statement.Resource).some(covers);
}

function namesService({ Principal }: Statement, service: string): boolean {
  if (Principal === undefined) return false;
  if (typeof Principal === "string") return Principal === "*";
  if (Array.isArray(Principal)) return Principal.includes("*");
  return Object.entries(Principal).some(([kind, names]) =>
    kind === "Service" ? many(names).includes(service) : kind === "AWS" && many(names).includes("*"),
  );
}

const name = (statement: Statement) =>
  statement.Sid === undefined ? "a statement without Sid" : `statement ${statement.Sid}`;
