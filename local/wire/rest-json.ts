/** What is known of a REST request without its model: nothing but how errors look. For services that others register. */
import type { AwsError } from "../aws-error.ts";
import type { Codec, DecodedCall } from "./codec.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";

export class RestJson implements Codec {
  operationOf(request: HttpRequest): string {
    return `${request.method} ${request.path}`;
  }

  decode(request: HttpRequest): DecodedCall {
    return { operation: this.operationOf(request), input: undefined };
  }

  encode(_operation: string, output: unknown, requestId: string): HttpAnswer {
    const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
    return { status: 200, headers, body: JSON.stringify(output ?? {}) };
  }

  encodeError(error: AwsError, requestId: string): HttpAnswer {
    const headers = {
      "content-type": "application/json",
      "x-amzn-requestid": requestId,
      "x-amzn-errortype": error.code,
    };
    const Type = error.status < 500 ? "User" : "Service";
    return { status: error.status, headers, body: JSON.stringify({ Type, Message: error.message }) };
  }
}
