/**
 * The controller's own alarms and its dashboard, held against what the code counts: the lines that a tally writes go
 * through the embedded metric format into the embedded CloudWatch, minute by minute, in virtual time.
 */

import { Metrics } from "@aws-lambda-powertools/metrics";
import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { controllerAlarms } from "../deploy/resources/controller-alarms.ts";
import { dashboard } from "../deploy/resources/dashboard.ts";
import { CloudWatch } from "../local/cloudwatch/cloudwatch.ts";
import { embeddedMetrics, lambdaMetrics, type Measured } from "../local/lambda/embedded-metrics.ts";
import { Queue } from "../local/messages/queues.ts";
import { seeded } from "../local/random.ts";
import { parseConfig } from "../shared/config/parse.ts";
import { emptyMemory } from "../shared/memory.ts";
import { METRICS, type Metric, NAMESPACE, Tally } from "../shared/metrics.ts";
import type { Report } from "../shared/report.ts";

const PLACE = { stack: "nat-prod" };
const GROUPS = {
  nat: {
    interfaces: [{ eni: "eni-00000000000000001", deviceIndex: 1 }],
    members: [{ instance: "i-00000001" }, { instance: "i-00000002" }],
  },
};
const CONFIG = parseConfig(JSON.stringify({ groups: GROUPS }), { path: "c.json", ...PLACE });
const QUEUE = new Queue("dead-letters", { account: "123456789012", region: "eu-west-1" });
/** As CloudFormation resolves it: what is referred to is a name or an ARN. */
const resolved = <T>(properties: unknown): T =>
  JSON.parse(JSON.stringify(properties), (_, value) =>
    value?.["Fn::GetAtt"] === undefined ? (value?.Ref ?? value) : QUEUE.name,
  );
const ALARMS = Object.values(controllerAlarms(CONFIG, PLACE)).map(({ Properties }) =>
  resolved<PutMetricAlarmInput>(Properties),
);

const START = Date.UTC(2026, 0, 5, 10, 0, 20);
const MINUTE = 60_000;
const well: Report = {
  group: "nat",
  outcome: "held",
  because: "healthy",
  message: "",
  interfaces: { "eni-1": "i-1" },
  phases: {},
  evidence: [],
  notify: false,
  standbys: 1,
};

let cloudwatch: CloudWatch;
let now: number;
let memory = emptyMemory();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  now = START;
  memory = emptyMemory();
  cloudwatch = new CloudWatch({
    account: "123456789012",
    region: "eu-west-1",
    random: seeded(1),
    sources: () => [QUEUE.visibleMessages()],
  });
  for (const alarm of ALARMS) cloudwatch.call("PutMetricAlarm", alarm, now);
  cloudwatch.evaluate(now);
});

