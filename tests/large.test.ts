/**
 * Goal: 400 groups fit into one stack, and lose nothing by it.
 * Method: `sls package` of them in a copy of the project. The template is held against AWS's quotas, its rules against
 * every event that could come, and its roles by moving a group in the embedded cloud.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tooLarge } from "../deploy/limits.ts";
import { alarmNames, instanceIds, madeAlarms } from "../deploy/resources/rules.ts";
import { parsePattern } from "../local/events/pattern.ts";
import { type Config, loadConfig } from "../shared/config.ts";
import { startDeployments } from "./package/deployments.ts";
import { manyGroups } from "./package/large.ts";
import { grave } from "./package/schemas.ts";
import { ROOT, slsAgainst, slsInCopy } from "./package/sls.ts";
import { ofType, type Template } from "./package/template.ts";
import { raise } from "./permissions/there.ts";

const GROUPS = 400;
/** 400 groups take Serverless several seconds, and longer where others compute beside it. */
const PATIENCE_MS = 120_000;

let folder: string;
let packaged: string;
let configPath: string;
let config: Config;
let template: Template;
let nested: Template[];
/** What `sls package` printed. */
let packaging: string;

const templateIn = (name: string): Template => JSON.parse(readFileSync(path.join(packaged, name), "utf8"));

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "large-"));
  packaged = path.join(folder, ".serverless");
  configPath = path.join(folder, "large.json");
  writeFileSync(configPath, JSON.stringify(manyGroups(GROUPS)));
  config = await loadConfig(configPath);
  const { code, output } = await slsInCopy(
    folder,
    "package",
    `--param=config=${configPath}`,
    "--param=reserve=20",
  );
  expect(code, output).toBe(0);
  packaging = output;
  template = templateIn("cloudformation-template-update-stack.json");
  nested = readdirSync(packaged)
    .filter((name) => name.startsWith("alarms-"))
    .map(templateIn);
}, PATIENCE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("satisfies CloudFormation's own resource schemas, the nested stacks too", () => {
  const names = readdirSync(packaged).filter((name) =>
    /^(alarms-|cloudformation-template-update)/.test(name),
  );
  expect(names).toHaveLength(9);
  expect(grave(names.map((name) => path.join(packaged, name))).flat()).toEqual([]);
});

it("stays inside every quota, with room for more", () => {
  for (const one of [template, ...nested]) expect(tooLarge(one)).toEqual([]);
  const count = (type: string) => Object.keys(ofType(template, type)).length;
  expect(Object.keys(template.Resources).length).toBeLessThan(250);
  expect(count("AWS::Events::Rule")).toBeLessThan(50);
  for (const { ManagedPolicyArns = [] } of Object.values(ofType(template, "AWS::IAM::Role")))
    expect((ManagedPolicyArns as unknown[]).length).toBeLessThan(9);
});

it("reserves the concurrency that was asked for, for each function that moves", () => {
  const reserved = Object.values(ofType(template, "AWS::Lambda::Function")).flatMap((one) =>
    one.ReservedConcurrentExecutions === undefined
      ? []
      : [[one.FunctionName, one.ReservedConcurrentExecutions]],
  );
  const movers = ["onHealthEvent", "sweep", "failover"];
  expect(reserved).toEqual(movers.map((name) => [`eni-failover-dev-${name}`, 20]));
});

it("says at packaging what is otherwise than in a small stack", () => {
  expect(packaging).toMatch(/in 8 nested stacks.*statusAlarm: \{ enabled: false \}/);
  expect(packaging).toMatch(/MoverRole and DeskRole name more than a role takes/);
});

it("has one alarm for each check of each member, in one nested stack", () => {
  const made = nested.flatMap((one) => Object.values(ofType(one, "AWS::CloudWatch::Alarm")));
  const names = made.map(({ AlarmName }) => String(AlarmName));
  const wanted = madeAlarms(config, "eni-failover-dev");
  expect(wanted).toHaveLength(3 * 2 * GROUPS);
  expect(names.sort()).toEqual(wanted.sort());
  const inStack = Object.values(ofType(template, "AWS::CloudWatch::Alarm"));
  expect(inStack.filter(({ AlarmName }) => wanted.includes(String(AlarmName)))).toEqual([]);
});

