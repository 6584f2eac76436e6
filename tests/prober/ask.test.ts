/** One probe over real sockets of the loopback network: what counts as an answer, and that none takes longer than it may. */
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Guest } from "../../local/guests/guest.ts";
import type { ProbeCheck } from "../../shared/core/model.ts";
import { ask } from "../../shared/prober/ask.ts";

/** Made out to nobody, for this test alone. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqFcI5iXtc6iPKQ2n
SsulFB0K/S6iMhHEzUay6UABPfehRANCAAQIpyVwS/aqdvgQ/M9CI+D3Rp3fKBjJ
cr8I66JL0Pu6ib51YnfsejzUvhIm5ddo1HKfDZuAv5nyW3W/ZhCzwOHH
-----END PRIVATE KEY-----
`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUQPzlf+aUjKlt59OFDoBG07vyBm4wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObm9ib2R5LmludmFsaWQwIBcNMjYxMTI1MTk0ODU0WhgPMjEy
NjExMDExOTQ4NTRaMBkxFzAVBgNVBAMMDm5vYm9keS5pbnZhbGlkMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAECKclcEv2qnb4EPzPQiPg90ad3ygYyXK/COuiS9D7
uom+dWJ37Ho81L4SJuXXaNRynw2bgL+Z8lt1v2YQs8Dhx6NTMFEwHQYDVR0OBBYE
FJpDJjTBeBQlBwEn6orvSGsYxsLHMB8GA1UdIwQYMBaAFJpDJjTBeBQlBwEn6orv
SGsYxsLHMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIganchBVmR
JXem1u1flZeqb+MwiDGJUjQWrT4cr6Vt6y4CIQD87JmVwFqhGB6/8l9JzYEnB29S
+Qma2y90mXV2gn28iQ==
-----END CERTIFICATE-----
`;

const HERE = "127.0.0.1";
const NEVER = new AbortController().signal;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, HERE);
  await once(server, "listening");
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const http = (port: number, change: object = {}): ProbeCheck => ({
  kind: "http",
  port,
  tls: false,
  path: "/",
  status: [200],
  ...change,
});

type Answering = (request: IncomingMessage, response: ServerResponse) => void;
const answering =
  (status: number): Answering =>
  (_, response) =>
    void response.writeHead(status).end();

describe("a connection", () => {
  it("is an answer", async () => {
    const port = await listening(createServer((socket) => socket.end()));
    expect(await ask(HERE, { kind: "tcp", port }, 1000, NEVER)).toEqual({ ok: true, detail: "answered" });
  });

  it("that is refused is none", async () => {
    const port = await listening(createServer());
    for (const close of closing.splice(0)) await close();
    const asked = await ask(HERE, { kind: "tcp", port }, 1000, NEVER);
    expect(asked).toEqual({ ok: false, detail: "connection refused" });
  });

  it("to a guest that hangs is none, within the time that it may take, and is one again when the guest is well", async () => {
    const guest = await Guest.start("127.0.13.1", 2213);
    closing.push(() => guest.close());
    const check = { kind: "tcp", port: 2213 } as const;
    expect((await ask("127.0.13.1", check, 1000, NEVER)).ok).toBe(true);
    await guest.hang();
    const asked = await ask("127.0.13.1", check, 200, NEVER);
    expect(asked).toEqual({ ok: false, detail: "no answer within 0.2 s" });
    guest.wake();
    // A first attempt may find the queue still full: the kernel tries again after a second.
    expect((await ask("127.0.13.1", check, 3000, NEVER)).ok).toBe(true);
  });
});

it("an answer that came in while the prober itself was held up is an answer", async () => {
  const port = await listening(createServer((socket) => socket.end()));
  const asked = ask(HERE, { kind: "tcp", port }, 50, NEVER);
  const until = Date.now() + 200;
  while (Date.now() < until);
  expect(await asked).toEqual({ ok: true, detail: "answered" });
});

describe("an HTTP request", () => {
  it.each([
    [200, [200], true],
    [204, [200, 204], true],
    [503, [200], false],
    [301, [200], false],
    [301, [301], true],
  ])("that is answered with %i where %j is well", async (status, expected, ok) => {
    const port = await listening(createHttpServer(answering(status)));
    const asked = await ask(HERE, http(port, { status: expected }), 1000, NEVER);
    expect(asked).toEqual({ ok, detail: `status ${status}` });
  });

  it("asks for the path, by the name of the host", async () => {
    const seen: (string | undefined)[] = [];
    const port = await listening(
      createHttpServer((request, response) => {
        seen.push(request.method, request.url, request.headers.host);
        response.end();
      }),
    );
    await ask(HERE, http(port, { path: "/up?deep=1", host: "nat.example.com" }), 1000, NEVER);
    expect(seen).toEqual(["GET", "/up?deep=1", "nat.example.com"]);
  });

  it("to somebody who connects and says nothing is no answer", async () => {
    const port = await listening(createServer((socket) => closing.push(() => socket.destroy())));
    expect((await ask(HERE, http(port), 200, NEVER)).detail).toBe("no answer within 0.2 s");
  });

  it("to somebody who never comes to the end of the first line is no answer", async () => {
    const port = await listening(
      createServer((socket) => {
        const dripping = setInterval(() => socket.write("H"), 20);
        closing.push(
          () => clearInterval(dripping),
          () => socket.destroy(),
        );
        socket.on("error", () => undefined);
      }),
    );
    expect((await ask(HERE, http(port), 300, NEVER)).ok).toBe(false);
  });

  it("over TLS takes whatever certificate there is, and tells the name that it wants", async () => {
    const named: (string | undefined)[] = [];
    const server = createHttpsServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
      named.push((request.socket as { servername?: string }).servername);
      response.end();
    });
    const port = await listening(server);
    const asked = await ask(HERE, http(port, { tls: true, host: "nat.example.com" }), 1000, NEVER);
    expect(asked).toEqual({ ok: true, detail: "status 200" });
    expect(named).toEqual(["nat.example.com"]);
  });
});

it("a run that is over waits for nobody", async () => {
  const over = new AbortController();
  const port = await listening(createServer((socket) => closing.push(() => socket.destroy())));
  const asked = ask(HERE, http(port), 60_000, over.signal);
  over.abort();
  expect(await asked).toEqual({ ok: false, detail: "the run is over" });
});