afterEach(() => {
  QUEUE.messages.splice(0);
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** What CloudWatch takes out of the log of an invocation that counts so. */
function logged(count: (tally: Tally) => void): Measured[] {
  const tally = new Tally();
  count(tally);
  const written = vi.spyOn(console, "log").mockImplementation(() => undefined);
  tally.publish(new Metrics({ namespace: NAMESPACE, serviceName: PLACE.stack }));
  const lines = written.mock.calls.map(([line]) => String(line));
  written.mockRestore();
  return lines.flatMap(embeddedMetrics);
}

const sweep = (report: Report = well) =>
  logged((tally) => {
    tally.report(report);
    tally.sweep([report], { whole: true, memory, now });
  });

/** Lets minutes pass, in each of which this is measured. Answers the alarms that ring at their end. */
function pass(minutes: number, measure: () => readonly Measured[] = sweep): string[] {
  for (let minute = 0; minute < minutes; minute += 1) {
    vi.setSystemTime(now + 10_000);
    cloudwatch.measure(measure());
    now += MINUTE;
    cloudwatch.evaluate(now);
  }
  const names = ALARMS.map(({ AlarmName = "" }) => AlarmName);
  const ringing = names.filter((name) => cloudwatch.stateTruth(name) === "ALARM");
  return ringing.map((name) => name.slice(`${PLACE.stack}-controller-`.length));
}

describe("the controller's own alarms", () => {
  it("are quiet while all is well, from the first minute on", () => {
    for (let minute = 0; minute < 8; minute += 1) expect(pass(1)).toEqual([]);
    const states = ALARMS.map(({ AlarmName = "" }) => cloudwatch.stateTruth(AlarmName));
    expect(new Set(states)).toEqual(new Set(["OK"]));
  });

  it("bear a sweep that comes late: none in one minute, two in the next", () => {
    pass(6);
    expect(pass(1, () => [])).toEqual([]);
    expect(pass(1, () => [...sweep(), ...sweep()])).toEqual([]);
    expect(pass(4)).toEqual([]);
  });

  it.each<{ name: string; after: number; measure: () => readonly Measured[] }>([
    { name: "no-sweep", after: 3, measure: () => [] },
    { name: "no-eligible-standby", after: 5, measure: () => sweep({ ...well, standbys: 0 }) },
    {
      name: "interface-on-nothing",
      after: 3,
      measure: () => sweep({ ...well, interfaces: { "eni-1": null } }),
    },
    {
      name: "events-unsent",
      after: 1,
      measure: () => [...sweep(), ...logged((tally) => tally.add("errors", 1, { kind: "bus" }))],
    },
    {
      name: "errors-sweep",
      after: 1,
      measure: () => [
        ...sweep(),
        ...lambdaMetrics(`${PLACE.stack}-sweep`, now, { Invocations: 1, Errors: 1 }),
      ],
    },
    {
      name: "errors-onHealthEvent",
      after: 1,
      measure: () => [...sweep(), ...lambdaMetrics(`${PLACE.stack}-onHealthEvent`, now, { Errors: 1 })],
    },
    {
      name: "throttled",
      after: 1,
      measure: () => [...sweep(), ...lambdaMetrics(`${PLACE.stack}-drill`, now, { Throttles: 1 })],
    },
  ])(
    "$name rings after $after minutes of it, not sooner, and is over with it",
    ({ name, after, measure }) => {
      pass(6);
      expect(pass(after - 1, measure)).toEqual([]);
      expect(pass(1, measure)).toEqual([name]);
      expect(pass(30, measure)).toEqual([name]);
      expect(pass(3)).toEqual([]);
    },
  );

  it("a dead letter rings until it is taken out of the queue", () => {
    pass(6);
    QUEUE.send("{}");
    expect(pass(2)).toEqual(["dead-letters"]);
    expect(pass(60)).toEqual(["dead-letters"]);
    QUEUE.messages.splice(0);
    expect(pass(2)).toEqual([]);
  });

  it("a refusal that an operator gets is no error of the controller", () => {
    pass(6);
    const refused = ["failover", "drill", "doctor"].map((name) => `${PLACE.stack}-${name}`);
    const measure = () => [...sweep(), ...refused.flatMap((name) => lambdaMetrics(name, now, { Errors: 1 }))];
    expect(pass(5, measure)).toEqual([]);
  });
});

/** `namespace name {dimension names}` of what an alarm or a graph asks for. */
const asked = (namespace: unknown, name: unknown, dimensions: readonly unknown[]) =>
  `${namespace} ${name} {${[...dimensions].sort().join(", ")}}`;

describe("no name can drift: what is asked for is what is counted, with the very same dimensions", () => {
  const counted = new Set(
    Object.entries(METRICS).map(([name, { dimensions }]) =>
      asked(NAMESPACE, name, ["service", ...dimensions]),
    ),
  );

  it("by the alarms", () => {
    const own = ALARMS.flatMap(({ Metrics: queries = [], ...alarm }) => [
      ...(alarm.MetricName === undefined ? [] : [alarm]),
      ...queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []),
    ]).filter(({ Namespace }) => Namespace === NAMESPACE);
    const names = own.map(({ MetricName, Dimensions = [] }) =>
      asked(
        NAMESPACE,
        MetricName,
        Dimensions.map(({ Name }) => Name),
      ),
    );
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !counted.has(name))).toEqual([]);
    for (const { Dimensions = [] } of own)
      expect(Dimensions).toContainEqual({ Name: "service", Value: PLACE.stack });
  });

  it("by the dashboard, which shows all of them, and every phase", () => {
    const body = dashboard(CONFIG, PLACE).Properties.DashboardBody as { "Fn::Sub": [string] };
    const { widgets } = JSON.parse(body["Fn::Sub"][0].replace(/\$\{[^}]+\}/g, "x")) as {
      widgets: { properties: { metrics?: (string | { expression?: string })[][] } }[];
    };
    const drawn = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    const plain = drawn.filter(([namespace]) => namespace === NAMESPACE);
    const searched = drawn.flatMap(([query]) => {
      const { expression = "" } = typeof query === "object" ? query : {};
      const found =
        /^SEARCH\('\{(.+?),(.+)\} MetricName="(.+)" service="nat-prod"(?: NOT because="healthy")?', '.+', 300\)$/.exec(
          expression,
        );
      return found === null ? [] : [asked(found[1], found[3], found[2]?.split(",") ?? [])];
    });
    const named = plain.map(([namespace, name, ...rest]) =>
      asked(
        namespace,
        name,
        rest.filter((one, at) => typeof one === "string" && at % 2 === 0),
      ),
    );
    expect(new Set([...named, ...searched])).toEqual(counted);
    const phases = plain.filter(([, name]) => name === ("phaseMilliseconds" satisfies Metric));
    expect(phases.map((one) => one[5])).toEqual([
      "decided",
      "claimed",
      "detachAsked",
      "detached",
      "attachAsked",
      "inUse",
      "fenceAsked",
      "fenced",
      "settled",
    ]);
  });
});
