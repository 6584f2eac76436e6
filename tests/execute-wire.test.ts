/**
 * The live clients against a server that fails: what is really sent, how often, and for how long.
 *
 * The server is bare HTTP: it counts requests by action and answers what the test says.
 */

import { getEventListeners } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attach, detach } from "../shared/execute.ts";
import { observeInterfaces } from "../shared/observe.ts";
import { liveWorld, makeClients, type World } from "../shared/world.ts";
import { A, ENI, group, T0 } from "./stub-world.ts";

const counts = new Map<string, number>();
let reply: (action: string, nth: number) => { status: number; body: string } | "hang" | "reset";
let server: Server;
let world: World;
let abort: AbortController;

const listener: RequestListener = (request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const target = request.headers["x-amz-target"];
    const action =
      typeof target === "string"
        ? (target.split(".")[1] ?? "")
        : (new URLSearchParams(body).get("Action") ?? "");
    const nth = (counts.get(action) ?? 0) + 1;
    counts.set(action, nth);
    const answer = reply(action, nth);
    if (answer === "hang") return;
    if (answer === "reset") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": "text/xml" }).end(answer.body);
  });
};

const error = (status: number, code: string) => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>…</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});
const free = {
  status: 200,
  body: `<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><networkInterfaceSet><item><networkInterfaceId>${ENI}</networkInterfaceId><availabilityZone>eu-west-1a</availabilityZone><status>available</status></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>`,
};

beforeEach(async () => {
  counts.clear();
  server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  abort = new AbortController();
  world = {
    ...liveWorld({ remainingMs: 60_000, signal: abort.signal, stack: "st", table: "table", log: () => {} }),
    ...makeClients({ endpoint, region: "eu-west-1", credentials }),
  };
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a change", () => {
  it.each([
    ["a throttle", error(503, "RequestLimitExceeded"), "RequestLimitExceeded"],
    ["an error of EC2's own", error(500, "InternalError"), "InternalError"],
    ["a lost connection", "reset", "no-answer"],
    ["an answer nobody can read", { status: 200, body: "<html" }, "no-answer"],
  ] as const)("is sent exactly once, whatever happens: %s", async (_, answer, code) => {
    reply = () => answer;
    const detached = detach(world, "eni-attach-1", { force: false });
    await expect(detached).rejects.toMatchObject({ next: "look-again", code });
    const attached = attach(world, { eni: ENI, instance: A, deviceIndex: 1 });
    await expect(attached).rejects.toMatchObject({ next: "look-again" });
    expect(Object.fromEntries(counts)).toEqual({ DetachNetworkInterface: 1, AttachNetworkInterface: 1 });
  });

  it("in flight ends when the invocation must", async () => {
    reply = () => "hang";
    const detached = detach(world, "eni-attach-1", { force: false });
    setTimeout(() => abort.abort(), 50);
    await expect(detached).rejects.toMatchObject({ next: "look-again", code: "no-answer" });
  });
});

describe("a read", () => {
  it("is sent again until it passes", async () => {
    const troubles = [error(500, "InternalError"), "reset", error(503, "Unavailable")] as const;
    reply = (_, nth) => troubles[nth - 1] ?? free;
    expect(await observeInterfaces(world, group())).toEqual({
      [ENI]: { state: "available", zone: "eu-west-1a" },
    });
    expect(counts.get("DescribeNetworkInterfaces")).toBe(4);
  });

  it("takes the connection that is there already", async () => {
    let connections = 0;
    server.on("connection", () => {
      connections += 1;
    });
    reply = () => free;
    await observeInterfaces(world, group());
    await observeInterfaces(world, group());
    expect(counts.get("DescribeNetworkInterfaces")).toBe(2);
    expect(connections).toBe(1);
  });

  it("that hangs ends by its own time limit; one of the table is tried twice, a second each", async () => {
    reply = () => "hang";
    const began = performance.now();
    const key = { pk: "GROUP#nat-a", sk: "STATE" };
    const record = world.dynamodb
      .send(new GetCommand({ TableName: "table", Key: key }))
      .catch((caught: unknown) => caught);
    expect(await observeInterfaces(world, group())).toEqual({
      [ENI]: { state: "unread", error: "TimeoutError" },
    });
    expect(performance.now() - began).toBeLessThan(4500);
    expect(await record).toMatchObject({ name: "TimeoutError" });
    expect(counts.get("GetItem")).toBe(2);
  });
});

describe("the live clock", () => {
  it("tells the time, and a sleep that ends leaves no listener behind", async () => {
    expect(world.clock.now()).toBeGreaterThan(T0);
    expect(world.deadline - world.clock.now()).toBeLessThanOrEqual(60_000);
    await world.clock.sleep(5);
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  });

  it("wakes a sleeper at once when the invocation must end, and lets nobody fall asleep after", async () => {
    const began = performance.now();
    setTimeout(() => abort.abort(), 20);
    await world.clock.sleep(30_000);
    await world.clock.sleep(30_000);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  });
});

it("every claim has a holder of its own", () => {
  expect(world.nonce()).not.toBe(world.nonce());
});
