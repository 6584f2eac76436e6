/** Who may do what in the account: the policies of roles, and those that functions, queues and topics bear themselves. */
import type { Access } from "../service.ts";
import { evaluate, evaluateForService, type Verdict } from "./evaluate.ts";
import type { PolicyDocument } from "./policy.ts";

export class Permissions {
  readonly #roles = new Map<string, PolicyDocument[]>();
  readonly #resources = new Map<string, PolicyDocument[]>();

  /** Adds a policy to a role, by the role's ARN. */
  grant(role: string, policy: PolicyDocument): void {
    this.#roles.set(role, [...this.policiesOf(role), policy]);
  }

  /** Adds a policy to a resource, by its ARN. */
  attach(resource: string, policy: PolicyDocument): void {
    this.#resources.set(resource, [...(this.#resources.get(resource) ?? []), policy]);
  }

  policiesOf(role: string): PolicyDocument[] {
    return this.#roles.get(role) ?? [];
  }

  /** May whoever has assumed this role do this? */
  ofRole(role: string, access: Access): Verdict {
    return evaluate(this.policiesOf(role), access);
  }

  /** May this service, on behalf of `sourceArn` (a rule, a topic), do this to a resource? */
  ofService(service: string, sourceArn: string, access: Access): Verdict {
    const source = { "aws:sourcearn": [sourceArn], "aws:sourceaccount": [sourceArn.split(":")[4] ?? ""] };
    const asked = { ...access, keys: { ...access.keys, ...source, "aws:securetransport": ["true"] } };
    return evaluateForService(this.#resources.get(access.resource) ?? [], service, asked);
  }
}
