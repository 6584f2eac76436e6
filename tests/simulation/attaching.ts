/**
 * Which interfaces are attaching, and which were until a moment ago: who read that acts on it some time later. Told at
 * every change of the models that somebody looks at, at the latest five seconds after it.
 */
import type { Ec2 } from "../../local/ec2/ec2.ts";

type Held = ReturnType<Ec2["attachmentTruth"]>;

interface Attaching {
  readonly id: string;
  readonly instance: string | undefined;
  readonly since: number;
  /** When it was first seen no more; infinite: it is. */
  readonly until: number;
}

/** What is read may be ten seconds old when it is acted on, and a call on its way for four. */
const ACTED_ON_MS = 15_000;
/** A look may stand still for a minute between what it has read and its end. */
const LOOKS_MS = 90_000;

export class Attachings {
  readonly #byInterface = new Map<string, Attaching>();

  note(eni: string, held: Held, now: number): void {
    const last = this.#byInterface.get(eni);
    if (held?.status === "attaching") {
      const { id, instanceId: instance, attachedAt: since } = held;
      this.#byInterface.set(eni, { id, instance, since, until: Number.POSITIVE_INFINITY });
    } else if (last?.until === Number.POSITIVE_INFINITY) this.#byInterface.set(eni, { ...last, until: now });
  }

  /** The attachment was attaching so lately that it may be taken for it. */
  wasLately(eni: string, id: string, now: number): boolean {
    const last = this.#byInterface.get(eni);
    return last?.id === id && now - last.until <= ACTED_ON_MS;
  }

  /** The interface has been attaching to the instance for so long, now or when a look of now may have read it. */
  hasBeenFor(eni: string, instance: string, milliseconds: number, now: number): boolean {
    const last = this.#byInterface.get(eni);
    if (last?.instance !== instance || now - last.until > LOOKS_MS) return false;
    return Math.min(last.until, now) - last.since >= milliseconds;
  }
}
