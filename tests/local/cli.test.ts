/**
 * Goal: what is typed becomes the breakage that is meant, or a sentence that helps; what happens is told in a line.
 * Method: tables over the pure parts, and the command itself once, against a running cloud.
 */
import { execFile } from "node:child_process";
import { promisify, stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { breakageOf } from "../../local/cli/breakage.ts";
import { startCloud } from "../../local/cloud.ts";
import type { JournalKind } from "../../local/journal.ts";
import { line, told } from "../../local/told.ts";

const I = "i-0123456789abcdef0";
const ENI = "eni-0a1b2c3d4e5f60718";

describe("break", () => {
  it.each<[string, object]>([
    [`hang ${I}`, { kind: "hang", instance: I }],
    [`impair ${I}`, { kind: "impair", instance: I, check: "instance" }],
    [`impair ${I} system`, { kind: "impair", instance: I, check: "system" }],
    [`stick-detach ${ENI}`, { kind: "stick-detach", interface: ENI, evenForced: false }],
    [
      `stick-detach ${ENI} --seconds 30 --times 2 --even-forced`,
      { kind: "stick-detach", interface: ENI, milliseconds: 30_000, times: 2, evenForced: true },
    ],
    [`unstick-detach ${ENI}`, { kind: "unstick-detach", interface: ENI }],
    [
      `refuse-attach ${I} --code AttachmentLimitExceeded --times 1`,
      { kind: "refuse-attach", instance: I, code: "AttachmentLimitExceeded", times: 1 },
    ],
    [`slow-attach ${I} --seconds 5`, { kind: "slow-attach", instance: I, milliseconds: 5000 }],
    [`lose-check ${I} system`, { kind: "lose-check", instance: I, check: "system" }],
    [
      `schedule-event ${I} system-reboot --seconds 60`,
      { kind: "schedule-event", instance: I, code: "system-reboot", notBefore: 60_000 },
    ],
    [`remove ${ENI}`, { kind: "remove", id: ENI }],
    [
      "throttle cloudwatch --operation DescribeAlarms --times 3",
      { effect: "throttle", match: { service: "monitoring", operation: "DescribeAlarms" }, times: 3 },
    ],
    ["delay ec2 --seconds 2", { effect: "delay", match: { service: "ec2" }, ms: 2000 }],
    [
      "error dynamodb --code InternalServerError",
      { effect: "error", match: { service: "dynamodb" }, code: "InternalServerError" },
    ],
  ])("%s", (words, breakage) => {
    expect(breakageOf(words.split(" "), 0)).toEqual(breakage);
  });

  it.each<[string, RegExp]>([
    [`tickle ${I}`, /there is no breakage "tickle"; there is hang, heal, .*, throttle/],
    ["hang", /break hang needs to know what/],
    [`hang ${I} now please`, /does not take "please"/],
    [`impair ${I} soul`, /there is no check "soul"; there is system, instance, ebs, application/],
    [`slow-attach ${I} --seconds soon`, /--seconds is a number over 0, not "soon"/],
    [`hang ${I} --loudly`, /Unknown option '--loudly'/],
  ])("%s is answered in words", (words, message) => {
    expect(() => breakageOf(words.split(" "), 0)).toThrow(message);
  });
});

describe("an entry of the journal", () => {
  const lineOf = (kind: JournalKind, subject: string, detail: Record<string, unknown>) => {
    const words = told({ id: "j-1", cause: undefined, at: 0, kind, subject, detail });
    return words === undefined ? undefined : stripVTControlCharacters(line("0.0 s  ", words));
  };
  it.each<[JournalKind, string, Record<string, unknown>, string | undefined]>([
    ["breakage", I, { breakage: "hang" }, `you            break hang ${I}`],
    ["breakage", "ec2", { effect: "throttle" }, "you            break throttle ec2"],
    ["instance-state", I, { before: "running", state: "stopping" }, `EC2            ${I} running → stopping`],
    [
      "status-check",
      I,
      { check: "instance", before: "ok", status: "impaired" },
      `EC2            ${I} instance check ok → impaired`,
    ],
    ["alarm", "failing", { from: "OK", to: "ALARM" }, "CloudWatch     failing OK → ALARM"],
    ["rule", "alarm-1", {}, "EventBridge    rule alarm-1"],
    ["event", "CloudWatch Alarm Configuration Change", {}, undefined],
    ["metric", "StatusCheckFailed", {}, undefined],
    ["invocation", "eni-failover-dev-onHealthEvent", {}, "onHealthEvent  starts"],
    ["call", "ec2:DescribeInstances", { code: "ok" }, undefined],
    [
      "call",
      "ec2:DescribeInstances",
      { code: "RequestLimitExceeded" },
      "EC2            DescribeInstances → RequestLimitExceeded",
    ],
    [
      "call",
      "ec2:DetachNetworkInterface",
      { input: { AttachmentId: "eni-attach-1", Force: true } },
      "EC2            DetachNetworkInterface eni-attach-1 by force",
    ],
    [
      "call",
      "dynamodb:UpdateItem",
      { input: { TableName: "t", Key: { pk: { S: "GROUP#nat-a" }, sk: { S: "STATE" } } } },
      "DynamoDB       UpdateItem GROUP#nat-a STATE",
    ],
    ["call", "dynamodb:CreateTable", { input: { TableName: "t" } }, "DynamoDB       CreateTable t"],
    [
      "invocation-end",
      "sweep",
      { durationMs: 7, answer: { reports: [{ outcome: "held", because: "paused", message: "No." }] } },
      "sweep          ends after 7 ms: held (paused). No.",
    ],
    ["invocation-end", "sweep", { durationMs: 7, answer: { looked: 1 } }, "sweep          ends after 7 ms"],
    [
      "invocation-end",
      "sweep",
      { durationMs: 7, error: { errorType: "Error", errorMessage: "no" } },
      "sweep          fails after 7 ms: Error: no",
    ],
  ])("%s of %s is told in a line", (kind, subject, detail, words) => {
    expect(lineOf(kind, subject, detail)).toBe(words === undefined ? undefined : `0.0 s  ${words}`);
  });

  it("that is long is wrapped at 110 columns, below where it began", () => {
    const what = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");
    const lines = line("0.0 s  ", { who: "EC2", what }).split("\n");
    expect(Math.max(...lines.map((one) => one.length))).toBeLessThanOrEqual(110);
    expect(lines.slice(1).map((one) => one.search(/\S/))).toEqual(lines.slice(1).map(() => 22));
    expect(lines.map((one) => one.slice(22)).join(" ")).toBe(what);
  });
});

describe("npm run cloud --", () => {
  const command = async (endpoint: string, ...words: string[]) => {
    const args = ["--import", "tsx", "local/cli.ts", ...words, "--endpoint", endpoint];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout;
  };

  it("break reaches the cloud that runs, and says what it refuses", async () => {
    const cloud = await startCloud();
    cloud.ec2.addInstance({ instanceId: I, zone: "us-east-1a" }, cloud.now());
    expect(await command(cloud.endpoint, "break", "hang", I)).toBe(`done: hang ${I}\n`);
    expect(cloud.ec2.instanceTruth(I, cloud.now())?.hung).toBe(true);
    const unknown = command(cloud.endpoint, "break", "hang", "i-00000000000000000");
    await expect(unknown).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not exist"),
    });
    await cloud.close();
  });
});
