/**
 * What public sources leave open about EC2, as options: a client must come through whichever way it is. The defaults
 * are the likelier ones; tests and simulation turn them.
 */

export interface Behaviour {
  /** An attach at a burned device index: seen stuck in `attaching` (VPC CNI); documented only as "might not be able". */
  readonly burnedIndex: "stuck-attaching" | "refused";
  /** How often a forced detach from a running instance burns the index. Documented as "may". In [0, 1]. */
  readonly burnProbability: number;
  /** A second detach without Force while `detaching`. Not documented. */
  readonly secondDetach: "refused" | "accepted";
  /** Detach from an instance that is pending, stopping or shutting-down. Documented only for running and stopped. */
  readonly detachInTransition: "refused" | "accepted";
  /** Whether the interface's own status follows its attachment through `attaching` and `detaching`. Not documented. */
  readonly statusInTransition: "in-use" | "follows";
  /** The code of an attach of an interface in use. Documented: either may come. */
  readonly inUseCode: "InvalidNetworkInterface.InUse" | "InvalidParameterValue";
  /** The code of an attach or detach on an instance in the wrong state. Not documented. */
  readonly wrongStateCode: "IncorrectState" | "IncorrectInstanceState";
  /** For how long EC2 still answers "in use" after it shows the interface `available`, milliseconds. Documented: a command
   * needs its wait "even if a Describe command returns an accurate response"; the VPC CNI waits 2 s. */
  readonly settle: number;
  /** Multi-card types answer "already has an interface attached" falsely when NetworkCardIndex is left out. Seen. */
  readonly multiCardBug: boolean;
  /** Eventual consistency: how far behind a read may be, in milliseconds. Uniform up to `usual`, with `slowShare` of
   * the reads uniform up to `slow`. All zero: reads are consistent. */
  readonly lag: { readonly usual: number; readonly slow: number; readonly slowShare: number };
}

export const likelyBehaviour: Behaviour = {
  burnedIndex: "stuck-attaching",
  burnProbability: 1,
  secondDetach: "refused",
  detachInTransition: "refused",
  statusInTransition: "in-use",
  inUseCode: "InvalidNetworkInterface.InUse",
  wrongStateCode: "IncorrectState",
  settle: 0,
  multiCardBug: true,
  lag: { usual: 300, slow: 2_000, slowShare: 0.05 },
};
