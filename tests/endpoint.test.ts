/**
 * Goal: every function runs against any endpoint that speaks the documented APIs of EC2, CloudWatch and DynamoDB.
 * Method: each bundle alone in a folder outside of the repository, in a process that may read nothing else, against a
 * bare server that knows nothing of the embedded cloud and puts on record what it refuses.
 */
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACTIVE, ENI, type Scene, STANDBY } from "./endpoint/ec2.ts";
import { startEndpoint } from "./endpoint/server.ts";
import ALARM_EVENT from "./events/alarm-metric.json" with { type: "json" };
import { packagedExample, ROOT } from "./package/sls.ts";

const TABLE = "any-table";
const ALARM = "web-1-no-heartbeat";
const CONFIGURATION = `groups:
  web:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: [{ instance: ${ACTIVE}, alarms: [${ALARM}] }, { instance: ${STANDBY} }]
`;
const alarmEvent = {
  ...ALARM_EVENT,
  time: new Date().toISOString(),
  detail: { alarmName: ALARM, state: { value: "ALARM", timestamp: new Date().toISOString() } },
};

interface Case {
  readonly scene: Scene;
  readonly input: unknown;
  /** What the answer has to contain. */
  readonly answer: object;
  /** Who holds the interface afterwards. */
  readonly holder: string;
  /** A call that it can't do without; undefined: the read of the interfaces. */
  readonly asks?: string;
}

const moved = (because: string) => ({ outcome: "moved", because, from: ACTIVE, to: STANDBY });

/** A line for every function: a new one fails below until it has its own. */
const CASES: Readonly<Record<string, Case>> = {
  status: {
    scene: "healthy",
    input: { group: "web", history: 3 },
    answer: { groups: [{ group: "web", active: ACTIVE, now: { because: "healthy" } }] },
    holder: ACTIVE,
  },
  failover: {
    scene: "healthy",
    input: { group: "web", reason: "kernel upgrade" },
    answer: moved("operator"),
    holder: STANDBY,
  },
  pause: {
    scene: "healthy",
    input: { group: "web", seconds: 600, by: "anna" },
    answer: { group: "web", changed: true, record: { pause: { by: "anna" } } },
    holder: ACTIVE,
    asks: "dynamodb:UpdateItem",
  },
  resume: {
    scene: "healthy",
    input: { group: "web" },
    answer: { changed: false, message: "The group is not paused." },
    holder: ACTIVE,
    asks: "dynamodb:GetItem",
  },
  acknowledge: {
    scene: "healthy",
    input: { group: "web", member: STANDBY },
    answer: { changed: false, message: `${STANDBY} is not in quarantine.` },
    holder: ACTIVE,
    asks: "dynamodb:GetItem",
  },
  release: {
    scene: "healthy",
    input: { group: "web", member: STANDBY },
    answer: { changed: false, message: `${STANDBY} is not isolated.` },
    holder: ACTIVE,
    asks: "dynamodb:GetItem",
  },
  drill: {
    scene: "healthy",
    input: { group: "web", plan: true },
    answer: { outcome: "planned", because: "drill", from: ACTIVE, to: STANDBY },
    holder: ACTIVE,
    asks: "cloudwatch:DescribeAlarms",
  },
  doctor: {
    scene: "healthy",
    input: { group: "web" },
    answer: { findings: expect.arrayContaining([expect.objectContaining({ check: "table-no-recovery" })]) },
    holder: ACTIVE,
    asks: "events:ListRules",
  },
  onHealthEvent: {
    scene: "impaired",
    input: alarmEvent,
    answer: { kind: "alarm", reports: [moved("active-failing")] },
    holder: STANDBY,
  },
  sweep: {
    scene: "stopped",
    input: {},
    answer: { looked: 1, reports: [moved("active-dead")] },
    holder: STANDBY,
  },
};

/** Invokes the handler as Lambda would: with what no function takes, then as asked. Tries to leave its folder before. */
const RUNNER = `
const [input, forbidden] = process.argv.slice(2);
const invoke = async (event, awsRequestId) => {
  const { handler } = await import("./function.js");
  const context = { awsRequestId, functionName: "f", memoryLimitInMB: "512", getRemainingTimeInMillis: () => 60000 };
  return await handler(event, context).catch(({ name, message }) => ({ error: name, message }));
};
const outside = await import(forbidden).then(() => "imported", (error) => error.code);
const refused = await invoke({ surely: "wrong" }, "wrong-request");
const answer = await invoke(JSON.parse(input), "right-request");
console.log("\\nRAN " + JSON.stringify({ outside, refused, answer }));
`;

