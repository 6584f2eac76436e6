/** What is counted, and how much of it CloudWatch would bill. */
import { Metrics } from "@aws-lambda-powertools/metrics";
import { expect, it, vi } from "vitest";
import { drillReport } from "../shared/drill/report.ts";
import { emptyMemory } from "../shared/memory.ts";
import { METRICS, Tally } from "../shared/metrics.ts";
import type { Report } from "../shared/report.ts";
import { groupOf } from "./core/scene.ts";

const held = (change: Partial<Report> = {}): Report => ({
  group: "nat-a",
  outcome: "held",
  because: "healthy",
  message: "",
  interfaces: { "eni-1": "i-1" },
  phases: {},
  evidence: [],
  notify: false,
  standbys: 1,
  ...change,
});

interface Line {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly { Namespace: string; Dimensions: string[][]; Metrics: object[] }[];
  };
  readonly [name: string]: unknown;
}

/** The lines that a tally writes, without their envelopes. */
function lines(tally: Tally): Record<string, unknown>[] {
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  const written = vi.spyOn(console, "log").mockImplementation(() => undefined);
  tally.publish(new Metrics({ namespace: "EniFailover", serviceName: "eni-failover-dev" }));
  const texts = written.mock.calls.map(([text]) => JSON.parse(text) as Line);
  written.mockRestore();
  vi.unstubAllEnvs();
  return texts.map(({ _aws, ...values }) => {
    const [dimensions = []] = _aws.CloudWatchMetrics[0]?.Dimensions ?? [];
    expect(dimensions).toContain("service");
    return values;
  });
}

it("a quiet sweep of 400 groups is a line a metric, whatever the number of groups", () => {
  const tally = new Tally();
  const memory = emptyMemory();
  const reports = Array.from({ length: 400 }, (_, at) => held({ group: `g-${at}` }));
  for (const report of reports) tally.report(report);
  tally.sweep([], { whole: true, memory, now: 0 });
  expect(lines(tally)).toHaveLength(4);
  for (const report of reports) tally.report(report);
  tally.sweep(reports, { whole: true, memory, now: 60_000 });
  expect(lines(tally)).toEqual([
    { service: "eni-failover-dev", because: "healthy", holds: 400 },
    { service: "eni-failover-dev", sweeps: 1 },
    { service: "eni-failover-dev", sweepGapSeconds: 60 },
    { service: "eni-failover-dev", groupsWithoutStandby: 0 },
    { service: "eni-failover-dev", interfacesOnNothing: 0 },
  ]);
  expect(lines(tally)).toEqual([]);
});

it("groups that nobody could take, and interfaces that nobody has, are counted by every sweep", () => {
  const tally = new Tally();
  const reports = [
    held({ standbys: 0 }),
    held({ interfaces: { "eni-1": null, "eni-2": "i-1", "eni-3": null } }),
  ];
  tally.sweep(reports, { whole: false, memory: emptyMemory(), now: 0 });
  expect(lines(tally)).toEqual([
    { service: "eni-failover-dev", groupsWithoutStandby: 1 },
    { service: "eni-failover-dev", interfacesOnNothing: 2 },
  ]);
});

it("a move is counted by outcome and because, and its phases are timed each since the one before", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const phases = { detected: at(0), decided: at(60), claimed: at(60.5), detachAsked: at(61), inUse: at(70) };
  const tally = new Tally();
  tally.report(held({ outcome: "moved", because: "active-failing", phases }));
  const found = lines(tally).map(({ service: _, ...rest }) => rest);
  expect(found).toEqual([
    { outcome: "moved", because: "active-failing", moves: 1 },
    { phase: "decided", phaseMilliseconds: 60_000 },
    { phase: "claimed", phaseMilliseconds: 500 },
    { phase: "detachAsked", phaseMilliseconds: 500 },
    { phase: "inUse", phaseMilliseconds: 9_000 },
    { recoveryMilliseconds: 70_000 },
  ]);
});

it("a plan that was only asked for is no hold", () => {
  const tally = new Tally();
  tally.report(held({ outcome: "planned", plan: { planId: "p", steps: [], permissions: [] } }));
  expect(lines(tally)).toEqual([]);
  tally.report(held({ outcome: "planned", because: "active-dead" }));
  expect(lines(tally)).toMatchObject([{ because: "active-dead", holds: 1 }]);
});

it("a drill that did not come to its move is no failed move; a move that came first was counted by its own look", () => {
  const tally = new Tally();
  const asked = { id: "d", alarm: "a", from: "m1", by: "anna", since: 0, until: 1 };
  for (const outcome of ["failed", "superseded", "held"] as const) {
    const end = { at: 1, outcome, because: "active-dead", message: "" } as const;
    tally.report(drillReport(groupOf(), { ...asked, end }, {}));
  }
  expect(lines(tally)).toEqual([]);
});

it("no metric has a dimension of which there are hundreds", () => {
  const dimensions = Object.values(METRICS).flatMap((metric) => metric.dimensions);
  expect([...new Set(dimensions)].sort()).toEqual(["because", "kind", "outcome", "phase"]);
});
