/**
 * `npm start`, as a new user runs it: the interface moves by the real path, every link of which names its cause, and
 * nothing of it was done by the script itself. With a link taken out it fails, and says which.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JournalEntry } from "../local/journal.ts";
import { PACKAGE_DIRECTORY } from "../local/package.ts";
import { ROOT } from "./package/sls.ts";
import type { Template } from "./package/template.ts";

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs it; `printed` resolves when the text has been written, or when it has ended. */
function start(...args: string[]): { ended: Promise<Ran>; printed: (text: string) => Promise<void> } {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "local/start.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (data: string) => {
      output += data;
    });
  }
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code) => resolve({ code, lines: stripVTControlCharacters(output).split("\n") }));
  });
  const printed = async (text: string) => {
    while (child.exitCode === null && !output.includes(text)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { ended, printed };
}

/** The packaged template without the rules on alarms. */
async function withoutAlarmRules(): Promise<Template> {
  const file = join(ROOT, PACKAGE_DIRECTORY, "cloudformation-template-update-stack.json");
  const template: Template = JSON.parse(await readFile(file, "utf8"));
  const kept = Object.entries(template.Resources).filter(([, { Type, Properties }]) => {
    return Type !== "AWS::Events::Rule" || !JSON.stringify(Properties).includes("aws.cloudwatch");
  });
  return { ...template, Resources: Object.fromEntries(kept) };
}

let folder: string;
let entries: JournalEntry[];
let moved: Ran;
let broken: Ran;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "demonstration-"));
  const journal = join(folder, "journal.json");
  const whole = start("--speed", "60", "--seconds", "120", "--journal", journal);
  // Then the package is there, and the other run can use it.
  await whole.printed("embedded cloud");
  const template = join(folder, "template.json");
  await writeFile(template, JSON.stringify(await withoutAlarmRules()));
  const other = start("--packaged", "--template", template, "--speed", "120", "--seconds", "8");
  [moved, broken] = await Promise.all([whole.ended, other.ended]);
  entries = JSON.parse(await readFile(journal, "utf8"));
}, 200_000);

afterAll(() => rm(folder, { recursive: true }));

describe("npm start", () => {
  it("moves the interface by the real path, from the hang to the attach", () => {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const chain: string[] = [];
    const attach = entries.find((entry) => entry.subject === "ec2:AttachNetworkInterface");
    for (let entry = attach; entry !== undefined; entry = byId.get(entry.cause ?? "")) chain.push(entry.kind);
    expect(moved.code, moved.lines.join("\n")).toBe(0);
    expect(chain.reverse()).toEqual([
      "breakage",
      "status-check",
      "metric",
      "alarm",
      "event",
      "rule",
      "invocation",
      "call",
    ]);
  });

  it("does nothing to the cloud but hang the active: what nobody in the cloud caused only reads", () => {
    const hang = entries.findIndex((entry) => entry.kind === "breakage");
    const calls = entries.slice(hang).filter((entry) => entry.kind === "call");
    const own = calls.filter((entry) => entry.cause === undefined).map((entry) => entry.subject);
    expect(entries.filter((entry) => entry.kind === "breakage")).toHaveLength(1);
    expect(own).toContain("dynamodb:Query");
    expect(own.filter((subject) => !/:(Describe|Get|BatchGet|List|Query)/.test(subject))).toEqual([]);
    const subjects = entries.filter((entry) => entry.kind === "call").map((entry) => entry.subject);
    expect(subjects.filter((subject) => /Invoke|SetAlarmState/.test(subject))).toEqual([]);
    const invocations = entries.filter((entry) => entry.kind === "invocation");
    expect(invocations.filter((entry) => entry.cause === undefined)).toEqual([]);
  });

  it("tells it in two aligned columns of 110 characters, and who holds the interface", () => {
    const from = moved.lines.findIndex((line) => line.startsWith("  AWS time"));
    const timeline = moved.lines.slice(from + 1, moved.lines.indexOf("", from));
    const widest = moved.lines.slice(0, moved.lines.indexOf("", from + timeline.length + 2));
    expect(Math.max(...widest.map((line) => line.length))).toBeLessThanOrEqual(110);
    for (const line of timeline) expect(line).toMatch(/^(( *\d+\.\d s){2} {2}\S.{14}\S| {37}\S)/);
    const told = timeline.join("\n");
    expect(told).toMatch(/on nothing.*in use on i-0fedcba9876543210.*moved \(active-failing\)/s);
    expect(moved.lines.join("\n")).toMatch(/detection.*detach.*attach.*objective .* met/s);
  });

  it("shows what status answers, and the history item out of the table", () => {
    const text = moved.lines.join("\n");
    expect(text).toContain("active: 'i-0fedcba9876543210'");
    expect(text).toContain("pk: 'GROUP#nat-a'");
  });

  it("with the rule taken out of the template exits 1, and names the link that is missing", () => {
    expect(broken.code).toBe(1);
    expect(broken.lines.join("\n")).toContain(
      "nat-a has not moved within 8 s: no rule of the template takes the alarm's event " +
        "(breakage → status check impaired → alarm → event → no rule).",
    );
  });
});
