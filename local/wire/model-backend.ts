/** EC2 and CloudWatch on the wire: a model of the cloud behind the codecs of its protocols. */
import * as cloudwatchSdk from "@aws-sdk/client-cloudwatch";
import type { Service } from "../service.ts";
import { AwsQuery } from "./aws-query.ts";
import type { Backend, Incoming } from "./backend.ts";
import type { Codec } from "./codec.ts";
import { Ec2Query } from "./ec2-query.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { JsonRpc } from "./json-rpc.ts";
import { RpcV2Cbor } from "./rpc-v2-cbor.ts";
import { Model } from "./schema.ts";

/** A model that may be told the journal entry of the call. */
type CausedService = Service & {
  call(operation: string, input: unknown, now: number, cause?: string): unknown;
};

export class ModelBackend implements Backend {
  readonly name: string;
  readonly codecFor: (request: HttpRequest) => Codec;
  readonly throttle: (incoming: Incoming) => void;
  readonly #service: CausedService;

  constructor(options: {
    readonly name: string;
    readonly service: CausedService;
    readonly codecFor: (request: HttpRequest) => Codec;
    readonly throttle: (incoming: Incoming) => void;
  }) {
    this.name = options.name;
    this.codecFor = options.codecFor;
    this.throttle = options.throttle;
    this.#service = options.service;
  }

  access({ operation, input }: Incoming) {
    return this.#service.access(operation, input);
  }

  answer({ codec, operation, input, now, journalId, requestId }: Incoming): HttpAnswer {
    return codec.encode(operation, this.#service.call(operation, input, now, journalId), requestId);
  }
}

/** EC2's one protocol. */
export function ec2Codecs(): (request: HttpRequest) => Codec {
  const codec = new Ec2Query();
  return () => codec;
}

/** CloudWatch's three protocols, told apart as AWS does: by `smithy-protocol`, by `x-amz-target`, else Query. */
export function cloudwatchCodecs(): (request: HttpRequest) => Codec {
  const model = new Model(cloudwatchSdk);
  const namespace = "com.amazonaws.cloudwatch";
  const cbor = new RpcV2Cbor(model, namespace);
  const json = new JsonRpc({ version: "1.0", namespace, model });
  const query = new AwsQuery("http://monitoring.amazonaws.com/doc/2010-08-01/", model);
  return (request) => {
    if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return cbor;
    return request.headers["x-amz-target"] === undefined ? query : json;
  };
}
