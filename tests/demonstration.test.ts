/** `npm start`, as a new user runs it: the interface moves by the real path, and every link of it names its cause. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { JournalEntry } from "../local/journal.ts";

it("npm start moves the interface by the real path, from the hang to the attach", {
  timeout: 200_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "demonstration-"));
  const journal = join(folder, "journal.json");
  const code = await new Promise((resolve) => {
    const child = spawn("npx", ["tsx", "local/start.ts", "--seconds", "120", "--journal", journal], {
      stdio: "ignore",
    });
    child.on("exit", resolve);
  });
  const entries = JSON.parse(await readFile(journal, "utf8")) as JournalEntry[];
  await rm(folder, { recursive: true });
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const chain: string[] = [];
  const attach = entries.find((entry) => entry.subject === "ec2:AttachNetworkInterface");
  for (let entry = attach; entry !== undefined; entry = byId.get(entry.cause ?? "")) chain.push(entry.kind);
  expect(code).toBe(0);
  expect(chain).toEqual([
    "call",
    "invocation",
    "rule",
    "event",
    "alarm",
    "metric",
    "status-check",
    "breakage",
  ]);
  const subjects = entries.map((entry) => entry.subject);
  expect(subjects.filter((subject) => subject.includes("SetAlarmState"))).toEqual([]);
});
