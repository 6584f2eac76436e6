/** How people are told, as the configuration makes it: the topic, its rule, the controller's own alarms, the dashboard. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { controllerAlarms } from "../deploy/resources/controller-alarms.ts";
import { dashboard } from "../deploy/resources/dashboard.ts";
import { notifications } from "../deploy/resources/notifications.ts";
import { stackOf } from "../deploy/stack.ts";
import { makeRule } from "../local/events/rule.ts";
import { validate } from "../local/iam/validate.ts";
import { parseConfig } from "../shared/config/parse.ts";
import { newsOf, SOURCE } from "../shared/core/news.ts";

const PLACE = { stack: "fleet-prod" };
const id = (prefix: string, at: number) => `${prefix}-${at.toString(16).padStart(17, "0")}`;
const configOf = (groups: number, more: object = {}) => {
  const all = Array.from({ length: groups }, (_, at) => [
    `group-${at}`,
    {
      interfaces: [{ eni: id("eni", at), deviceIndex: 1 }],
      members: [{ instance: id("i", 2 * at) }, { instance: id("i", 2 * at + 1) }],
      policy: { rtoSeconds: 30 + at },
    },
  ]);
  const text = JSON.stringify({ groups: Object.fromEntries(all), ...more });
  return parseConfig(text, { path: "test.json", ...PLACE });
};
const ONE = configOf(1);

describe("the topic", () => {
  const { NotificationTopicPolicy } = notifications(ONE, PLACE);
  const { Statement } = (NotificationTopicPolicy?.Properties.PolicyDocument ?? {}) as {
    Statement: { Sid: string }[];
  };
  const says = (sid: string) => Statement.find(({ Sid }) => Sid === sid);

  it("lets this stack's own alarms publish, and no other alarm", () => {
    expect(says("AlarmsOfThisStack")).toMatchObject({
      Action: "sns:Publish",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: {
        ArnLike: {
          "aws:SourceArn": { "Fn::Sub": expect.stringMatching(/:alarm:fleet-prod-controller-\*$/) },
        },
      },
    });
  });

  it("lets EventBridge publish without a condition: it says nothing that one could be about", () => {
    expect(says("Rules")).toMatchObject({ Principal: { Service: "events.amazonaws.com" } });
    expect(says("Rules")).not.toHaveProperty("Condition");
  });

  it("has a subscription for each address, under an id that does not depend on the order", () => {
    const ids = (...emails: string[]) =>
      Object.keys(notifications(configOf(1, { notifications: { emails } }), PLACE)).filter((one) =>
        one.includes("Email"),
      );
    expect(ids()).toEqual([]);
    expect(ids("a@example.com", "b@example.com")).toHaveLength(2);
    expect(ids("b@example.com", "a@example.com").sort()).toEqual(
      ids("a@example.com", "b@example.com").sort(),
    );
  });

  it("has a key's policy in docs/events.md that both services can meet", async () => {
    const text = readFileSync(new URL("../docs/events.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n(\[\n[^`]*RulesToEncryptedTopics[^`]*)```/.exec(text) ?? [];
    const [rules, alarms] = JSON.parse(json);
    expect(await validate({ Statement: [rules, alarms] })).toEqual([]);
    expect([rules.Principal.Service, alarms.Principal.Service]).toEqual([
      "events.amazonaws.com",
      "cloudwatch.amazonaws.com",
    ]);
    expect(rules).not.toHaveProperty("Condition");
  });

  it("is encrypted with a key of the user's where one is named", () => {
    const encryptionKey = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
    const { NotificationTopic } = notifications(configOf(1, { notifications: { encryptionKey } }), PLACE);
    expect(NotificationTopic?.Properties.KmsMasterKeyId).toBe(encryptionKey);
  });
});

describe("the rule", () => {
  const { NotificationRule } = notifications(ONE, PLACE);
  const { EventPattern, Targets } = (NotificationRule?.Properties ?? {}) as {
    EventPattern: object;
    Targets: { InputTransformer: { InputTemplate: string; InputPathsMap: Record<string, string> } }[];
  };
  const { matches } = makeRule({ name: "r", eventPattern: JSON.stringify(EventPattern) }, "arn", [], 0);
  const entry = { at: 0, sequence: "e1.1", message: "m", epoch: 1, to: "i-2" } as const;
  const event = (detail: object) => ({ source: SOURCE, "detail-type": "x", detail });
  const moved = newsOf("nat-a", "key", { ...entry, kind: "move", because: "drill" })?.detail;
  const begun = newsOf("nat-a", "key", { ...entry, kind: "started", because: "drill" })?.detail;

  it("takes what people are to be told of, from this stack alone", () => {
    expect(matches?.(event({ ...moved, stack: "fleet-prod" }))).toBe(true);
    expect(matches?.(event({ ...begun, stack: "fleet-prod" }))).toBe(false);
    expect(matches?.(event({ ...moved, stack: "fleet-dev" }))).toBe(false);
  });

  it("names nothing that an event might lack: EventBridge would send a gap, or nothing", () => {
    const { InputPathsMap, InputTemplate } = Targets[0]?.InputTransformer ?? expect.fail("no transformer");
    const details = Object.values(InputPathsMap).filter((path) => path.startsWith("$.detail."));
    for (const path of details) expect(moved).toHaveProperty(path.slice("$.detail.".length));
    const named = [...InputTemplate.matchAll(/<([a-z]+)>/g)].map(([, name = ""]) => name);
    expect([...new Set(named)].sort()).toEqual(Object.keys(InputPathsMap).sort());
    for (const line of InputTemplate.split("\n")) expect(line).toMatch(/^"[^"\\]+"$/);
  });
});

describe("the controller's own alarms", () => {
  const alarms = Object.values(controllerAlarms(ONE, PLACE)).map(({ Properties }) => Properties);

  it("tell the topic when they begin and when they end, and name the runbook", () => {
    for (const { AlarmActions, OKActions, AlarmName, AlarmDescription } of alarms) {
      expect([AlarmActions, OKActions]).toEqual([
        [{ Ref: "NotificationTopic" }],
        [{ Ref: "NotificationTopic" }],
      ]);
      expect(AlarmName).toMatch(/^fleet-prod-controller-/);
      expect(AlarmDescription).toMatch(/What to do: docs\/runbook\.md#alarm-[a-z-]+$/);
    }
  });

  it("take silence for trouble only where silence is the trouble", () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === "breaching");
    expect(breaching.map(({ AlarmName }) => AlarmName)).toEqual(["fleet-prod-controller-no-sweep"]);
    expect(breaching[0]).toMatchObject({ EvaluationPeriods: 3, Threshold: 1 });
  });

  it("are as many for a thousand groups as for one", () => {
    expect(Object.keys(controllerAlarms(configOf(1_000), PLACE))).toHaveLength(alarms.length);
  });
});

describe("the dashboard", () => {
  const bodyOf = (groups: number) => {
    const { "Fn::Sub": [body = ""] = [] } = dashboard(configOf(groups), PLACE).Properties.DashboardBody as {
      "Fn::Sub": [string];
    };
    return body;
  };

  it("is called by its Region too: an account has its dashboards in all of them", () => {
    const { DashboardName } = dashboard(ONE, PLACE).Properties;
    expect(DashboardName).toEqual({ "Fn::Sub": `fleet-prod-\${AWS::Region}` });
  });

  it("is JSON, once CloudFormation has filled it in", () => {
    const { widgets } = JSON.parse(bodyOf(1).replace(/\$\{[^}]+\}/g, "x")) as { widgets: object[] };
    expect(widgets.length).toBeGreaterThan(8);
    expect(JSON.stringify(widgets)).toContain('"label":"objective 30 s","value":30000');
  });

  it("is as large for a thousand groups as for ten, and far inside its limits", () => {
    expect(Math.abs(bodyOf(1_000).length - bodyOf(10).length)).toBeLessThan(20);
    expect(bodyOf(1_000).length).toBeLessThan(10_000);
  });

  it("asks for no more than 500 metrics a graph, as CloudWatch allows", () => {
    const { widgets } = JSON.parse(bodyOf(1_000).replace(/\$\{[^}]+\}/g, "x")) as {
      widgets: { properties: { metrics?: unknown[] } }[];
    };
    for (const { properties } of widgets) expect(properties.metrics?.length ?? 0).toBeLessThan(20);
  });
});

it("all of it is part of the stack", () => {
  const ids = Object.keys(stackOf(ONE, PLACE, "artifacts").resources.Resources);
  expect(ids).toEqual(
    expect.arrayContaining(["NotificationTopic", "NotificationRule", "ControllerNoSweep", "Dashboard"]),
  );
});
