/** Services that others register with the cloud: they get the request as it is, after authentication and authorisation. */
import type { Access } from "../service.ts";
import { AwsQuery } from "./aws-query.ts";
import type { Backend, Incoming } from "./backend.ts";
import type { Caller } from "./callers.ts";
import type { Codec } from "./codec.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { JsonRpc } from "./json-rpc.ts";
import { RestJson } from "./rest-json.ts";

export interface RawRequest extends HttpRequest {
  readonly caller: Caller;
  /** The journal entry of the call. */
  readonly journalId: string;
  readonly requestId: string;
}

/** May throw AwsError: it is answered in the request's own protocol. */
export type RawHandler = (request: RawRequest) => HttpAnswer | Promise<HttpAnswer>;

/** What a registered service tells of a request before it is handled. */
export interface RawService {
  readonly handle: RawHandler;
  /** The operation's name (`Invoke`), where target, Action or path do not say it well. */
  readonly operation?: (request: HttpRequest) => string;
  readonly access?: (request: HttpRequest) => readonly Access[];
}

export class RawBackend implements Backend {
  readonly name: string;
  readonly #service: RawService;
  readonly #json: readonly [JsonRpc, JsonRpc];
  readonly #query: AwsQuery;
  readonly #rest = new RestJson();

  constructor(name: string, service: RawService) {
    this.name = name;
    this.#service = service;
    const namespace = `com.amazonaws.${name}`;
    this.#json = [new JsonRpc({ version: "1.0", namespace }), new JsonRpc({ version: "1.1", namespace })];
    this.#query = new AwsQuery(`http://${name}.amazonaws.com/doc/`);
  }

  codecFor(request: HttpRequest): Codec {
    const contentType = request.headers["content-type"] ?? "";
    if (request.headers["x-amz-target"] !== undefined) return this.#json[contentType.endsWith("1.1") ? 1 : 0];
    const form = contentType.startsWith("application/x-www-form-urlencoded") || request.query.has("Action");
    return this.#named(form ? this.#query : this.#rest);
  }

  access({ request }: Incoming): readonly Access[] {
    return this.#service.access?.(request) ?? [];
  }

  throttle(): void {}

  answer({ request, caller, journalId, requestId }: Incoming): HttpAnswer | Promise<HttpAnswer> {
    return this.#service.handle({ ...request, caller, journalId, requestId });
  }

  /** The codec, with the service's own name for the operation. */
  #named(codec: Codec): Codec {
    const { operation } = this.#service;
    if (operation === undefined) return codec;
    return {
      operationOf: operation,
      decode: (request) => ({ ...codec.decode(request), operation: operation(request) }),
      encode: codec.encode.bind(codec),
      encodeError: codec.encodeError.bind(codec),
    };
  }
}
