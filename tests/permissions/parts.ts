/** Policies, part by part: what each statement would be without one of its actions, or without one kind of resource. */
import { many, type PolicyDocument, type Statement } from "../../local/iam/policy.ts";

/** One action, or all resources of one kind, of one statement of a role or of what bears a policy. */
export interface Part {
  /** `MoverRole Move ec2:AttachNetworkInterface` */
  readonly name: string;
  /** All policies of the bearer, without this part. */
  readonly without: readonly PolicyDocument[];
}

/** Every part of a bearer's policies that allows something, and could be taken away. */
export function partsOf(bearer: string, policies: readonly PolicyDocument[]): Part[] {
  const statements = policies.flatMap(({ Statement }) => many(Statement));
  const allowing = statements.filter(({ Effect }) => Effect === "Allow");
  return allowing.flatMap((statement) => {
    const named = `${bearer} ${statement.Sid ?? "?"}`;
    const others = statements.filter((one) => one !== statement);
    const lesser = (change: Partial<Statement>) => [{ Statement: [...others, { ...statement, ...change }] }];
    const actions = many(statement.Action).map((action) => ({
      name: `${named} ${action}`,
      without: lesser({ Action: many(statement.Action).filter((one) => one !== action) }),
    }));
    const kinds = [...new Set(many(statement.Resource).map(kindOf))].map((kind) => ({
      name: `${named} on ${kind}`,
      without: lesser({ Resource: many(statement.Resource).filter((one) => kindOf(one) !== kind) }),
    }));
    return [...actions, ...kinds];
  });
}

/** `ec2:instance` of an instance's ARN; what names no kind of resource is itself. */
function kindOf(arn: string): string {
  const [, , service, , , resource] = arn.split(":");
  return resource === undefined ? arn : `${service}:${resource.split("/")[0]}`;
}
