/** One probe of one address: a TCP connection, or one HTTP request. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { ProbeCheck } from "../core/model.ts";

export interface Asked {
  readonly ok: boolean;
  /** What it met, for a person. */
  readonly detail: string;
}

/** Asks, and answers within `timeoutMs` whatever happens. Never rejects: that nobody answers is an answer here. */
export async function ask(
  address: string,
  check: ProbeCheck,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Asked> {
  // A timer of our own: a socket's is about silence, and a peer that drips bytes would never let it run out.
  return await new Promise((resolve) => {
    const done = (asked: Asked) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      stop();
      resolve(asked);
    };
    // Where this process was held up, an answer may have come in meanwhile: the sockets are looked at once more.
    const late = () => done({ ok: false, detail: `no answer within ${timeoutMs / 1000} s` });
    const timer = setTimeout(() => setImmediate(late), timeoutMs);
    const end = () => done({ ok: false, detail: "the run is over" });
    signal.addEventListener("abort", end);
    const stop = check.kind === "tcp" ? connectTo(address, check, done) : get(address, check, done);
  });
}

type Done = (asked: Asked) => void;

function connectTo(host: string, { port }: { port: number }, done: Done): () => void {
  const socket = connect({ host, port });
  socket.once("connect", () => done({ ok: true, detail: "answered" }));
  socket.on("error", (error) => done(failed(error)));
  return () => socket.destroy();
}

/** The certificate is not checked, as a load balancer does not either: it is made out to a name, and nothing is sent. */
function get(address: string, check: Extract<ProbeCheck, { kind: "http" }>, done: Done): () => void {
  const { port, path, status, tls, host } = check;
  const options = {
    host: address,
    port,
    path,
    agent: false,
    headers: {
      ...(host === undefined ? {} : { host }),
      "user-agent": "eni-failover-probe",
      connection: "close",
    },
    ...(tls ? { rejectUnauthorized: false, ...(host === undefined ? {} : { servername: host }) } : {}),
  };
  const call = (tls ? httpsRequest : httpRequest)(options, ({ statusCode = 0 }) => {
    done({ ok: status.includes(statusCode), detail: `status ${statusCode}` });
  });
  call.on("error", (error) => done(failed(error)));
  call.end();
  return () => call.destroy();
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no network to it",
  ETIMEDOUT: "no answer",
};

function failed(error: Error & { code?: string }): Asked {
  return { ok: false, detail: WORDS[error.code ?? ""] ?? error.code ?? error.message };
}
