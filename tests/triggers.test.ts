/** What an event is a reason for. The samples are AWS's own, with times where its documentation leaves them open. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BadRequest } from "../shared/bad-request.ts";
import { drillReason } from "../shared/core/drill.ts";
import { parseEvent } from "../shared/triggers.ts";
import { ENI, OTHER_ENI, parsed } from "./config-fixture.ts";

type Event = Record<string, unknown> & { detail: Record<string, unknown> };

function sample(name: string): Event {
  return JSON.parse(readFileSync(new URL(`events/${name}.json`, import.meta.url), "utf8"));
}

/** `event` with other values in its detail. */
function withDetail(event: Event, detail: Record<string, unknown>): Event {
  return { ...event, detail: { ...event.detail, ...detail } };
}

const SPOT = "i-1234567890abcdef0";
const OLD = "i-abcd1111";
const NEW = "i-0fedcba9876543210";

/** Two groups that name what AWS's samples are about. */
const CONFIG = parsed(`
groups:
  web:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members:
      - { instance: ${SPOT}, alarms: [ServerCpuTooHigh], address: 10.0.1.1 }
      - { instance: ${NEW}, address: 10.0.1.2 }
    alarms: [ServiceAggregatedAlarm, TotalNetworkTrafficTooHigh]
    probe: { tcp: 22, address: 10.0.0.10, subnets: [subnet-0a1b2c3d], securityGroups: [sg-0123abcd] }
  vpn:
    interfaces: [{ eni: ${OTHER_ENI}, deviceIndex: 2 }]
    members: [{ instance: ${OLD} }, { instance: ${SPOT} }]
    alarms: [ServiceAggregatedAlarm]
`);

const read = (event: unknown) => parseEvent(event, CONFIG);

it("an alarm that a drill has set names the drill, by what its reason says", () => {
  const event = sample("alarm-metric");
  const reason = drillReason("web", { id: "d1", by: "anna" });
  const state = { ...(event.detail.state as object), reason };
  expect(read(withDetail(event, { state }))).toMatchObject({ kind: "alarm", drill: "d1" });
  expect(read(event)).not.toHaveProperty("drill");
});

describe("an alarm", () => {
  it.each([
    ["alarm-metric", "ServerCpuTooHigh", [{ group: "web", member: SPOT }], "2019-10-02T17:04:40.989Z"],
    ["alarm-muted", "ServerCpuTooHigh", [{ group: "web", member: SPOT }], "2019-10-02T17:04:40.989Z"],
    ["alarm-metric-math", "TotalNetworkTrafficTooHigh", [{ group: "web" }], "2019-10-02T17:20:48.554Z"],
    [
      "alarm-composite",
      "ServiceAggregatedAlarm",
      [{ group: "web" }, { group: "vpn" }],
      "2022-07-22T15:57:45.394Z",
    ],
    [
      "alarm-composite-suppressed",
      "ServiceAggregatedAlarm",
      [{ group: "web" }, { group: "vpn" }],
      "2022-07-22T15:57:45.394Z",
    ],
  ])("%s concerns every group that names it, from its own time on", (name, subject, concerns, at) => {
    const event = sample(name);
    expect(read(event)).toMatchObject({ id: event.id, kind: "alarm", subject, concerns, at: Date.parse(at) });
  });

  it("says that it is muted or suppressed, and is a trigger all the same", () => {
    expect(read(sample("alarm-muted")).message).toBe(
      "alarm ServerCpuTooHigh is in ALARM (muted): looking at web",
    );
    expect(read(sample("alarm-composite-suppressed")).message).toContain(
      "(its actions are suppressed): looking at web and vpn",
    );
  });

  it("that the stack makes on status checks concerns its member", () => {
    const event = withDetail(sample("alarm-metric"), { alarmName: `st-vpn-${SPOT}-status` });
    expect(read(event).concerns).toEqual([{ group: "vpn", member: SPOT }]);
  });

  it.each(["OK", "INSUFFICIENT_DATA"])("that went to %s is ignored", (value) => {
    const trigger = read(withDetail(sample("alarm-metric"), { state: { value } }));
    expect(trigger).toMatchObject({ kind: "ignored", concerns: [] });
    expect(trigger.message).toBe(`alarm ServerCpuTooHigh is in ${value}: nothing to look at in web`);
  });

  it.each(["ServerCpu", "servercputoohigh", "ServerCpuTooHigh2"])(
    "called %s is nobody's: names are exact",
    (alarmName) => {
      const trigger = read(withDetail(sample("alarm-metric"), { alarmName }));
      expect(trigger).toMatchObject({ kind: "ignored", subject: alarmName, concerns: [] });
      expect(trigger.message).toBe(`alarm ${alarmName} is in ALARM; no group names it`);
    },
  );

  it("without a time of its own happened at the event's", () => {
    const trigger = read(withDetail(sample("alarm-metric"), { state: { value: "ALARM" } }));
    expect(trigger.at).toBe(Date.parse("2019-10-02T17:04:40Z"));
  });
});

