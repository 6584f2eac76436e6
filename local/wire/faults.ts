/** Faults on the wire, added while the cloud runs: throttling, errors, answers that get lost, delays. */
import type { Random } from "../random.ts";

export interface FaultMatch {
  /** The signing name: `ec2`, `monitoring`, `dynamodb`, … */
  readonly service: string;
  readonly operation?: string;
  /** Part of the principal's ARN. */
  readonly principal?: string;
  /** Text that the input, as JSON, contains: an id, say. */
  readonly contains?: string;
}

export interface Fault {
  readonly match: FaultMatch;
  /** `lose-answer`: the call is carried out, then the connection breaks. `delay`: carried out `ms` later. */
  readonly effect: "throttle" | "error" | "lose-answer" | "delay";
  /** Code, status and message of an error; each service's own for throttling. */
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  /** How often; for ever when left out. */
  readonly times?: number;
  /** In (0, 1]; always when left out. */
  readonly probability?: number;
  readonly ms?: number;
}

const EFFECTS: readonly string[] = ["throttle", "error", "lose-answer", "delay"] satisfies Fault["effect"][];

export class Faults {
  readonly #random: Random;
  readonly #standing = new Map<string, { readonly fault: Fault; left: number }>();
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Adds a fault and answers its id, which takes it away again. Throws TypeError where it is none. */
  add(fault: Fault): string {
    if (typeof fault.match?.service !== "string")
      throw new TypeError("A fault names a service in its match.");
    if (!EFFECTS.includes(fault.effect))
      throw new TypeError(`The effect of a fault is one of ${EFFECTS.join(", ")}.`);
    this.#count += 1;
    const id = `fault-${this.#count}`;
    this.#standing.set(id, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    return id;
  }

  remove(id: string): void {
    this.#standing.delete(id);
  }

  clear(): void {
    this.#standing.clear();
  }

  /** The faults that hit this call, in the order they were added; each hit is counted. */
  draw(call: { service: string; operation: string; principal: string; input: unknown }): Fault[] {
    const hits: Fault[] = [];
    for (const [id, standing] of this.#standing) {
      const { match, probability } = standing.fault;
      if (match.service !== call.service) continue;
      if (match.operation !== undefined && match.operation !== call.operation) continue;
      if (match.principal !== undefined && !call.principal.includes(match.principal)) continue;
      if (match.contains !== undefined && !JSON.stringify(call.input ?? null).includes(match.contains))
        continue;
      if (probability !== undefined && this.#random() >= probability) continue;
      hits.push(standing.fault);
      standing.left -= 1;
      if (standing.left <= 0) this.#standing.delete(id);
    }
    return hits;
  }
}
