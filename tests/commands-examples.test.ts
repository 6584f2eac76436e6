/** docs/commands.md: its examples are played, and its answers are what they get. `npx vitest run <this file> -u` writes them anew. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { loadConfig } from "../shared/config.ts";
import { masked, playedBy } from "./commands-examples.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";

const ROOT = path.join(import.meta.dirname, "..");
const DOCUMENT = path.join(ROOT, "docs/commands.md");
const text = readFileSync(DOCUMENT, "utf8");

it("every answer in docs/commands.md is what the command answers", async () => {
  const { groups } = await loadConfig(path.join(ROOT, "failover.yml"));
  const stage = new Stage(groups["nat-a"] ?? expect.fail("the example has no nat-a"));
  await stage.pass(10 * MINUTE);
  await expect(await playedBy(stage, text)).toMatchFileSnapshot(DOCUMENT);
  expect(stage.bugs).toEqual([]);
});

it("a difference in a word, a code or a missing field is a difference, one in times and ids is none", () => {
  const answer =
    '"at": "2026-01-01T00:10:00.000Z", "attachmentId": "eni-attach-0a", "ageSeconds": 1.5, "says": "healthy"';
  const later =
    '"at": "2027-02-03T04:05:06.789Z", "attachmentId": "eni-attach-1b", "ageSeconds": 20, "says": "healthy"';
  expect(masked(later)).toBe(masked(answer));
  expect(masked(later.replace("healthy", "failing"))).not.toBe(masked(answer));
  expect(masked(later.replace('"ageSeconds": 20, ', ""))).not.toBe(masked(answer));
});

it("every command is there for the AWS CLI too", () => {
  const invoked = [...text.matchAll(/sls invoke -f (\w+)/g)].map(([, name]) => name);
  const forms = [...text.matchAll(/aws lambda invoke --function-name eni-failover-dev-(\w+)/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(forms)].sort()).toEqual([...new Set(invoked)].sort());
});
