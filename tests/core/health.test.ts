import { describe, expect, it } from "vitest";
import {
  alarmEvidence,
  EC2_CHECKS,
  healthOf,
  instanceEvidence,
  isUnreachable,
} from "../../shared/core/health.ts";
import type { AlarmSeen, Health, InstanceSeen } from "../../shared/core/model.ts";
import { alarm, fact, impaired, MINUTE, NOW, POLICY, running, SECOND } from "./scene.ts";

const OK = { status: "ok" } as const;

describe("what an instance says of itself", () => {
  const rows: readonly { name: string; seen: InstanceSeen; holds?: boolean; says: Health }[] = [
    { name: "running with all checks ok is healthy", seen: running(), says: "healthy" },
    { name: "a failed read is unknown", seen: { read: "failed", error: "Throttling" }, says: "unknown" },
    { name: "an id that EC2 does not know is dead", seen: { read: "not-found" }, says: "dead" },
    {
      name: "an id that EC2 does not know, with an interface still on it, is unknown",
      seen: { read: "not-found" },
      holds: true,
      says: "unknown",
    },
    { name: "pending is unknown", seen: running({ state: "pending" }), says: "unknown" },
    { name: "stopping is dead", seen: running({ state: "stopping" }), says: "dead" },
    { name: "stopped is dead", seen: running({ state: "stopped" }), says: "dead" },
    { name: "shutting-down is dead", seen: running({ state: "shutting-down" }), says: "dead" },
    { name: "terminated is dead", seen: running({ state: "terminated" }), says: "dead" },
    { name: "running without any check is unknown", seen: running({ checks: {} }), says: "unknown" },
    {
      name: "checks that do not apply are no evidence",
      seen: running({ checks: { system: OK, ebs: { status: "not-applicable" } } }),
      says: "healthy",
    },
    {
      name: "only checks that do not apply leave it unknown",
      seen: running({ checks: { application: { status: "not-applicable" } } }),
      says: "unknown",
    },
    ...(["system", "instance", "ebs", "application"] as const).flatMap((check) => [
      {
        name: `the ${check} check impaired for as long as the policy says is failing`,
        seen: running({ checks: { system: OK, [check]: impaired(MINUTE) } }),
        says: "failing" as const,
      },
      {
        name: `the ${check} check impaired a moment less is unknown`,
        seen: running({ checks: { system: OK, [check]: impaired(MINUTE - 1) } }),
        says: "unknown" as const,
      },
      {
        name: `the ${check} check that initializes is unknown`,
        seen: running({ checks: { system: OK, [check]: { status: "initializing" } } }),
        says: "unknown" as const,
      },
      {
        name: `the ${check} check without enough data is unknown`,
        seen: running({ checks: { system: OK, [check]: { status: "insufficient-data" } } }),
        says: "unknown" as const,
      },
    ]),
    {
      name: "impaired without a time since when is unknown",
      seen: running({ checks: { instance: { status: "impaired" } } }),
      says: "unknown",
    },
  ];
  it.each(rows)("$name", ({ seen, holds, says }) => {
    expect(healthOf(instanceEvidence(seen, POLICY, holds ?? false, NOW), 1)).toBe(says);
  });

  it("impaired without a time since when is unknown even where the policy waits for nothing", () => {
    const seen = running({ checks: { instance: { status: "impaired" } } });
    const evidence = instanceEvidence(seen, { impairedSeconds: 0 }, false, NOW);
    expect(evidence).toEqual([fact("unknown", { detail: "impaired, and EC2 does not say since when" })]);
  });

  it("evidence names its source, its witness and since when", () => {
    const seen = running({
      checks: {
        system: OK,
        instance: impaired(90 * SECOND),
        ebs: { status: "initializing" },
        application: impaired(61 * SECOND),
      },
    });
    expect(instanceEvidence(seen, POLICY, false, NOW)).toEqual([
      { source: "system-check", witness: EC2_CHECKS, says: "healthy", detail: "ok", since: NOW },
      {
        source: "instance-check",
        witness: EC2_CHECKS,
        says: "failing",
        detail: "impaired for 90 s",
        since: NOW - 90 * SECOND,
      },
      { source: "ebs-check", witness: EC2_CHECKS, says: "unknown", detail: "initializing", since: NOW },
      {
        source: "application-check",
        witness: "application-check",
        says: "failing",
        detail: "impaired for 61 s",
        since: NOW - 61 * SECOND,
      },
    ]);
  });

  it.each([
    [{ read: "failed", error: "Throttling" }, "could not be read: Throttling"],
    [{ read: "not-found" }, "EC2 does not know this instance"],
    [running({ state: "stopping" }), "instance is stopping"],
    [running({ state: "pending" }), "instance is pending"],
    [running({ checks: {} }), "running, but without any status check"],
  ] satisfies [InstanceSeen, string][])("%j is told as one fact of its state", (seen, detail) => {
    const [only, ...more] = instanceEvidence(seen, POLICY, false, NOW);
    expect(only).toMatchObject({ source: "instance-state", witness: EC2_CHECKS, detail, since: NOW });
    expect(more).toEqual([]);
  });

  it("an impairment that EC2 dates after our clock has lasted no time at all", () => {
    const seen = running({ checks: { system: impaired(-5 * SECOND) } });
    expect(instanceEvidence(seen, POLICY, false, NOW)).toMatchObject([
      { says: "unknown", detail: "impaired for 0 s" },
    ]);
  });
});

