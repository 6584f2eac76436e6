/** The examples in docs/events.md are what the controller sends, and what the stack's rule makes of it. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { notifications } from "../deploy/resources/notifications.ts";
import { readTarget, type WireTarget } from "../local/events/events.ts";
import { inputFor } from "../local/events/rule.ts";
import { parseConfig } from "../shared/config/parse.ts";
import type { Policy } from "../shared/core/model.ts";
import { newsOf, SOURCE } from "../shared/core/news.ts";
import { alarmOf, FIRST, groupOf } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";

const DOCUMENT = "docs/events.md";
const STACK = "eni-failover-dev";

type Event = { readonly type: string; readonly detail: object };

/** What is sent in the minutes after a member's alarm has gone off. */
async function sentBy(policy: Partial<Policy>, members: number, sweeps: number): Promise<readonly Event[]> {
  const stage = new Stage(groupOf({ policy, members }));
  await stage.pass(MINUTE);
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    await stage.sweepOnce();
    if (sweep === 0)
      for (const { alarms } of stage.group.members)
        stage.cloud.alarms.report(alarms[0] ?? "", 1, stage.now());
    await stage.pass(6 * MINUTE);
  }
  return stage.cloud.news;
}

const finding = newsOf("nat-a", "2026-01-01T06:00:00.000Z#v12.1", {
  at: Date.UTC(2026, 0, 1, 6),
  sequence: "v12.1",
  kind: "finding",
  because: "doctor",
  message: `${FIRST} is stopped: it can't take the group.`,
  epoch: 3,
  finding: {
    change: "new",
    check: "member-stopped",
    severity: "error",
    subject: FIRST,
    mend: `aws ec2 start-instances --instance-ids ${FIRST}`,
  },
});

/** What the topic gets of an event, by the rule of the stack. */
function textOf(detail: object): string {
  const groups = readFileSync("failover.yml", "utf8");
  const { NotificationRule } = notifications(parseConfig(groups, { path: "f", stack: STACK }), {
    stack: STACK,
  });
  const [target] = (NotificationRule?.Properties.Targets ?? []) as WireTarget[];
  if (target === undefined) throw new Error("the rule has a target");
  const event = { source: SOURCE, account: "123456789012", region: "eu-west-1", detail };
  return inputFor(readTarget(target), event, { name: "r", arn: "a" });
}

it("every example in docs/events.md is one that was sent", async () => {
  const [moved, planned] = await Promise.all([sentBy({}, 2, 2), sentBy({ mode: "observe" }, 2, 1)]);
  const sent = new Map(
    [...planned, ...moved.toReversed(), ...(finding ? [finding] : [])].map((one) => [one.type, one]),
  );
  const played = readFileSync(DOCUMENT, "utf8")
    .replace(/(### (.+)\n\n```json\n)[\s\S]*?(```)/g, (_, before: string, type: string, after: string) => {
      const event = sent.get(type) ?? expect.fail(`no ${type} was sent`);
      const whole = { source: SOURCE, "detail-type": type, detail: { stack: STACK, ...event.detail } };
      return `${before}${JSON.stringify(whole, undefined, 2)}\n${after}`;
    })
    .replace(/(```text\n)[\s\S]*?(```)/, (_, before: string, after: string) => {
      return `${before}${textOf(sent.get("Move Finished")?.detail ?? {})}\n${after}`;
    });
  await expect(played).toMatchFileSnapshot(`../${DOCUMENT}`);
});

it("every detail type has a line", () => {
  const document = readFileSync(DOCUMENT, "utf8");
  const source = readFileSync("shared/core/headline.ts", "utf8");
  const types = [...source.matchAll(/^ {2}\| "([A-Z][A-Za-z ]+)"/gm)].map(([, type = ""]) => type);
  expect(types.length).toBeGreaterThan(8);
  for (const type of types) expect(document).toContain(`| \`${type}\` |`);
});
