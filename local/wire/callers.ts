/** Who calls: principals by access key. A key the cloud did not issue is the account's administrator. */
import { randomBytes } from "node:crypto";

export interface KeyRequest {
  /** `arn:aws:sts::123456789012:assumed-role/role/session` */
  readonly principalArn: string;
  /** The name or logical id of the role, for the authoriser. */
  readonly role?: string;
  /** The function in whose execution environment the key is. */
  readonly functionArn?: string;
  /** The journal entry of the invocation that uses the key right now. */
  readonly invocation?: () => string | undefined;
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Caller {
  readonly accessKeyId: string;
  readonly principalArn: string;
  readonly role: string | undefined;
  readonly functionArn: string | undefined;
  /** Asked no questions. */
  readonly administrator: boolean;
  /** The journal entry that a call of this caller follows from, now. */
  readonly cause: () => string | undefined;
}

export class Callers {
  readonly #account: string;
  readonly #issued = new Map<string, Caller>();

  constructor(account: string) {
    this.#account = account;
  }

  /** A new key for a principal, in the form of temporary credentials. */
  issue(request: KeyRequest): Key {
    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    this.#issued.set(accessKeyId, {
      accessKeyId,
      principalArn: request.principalArn,
      role: request.role,
      functionArn: request.functionArn,
      administrator: false,
      cause: request.invocation ?? (() => undefined),
    });
    const secretAccessKey = randomBytes(30).toString("base64");
    return { accessKeyId, secretAccessKey, sessionToken: randomBytes(48).toString("base64") };
  }

  /** The principal behind an access key. */
  of(accessKeyId: string): Caller {
    const administrator = {
      accessKeyId,
      principalArn: `arn:aws:iam::${this.#account}:user/administrator`,
      role: undefined,
      functionArn: undefined,
      administrator: true,
      cause: () => undefined,
    };
    return this.#issued.get(accessKeyId) ?? administrator;
  }
}
