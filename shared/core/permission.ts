/** What EC2's own DryRun says of one call. */
export interface Permission {
  readonly call: string;
  readonly on: string;
  /**
   * `unproven`: EC2 answered with something that is neither yes nor a refusal of permission. An attach is, while the
   * interface is in use: EC2 does not document whether it looks at that or at the permission first.
   */
  readonly verdict: "allowed" | "denied" | "unproven";
  /** EC2's code, where the verdict is not `allowed`. */
  readonly code?: string;
  /** EC2 was throttling, in trouble or out of reach: that says nothing about what was asked. */
  readonly unanswered?: true;
}