const FUNCTIONS = readdirSync(path.join(ROOT, "functions")).map((file) => path.basename(file, ".ts"));
let folder: string;
let dist: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "endpoint-")));
  dist = (await packagedExample()).dist;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Node's permission model, by whatever name this Node knows it; a Node that also guards the network must open it. */
function confinement(directory: string): string[] {
  const known = process.allowedNodeEnvironmentFlags;
  return [
    known.has("--permission") ? "--permission" : "--experimental-permission",
    `--allow-fs-read=${directory}/*`,
    "--disable-warning=ExperimentalWarning",
    ...(known.has("--allow-net") ? ["--allow-net"] : []),
  ];
}

async function run(name: string, url: string, input: unknown, configuration = CONFIGURATION) {
  const directory = mkdtempSync(path.join(folder, `${name}-`));
  copyFileSync(path.join(dist, `${name}.js`), path.join(directory, "function.js"));
  writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
  writeFileSync(path.join(directory, "groups.yml"), configuration);
  writeFileSync(path.join(directory, "runner.mjs"), RUNNER);
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
    FAILOVER_CONFIG: path.join(directory, "groups.yml"),
    FAILOVER_TABLE: TABLE,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_FUNCTION_NAME: `eni-failover-${name}`,
    FAILOVER_STACK: "eni-failover",
  };
  const args = [JSON.stringify(input), path.join(ROOT, "local/cloud.ts")];
  const runner = path.join(directory, "runner.mjs");
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...confinement(directory), runner, ...args],
    { cwd: directory, env },
  );
  const [log = "", ran = "{}"] = stdout.split("\nRAN ");
  const lines = `${log}\n${stderr}`.split("\n").filter((line) => line !== "");
  const [said, noise] = [true, false].map((json) => lines.filter((line) => line.startsWith("{") === json));
  return { ...JSON.parse(ran), log: said?.map((line) => JSON.parse(line)), noise };
}

it("there is a case for every function", () => {
  const tested = [...Object.keys(CASES), "probe"];
  expect(FUNCTIONS.filter((name) => !tested.includes(name))).toEqual([]);
});

/** The prober asks no AWS service; it asks the members, and here nobody is there. */
const PROBED = `groups:
  web:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: [{ instance: ${ACTIVE}, address: 127.0.0.1 }, { instance: ${STANDBY}, address: 127.0.0.2 }]
    probe: { tcp: 1, address: 127.0.0.3, everySeconds: 1, failAfter: 1, of: 1 }
probes: { subnets: [subnet-0a1b2c3d4e5f60718], securityGroups: [sg-0123456789abcdef0] }
`;

describe("away from the repository and the embedded cloud", () => {
  it("probe answers without any AWS service: who is cut off accuses nobody", async () => {
    const nobody = "http://127.0.0.1:1";
    const { outside, answer } = await run("probe", nobody, { seconds: 1 }, PROBED);
    expect(answer).toMatchObject({ verdicts: { web: { members: { [ACTIVE]: { says: "unknown" } } } } });
    expect(outside).toBe("ERR_ACCESS_DENIED");
  });

  it.each(Object.entries(CASES))("%s answers rightly, by documented calls alone", async (name, given) => {
    const alarms = {
      [ALARM]: { state: given.scene === "impaired" ? "ALARM" : "OK", instance: ACTIVE },
    };
    const endpoint = await startEndpoint(given.scene, alarms, TABLE);
    try {
      const { outside, refused, answer, log, noise } = await run(name, endpoint.url, given.input);
      expect(endpoint.refused).toEqual([]);
      expect(answer).toMatchObject(given.answer);
      expect(endpoint.ec2.holder).toBe(given.holder);
      expect(endpoint.answered).toContain(given.asks ?? "ec2:DescribeNetworkInterfaces");
      expect(outside).toBe("ERR_ACCESS_DENIED");
      expect(refused).toMatchObject({ error: "BadRequest" });
      // What only the shared stack does: the request's id in the log, the error counted, and nothing but JSON is written.
      expect(noise).toEqual([]);
      expect(log).toContainEqual(
        expect.objectContaining({ message: "the function failed", function_request_id: "wrong-request" }),
      );
      expect(log).toContainEqual(
        expect.objectContaining({ _aws: expect.anything(), errors: 1, kind: "bad-request" }),
      );
    } finally {
      await endpoint.close();
    }
  });
});
