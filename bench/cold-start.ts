/**
 * (d) Cold starts: how long each function's bundle takes to load, and to send its first call, against the smallest handler
 * that has the same clients and was bundled in the same way.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { build, SETTINGS } from "../deploy/build.mjs";
import { readYaml } from "../shared/config/yaml.ts";
import { percentile, table } from "./percentiles.ts";

const ROOT = path.join(import.meta.dirname, "..");
const GROUP = { group: "nat-a" };
const STOPPING = {
  version: "0",
  id: "7bf73129-1428-4cd3-a780-95db273d1602",
  "detail-type": "EC2 Instance State-change Notification",
  source: "aws.ec2",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "eu-west-1",
  resources: [],
  detail: { "instance-id": "i-0123456789abcdef0", state: "stopping" },
};

/** What each function is asked; the first thing that each does is a call. The prober makes none, and only loads. */
const EVENTS: Readonly<Record<string, object>> = {
  onHealthEvent: STOPPING,
  sweep: {},
  failover: GROUP,
  status: GROUP,
  pause: GROUP,
  resume: GROUP,
  acknowledge: { ...GROUP, budget: true },
  release: { ...GROUP, member: "i-0123456789abcdef0" },
  drill: GROUP,
  doctor: GROUP,
  probe: {},
};

/** The least that uses a client. */
const CLIENTS: Readonly<Record<string, readonly [client: string, command: string]>> = {
  ec2: ["EC2Client", "DescribeInstancesCommand"],
  cloudwatch: ["CloudWatchClient", "DescribeAlarmsCommand"],
  dynamodb: ["DynamoDBClient", "GetItemCommand"],
  eventbridge: ["EventBridgeClient", "PutEventsCommand"],
  lambda: ["LambdaClient", "InvokeCommand"],
};

interface Start {
  /** The module is loaded, milliseconds after it was asked for. */
  readonly loaded: number;
  /** The first call arrived, milliseconds after the process was started; the prober sends none. */
  readonly called: number | undefined;
}

export interface ColdStart {
  readonly name: string;
  readonly kilobytes: number;
  readonly compressed: number;
  readonly clients: number;
  readonly ours: readonly Start[];
  readonly smallest: readonly Start[];
}

