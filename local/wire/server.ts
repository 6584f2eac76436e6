/** The HTTP server of the cloud: reads a request whole, has it answered, and writes the answer or breaks the connection. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import type { HttpAnswer, HttpRequest } from "./http.ts";

/** The largest body that is read; AWS's own limits are smaller. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Answers a request, or undefined to break the connection without an answer. */
export type Handler = (request: HttpRequest) => Promise<HttpAnswer | undefined>;

/** Listens on 127.0.0.1; port 0 takes a free one. */
export function listen(port: number, handler: Handler): Promise<Server> {
  const server = createServer((message, response) => {
    serve(message, response, handler).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
    });
  });
  // The SDK keeps connections; Node's default of five seconds would cut them in the middle of a demonstration.
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function serve(message: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  const body = await read(message);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  const url = new URL(message.url ?? "/", "http://cloud");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) headers[name] = String(value);
  const method = message.method ?? "GET";
  const answer = await handler({ method, path: url.pathname, query: url.searchParams, headers, body });
  if (answer === undefined) {
    message.socket.destroy();
    return;
  }
  const bytes = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...answer.headers, "content-length": bytes.byteLength });
  response.end(bytes);
}

/** The whole body, unzipped (the SDK zips large PutMetricData); undefined where it is too large. */
async function read(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks);
  return message.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