describe("what an alarm says", () => {
  const rows: readonly { name: string; seen: Partial<AlarmSeen>; fine: boolean; says?: Health }[] = [
    { name: "in ALARM: failing", seen: {}, fine: true, says: "failing" },
    {
      name: "in ALARM while the checks are not fine: failing",
      seen: {},
      fine: false,
      says: "failing",
    },
    { name: "OK: no evidence", seen: { state: "OK" }, fine: true },
    { name: "OK while the checks are not fine: no evidence", seen: { state: "OK" }, fine: false },
    { name: "in ALARM but suppressed: no evidence", seen: { suppressed: true }, fine: false },
    { name: "in ALARM but muted: no evidence", seen: { muted: true }, fine: false },
    {
      name: "in ALARM and known not to be muted: failing",
      seen: { muted: false },
      fine: true,
      says: "failing",
    },
    { name: "no data, checks fine: no evidence", seen: { state: "INSUFFICIENT_DATA" }, fine: true },
    {
      name: "no data, checks not fine: unknown",
      seen: { state: "INSUFFICIENT_DATA" },
      fine: false,
      says: "unknown",
    },
    {
      name: "no data, checks not fine, but suppressed: no evidence",
      seen: { state: "INSUFFICIENT_DATA", suppressed: true },
      fine: false,
    },
  ];
  it.each(rows)("$name", ({ seen, fine, says }) => {
    const evidence = alarmEvidence(alarm("conntrack-full", seen), fine);
    expect(evidence?.says).toBe(says);
    expect(evidence === undefined).toBe(says === undefined);
  });

  it("evidence of an alarm carries its name, its own witness and its transition", () => {
    expect(alarmEvidence(alarm("conntrack-full"), true)).toEqual({
      source: "alarm:conntrack-full",
      witness: "alarm:conntrack-full",
      says: "failing",
      detail: "in ALARM",
      since: NOW - MINUTE,
    });
    expect(alarmEvidence(alarm("quiet", { state: "INSUFFICIENT_DATA" }), false)).toEqual({
      source: "alarm:quiet",
      witness: "alarm:quiet",
      says: "unknown",
      detail: "has insufficient data",
      since: NOW - MINUTE,
    });
  });

  it("an alarm on the status checks is the same witness as the checks", () => {
    expect(alarmEvidence(alarm("status", { onStatusChecks: true }), true)?.witness).toBe(EC2_CHECKS);
  });

  it("an alarm on the application check is the same witness as that check", () => {
    const seen = alarmEvidence(alarm("app", { onApplicationCheck: true }), true);
    expect(seen?.witness).toBe("application-check");
  });
});

describe("from evidence to health", () => {
  const failing = (witness: string) => fact("failing", { witness });
  const rows: readonly { name: string; evidence: readonly Health[]; says: Health }[] = [
    { name: "no evidence is unknown", evidence: [], says: "unknown" },
    { name: "healthy alone is healthy", evidence: ["healthy"], says: "healthy" },
    { name: "unknown beats healthy", evidence: ["healthy", "unknown"], says: "unknown" },
    { name: "failing beats unknown", evidence: ["healthy", "unknown", "failing"], says: "failing" },
    { name: "dead beats failing", evidence: ["healthy", "unknown", "failing", "dead"], says: "dead" },
  ];
  it.each(rows)("$name", ({ evidence, says }) => {
    expect(
      healthOf(
        evidence.map((one) => fact(one)),
        1,
      ),
    ).toBe(says);
    expect(
      healthOf(
        evidence.toReversed().map((one) => fact(one)),
        1,
      ),
    ).toBe(says);
  });

  it.each([
    { name: "one witness of two asked for is unknown", witnesses: ["a"], says: "unknown" },
    { name: "the same witness twice counts once", witnesses: ["a", "a"], says: "unknown" },
    { name: "two witnesses of two are failing", witnesses: ["a", "b"], says: "failing" },
    { name: "three witnesses of two are failing", witnesses: ["a", "b", "c"], says: "failing" },
  ])("$name", ({ witnesses, says }) => {
    expect(healthOf([fact("healthy"), ...witnesses.map(failing)], 2)).toBe(says);
  });

  it("dead needs one witness, whatever the policy asks for", () => {
    expect(healthOf([fact("dead")], 2)).toBe("dead");
  });

  it("nothing failing is not failing, even where no witness is asked for", () => {
    expect(healthOf([fact("healthy")], 0)).toBe("healthy");
  });
});

describe("a guest that does not answer", () => {
  it.each([
    {
      name: "its instance check is impaired",
      seen: running({ checks: { instance: impaired(1) } }),
      is: true,
    },
    { name: "its system check is impaired", seen: running({ checks: { system: impaired(1) } }), is: true },
    { name: "only its EBS check is impaired", seen: running({ checks: { ebs: impaired(1) } }), is: false },
    { name: "all is ok", seen: running(), is: false },
    {
      name: "it is stopping",
      seen: running({ state: "stopping", checks: { system: impaired(1) } }),
      is: false,
    },
    { name: "it could not be read", seen: { read: "failed", error: "x" } as const, is: false },
  ])("$name: unreachable is $is", ({ seen, is }) => {
    expect(isUnreachable(seen)).toBe(is);
  });
});
