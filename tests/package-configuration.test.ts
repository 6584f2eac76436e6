/** Which configuration a package is made of, and what becomes of a wrong one: tried with the commands themselves. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build, ROOT, sls } from "./package/sls.ts";

const { readParameters } = createRequire(import.meta.url)("../deploy/parameters.cjs");
const { readConfiguration } = createRequire(import.meta.url)("../deploy/configuration.cjs");

const CONFIGURATION = (instance: string) => `groups:
  lb:
    interfaces: [{ eni: eni-0123456789abcdef0, deviceIndex: 1 }]
    members: [{ instance: ${instance} }, { instance: i-0000000000000000f }]
`;

const WRONG = `groups:
  nat-a:
    interfaces: [{ eni: eni-1, deviceIndex: 0 }]
    members: [{ instance: i-0123456789abcdef0, alarm: [x] }]
    policy: { detach: gently }
`;
const MISTAKES = [
  "interfaces[0].eni",
  "interfaces[0].deviceIndex",
  "members",
  "members[0].alarm",
  "policy.detach",
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "configuration-"));
  writeFileSync(path.join(folder, "failover.yml"), CONFIGURATION("i-00000001"));
  writeFileSync(path.join(folder, "failover.prod.yml"), CONFIGURATION("i-00000002"));
  writeFileSync(path.join(folder, "mine.yml"), CONFIGURATION("i-00000003"));
  writeFileSync(path.join(folder, "wrong.yml"), WRONG);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the configuration of a stage", () => {
  it.each([
    { stage: "dev", file: undefined, read: "failover.yml", instance: "i-00000001" },
    { stage: "prod", file: undefined, read: "failover.prod.yml", instance: "i-00000002" },
    { stage: "prod", file: "mine.yml", read: "mine.yml", instance: "i-00000003" },
  ])("is $read for stage $stage when $file is asked for", async ({ stage, file, read, instance }) => {
    const found = await readConfiguration({ directory: folder, stage, file, stack: `s-${stage}` });
    expect(found).toMatchObject({ file: read, source: { groups: { lb: { members: [{ instance }, {}] } } } });
  });

  it("that is not there is named, with what to do", async () => {
    const asked = readConfiguration({ directory: folder, stage: "dev", file: "none.yml", stack: "s" });
    await expect(asked).rejects.toThrow(/none\.yml.*ENOENT.*--param="config=path"/s);
  });
});

describe("a wrong configuration", () => {
  const told = (output: string) => MISTAKES.filter((mistake) => output.includes(`groups.nat-a.${mistake}: `));
  const STACK_TRACE = /\n\s+at .*:\d+:\d+/;

  it.concurrent("stops the build with every problem, and no stack trace", async () => {
    const { code, output } = await build(ROOT, "--config", path.join(folder, "wrong.yml"));
    expect(code).toBe(1);
    expect(told(output)).toEqual(MISTAKES);
    expect(output).not.toMatch(STACK_TRACE);
  });

  it.concurrent("stops sls with every problem once, and no stack trace", async () => {
    const parameter = `--param=config=${path.join(folder, "wrong.yml")}`;
    const { code, output } = await sls("print", parameter, "--param=reserv=20");
    expect(code).toBe(1);
    expect(told(output)).toEqual(MISTAKES);
    expect(output).toMatch(/reserv=.*there is no such parameter/);
    expect(output).not.toContain("Resources:");
    expect(output.match(/interfaces\[0\]\.eni/g)).toHaveLength(1);
    expect(output).not.toMatch(STACK_TRACE);
  });
});

describe("the parameters", () => {
  const input = { params: { default: { reserve: 3 }, prod: { config: "prod.json", mine: "x" } } };
  const problems = (...given: string[]) => readParameters(given, input, "prod").problems;

  it("are those that were given, then those of the stage, then those of all stages", () => {
    expect(readParameters([], {}, "dev")).toEqual({ problems: [] });
    expect(readParameters([], input, "dev")).toEqual({ reserve: 3, problems: [] });
    expect(readParameters(["reserve=20"], input, "prod")).toEqual({
      config: "prod.json",
      reserve: 20,
      problems: [],
    });
  });

  it("that are wrong, or nobody's, are told at once: another configuration would be deployed", () => {
    expect(problems("confg=a.yml", "config", "config=", "reserve=many")).toEqual([
      expect.stringMatching(/confg.*there is no such parameter; there are config and reserve/),
      expect.stringMatching(/"config": write it as name=value/),
      expect.stringMatching(/"config=": must be the path/),
      expect.stringMatching(/"reserve=many": must be a whole number/),
    ]);
    for (const reserve of ["0", "-1", "2.5", ""]) expect(problems(`reserve=${reserve}`)).toHaveLength(1);
  });

  it("may be somebody's own", () => {
    const own = { ...input, custom: { a: `\${param:theirs, 'x'}` } };
    expect(readParameters(["theirs=1", "mine=2"], own, "prod").problems).toEqual([]);
  });
});

it.concurrent("sls print shows the stack of the file, the stage and the region that were asked for", async () => {
  const parameter = `--param=config=${path.join(folder, "mine.yml")}`;
  const { code, output } = await sls("print", "--stage", "prod", "--region", "cn-north-1", parameter);
  expect(code, output).toBe(0);
  expect(output).toContain("eni-failover-prod-lb-i-00000003-status");
  expect(output).toContain("eni-failover-prod-state");
  expect(output).toContain("region: cn-north-1");
  expect(output).not.toContain("nat-a");
  // China is another partition: no ARN may name one.
  expect(output).not.toMatch(/arn:aws/);
});

it.concurrent("sls invoke local builds first, and runs the handler as Lambda would, without an account", async () => {
  const input = JSON.stringify({ group: "no-such-group" });
  const { code, output } = await sls("invoke", "local", "-f", "status", "--data", input);
  expect(code).toBe(1);
  expect(output).toMatch(/"errorType": "BadRequest"/);
  expect(output).toMatch(/no-such-group.*nat-a/);
  expect(output).toMatch(/at .*shared\/requests\.ts:\d+/);
});
