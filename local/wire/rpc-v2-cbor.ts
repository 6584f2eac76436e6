/** smithy-rpc-v2-cbor: `POST /service/<service>/operation/<operation>`, CBOR both ways. What current boto3 prefers. */
import { cbor, dateToTag } from "@smithy/core/cbor";
import { AwsError } from "../aws-error.ts";
import type { Codec, DecodedCall } from "./codec.ts";
import { fromDocument, type Scalars, toDocument } from "./document.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { operationNamed, queryError } from "./json-rpc.ts";
import { type Model, requireMembers } from "./schema.ts";

const SCALARS: Scalars = { time: dateToTag, bytes: (bytes) => bytes };

export class RpcV2Cbor implements Codec {
  readonly #model: Model;
  readonly #namespace: string;

  /** `namespace` is the one before `#` in `__type`: `com.amazonaws.cloudwatch`. */
  constructor(model: Model, namespace: string) {
    this.#model = model;
    this.#namespace = namespace;
  }

  operationOf(request: HttpRequest): string {
    return /^\/service\/[^/]+\/operation\/([^/]+)\/?$/.exec(request.path)?.[1] ?? "";
  }

  decode(request: HttpRequest): DecodedCall {
    const operation = operationNamed(this.#model, this.operationOf(request));
    const input = fromDocument(operation.input, request.body.length === 0 ? {} : parse(request.body)) ?? {};
    requireMembers(operation, input, (member) => member.getMemberName());
    return { operation: operation.name, input };
  }

  encode(operation: string, output: unknown, requestId: string): HttpAnswer {
    const schema = this.#model.operation(operation)?.output;
    return this.#answer(
      200,
      schema === undefined ? {} : toDocument(schema, output ?? {}, SCALARS),
      requestId,
    );
  }

  encodeError(error: AwsError, requestId: string): HttpAnswer {
    const document = {
      __type: `${this.#namespace}#${this.#model.errorShape(error.code)}`,
      message: error.message,
    };
    return this.#answer(error.status, document, requestId, queryError(error));
  }

  #answer(
    status: number,
    document: unknown,
    requestId: string,
    more: Readonly<Record<string, string>> = {},
  ): HttpAnswer {
    const headers = {
      "content-type": "application/cbor",
      "smithy-protocol": "rpc-v2-cbor",
      "x-amzn-requestid": requestId,
      ...more,
    };
    return { status, headers, body: Uint8Array.from(cbor.serialize(document)) };
  }
}

function parse(body: Buffer): unknown {
  try {
    return cbor.deserialize(body);
  } catch {
    throw new AwsError("SerializationException", "The request body is not valid CBOR");
  }
}
