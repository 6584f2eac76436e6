/**
 * What is in the package of the example: a zip for each function, with one bundle that needs nothing besides.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync, strFromU8, unzipSync } from "fflate";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { build, FUNCTIONS, type Packaged, packagedExample, packagedOf, ROOT } from "./package/sls.ts";
import { CONFIGURATIONS } from "./permissions/scenarios.ts";

const execute = promisify(execFile);

let example: Packaged;

beforeAll(async () => {
  example = await packagedExample();
});

const filesOf = (name: string, { folder } = example) =>
  unzipSync(readFileSync(path.join(folder, `${name}.zip`)));

describe("the bundles", () => {
  /** `| pause | 530 | 168 |` of docs/performance.md: KB, and compressed. */
  const told = Object.fromEntries(
    [
      ...readFileSync(path.join(ROOT, "docs/performance.md"), "utf8").matchAll(
        /^\| (\w+) \| (\d+) \| (\d+) \|$/gm,
      ),
    ].map(([, name, whole, compressed]) => [name, [Number(whole), Number(compressed)]]),
  );

  it.each([...FUNCTIONS, "probe"])(
    "%s is as large as docs/performance.md tells, give or take a tenth: npm run build",
    (name) => {
      const bundle = readFileSync(path.join(example.dist, `${name}.js`));
      const [whole = 0, compressed = 0] = told[name] ?? [];
      expect(Math.abs(bundle.length / 1000 / whole - 1)).toBeLessThan(0.1);
      expect(Math.abs(gzipSync(bundle).length / 1000 / compressed - 1)).toBeLessThan(0.1);
      // A prober carries no SDK client.
      expect(bundle.length).toBeLessThan(name === "probe" ? 250_000 : 800_000);
    },
  );
});

describe("the zips", () => {
  const contentsOf = (name: string) =>
    ["dist/failover.json", `dist/${name}.js`, `dist/${name}.js.map`, "dist/package.json"].sort();

  it.each(FUNCTIONS)("%s holds its bundle and the configuration, and nothing else", (name) => {
    expect(Object.keys(filesOf(name)).sort()).toEqual(contentsOf(name));
  });

  it("a prober's is like the others, where a group is probed", async () => {
    const probed = await packagedOf("probed", CONFIGURATIONS.stops);
    expect(Object.keys(filesOf("probe", probed)).sort()).toEqual(contentsOf("probe"));
  });

  it("are the same whenever they are packaged: fixed dates, and a build that changes nothing it need not", async () => {
    const dates = FUNCTIONS.flatMap((name) =>
      zipDates(readFileSync(path.join(example.folder, `${name}.zip`))),
    );
    expect([...new Set(dates)]).toHaveLength(1);
    const { dist, configPath } = example;
    const times = () => readdirSync(dist).map((file) => [file, statSync(path.join(dist, file)).mtimeMs]);
    const before = times();
    const again = await build(path.dirname(dist), "--quiet", "--config", configPath);
    expect(again).toEqual({ code: 0, output: "" });
    expect(times()).toEqual(before);
  });

  it("carry the configuration as the file says it, as JSON", () => {
    const packaged = JSON.parse(strFromU8(filesOf("status")["dist/failover.json"] ?? new Uint8Array()));
    expect(packaged).toEqual(parse(readFileSync(path.join(ROOT, "failover.yml"), "utf8")));
  });

  it("need nothing outside of themselves: each handler imports, finds its configuration and answers", async () => {
    const answers = await Promise.all(FUNCTIONS.map(async (name) => [name, await invokeAlone(name)]));
    const unknown = expect.stringMatching(/no-such-group.*nat-a/s);
    expect(Object.fromEntries(answers)).toEqual({
      ...Object.fromEntries(FUNCTIONS.map((name) => [name, unknown])),
      onHealthEvent: expect.stringContaining("source"),
    });
  });
});

/** Invokes a handler out of its unpacked zip, in a process that has nothing else, with an input that it must refuse. */
async function invokeAlone(name: string): Promise<string> {
  const task = path.join(example.folder, "task", name);
  for (const [file, contents] of Object.entries(filesOf(name))) {
    mkdirSync(path.dirname(path.join(task, file)), { recursive: true });
    writeFileSync(path.join(task, file), contents);
  }
  const program = `
    const { handler } = await import("./dist/${name}.js");
    const context = { awsRequestId: "r", functionName: "f", getRemainingTimeInMillis: () => 30000 };
    const input = { group: "no-such-group" };
    console.log("ANSWER", await handler(input, context).then(JSON.stringify, (error) => error.message));`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", program], {
    cwd: task,
    env: { AWS_REGION: "eu-west-1", FAILOVER_TABLE: "none", FAILOVER_STACK: "eni-failover-dev" },
  });
  return stdout.slice(stdout.indexOf("ANSWER"));
}

/** The date of every entry, out of the zip's local headers. */
function zipDates(zip: Buffer): number[] {
  const dates: number[] = [];
  for (let at = zip.indexOf("PK\x03\x04"); at >= 0; at = zip.indexOf("PK\x03\x04", at + 4)) {
    dates.push(zip.readUInt32LE(at + 10));
  }
  return dates;
}
