/**
 * Goal: what a user types in another terminal works: `sls invoke` and `sls invoke local` of every function, against
 * `npm run cloud`, with nothing set but what that prints; and what is wrong is told, and changes nothing.
 * Method: the commands themselves, some at a time, since each takes seconds to start.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./package/sls.ts";
import { A, B, ENI } from "./wire/stage.ts";

const SLS = path.join(ROOT, "node_modules/serverless/bin/serverless.js");
/** A stack has a prober where a group is probed, and none of the example is. */
const FUNCTIONS = readdirSync(path.join(ROOT, "functions"))
  .map((file) => path.basename(file, ".ts"))
  .filter((name) => name !== "probe");
/** Someone else's instance has stopped. */
const EVENT = {
  version: "0",
  id: "7bf73129-1428-4cd3-a780-95db273d1602",
  "detail-type": "EC2 Instance State-change Notification",
  source: "aws.ec2",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "eu-west-1",
  resources: [],
  detail: { "instance-id": "i-0999999999999999f", state: "stopped" },
};

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

interface Case {
  readonly input: object;
  readonly says: RegExp;
}

/** A line for every function: a new one fails below until it has its own. None moves the group: they run side by side. */
const CASES: Readonly<Record<string, Case>> = {
  status: { input: { group: "nat-a" }, says: new RegExp(`"active": "${A}"`) },
  sweep: { input: { group: "nat-a" }, says: /"looked": 1/ },
  failover: { input: { group: "nat-a", plan: true }, says: /"outcome": "planned"/ },
  onHealthEvent: { input: EVENT, says: /"kind": "ignored"/ },
  // It and its resume run side by side, in any order: it is over by itself before the failover at the end.
  pause: { input: { group: "nat-a", seconds: 1 }, says: /"nat-a"/ },
  resume: { input: { group: "nat-a" }, says: /"nat-a"/ },
  acknowledge: { input: { group: "nat-a", budget: true }, says: /"nat-a"/ },
  // The pause may be in its way, for its second; and an alarm that has no data yet.
  drill: { input: { group: "nat-a", plan: true }, says: /"because": "(drill|drill-refused|paused)"/ },
  release: { input: { group: "nat-a", member: A }, says: /"nat-a"/ },
  doctor: { input: { group: "nat-a" }, says: /"check": "member-never-held"/ },
};

const WRONG = `groups:
  nat-a:
    interfaces: [{ eni: eni-1, deviceIndex: 0 }]
    members: [{ instance: i-0123456789abcdef0, alarm: [x] }]
    policy: { detach: gently }
`;

let cloud: ChildProcess;
let folder: string;
/** What the cloud says is to be exported in another terminal. */
let environment: Record<string, string>;
let slots = 3;
const ran = new Map<string, Ran>();

function run(...args: string[]): Promise<Ran> {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  const options = { cwd: ROOT, env: { PATH, TMPDIR, HOME: TMPDIR, ...environment } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

/** Runs the command when there is a slot, under a name. */
async function queue(name: string, ...args: string[]): Promise<void> {
  while (slots === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  slots -= 1;
  ran.set(name, await run(...args));
  slots += 1;
}

const start = (...args: string[]) => ["--import", "tsx", "local/start.ts", ...args];
const invoke = (name: string, input: object) => [SLS, "invoke", "-f", name, "-d", JSON.stringify(input)];
async function startCloud(): Promise<void> {
  cloud = spawn(process.execPath, ["--import", "tsx", "local/cli.ts", "--port", "0"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  cloud.stdout?.on("data", (data) => {
    output += data;
  });
  while (!output.includes("Ctrl-C")) {
    if (cloud.exitCode !== null) throw new Error(output);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const exports = stripVTControlCharacters(output).matchAll(/([A-Z_]+)=(\S+)/g);
  environment = Object.fromEntries([...exports].map(([, name, value]) => [name, value]));
}

/** Who the interface is on, as EC2 has it. */
async function holder(): Promise<string | undefined> {
  const answer = await fetch(`${environment.AWS_ENDPOINT_URL}/_cloud/state`);
  const { interfaces } = (await answer.json()) as {
    interfaces: {
      NetworkInterfaces: {
        NetworkInterfaceId: string;
        Attachment?: { InstanceId: string; Status: string };
      }[];
    };
  };
  const found = interfaces.NetworkInterfaces.find((one) => one.NetworkInterfaceId === ENI);
  return found?.Attachment?.Status === "attached" ? found.Attachment.InstanceId : undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "invoke-"));
  for (const [name, text] of [
    ["wrong.yml", WRONG],
    ["empty.yml", ""],
  ] as const) {
    writeFileSync(path.join(folder, name), text);
  }
  await startCloud();
  await Promise.all([
    ...Object.entries(CASES).map(([name, { input }]) => {
      return queue(`invoke local ${name}`, SLS, "invoke", "local", "-f", name, "-d", JSON.stringify(input));
    }),
    ...Object.entries(CASES).map(([name, { input }]) => queue(`invoke ${name}`, ...invoke(name, input))),
    queue("bad id and unknown key", ...invoke("failover", { group: "nat-a", to: "i-1", forse: true })),
    queue("five mistakes", ...start("--config", path.join(folder, "wrong.yml"))),
    queue("empty file", ...start("--config", path.join(folder, "empty.yml"))),
  ]);
}, 400_000);

afterAll(async () => {
  const ended = new Promise((resolve) => cloud.once("exit", resolve));
  cloud.kill("SIGINT");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

it("there is a case for every function", () => {
  expect(FUNCTIONS.filter((name) => CASES[name] === undefined)).toEqual([]);
});

describe("against npm run cloud", () => {
  it.each(Object.keys(CASES))("sls invoke and sls invoke local of %s answer alike", (name) => {
    for (const way of ["invoke", "invoke local"]) {
      const { code, output } = ran.get(`${way} ${name}`) ?? { code: null, output: "" };
      expect(output).toMatch(CASES[name]?.says ?? /^$/);
      expect(code, output).toBe(0);
    }
  });
});

describe("what is wrong is told in full, with an exit code:", () => {
  it.each<[string, RegExp]>([
    ["bad id and unknown key", /forse: .*did you mean force.*to: must be i-0123456789abcdef0 or .*i-1/],
    ["five mistakes", /5 problems.*interfaces\[0\]\.eni.*deviceIndex.*members: .*\.alarm: .*policy\.detach/s],
    ["empty file", /empty\.yml:1:1 {2}there is nothing in the file/],
  ])("%s", (name, message) => {
    const { code, output } = ran.get(name) ?? { code: null, output: "" };
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });

  it("and the interface is where it was", async () => {
    expect(await holder()).toBe(A);
  });
});

it("sls invoke of failover moves the group, and not back: held, it exits with 1, its rule and what overrides that", async () => {
  const first = await run(...invoke("failover", { group: "nat-a", to: B, reason: "kernel upgrade" }));
  expect(first.output).toMatch(/"outcome": "moved"/);
  expect(first.code).toBe(0);
  // EC2's reads may lag behind.
  await expect.poll(holder, { timeout: 10_000 }).toBe(B);
  const again = await run(...invoke("failover", { group: "nat-a" }));
  expect(again.output).toMatch(
    /held \(just-moved\)\. .* To override it, ask for .*nat-a.*to.*i-0123456789abcdef0/,
  );
  expect(again.code).toBe(1);
  expect(await holder()).toBe(B);
});
