/**
 * Goal: events reach the targets of the rules that match, as EventBridge delivers them, or the dead letters.
 * Method: a bus whose destinations only write down what they are sent; asserted on is what arrived where.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Bus, type BusOptions } from "../../local/events/bus.ts";
import { Delivery } from "../../local/events/delivery.ts";
import { Events } from "../../local/events/events.ts";
import { inputFor, type Target } from "../../local/events/rule.ts";
import { Journal } from "../../local/journal.ts";
import { DeliveryError, Destinations } from "../../local/messages/destinations.ts";
import { seeded } from "../../local/random.ts";

const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:onHealthEvent";
const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:dead";
const PATTERN = JSON.stringify({ source: ["my.app"] });
const emitted = { source: "my.app", detailType: "Changed", detail: { state: "stopped", n: 1 } };

interface Arrival {
  readonly at: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  readonly cause: string | undefined;
}

let journal: Journal;
let lost: string[];
let arrived: Arrival[];
let refuse: (service: string) => DeliveryError | undefined;
let bus: Bus;
let events: Events;

function makeBus(more: Partial<BusOptions> = {}): void {
  const destinations = new Destinations();
  for (const service of ["lambda", "sqs"]) {
    destinations.register(service, (_arn, _sender, { body, attributes = {}, cause }) => {
      const error = refuse(service);
      if (error !== undefined) throw error;
      arrived.push({ at: service, body: JSON.parse(body), attributes, cause });
    });
  }
  const onLost = (rule: string, why: string) => void lost.push(`${rule}: ${why}`);
  const delivery = new Delivery({ destinations, firstRetryMs: 2, onLost });
  const place = { account: "123456789012", region: "eu-west-1", random: seeded(1) };
  bus = new Bus({ place, journal, delivery, latency: { medianMs: 0, p99Ms: 0 }, ...more });
  events = new Events(bus);
}

function rule(name: string, more: Partial<Target> = {}, eventPattern = PATTERN): void {
  bus.putRule({ name, eventPattern });
  bus.putTargets(name, [{ id: "t", arn: FUNCTION, deadLetter: QUEUE, ...more }]);
}

beforeEach(() => {
  journal = new Journal();
  lost = [];
  arrived = [];
  refuse = () => undefined;
  makeBus();
});

afterEach(() => {
  bus.close();
  vi.useRealTimers();
});

describe("an event", () => {
  it("reaches the target of the rule that matches, in its envelope, and of no other", async () => {
    rule("mine");
    rule("other", {}, JSON.stringify({ source: ["other.app"] }));
    const at = Date.parse("2026-11-24T10:00:00.9Z");
    const id = bus.emit({ ...emitted, resources: ["r"], at }, undefined);
    await bus.idle();
    const body = {
      version: "0",
      id,
      "detail-type": "Changed",
      source: "my.app",
      account: "123456789012",
      time: "2026-11-24T10:00:00Z",
      region: "eu-west-1",
      resources: ["r"],
      detail: { state: "stopped", n: 1 },
    };
    expect(arrived).toMatchObject([{ at: "lambda", body }]);
  });

  it("leaves in the journal which rule it matched, and the delivery follows from that", async () => {
    rule("mine");
    const cause = journal.add({ kind: "alarm", cause: undefined, at: 0, subject: "a", detail: {} });
    bus.emit(emitted, cause);
    await bus.idle();
    const chain = journal.chain(arrived[0]?.cause ?? "").map(({ kind, subject }) => `${kind} ${subject}`);
    expect(chain).toEqual(["rule mine", "event Changed", "alarm a"]);
  });

  it("reaches nobody while the rule is disabled", async () => {
    rule("mine");
    bus.setState("mine", "DISABLED");
    bus.emit(emitted, undefined);
    bus.setState("mine", "ENABLED");
    await bus.idle();
    expect(arrived).toEqual([]);
  });

  it("may be delivered twice", async () => {
    makeBus({ duplicates: 1 });
    rule("mine");
    bus.emit(emitted, undefined);
    await bus.idle();
    expect(arrived).toHaveLength(2);
  });
});

describe("a delivery", () => {
  it("that the target throttles is tried again", async () => {
    let left = 2;
    refuse = (service) =>
      service === "lambda" && left-- > 0 ? new DeliveryError("THROTTLING", "Rate exceeded") : undefined;
    rule("mine");
    bus.emit(emitted, undefined);
    await bus.idle();
    expect(arrived.map(({ at }) => at)).toEqual(["lambda"]);
  });

  const burials: [string, DeliveryError["code"], Target["retryPolicy"], Record<string, string>][] = [
    [
      "that is not allowed",
      "NO_PERMISSIONS",
      undefined,
      { ERROR_CODE: "NO_PERMISSIONS", RETRY_ATTEMPTS: "0" },
    ],
    ["to what is not there", "NO_RESOURCE", undefined, { ERROR_CODE: "NO_RESOURCE", RETRY_ATTEMPTS: "0" }],
    [
      "that has had its retries",
      "THROTTLING",
      { maximumRetryAttempts: 2 },
      { RETRY_ATTEMPTS: "2", EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts" },
    ],
    [
      "that has grown too old",
      "THROTTLING",
      { maximumEventAgeSeconds: 0 },
      { RETRY_ATTEMPTS: "0", EXHAUSTED_RETRY_CONDITION: "MaximumEventAgeInSeconds" },
    ],
  ];

  it.each(burials)("%s goes to the dead letters", async (_, code, retryPolicy, attributes) => {
    refuse = (service) => (service === "lambda" ? new DeliveryError(code, "no") : undefined);
    rule("mine", retryPolicy === undefined ? {} : { retryPolicy });
    bus.emit(emitted, undefined);
    await bus.idle();
    expect(arrived).toMatchObject([{ at: "sqs", body: { source: "my.app" } }]);
    expect(arrived[0]?.attributes).toMatchObject({
      RULE_ARN: bus.arn("mine"),
      TARGET_ARN: FUNCTION,
      ...attributes,
    });
  });

  it("that nothing takes is lost, and that is told", async () => {
    refuse = () => new DeliveryError("NO_PERMISSIONS", "no");
    rule("mine");
    bus.emit(emitted, undefined);
    await bus.idle();
    expect(lost).toEqual(["mine: no; and the dead letter queue refused it: no"]);
  });
});

describe("a schedule", () => {
  it("comes due on wall time, with no cause but itself, until it is disabled", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-11-24T10:00:30Z") });
    bus.putRule({ name: "sweep", scheduleExpression: "rate(1 minute)" });
    bus.putTargets("sweep", [{ id: "t", arn: FUNCTION }]);
    await vi.advanceTimersByTimeAsync(125_000);
    bus.setState("sweep", "DISABLED");
    await vi.advanceTimersByTimeAsync(300_000);
    const times = arrived.map(({ body }) => (body as { time: string }).time);
    expect(times).toEqual(["2026-11-24T10:01:30Z", "2026-11-24T10:02:30Z"]);
    expect(arrived[0]?.body).toMatchObject({
      source: "aws.events",
      "detail-type": "Scheduled Event",
      resources: [bus.arn("sweep")],
      detail: {},
    });
    expect(journal.chain(arrived[0]?.cause ?? "")).toHaveLength(1);
  });

  it("that is put anew runs by its new expression alone", async () => {
    vi.useFakeTimers({ now: 0 });
    bus.putRule({ name: "sweep", scheduleExpression: "rate(1 minute)" });
    bus.putRule({ name: "sweep", scheduleExpression: "rate(5 minutes)" });
    bus.putTargets("sweep", [{ id: "t", arn: FUNCTION }]);
    await vi.advanceTimersByTimeAsync(601_000);
    expect(arrived).toHaveLength(2);
  });
});

describe("what a target is sent", () => {
  const about = { name: "r", arn: "arn:r" };
  const event = { source: "my.app", detail: { state: "stopped", n: 1, list: ["a", "b"], said: 'a "word"' } };
  const target = { id: "t", arn: FUNCTION };
  const transformer = (template: string, paths: Record<string, string> = {}): Target => ({
    ...target,
    inputTransformer: { paths, template },
  });
  const paths = { s: "$.detail.state", n: "$.detail.n", q: "$.detail.said", x: "$.detail.gone" };

  it.each<[string, Target, string]>([
    ["the event", target, JSON.stringify(event)],
    ["a constant", { ...target, input: '{"a":1}' }, '{"a":1}'],
    ["a part of the event", { ...target, inputPath: "$.detail.list[1]" }, '"b"'],
    [
      "values outside of quotes as JSON",
      transformer('{"s": <s>, "n": <n>, "x": <x>}', paths),
      '{"s": "stopped", "n": 1, "x": null}',
    ],
    [
      "values inside of quotes as text",
      transformer('"<s> (<n>) <x>by <aws.events.rule-name>: <q>"', paths),
      '"stopped (1) by r: a \\"word\\""',
    ],
    ["a name that is none of the map's as it is written", transformer('"<unknown>"'), '"<unknown>"'],
  ])("is %s", (_, given, sent) => {
    expect(inputFor(given, event, about)).toBe(sent);
  });
});

describe("EventBridge's API", () => {
  interface Put {
    readonly FailedEntryCount: number;
    readonly Entries: readonly { readonly EventId?: string; readonly ErrorCode?: string }[];
  }
  const put = (...Entries: object[]) => events.call("PutEvents", { Entries }, undefined) as Put;
  const call = (operation: string, input: object) => events.call(operation, input, undefined);
  const good = { Source: "my.app", DetailType: "Changed", Detail: '{"a":1}' };

  it("takes each entry by itself", async () => {
    rule("mine");
    const answer = put(
      good,
      { ...good, Detail: "[]" },
      { ...good, Source: "aws.ec2" },
      { ...good, DetailType: "" },
    );
    await bus.idle();
    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      "InvalidArgument",
    ]);
    expect(arrived).toMatchObject([{ body: { id: answer.Entries[0]?.EventId, detail: { a: 1 } } }]);
  });

  it("answers what rules and targets there are", () => {
    call("PutRule", { Name: "mine", EventPattern: PATTERN, Description: "d" });
    call("PutTargets", { Rule: "mine", Targets: [{ Id: "t", Arn: FUNCTION }] });
    call("DisableRule", { Name: "mine" });
    expect(call("DescribeRule", { Name: "mine" })).toMatchObject({
      Arn: bus.arn("mine"),
      State: "DISABLED",
      EventPattern: PATTERN,
    });
    expect(call("ListRuleNamesByTarget", { TargetArn: FUNCTION })).toEqual({ RuleNames: ["mine"] });
    expect(() => call("DeleteRule", { Name: "mine" })).toThrow(/has targets/);
    call("RemoveTargets", { Rule: "mine", Ids: ["t"] });
    call("DeleteRule", { Name: "mine" });
    expect(call("ListRules", {})).toEqual({ Rules: [] });
  });

  it.each<[string, string, object, string]>([
    ["a rule that does not exist", "DescribeRule", { Name: "gone" }, "ResourceNotFoundException"],
    ["a rule that neither matches nor comes due", "PutRule", { Name: "r" }, "ValidationException"],
    ["a pattern that is none", "PutRule", { Name: "r", EventPattern: "{}" }, "InvalidEventPatternException"],
    ["another event bus", "PutRule", { Name: "r", EventBusName: "mine" }, "ResourceNotFoundException"],
    ["no entries", "PutEvents", { Entries: [] }, "ValidationException"],
    ["what is not emulated", "CreateArchive", {}, "UnknownOperationException"],
  ])("refuses %s", (_, operation, input, code) => {
    expect(() => call(operation, input)).toThrow(expect.objectContaining({ code }));
  });

  it("asks for every entry of PutEvents whether its source and detail type are allowed", () => {
    const keys = {
      "events:source": ["my.app"],
      "events:detail-type": ["Changed"],
      "events:eventbusinvocation": ["false"],
    };
    const resource = "arn:aws:events:eu-west-1:123456789012:event-bus/default";
    expect(events.access("PutEvents", { Entries: [good] })).toEqual([
      { action: "events:PutEvents", resource, keys },
    ]);
  });
});