describe("the rules", () => {
  let matchers: ((event: unknown) => boolean)[];
  beforeAll(() => {
    const patterns = Object.values(ofType(template, "AWS::Events::Rule")).map(
      ({ EventPattern }) => EventPattern,
    );
    matchers = patterns
      .filter((pattern) => pattern !== undefined)
      .map((pattern) => parsePattern(JSON.stringify(pattern)));
  });
  const matching = (event: object) => matchers.filter((matches) => matches(event)).length;
  const alarm = (alarmName: string, value = "ALARM") => ({
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    detail: { alarmName, state: { value } },
  });
  const instance = (id: string, state: string) => ({
    source: "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    detail: { "instance-id": id, state },
  });
  const spot = (id: string) => ({
    source: "aws.ec2",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    detail: { "instance-id": id, "instance-action": "stop" },
  });
  const lifecycle = (id: string) => ({
    source: "aws.autoscaling",
    "detail-type": "EC2 Instance-terminate Lifecycle Action",
    detail: { EC2InstanceId: id },
  });

  it("match every event of every alarm and member exactly once", () => {
    const events = [
      ...alarmNames(config).map((name) => alarm(name)),
      ...instanceIds(config).flatMap((id) => [instance(id, "stopping"), spot(id), lifecycle(id)]),
    ];
    const wrong = events.filter((event) => matching(event) !== 1);
    expect(events.length).toBe(2400 + 400 + 100 + 3 * 800);
    expect(wrong).toEqual([]);
  });

  it.each([
    { event: alarm("eni-failover-dev-group-1-i-00000000000000002-status", "OK") },
    { event: alarm("eni-failover-prod-group-1-i-00000000000000002-status") },
    { event: alarm("eni-failover-dev-controller-errors-sweep") },
    { event: alarm("conntrack-full-400") },
    { event: instance("i-00000000000000002", "running") },
    { event: instance("i-00000000000009999", "stopped") },
    { event: spot("i-00000000000009999") },
  ])("match no other: $event.detail", ({ event }) => expect(matching(event)).toBe(0));
});

it("moves a group under the packaged roles, and no interface that is not configured", async () => {
  const without = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type !== "AWS::CloudFormation::Stack",
  );
  const templatePath = path.join(packaged, "without-alarms.json");
  writeFileSync(templatePath, JSON.stringify({ ...template, Resources: Object.fromEntries(without) }));
  const there = await raise(packaged, configPath, templatePath);
  try {
    expect(await there.invoke("failover", { group: "group-399" })).toMatchObject({ outcome: "moved" });
    expect(there.refused).toEqual([]);
    const { permissions } = there.deployment;
    const role = permissions.bearers().find((bearer) => bearer.includes("MoverRole")) ?? "";
    const asked = there.recorded.filter(({ access }) => access.action.includes("tachNetworkInterface"));
    for (const { access } of asked) {
      const other = {
        "ec2:networkinterfaceid": ["eni-0ffffffffffffffff"],
        "ec2:instanceid": ["i-0ffffffffffffffff"],
      };
      const verdict = permissions.ofRole(role, { ...access, keys: { ...access.keys, ...other } });
      const leaves = access.action === "ec2:DetachNetworkInterface" && access.resource.includes(":instance/");
      expect(verdict.allowed).toBe(leaves);
    }
  } finally {
    await there.close();
  }
});

describe("sls deploy, against a CloudFormation that says yes to everything,", () => {
  let aws: Awaited<ReturnType<typeof startDeployments>>;
  const ran = (config: string, ...args: string[]) =>
    slsAgainst(aws.endpoint, folder, ...args, `--param=config=${config}`);
  const at = (action: string, about: string | RegExp) =>
    aws.asked.findIndex((one) => one.action === action && one.about.search(about) >= 0);

  beforeAll(async () => {
    aws = await startDeployments();
    const { code, output } = await ran(configPath, "deploy", "--package", ".serverless");
    expect(code, output).toBe(0);
    const removed = await ran(path.join(ROOT, "failover.yml"), "remove");
    expect(removed.code, removed.output).toBe(0);
  }, PATIENCE_MS);
  afterAll(() => aws.close());

  it("uploads each nested template to where the stack looks for it, before the stack is updated", () => {
    const urls = Object.values(ofType(template, "AWS::CloudFormation::Stack")).map(
      ({ TemplateURL }) => (TemplateURL as { "Fn::Sub": string })["Fn::Sub"],
    );
    const bucket = `https://\${ServerlessDeploymentBucket}.s3.\${AWS::Region}.\${AWS::URLSuffix}`;
    const wanted = urls.map((url) => url.replace(bucket, "/deployments"));
    const uploaded = aws.asked.flatMap(({ action, about }) =>
      action === "s3:PutObject" && about.includes("/nested/") ? [about] : [],
    );
    expect(uploaded.sort()).toEqual(wanted.sort());
    const update = at("cloudformation:CreateChangeSet", "UPDATE");
    expect(at("cloudformation:CreateChangeSet", "CREATE")).toBeLessThan(at("s3:PutObject", "nested"));
    expect(aws.asked.findLastIndex(({ action }) => action === "s3:PutObject")).toBeLessThan(update);
    expect(aws.asked[update]?.about).toMatch(/compiled-cloudformation-template\.json.*CAPABILITY_NAMED_IAM/);
  });

  it("asks for nothing that docs/deploy-policy.json does not allow; nor does sls remove", () => {
    const { Statement } = JSON.parse(readFileSync(path.join(ROOT, "docs/deploy-policy.json"), "utf8"));
    const allowed = (Statement as { Action: string | string[] }[]).flatMap(({ Action }) => Action);
    const asked = new Set(aws.asked.map(({ action }) => action));
    // Everybody may ask who they are; and that there are no images is as well not known.
    for (const one of ["sts:GetCallerIdentity", "ecr:DescribeRepositories"])
      expect(asked.delete(one)).toBe(true);
    expect([...asked].filter((action) => !allowed.includes(action))).toEqual([]);
    expect(asked).toContain("cloudformation:DeleteStack");
  });
});
