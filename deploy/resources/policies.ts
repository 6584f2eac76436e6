/**
 * A role out of statements, inside IAM's limits: all inline policies of a role together take 10,240 characters, a managed
 * policy 6,144, and ten of those can be attached to a role. Source: IAM user guide, "IAM and AWS STS quotas".
 */
import { longest } from "./longest.ts";
import { arn, type Resource, type Resources } from "./template.ts";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: "*" | readonly unknown[];
  readonly Condition?: Readonly<
    Partial<Record<"StringEquals" | "ArnEquals", Readonly<Record<string, readonly unknown[]>>>>
  >;
}

export const INLINE_CHARACTERS = 10_240;
export const MANAGED_CHARACTERS = 6_144;
export const MANAGED_POLICIES = 10;

/** A role and, where it names more than fits, its managed policies. */
export interface Duty {
  readonly id: string;
  readonly statements: readonly Statement[];
  /** Exactly those: by ARN, in the role. */
  readonly exact?: readonly Statement[];
  /** The same where there are too many: by condition, in managed policies. */
  readonly many?: readonly Statement[];
}

/** The resources of one role. */
export function duty({ id, statements, exact = [], many = [] }: Duty): Resources {
  const whole = [...statements, ...exact];
  if (longest(whole) + OVERHEAD <= INLINE_CHARACTERS) return { [id]: role(whole, []) };
  const policies = packed(many).map((part, index) => [`${id}Policy${index + 1}`, managed(id, part)] as const);
  return {
    ...Object.fromEntries(policies),
    [id]: role(
      statements,
      policies.map(([name]) => ({ Ref: name })),
    ),
  };
}

/** `{"Version":"2012-10-17","Statement":[…]}` and some room. */
const OVERHEAD = 100;

/**
 * Statements about `ids`, of a kind whose id is a condition key, as many as it takes for each to fit into a managed policy:
 * 24 characters an id, where an ARN takes 80.
 */
export function conditioned(
  sid: string,
  actions: readonly string[],
  kind: "network-interface" | "instance",
  ids: readonly string[],
): Statement[] {
  const key = kind === "instance" ? "ec2:InstanceID" : "ec2:NetworkInterfaceID";
  const statement = (part: readonly string[], number: number): Statement => ({
    Sid: `${sid}${number}`,
    Effect: "Allow",
    Action: actions,
    Resource: [arn("ec2", `${kind}/*`)],
    Condition: { StringEquals: { [key]: part } },
  });
  const room = MANAGED_CHARACTERS - OVERHEAD - longest(statement([], 99));
  const each = Math.floor(room / (longest("eni-00000000000000000") + 1));
  const parts = Array.from({ length: Math.ceil(ids.length / each) }, (_, at) =>
    ids.slice(at * each, (at + 1) * each),
  );
  return parts.map((part, at) => statement(part, at + 1));
}

/** Statements about resources that are named by ARN, as many as it takes for each to fit into a managed policy. */
export function listed(sid: string, actions: readonly string[], resources: readonly unknown[]): Statement[] {
  const statement = (part: readonly unknown[], number: number): Statement => ({
    Sid: `${sid}${number}`,
    Effect: "Allow",
    Action: actions,
    Resource: part,
  });
  const parts: unknown[][] = [];
  for (const resource of resources) {
    const last = parts.at(-1);
    const whole = [...(last ?? []), resource];
    if (last !== undefined && longest(statement(whole, 99)) + OVERHEAD <= MANAGED_CHARACTERS)
      last.push(resource);
    else parts.push([resource]);
  }
  return parts.map((part, at) => statement(part, at + 1));
}

/** The statements in as few policies as their order allows. */
function packed(statements: readonly Statement[]): Statement[][] {
  const parts: Statement[][] = [];
  for (const statement of statements) {
    const last = parts.at(-1);
    if (last !== undefined && longest([...last, statement]) + OVERHEAD <= MANAGED_CHARACTERS)
      last.push(statement);
    else parts.push([statement]);
  }
  return parts;
}

const document = (Statement: readonly Statement[]) => ({ Version: "2012-10-17", Statement });

const managed = (id: string, statements: readonly Statement[]): Resource => ({
  Type: "AWS::IAM::ManagedPolicy",
  Properties: {
    Description: `Interfaces and members that ${id} may change`,
    PolicyDocument: document(statements),
  },
});

function role(statements: readonly Statement[], policies: readonly unknown[]): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      },
      Policies: [{ PolicyName: "duty", PolicyDocument: document(statements) }],
      ...(policies.length > 0 && { ManagedPolicyArns: policies }),
    },
  };
}
