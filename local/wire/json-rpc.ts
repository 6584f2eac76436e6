/** AWS JSON 1.0 and 1.1: `x-amz-target: Service.Operation`, JSON in, JSON out. */
import { AwsError } from "../aws-error.ts";
import type { Codec, DecodedCall } from "./codec.ts";
import { fromDocument, type Scalars, toDocument } from "./document.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { type Model, type Operation, requireMembers } from "./schema.ts";

const SCALARS: Scalars = {
  time: (date) => date.getTime() / 1000,
  bytes: (bytes) => Buffer.from(bytes).toString("base64"),
};

export interface JsonRpcOptions {
  readonly version: "1.0" | "1.1";
  /** The namespace before `#` in `__type`. */
  readonly namespace: string;
  /** Without a model, documents go through as they are. */
  readonly model?: Model;
}

export class JsonRpc implements Codec {
  readonly #options: JsonRpcOptions;

  constructor(options: JsonRpcOptions) {
    this.#options = options;
  }

  operationOf(request: HttpRequest): string {
    return request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  }

  decode(request: HttpRequest): DecodedCall {
    const name = this.operationOf(request);
    const document = parse(request.body.toString("utf8"));
    const { model } = this.#options;
    if (model === undefined) return { operation: name, input: document };
    const operation = operationNamed(model, name);
    const input = fromDocument(operation.input, document);
    requireMembers(operation, input, (member) => member.getMemberName());
    return { operation: name, input };
  }

  encode(operation: string, output: unknown, requestId: string): HttpAnswer {
    const schema = this.#options.model?.operation(operation)?.output;
    // An operation without output answers with no body at all.
    if (schema?.isUnitSchema()) return this.#answer(200, "", requestId);
    const document = schema === undefined ? output : toDocument(schema, output ?? {}, SCALARS);
    return this.#answer(200, JSON.stringify(document ?? {}), requestId);
  }

  encodeError(error: AwsError, requestId: string): HttpAnswer {
    const { model, namespace } = this.#options;
    const shape = model?.errorShape(error.code) ?? error.code;
    const body = JSON.stringify({ __type: `${namespace}#${shape}`, message: error.message });
    return this.#answer(error.status, body, requestId, model === undefined ? {} : queryError(error));
  }

  #answer(
    status: number,
    body: string,
    requestId: string,
    more: Readonly<Record<string, string>> = {},
  ): HttpAnswer {
    const contentType = `application/x-amz-json-${this.#options.version}`;
    return { status, headers: { "content-type": contentType, "x-amzn-requestid": requestId, ...more }, body };
  }
}

/** The code that a service which used to speak Query had there: SDKs prefer it to `__type`. */
export function queryError(error: AwsError): Readonly<Record<string, string>> {
  return { "x-amzn-query-error": `${error.code};${error.status < 500 ? "Sender" : "Receiver"}` };
}

/** The operation, or the error that AWS gives for one that does not exist. */
export function operationNamed(model: Model, name: string): Operation {
  const operation = model.operation(name);
  if (operation !== undefined) return operation;
  throw new AwsError("InvalidAction", `Could not find operation ${name} for version 2010-08-01`);
}

function parse(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw new AwsError("SerializationException", "The request body is not valid JSON");
  }
}
