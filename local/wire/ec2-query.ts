/** The `ec2Query` protocol: form parameters (POST or GET) in, XML out. The protocol of EC2 and of nothing else. */
import * as sdk from "@aws-sdk/client-ec2";
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "../aws-error.ts";
import type { Codec, DecodedCall } from "./codec.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { parametersOf, readParameters, type Spelling } from "./parameters.ts";
import { Model, requireMembers } from "./schema.ts";
import { xmlMembers, xmlText } from "./xml.ts";

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const HEADERS = {
  "content-type": "text/xml;charset=UTF-8",
  "cache-control": "no-cache, no-store",
  server: "AmazonEC2",
};

/** ec2QueryName, else the capitalised xmlName; all lists flat. */
const SPELLING: Spelling = {
  strict: true,
  member: (schema, name) => {
    const { ec2QueryName, xmlName } = schema.getMemberTraits();
    return typeof ec2QueryName === "string" ? ec2QueryName : capitalised(xmlName ?? name);
  },
  listItem: () => undefined,
};

export class Ec2Query implements Codec {
  readonly #model = new Model(sdk);

  operationOf(request: HttpRequest): string {
    return parametersOf(request).get("Action") ?? "";
  }

  decode(request: HttpRequest): DecodedCall {
    const parameters = parametersOf(request);
    const name = parameters.get("Action");
    if (name === null || name === "") {
      throw new AwsError("MissingAction", "The request is missing an action or a required parameter.");
    }
    const operation = this.#model.operation(name);
    if (operation === undefined) {
      throw new AwsError("InvalidAction", `The action ${name} is not valid for this web service.`);
    }
    const input = readParameters(operation.input, parameters, SPELLING);
    requireMembers(operation, input, spokenName);
    return { operation: name, input };
  }

  encode(operation: string, output: unknown, requestId: string): HttpAnswer {
    const schema = this.#model.operation(operation)?.output;
    // Operations without an output answer <return>true</return>, which the model does not tell.
    const inner =
      schema === undefined || schema.isUnitSchema()
        ? xmlText("return", "true")
        : xmlMembers(schema, output ?? {}, wholeSeconds);
    const root = `${operation}Response`;
    const body = `<${root} xmlns="${NAMESPACE}">${xmlText("requestId", requestId)}${inner}</${root}>`;
    return answer(200, body, requestId);
  }

  encodeError(error: AwsError, requestId: string): HttpAnswer {
    const inner = xmlText("Code", error.code) + xmlText("Message", error.message);
    const errors = `<Errors><Error>${inner}</Error></Errors>`;
    return answer(
      error.status,
      `<Response>${errors}${xmlText("RequestID", requestId)}</Response>`,
      requestId,
    );
  }
}

function answer(status: number, xml: string, requestId: string): HttpAnswer {
  const headers = { ...HEADERS, "x-amzn-requestid": requestId };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
}

/** EC2's times are whole seconds, written with a zero fraction: `2012-07-01T21:45:27.000Z`. */
function wholeSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}.000Z`;
}

/** EC2's messages name parameters in lower camel case: `attachmentId`. */
function spokenName(member: NormalizedSchema): string {
  const name = member.getMemberTraits().xmlName ?? member.getMemberName();
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
