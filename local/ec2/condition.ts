/**
 * What is true of a machine, whatever EC2 shows of it: hung, failing, burned device indexes, refusals to come. This is
 * what breakage changes; EC2's own view follows at the next status checks, state changes and calls.
 */
import type { CheckName } from "./entities.ts";

interface Failing {
  /** The run of the status checks that reports it, epoch milliseconds. */
  readonly reportAt: number;
  readonly cause: string | undefined;
}

interface Burned {
  readonly deviceIndex: number;
  readonly cardIndex: number;
  /** The interface that was forced off; it may go back on the index. */
  readonly by: string;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** How many attaches it refuses still; `Infinity` for ever. */
  left: number;
}

export interface Condition {
  /** The checks of this instance run at `phase + n × period`. */
  readonly phase: number;
  /** Grows with each change of state that was asked for, so that only the latest one's completion counts. */
  asked: number;
  hung: boolean;
  rebooting: boolean;
  /** Checks are `initializing` before, epoch milliseconds. */
  initializedAt: number;
  readonly failing: Map<CheckName, Failing>;
  /** The checks that EC2 has no data of. */
  readonly unsaid: Set<CheckName>;
  /** An application status check was set up for it. */
  applicationCheck: boolean;
  /** Why the next change to ok will be. */
  healedBy: string | undefined;
  burned: readonly Burned[];
  refusal: Refusal | undefined;
  slow: { readonly milliseconds: number; left: number } | undefined;
  /** The journal's entry of the last change of a status check. */
  lastCheck: string | undefined;
}

/** How the next detaches of an interface are held up. */
export interface Stuck {
  /** `Infinity`: until forced, or until the instance ends. */
  readonly milliseconds: number;
  /** Holds up forced detaches too. */
  readonly evenForced: boolean;
  left: number;
}