/** Starts each function `runs` times, in turn with the smallest handler, so that both meet the same machine. */
export async function measureColdStarts(runs: number): Promise<ColdStart[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "cold-start-"));
  try {
    await build(readYaml(await readFile(path.join(ROOT, "failover.yml"), "utf8")).value);
    const starts: ColdStart[] = [];
    for (const [name, event] of Object.entries(EVENTS)) {
      const bundle = path.join(ROOT, "dist", `${name}.js`);
      const clients = await clientsOf(name);
      const smallest = await smallestWith(clients, path.join(folder, name));
      const taken = { ours: [] as Start[], smallest: [] as Start[] };
      for (let run = 0; run < runs; run += 1) {
        taken.ours.push(await start(bundle, event, clients.length > 0));
        taken.smallest.push(await start(smallest, event, clients.length > 0));
      }
      const { size } = await stat(bundle);
      const compressed = gzipSync(await readFile(bundle)).length;
      const sizes = { kilobytes: size / 1000, compressed: compressed / 1000, clients: clients.length };
      starts.push({ name, ...sizes, ...taken });
    }
    return starts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The clients that are bundled with a function. */
async function clientsOf(name: string): Promise<string[]> {
  const entryPoints = [`functions/${name}.ts`];
  const { metafile } = await esbuild.build({
    ...SETTINGS,
    entryPoints,
    outdir: "unused",
    write: false,
    metafile: true,
  });
  const found = Object.keys(metafile?.inputs ?? {}).flatMap(
    (file) => /@aws-sdk\/client-([a-z0-9]+)\//.exec(file)?.[1] ?? [],
  );
  return [...new Set(found)].sort();
}

async function smallestWith(clients: readonly string[], outfile: string): Promise<string> {
  const parts = clients.map((name) => {
    const [client, command] = CLIENTS[name] ?? [];
    if (client === undefined) throw new Error(`bench/cold-start.ts does not know the client ${name}`);
    return { client, command, from: `@aws-sdk/client-${name}`, of: name };
  });
  const contents = [
    ...parts.map(({ client, command, from }) => `import { ${client}, ${command} } from "${from}";`),
    ...parts.map(({ client, of }) => `const ${of} = new ${client}({});`),
    "export const handler = async () => {",
    ...parts.map(({ of, command }) => `  await ${of}.send(new ${command}({}));`),
    "};",
  ].join("\n");
  const stdin = { contents, resolveDir: ROOT };
  await esbuild.build({ ...SETTINGS, stdin, outfile: `${outfile}.mjs` });
  return `${outfile}.mjs`;
}

/** In the process: loads the bundle, says how long that took, and invokes it. */
const CHILD = `
const from = performance.now();
const { handler } = await import(process.env.BUNDLE);
process.stderr.write("loaded " + (performance.now() - from) + "\\n");
await handler(JSON.parse(process.env.EVENT), { functionName: "x", getRemainingTimeInMillis: () => 60000 });
`;

/** One process, from its start to the first call that arrives; or to the end of loading. */
async function start(bundle: string, event: object, calls: boolean): Promise<Start> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const began = performance.now();
  const first = new Promise<number>((resolve) => {
    server.once("request", () => resolve(performance.now() - began));
  });
  const child = spawn(process.execPath, ["--enable-source-maps", "--input-type=module", "-e", CHILD], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      BUNDLE: bundle,
      EVENT: JSON.stringify(event),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "bench",
      AWS_SECRET_ACCESS_KEY: "bench",
      FAILOVER_STACK: "eni-failover-dev",
      FAILOVER_TABLE: "eni-failover-dev-state",
    },
  });
  let said = "";
  const loaded = new Promise<number>((resolve, reject) => {
    child.stderr.on("data", (data) => {
      said += data;
      const match = /^loaded ([0-9.]+)$/m.exec(said);
      if (match !== null) resolve(Number(match[1]));
    });
    child.once("close", () => reject(new Error(`${bundle} did not load:\n${said}`)));
  });
  try {
    const taken = { loaded: await loaded, called: calls ? await first : undefined };
    return taken;
  } finally {
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  }
}

export function coldStartsInWords(starts: readonly ColdStart[]): string {
  const rows = starts.map(({ name, kilobytes, compressed, clients, ours, smallest }) => {
    const at = (percent: number, runs: readonly Start[], of: (run: Start) => number | undefined): number =>
      percentile(
        runs.map((run) => of(run) ?? Number.NaN),
        percent,
      );
    const [load, least] = [ours, smallest].map((runs) => at(50, runs, (run) => run.loaded));
    const called = (percent: number): number[] =>
      [ours, smallest].map((runs) => at(percent, runs, (run) => run.called));
    const [call, leastCall] = called(50);
    const [slow, leastSlow] = called(90);
    const ms = (value = Number.NaN): string => (Number.isNaN(value) ? "–" : `${Math.round(value)} ms`);
    const ratio = (value = Number.NaN, to = Number.NaN): string =>
      Number.isNaN(value) ? "–" : (value / to).toFixed(2);
    return [
      name,
      String(Math.round(kilobytes)),
      String(Math.round(compressed)),
      String(clients),
      ms(load),
      ms(least),
      ms(call),
      ms(leastCall),
      ratio(call, leastCall),
      ratio(slow, leastSlow),
    ];
  });
  const head = [
    "function",
    "KB",
    "compressed",
    "clients",
    "loads in",
    "smallest",
    "first call after",
    "smallest",
    "ratio",
    "p90",
  ];
  return table(head, rows);
}
