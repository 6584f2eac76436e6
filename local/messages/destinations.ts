/**
 * Where a message can be sent by its ARN: a function, a queue, a topic. Rules, schedules, dead letters and on-failure
 * destinations all go through here, so that each is refused for the same reasons.
 */

/** Who sends, and so whose permission is asked. */
export type Sender =
  /** A service, for one of its rules or topics: the policy of the receiving resource must let it. */
  | { readonly kind: "service"; readonly service: string; readonly sourceArn: string }
  /** A service under a role, as Lambda does it for a function: the role's policies must let it. */
  | { readonly kind: "role"; readonly role: string };

export interface Outgoing {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Of a topic's message. EventBridge can't give one. */
  readonly subject?: string;
  /** The journal entry that this follows from. */
  readonly cause: string | undefined;
}

/** Why a delivery failed, in the words of EventBridge's dead letters, and whether trying again can help. */
export class DeliveryError extends Error {
  readonly code: "NO_PERMISSIONS" | "NO_RESOURCE" | "THROTTLING" | "SDK_CLIENT_ERROR";
  readonly retriable: boolean;

  constructor(code: DeliveryError["code"], message: string) {
    super(message);
    this.name = "DeliveryError";
    this.code = code;
    this.retriable = code === "THROTTLING";
  }
}

/** Takes a message for one ARN, or throws DeliveryError. */
export type Receiver = (arn: string, sender: Sender, message: Outgoing) => void;

export class Destinations {
  readonly #receivers = new Map<string, Receiver>();

  /** `service` as in the ARN: `lambda`, `sqs`, `sns`. */
  register(service: string, receiver: Receiver): void {
    this.#receivers.set(service, receiver);
  }

  /** Hands `message` to what `arn` names. Throws DeliveryError. */
  send(arn: string, sender: Sender, message: Outgoing): void {
    const receiver = this.#receivers.get(arn.split(":")[2] ?? "");
    if (receiver === undefined) throw new DeliveryError("NO_RESOURCE", `nothing is emulated at ${arn}`);
    receiver(arn, sender, message);
  }
}
