/** What stands behind the front for one service: how its requests read, what they ask of IAM, and what answers them. */
import type { Access } from "../service.ts";
import type { Caller } from "./callers.ts";
import type { Codec } from "./codec.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";

/** A request that has been understood, on its way to its service. */
export interface Incoming {
  readonly request: HttpRequest;
  readonly codec: Codec;
  readonly operation: string;
  readonly input: unknown;
  readonly caller: Caller;
  /** The journal entry of the call. */
  readonly journalId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Backend {
  /** As in actions: `ec2`, `cloudwatch`, `dynamodb`. */
  readonly name: string;
  codecFor(request: HttpRequest): Codec;
  access(incoming: Incoming): readonly Access[] | Promise<readonly Access[]>;
  /** Throws the service's own throttling error. */
  throttle(incoming: Incoming): void;
  answer(incoming: Incoming): HttpAnswer | Promise<HttpAnswer>;
}