describe("an instance's state", () => {
  const changed = (instance: string, state: string) =>
    read(withDetail(sample("instance-state"), { "instance-id": instance, state }));

  it.each(["stopping", "stopped", "shutting-down", "terminated"])("%s concerns its groups", (state) => {
    expect(changed(SPOT, state)).toEqual({
      id: "7bf73129-1428-4cd3-a780-95db273d1602",
      kind: "instance-state",
      at: Date.parse("2021-11-11T21:29:54Z"),
      subject: SPOT,
      message: `${SPOT} is ${state}: looking at web and vpn`,
      concerns: [
        { group: "web", member: SPOT },
        { group: "vpn", member: SPOT },
      ],
    });
  });

  it.each(["pending", "running"])("%s is ignored by name", (state) => {
    expect(changed(OLD, state)).toMatchObject({
      kind: "ignored",
      concerns: [],
      message: `${OLD} is ${state}: nothing to look at in vpn`,
    });
  });

  it("of an instance that is nobody's member is ignored, and says so", () => {
    expect(changed("i-00000000", "terminated")).toMatchObject({
      kind: "ignored",
      message: "i-00000000 is terminated; it is a member of no group",
    });
  });
});

describe("an announced end", () => {
  it("of a spot instance is the one thing an event is believed: it leaves 150 seconds after the notice", () => {
    expect(read(sample("spot-notice"))).toMatchObject({
      kind: "spot-notice",
      concerns: [
        { group: "web", member: SPOT },
        { group: "vpn", member: SPOT },
      ],
      leaving: {
        instance: SPOT,
        why: "spot interruption (terminate)",
        at: Date.parse("2026-01-01T10:02:30Z"),
      },
    });
  });

  it("of somebody else's spot instance is ignored", () => {
    const trigger = read(withDetail(sample("spot-notice"), { "instance-id": "i-00000000" }));
    expect(trigger.kind).toBe("ignored");
    expect(trigger.leaving).toBeUndefined();
  });

  it("by an Auto Scaling group is reported, and nothing is looked at", () => {
    const trigger = read(sample("lifecycle-action"));
    expect(trigger).toMatchObject({ kind: "lifecycle-action", subject: SPOT, concerns: [] });
    expect(trigger.message).toContain("my-asg is about to terminate");
    expect(trigger.message).toContain("a member of web and vpn: reported only");
  });
});

describe("an event that nothing follows from", () => {
  it.each([
    ["a rebalance recommendation", sample("rebalance"), `rebalance recommendation for ${SPOT}`],
    ["AWS Health", sample("health"), "AWS Health event: scheduled events are read from EC2 itself"],
    [
      "a change of an alarm's configuration",
      { ...sample("alarm-metric"), "detail-type": "CloudWatch Alarm Configuration Change" },
      '"CloudWatch Alarm Configuration Change" from aws.cloudwatch is no event that is looked into',
    ],
    [
      "a known detail-type from another source",
      { ...sample("instance-state"), source: "my.app" },
      "from my.app is no event",
    ],
    ["a schedule", sample("scheduled"), '"Scheduled Event" from aws.events'],
  ])("%s is named and ignored", (_, event, message) => {
    const trigger = read(event);
    expect(trigger).toMatchObject({ kind: "ignored", concerns: [] });
    expect(trigger.message).toContain(message);
  });
});

