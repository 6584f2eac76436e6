/**
 * What a service of the embedded cloud is to its fronts. One model, two fronts: the wire front decodes a request
 * into (operation, input), the `send` front takes them off an SDK command; both call the same `Service`.
 */
import type { Random } from "./random.ts";

/** One question to the authoriser: may the caller do `action` on `resource`? All of a call's questions must be allowed. */
export interface Access {
  /** `ec2:DetachNetworkInterface` */
  readonly action: string;
  /** An ARN, or `*` where the action has no resource types. */
  readonly resource: string;
  /** Condition keys and their values, lower-cased keys: `aws:resourcetag/role`, `dynamodb:leadingkeys`, `ec2:region`, … */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface Service {
  /**
   * Carries out one operation at wall time `now` (epoch milliseconds).
   * `input` and the answer have the shapes of the JavaScript SDK's command input and output (without `$metadata`).
   * Throws `AwsError`.
   */
  call(operation: string, input: unknown, now: number): unknown;
  /** What the call must be allowed to do. Asked before `call`, and for DryRun too. */
  access(operation: string, input: unknown): readonly Access[];
}

export interface Place {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly random: Random;
}
