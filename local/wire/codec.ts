/** What every protocol of this cloud does: a request into a call, an output or an error into an answer. */
import type { AwsError } from "../aws-error.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";

export interface DecodedCall {
  readonly operation: string;
  /** In the shape of the JavaScript SDK's command input. */
  readonly input: unknown;
}

export interface Codec {
  /** Throws AwsError where the request is none of the protocol, or does not fit the model. */
  decode(request: HttpRequest): DecodedCall;
  /** The name of the operation, without reading its input: known even where decoding fails. */
  operationOf(request: HttpRequest): string;
  encode(operation: string, output: unknown, requestId: string): HttpAnswer;
  encodeError(error: AwsError, requestId: string): HttpAnswer;
}