describe("a broken event", () => {
  const fields = (event: unknown) => {
    try {
      read(event);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return error.problems.map(({ path }) => path);
    }
    return [];
  };

  it.each<readonly [string, unknown, readonly string[]]>([
    ["nothing", null, [""]],
    ["a list", [], [""]],
    ["a text", "stopped", [""]],
    ["the JSON of an event as a text", JSON.stringify(sample("instance-state")), [""]],
    ["an empty map", {}, ["id", "source", "detail-type", "time"]],
    ["an alarm's own Lambda action", sample("alarm-action"), ["id", "detail-type"]],
    ["a time that is none", { ...sample("health"), time: "yesterday" }, ["time"]],
    ["a time that can't be", { ...sample("health"), time: "2026-13-01T10:00:00Z" }, ["time"]],
    ["an alarm without detail", { ...sample("alarm-metric"), detail: undefined }, ["detail"]],
    [
      "an alarm without its name and state",
      { ...sample("alarm-metric"), detail: {} },
      ["detail.alarmName", "detail.state"],
    ],
    [
      "an unknown state of an alarm",
      withDetail(sample("alarm-metric"), { state: { value: "Alarm" } }),
      ["detail.state.value"],
    ],
    [
      "an unknown state of an instance",
      withDetail(sample("instance-state"), { state: "stop" }),
      ["detail.state"],
    ],
    [
      "an instance id that is none",
      withDetail(sample("instance-state"), { "instance-id": "web" }),
      ["detail.instance-id"],
    ],
    [
      "AWS's placeholder in a spot notice",
      withDetail(sample("spot-notice"), { "instance-action": "action" }),
      ["detail.instance-action"],
    ],
    [
      "a lifecycle action of nothing",
      { ...sample("lifecycle-action"), detail: {} },
      ["detail.EC2InstanceId", "detail.AutoScalingGroupName"],
    ],
  ])("%s is refused, every wrong field named", (_, event, expected) => {
    expect(fields(event)).toEqual(expected);
  });

  it("is told with an example that can be copied as it stands", () => {
    expect(() => read({})).toThrow("time: is missing — add for example time: 2026-01-01T10:00:00Z");
  });

  it("is told with what would be allowed", () => {
    const event = withDetail(sample("instance-state"), { state: "stop" });
    expect(() => read(event)).toThrow(
      "not an instance state change: detail.state: must be pending, running, stopping, stopped, shutting-down or " +
        'terminated, is "stop"',
    );
  });
});

describe("a prober's answer", () => {
  const event = sample("probe-verdict");
  type Detail = Record<"requestContext" | "responsePayload", Record<string, unknown>>;
  const detail = event.detail as Detail;
  const by = (functionArn: string, change: object = {}) =>
    read({ ...withDetail(event, { requestContext: { ...detail.requestContext, functionArn } }), ...change });
  const saying = (responsePayload: unknown) => () => read(withDetail(event, { responsePayload }));
  const ARN = String(detail.requestContext.functionArn);

  it("concerns the groups that it probes, and carries what it says of them", () => {
    const { verdicts } = detail.responsePayload;
    expect(read(event)).toEqual({
      id: event.id,
      kind: "probe",
      at: Date.parse("2026-11-25T19:39:10Z"),
      subject: "probe",
      message: `verdict of probe: web floating is silent (no answer within 2 s); web ${SPOT} is silent (no answer within 2 s)`,
      concerns: [{ group: "web" }],
      verdicts,
    });
  });

  it("says nothing of groups and members that it does not probe", () => {
    const { verdicts } = detail.responsePayload as { verdicts: Record<string, { members: object }> };
    const more = {
      ...verdicts.web,
      members: { ...verdicts.web?.members, [OLD]: { says: "silent", since: 1, detail: "" } },
    };
    const trigger = saying({ verdicts: { web: more, vpn: more, gone: more } })();
    expect(trigger.verdicts).toEqual(verdicts);
  });

  it.each([
    ["another function of the stack", ARN.replace("-probe:", "-sweep:")],
    ["a prober that the configuration does not have", ARN.replace("-probe:", "-probe2:")],
    ["another stage", ARN.replace("-dev-", "-prod-")],
    ["another account", ARN.replace("123456789012", "210987654321")],
    ["another Region", ARN.replace("eu-west-1", "us-east-1")],
    ["another service", ARN.replace(":lambda:", ":states:")],
  ])("of %s is ignored", (_, functionArn) => {
    const trigger = by(functionArn);
    expect(trigger).toMatchObject({ kind: "ignored", concerns: [] });
    expect(trigger.verdicts).toBeUndefined();
  });

  it("in another partition is one of ours too", () => {
    expect(by(ARN.replace("arn:aws:", "arn:aws-cn:")).kind).toBe("probe");
  });

  it.each([
    ["no answer at all", null, /responsePayload/],
    ["no verdicts", {}, /responsePayload\.verdicts/],
    [
      "another word",
      { verdicts: { web: { at: 1, members: { a: { says: "dead", since: 1, detail: "" } } } } },
      /says: must be serving, silent or unknown/,
    ],
    ["a time in words", { verdicts: { web: { at: "now", members: {} } } }, /verdicts\.web\.at/],
  ])("with %s is refused", (_, responsePayload, says) => {
    expect(saying(responsePayload)).toThrow(BadRequest);
    expect(saying(responsePayload)).toThrow(says);
  });

  it("of an invocation that failed is no answer", () => {
    const failed = { ...detail.requestContext, condition: "RetriesExhausted" };
    expect(() => read(withDetail(event, { requestContext: failed }))).toThrow(/condition/);
  });
});
