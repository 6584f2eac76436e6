/** Who holds which claim, as the table shows it: followed from the writes of a run. */
import type { Intent, State } from "../../shared/core/model.ts";
import type { TraceEvent } from "./trace.ts";

export interface Claim {
  readonly group: string;
  readonly epoch: number;
  readonly holder: string;
  /** The intent as this holder last wrote it. */
  readonly intent: Intent;
  /** Detaches that EC2 accepted under this claim. */
  detaches: number;
}

type Write = Extract<TraceEvent, { kind: "write" }>;

export class Claims {
  readonly #byInvocation = new Map<string, Claim>();
  readonly #states = new Map<string, State>();

  /** Follows a write. Answers the claim that it makes, if it makes one. */
  follow(event: Write): Claim | undefined {
    this.#states.set(event.group, event.after);
    const { intent, lease, epoch } = event.after;
    if (intent === undefined || lease === undefined) return undefined;
    const key = `${event.by} ${event.group}`;
    if (epoch > (event.before?.epoch ?? 0)) {
      const claim = { group: event.group, epoch, holder: lease.holder, intent, detaches: 0 };
      this.#byInvocation.set(key, claim);
      return claim;
    }
    const mine = this.#byInvocation.get(key);
    if (mine !== undefined && mine.holder === lease.holder) {
      this.#byInvocation.set(key, { ...mine, intent });
    }
    return undefined;
  }

  /** The claim that an invocation made last on a group. */
  of(by: string, group: string): Claim | undefined {
    return this.#byInvocation.get(`${by} ${group}`);
  }

  state(group: string): State | undefined {
    return this.#states.get(group);
  }
}
