/**
 * Goal: functions run, fail, time out and crash as they do in Lambda. Method: small real functions in real child
 * processes, invoked directly; asserted on are answers, logs and the journal.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Journal } from "../../local/journal.ts";
import { Asynchronous } from "../../local/lambda/asynchronous.ts";
import { embeddedMetrics } from "../../local/lambda/embedded-metrics.ts";
import { ASYNCHRONOUS_DEFAULTS, type FunctionConfig } from "../../local/lambda/function.ts";
import { Lambda } from "../../local/lambda/lambda.ts";
import { Destinations } from "../../local/messages/destinations.ts";

const CODE = `
let count = 0;
export async function echo(event, context) {
  count += 1;
  console.log("hello", count);
  return { event, count, pid: process.pid, name: context.functionName, arn: context.invokedFunctionArn,
    left: context.getRemainingTimeInMillis(), cwd: process.cwd(), variables: Object.keys(process.env).sort(),
    key: process.env.AWS_ACCESS_KEY_ID };
}
export async function nothing() {}
export async function fail() { throw Object.assign(new TypeError("not today"), { more: 1 }); }
export async function slow() { await new Promise((resolve) => setTimeout(resolve, 60_000)); }
export async function leave() { process.exit(3); }
export async function forget() { void Promise.reject(new Error("nobody waited")); await new Promise((r) => setTimeout(r, 50)); return 1; }
export async function late() { setTimeout(() => { throw new Error("boom"); }, 1); await new Promise((r) => setTimeout(r, 500)); }
export async function flaky(event) { console.warn("attempt"); throw new Error("again"); }
export const constant = 5;
export function callback(event, context, done) { done(); }
`;

const place = { account: "123456789012", region: "eu-west-1" };
const ROLE = "arn:aws:iam::123456789012:role/mover";
const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:dead";

let directory = "";
let journal: Journal;
let lambda: Lambda;
const busy: (string | undefined)[] = [];

function add(name: string, more: Partial<FunctionConfig> = {}): void {
  lambda.add({
    name,
    arn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
    handler: `code.${name}`,
    codeDirectory: directory,
    codeBytes: 1,
    codeSha256: "",
    runtime: "nodejs24.x",
    architecture: "arm64",
    description: "",
    environment: { FAILOVER_TABLE: "state" },
    role: ROLE,
    timeoutSeconds: 5,
    memoryMegabytes: 256,
    reservedConcurrency: undefined,
    asynchronous: ASYNCHRONOUS_DEFAULTS,
    tracing: false,
    ...more,
  });
}

const call = (event: unknown = {}) => ({ payload: JSON.stringify(event), cause: undefined });
const invoke = (name: string, event: unknown = {}) => lambda.invoke(name, call(event));

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lambda-test-"));
  writeFileSync(join(directory, "code.mjs"), CODE);
  writeFileSync(join(directory, "broken.mjs"), 'import "no-such-module";');
  journal = new Journal();
  lambda = new Lambda({
    place,
    journal,
    identify: () => ({
      variables: { AWS_ACCESS_KEY_ID: "ASIATEST" },
      busyWith: (invocation) => void busy.push(invocation),
    }),
  });
});

afterAll(async () => {
  await lambda.close();
  rmSync(directory, { recursive: true });
});

describe("an invocation", () => {
  it("runs in the function's own folder, with its variables and nothing of ours", async () => {
    process.env.SECRET_OF_OURS = "x";
    add("echo");
    const answer = await invoke("echo", { group: "nat-a" });
    delete process.env.SECRET_OF_OURS;
    const value = JSON.parse(answer.payload);
    expect(value).toMatchObject({ event: { group: "nat-a" }, name: "echo", cwd: directory, key: "ASIATEST" });
    expect(value.arn).toBe("arn:aws:lambda:eu-west-1:123456789012:function:echo");
    expect(value.left).toBeGreaterThan(4000);
    expect(value.variables).toEqual(
      expect.arrayContaining([
        "AWS_REGION",
        "AWS_LAMBDA_FUNCTION_NAME",
        "FAILOVER_TABLE",
        "LAMBDA_TASK_ROOT",
      ]),
    );
    expect(value.variables).not.toContain("SECRET_OF_OURS");
    expect(value.variables).not.toContain("VITEST");
  });

  it("uses an idle environment again, and starts another while one is busy", async () => {
    add("echo");
    const [first, second] = (await Promise.all([invoke("echo"), invoke("echo")])).map(({ payload }) =>
      JSON.parse(payload),
    );
    expect(first.pid).not.toBe(second.pid);
    const third = JSON.parse((await invoke("echo")).payload);
    expect([first.pid, second.pid]).toContain(third.pid);
    expect(third.count).toBe(2);
  });

  it("logs START, the function's lines with time and request id, END and REPORT with tabs", async () => {
    add("echo");
    const { logs, requestId } = await invoke("echo");
    const lines = logs.split("\n");
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(lines[1]).toMatch(new RegExp(`^\\d{4}-\\S+Z\\t${requestId}\\tINFO\\thello 1$`));
    expect(lines[2]).toBe(`END RequestId: ${requestId}`);
    expect(lines[3]?.split("\t").map((field) => field.replace(/[\d.]+(?= M?[mB])/, "n"))).toEqual([
      `REPORT RequestId: ${requestId}`,
      "Duration: n ms",
      "Billed Duration: n ms",
      "Memory Size: n MB",
      "Max Memory Used: n MB",
      "Init Duration: n ms",
      "",
    ]);
    expect((await invoke("echo")).logs).not.toContain("Init Duration");
  });

  it("answers null for a function that returns nothing", async () => {
    add("nothing");
    expect(await invoke("nothing")).toMatchObject({ payload: "null", failure: undefined });
  });

  it("leaves its beginning and end in the journal, the one the cause of the other", async () => {
    add("echo");
    const cause = journal.add({ kind: "rule", cause: undefined, at: 0, subject: "r", detail: {} });
    const { ended } = await lambda.invoke("echo", { payload: "{}", cause });
    expect(journal.chain(ended).map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "invocation-end echo",
      "invocation echo",
      "rule r",
    ]);
    expect(busy.slice(-2)).toEqual([journal.chain(ended)[1]?.id, undefined]);
  });
});

describe("an invocation that fails", () => {
  it.each<[string, string, Partial<FunctionConfig>, { errorType: string; errorMessage: unknown }]>([
    ["throws", "fail", {}, { errorType: "TypeError", errorMessage: "not today" }],
    [
      "takes too long",
      "slow",
      { timeoutSeconds: 0.3 },
      {
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 0\.30 seconds$/),
      },
    ],
    [
      "leaves the process",
      "leave",
      {},
      {
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(
          /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/,
        ),
      },
    ],
    [
      "forgets a rejection",
      "forget",
      {},
      {
        errorType: "Runtime.UnhandledPromiseRejection",
        errorMessage: expect.stringContaining("nobody waited"),
      },
    ],
    ["throws outside its promise", "late", {}, { errorType: "Error", errorMessage: "boom" }],
    [
      "has no such module",
      "missing",
      { handler: "nowhere.handler" },
      { errorType: "Runtime.ImportModuleError", errorMessage: "Error: Cannot find module 'nowhere'" },
    ],
    [
      "imports what is not packaged",
      "broken",
      { handler: "broken.handler" },
      { errorType: "Error", errorMessage: expect.stringContaining("no-such-module") },
    ],
    [
      "does not export it",
      "absent",
      {},
      { errorType: "Runtime.HandlerNotFound", errorMessage: "code.absent is undefined or not exported" },
    ],
    [
      "exports no function",
      "constant",
      {},
      { errorType: "Runtime.HandlerNotFound", errorMessage: "code.constant is not a function" },
    ],
    [
      "wants a callback",
      "callback",
      {},
      { errorType: "Runtime.CallbackHandlerDeprecated", errorMessage: expect.any(String) },
    ],
  ])("because the function %s says so, and the next one runs afresh", async (_, name, more, failure) => {
    add(name, more);
    const answer = await invoke(name);
    expect(answer.failure).toMatchObject(failure);
    expect(JSON.parse(answer.payload)).toMatchObject(failure);
    expect(answer.logs).toMatch(/REPORT RequestId/);
    expect((await invoke(name)).failure?.errorType).toBe(failure.errorType);
  });

  it("by being killed in the middle says so, and what it had logged is kept", async () => {
    add("slow", { timeoutSeconds: 30 });
    const answer = invoke("slow");
    while ((await lambda.kill("slow")) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await answer).failure?.errorMessage).toMatch(/Runtime exited with error: signal: killed/);
    expect(await lambda.kill("slow")).toBe(0);
  });
});

describe("an invocation is not begun", () => {
  it("where there is no such function", async () => {
    await expect(invoke("nobody")).rejects.toMatchObject({
      code: "ResourceNotFoundException",
      status: 404,
      message: "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody",
    });
  });

  it("where the reserved concurrency is used up", async () => {
    add("slow", { reservedConcurrency: 1, timeoutSeconds: 0.3 });
    const first = invoke("slow");
    await expect(invoke("slow")).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    await first;
  });
});

describe("an asynchronous invocation", () => {
  const sent: { arn: string; body: string; attributes: unknown }[] = [];

  function asynchronous(): Asynchronous {
    sent.length = 0;
    const destinations = new Destinations();
    destinations.register("sqs", (arn, _, { body, attributes }) => void sent.push({ arn, body, attributes }));
    return new Asynchronous({ lambda, destinations, retryDelaysMs: [20, 30] });
  }

  const retried = (more: Partial<FunctionConfig["asynchronous"]>) =>
    add("flaky", { asynchronous: { ...ASYNCHRONOUS_DEFAULTS, ...more } });

  it("of a failing function is tried again twice under one request id, and ends in the dead letters", async () => {
    retried({ deadLetter: QUEUE });
    const later = asynchronous();
    const requestId = later.accept("flaky", '{"n":1}', undefined);
    await later.idle();
    expect(lambda.logs("flaky")).toHaveLength(3);
    expect(lambda.logs("flaky").every((log) => log.includes(requestId))).toBe(true);
    expect(sent).toEqual([
      {
        arn: QUEUE,
        body: '{"n":1}',
        attributes: { RequestID: requestId, ErrorCode: "200", ErrorMessage: "again" },
      },
    ]);
  });

  it("leaves a record with its on-failure destination", async () => {
    retried({ onFailure: QUEUE, maximumRetryAttempts: 0 });
    const later = asynchronous();
    later.accept("flaky", '{"n":2}', undefined);
    await later.idle();
    expect(lambda.logs("flaky")).toHaveLength(1);
    expect(JSON.parse(sent[0]?.body ?? "")).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 },
      requestPayload: { n: 2 },
      responsePayload: { errorMessage: "again" },
    });
  });

  it("is not tried again past its age", async () => {
    retried({ onFailure: QUEUE, maximumEventAgeSeconds: 0 });
    const later = asynchronous();
    later.accept("flaky", "{}", undefined);
    await later.idle();
    expect(lambda.logs("flaky")).toHaveLength(1);
    expect(sent[0]?.body).toContain("EventAgeExceeded");
  });

  it("that is throttled waits its turn, and loses no attempt by it", async () => {
    add("echo", { reservedConcurrency: 1 });
    const later = asynchronous();
    for (const n of [1, 2, 3]) later.accept("echo", `{"n":${n}}`, undefined);
    await later.idle();
    expect(lambda.logs("echo")).toHaveLength(3);
  });

  it("has each retry follow from the failure before it", async () => {
    retried({});
    const later = asynchronous();
    const cause = journal.add({ kind: "rule", cause: undefined, at: 0, subject: "r", detail: {} });
    later.accept("flaky", "{}", cause);
    await later.idle();
    const last = journal.entries.at(-1)?.id ?? "";
    expect(journal.chain(last).map(({ kind }) => kind)).toEqual([
      ...["invocation-end", "invocation", "invocation-end", "invocation", "invocation-end", "invocation"],
      "rule",
    ]);
  });
});

describe("the metrics in a log", () => {
  const directive = {
    Namespace: "App",
    Dimensions: [["a"], ["a", "b"]],
    Metrics: [{ Name: "n", Unit: "Count" }],
  };
  const line = JSON.stringify({
    _aws: { Timestamp: 5, CloudWatchMetrics: [directive] },
    a: "x",
    b: "y",
    n: [1, 2],
  });

  it("are each value, under each set of dimensions, at the time that the line says", () => {
    const found = embeddedMetrics(line).map(([{ dimensions }, { at, sum, unit }]) => [
      dimensions,
      at,
      sum,
      unit,
    ]);
    expect(found).toEqual([
      [{ a: "x" }, 5, 1, "Count"],
      [{ a: "x" }, 5, 2, "Count"],
      [{ a: "x", b: "y" }, 5, 1, "Count"],
      [{ a: "x", b: "y" }, 5, 2, "Count"],
    ]);
  });

  it.each(["hello", '{"level":"INFO"}', line.slice(0, -5), '"_aws"'])("none are in %s", (text) => {
    expect(embeddedMetrics(text)).toEqual([]);
  });
});
