/** The AWS Query protocol of CloudWatch, which older SDKs and plain scripts speak: `.member.N` in, XML out. */
import type { AwsError } from "../aws-error.ts";
import type { Codec, DecodedCall } from "./codec.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { operationNamed } from "./json-rpc.ts";
import { parametersOf, readParameters, type Spelling } from "./parameters.ts";
import { type Model, requireMembers } from "./schema.ts";
import { xmlMembers, xmlText } from "./xml.ts";

const SPELLING: Spelling = {
  // CloudWatch ignores what it does not know.
  strict: false,
  member: (schema, name) => schema.getMemberTraits().xmlName ?? name,
  listItem: (list) =>
    list.getMergedTraits().xmlFlattened
      ? undefined
      : (list.getValueSchema().getMemberTraits().xmlName ?? "member"),
};

export class AwsQuery implements Codec {
  readonly #namespace: string;
  readonly #model: Model | undefined;

  /** `namespace` is the XML one, `http://monitoring.amazonaws.com/doc/2010-08-01/`. Without a model, inputs stay flat. */
  constructor(namespace: string, model?: Model) {
    this.#namespace = namespace;
    this.#model = model;
  }

  operationOf(request: HttpRequest): string {
    return parametersOf(request).get("Action") ?? "";
  }

  decode(request: HttpRequest): DecodedCall {
    const parameters = parametersOf(request);
    const name = parameters.get("Action") ?? "";
    if (this.#model === undefined) return { operation: name, input: Object.fromEntries(parameters) };
    const operation = operationNamed(this.#model, name);
    const input = readParameters(operation.input, parameters, SPELLING);
    requireMembers(operation, input, (member) => member.getMemberName());
    return { operation: operation.name, input };
  }

  encode(operation: string, output: unknown, requestId: string): HttpAnswer {
    const schema = this.#model?.operation(operation)?.output;
    const result =
      schema === undefined || schema.isUnitSchema()
        ? ""
        : `<${operation}Result>${xmlMembers(schema, output ?? {}, milliseconds)}</${operation}Result>`;
    const metadata = `<ResponseMetadata>${xmlText("RequestId", requestId)}</ResponseMetadata>`;
    return this.#answer(200, `${operation}Response`, `${result}${metadata}`, requestId);
  }

  encodeError(error: AwsError, requestId: string): HttpAnswer {
    const type = xmlText("Type", error.status < 500 ? "Sender" : "Receiver");
    const inner = `${type}${xmlText("Code", error.code)}${xmlText("Message", error.message)}`;
    const body = `<Error>${inner}</Error>${xmlText("RequestId", requestId)}`;
    return this.#answer(error.status, "ErrorResponse", body, requestId);
  }

  #answer(status: number, root: string, inner: string, requestId: string): HttpAnswer {
    const headers = { "content-type": "text/xml", "x-amzn-requestid": requestId };
    return { status, headers, body: `<${root} xmlns="${this.#namespace}">${inner}</${root}>` };
  }
}

function milliseconds(date: Date): string {
  return date.toISOString();
}
