/** Who may do what in the account: the policies of roles, and those that functions, queues and topics bear themselves. */
import type { Access } from "../service.ts";
import { evaluate, evaluateForService, type Verdict } from "./evaluate.ts";
import type { PolicyDocument } from "./policy.ts";

/** A question that was answered: who bears the policies (a role, a queue, a function), by ARN, and what was asked. */
export interface Asked {
  readonly bearer: string;
  /** Who asks, where it is a service and the bearer is a resource. */
  readonly service?: string;
  readonly access: Access;
  readonly verdict: Verdict;
}

export class Permissions {
  /** Told of every question and its answer. */
  onAsked: ((asked: Asked) => void) | undefined;
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

  /** Gives a role, or another bearer, these policies in place of all that it has. */
  replace(bearer: string, policies: readonly PolicyDocument[]): void {
    (this.#roles.has(bearer) ? this.#roles : this.#resources).set(bearer, [...policies]);
  }

  /** The policies of a role, or those that a function, a queue or a topic bears. */
  policiesOf(bearer: string): PolicyDocument[] {
    return this.#roles.get(bearer) ?? this.#resources.get(bearer) ?? [];
  }

  /** Every ARN that bears a policy. */
  bearers(): string[] {
    return [...this.#roles.keys(), ...this.#resources.keys()];
  }

  /** May whoever has assumed this role do this? */
  ofRole(role: string, access: Access): Verdict {
    return this.#told({ bearer: role, access, verdict: evaluate(this.policiesOf(role), access) });
  }

  /** May this service, on behalf of `sourceArn` (a rule, a topic), do this to a resource? */
  ofService(service: string, sourceArn: string, access: Access): Verdict {
    const source = saysForWhom(service, access)
      ? { "aws:sourcearn": [sourceArn], "aws:sourceaccount": [sourceArn.split(":")[4] ?? ""] }
      : {};
    const asked = { ...access, keys: { ...access.keys, ...source, "aws:securetransport": ["true"] } };
    const verdict = evaluateForService(this.policiesOf(access.resource), service, asked);
    return this.#told({ bearer: access.resource, service, access: asked, verdict });
  }

  #told(asked: Asked): Verdict {
    this.onAsked?.(asked);
    return asked.verdict;
  }
}

/** EventBridge does not to a topic. Source: EventBridge user guide, "Troubleshooting" (no conditions in topic policies). */
const saysForWhom = (service: string, { action }: Access) =>
  !(service === "events.amazonaws.com" && action === "sns:Publish");
