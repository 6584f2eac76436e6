/** Nobody is ever sent to a section of the runbook that is not there. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { controllerAlarms } from "../deploy/resources/controller-alarms.ts";
import { parseConfig } from "../shared/config/parse.ts";
import { ADVICE } from "../shared/core/advice.ts";
import { CHECKS } from "../shared/core/finding.ts";
import { runbookSections } from "../shared/core/headline.ts";
import type { Ineligible } from "../shared/core/model.ts";

const RUNBOOK = readFileSync("docs/runbook.md", "utf8");
const sections = new Map(
  RUNBOOK.split(/^#{2,3} /m)
    .slice(1)
    .map((section) => [section.split("\n")[0] ?? "", section] as const),
);
const anchors = new Set([
  ...[...sections.keys()].map((title) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  ),
  ...[...RUNBOOK.matchAll(/<a id="([a-z-]+)"><\/a>/g)].map(([, id = ""]) => id),
]);
const missing = (words: readonly string[]) => words.filter((word) => !anchors.has(word));

it("begins with what to do when the controller itself is down", () => {
  const [first = ""] = sections.keys();
  expect(first).toBe("The controller itself is down");
  const section = sections.get(first);
  for (const command of [
    "detach-network-interface",
    "attach-network-interface",
    "disable-rule",
    "enable-rule",
  ]) {
    expect(section).toContain(`aws ${command.includes("rule") ? "events" : "ec2"} ${command} `);
  }
  expect(section).toContain("found-moved");
});

it("has a section for every word that says why a group moves or does not", () => {
  const words = Object.keys(ADVICE).filter((word) => word !== "doctor");
  expect(words.filter((word) => !sections.has(word))).toEqual([]);
  for (const word of words) expect(sections.get(word), word).toMatch(/^- Do: \S/m);
});

it("has a line for every reason why a member is not eligible", () => {
  const reasons: Record<Ineligible, true> = {
    active: true,
    dead: true,
    failing: true,
    unknown: true,
    "not-running": true,
    unread: true,
    "wrong-zone": true,
    quarantined: true,
    isolated: true,
    "index-taken": true,
    "index-burned": true,
    "no-slot": true,
  };
  expect(missing(Object.keys(reasons))).toEqual([]);
});

it("has a line for every event that is told under another key", () => {
  expect(runbookSections().length).toBeGreaterThan(2);
  expect(missing(runbookSections())).toEqual([]);
});

it("has a line for every check of the doctor", () => {
  expect(missing(CHECKS)).toEqual([]);
});

it("has a section for every alarm of the controller", () => {
  const groups = {
    nat: {
      interfaces: [{ eni: "eni-00000000000000001", deviceIndex: 1 }],
      members: [{ instance: "i-00000001" }, { instance: "i-00000002" }],
    },
  };
  const config = parseConfig(JSON.stringify({ groups }), { path: "c.json", stack: "s" });
  const alarms = Object.values(controllerAlarms(config, { stack: "s" }));
  const sent = alarms.map(({ Properties }) => String(Properties.AlarmDescription).split("#")[1] ?? "");
  expect(sent.length).toBeGreaterThan(6);
  expect(missing(sent)).toEqual([]);
});

it("refers to nothing that is not in it", () => {
  const links = [...RUNBOOK.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, id = ""]) => id);
  expect(missing(links)).toEqual([]);
});
