/** Instances: their states, their status checks, what breaks them, and what the journal says of it. */
import type { Reservation, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import type { Ec2 } from "../../local/ec2/ec2.ts";
import {
  attach,
  cloud,
  detach,
  floating,
  instanceSeen,
  interfaceSeen,
  minute,
  one,
  other,
  refusal,
  second,
  start,
  stateOf,
  statusSeen,
  two,
} from "./ec2-fixture.ts";

function stateSeen(ec2: Ec2, id: string, now: number) {
  return instanceSeen(ec2, id, now)?.State;
}

/** When the check of the instance that is watched each second first says `status`, in milliseconds from `from`. */
function until(ec2: Ec2, id: string, status: string, from: number): number | undefined {
  for (let wait = 0; wait <= 10 * minute; wait += second) {
    if (statusSeen(ec2, id, from + wait)?.InstanceStatus?.Status === status) return wait;
  }
  return undefined;
}

describe("a hung instance", () => {
  it("is impaired at its second check from then, with the time of that run, and nothing else shows", () => {
    const { ec2 } = cloud();
    expect(statusSeen(ec2, one, start)).toMatchObject({
      InstanceStatus: { Status: "ok", Details: [{ Name: "reachability", Status: "passed" }] },
      SystemStatus: { Status: "ok" },
      AttachedEbsStatus: { Status: "ok" },
    });
    ec2.break({ kind: "hang", instance: one }, start);
    const wait = until(ec2, one, "impaired", start) ?? 0;
    expect(wait).toBeGreaterThan(minute);
    expect(wait).toBeLessThanOrEqual(2 * minute);
    const status = statusSeen(ec2, one, start + wait);
    expect(status?.InstanceState).toEqual({ Code: 16, Name: "running" });
    expect(status?.SystemStatus?.Status).toBe("ok");
    const [detail] = status?.InstanceStatus?.Details ?? [];
    expect(detail?.Status).toBe("failed");
    const since = detail?.ImpairedSince?.getTime() ?? 0;
    expect(since).toBeGreaterThanOrEqual(start + wait - second);
    expect(since).toBeLessThanOrEqual(start + wait);
    expect(ec2.drainEvents()).toEqual([]);
  });

  it("is found faster where the checks run more often", () => {
    const { ec2 } = cloud({ checkPeriodMs: 3_000 });
    ec2.break({ kind: "hang", instance: one }, start);
    expect(until(ec2, one, "impaired", start)).toBeLessThanOrEqual(6_000);
  });

  it("keeps its interface detaching until it is forced off", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: one }, start);
    detach(ec2, floating, start);
    expect(stateOf(ec2, floating, start + 60 * minute)).toBe("detaching");
    detach(ec2, floating, start + 60 * minute, true);
    expect(stateOf(ec2, floating, start + 60 * minute + second)).toBe("available");
  });

  it("lets go of it when it is well again, and then passes its next check", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: one }, start);
    detach(ec2, floating, start);
    ec2.break({ kind: "heal", instance: one }, start + 10 * minute);
    expect(stateOf(ec2, floating, start + 10 * minute + 3 * second)).toBe("available");
    expect(until(ec2, one, "ok", start + 10 * minute)).toBeLessThanOrEqual(minute);
  });

  it("takes an interface all the same: attached says nothing of the guest", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: two }, start);
    attach(ec2, other, two, 1, start);
    expect(stateOf(ec2, other, start + 2 * second)).toBe("attached");
  });

  it("stops late, unless it is forced", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: one }, start);
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    expect(stateSeen(ec2, one, start + 200 * second)?.Name).toBe("stopping");
    ec2.call("StopInstances", { InstanceIds: [one], Force: true }, start + 200 * second);
    expect(stateSeen(ec2, one, start + 205 * second)?.Name).toBe("stopped");
  });

  it("that was stopped by force and started again is not stopped by the first, slower stop", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: one }, start);
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    ec2.call("StopInstances", { InstanceIds: [one], Force: true }, start + minute);
    ec2.call("StartInstances", { InstanceIds: [one] }, start + 2 * minute);
    expect(stateSeen(ec2, one, start + 10 * minute)?.Name).toBe("running");
    expect(ec2.instanceTruth(one, start + 10 * minute)?.hung).toBe(false);
  });

  it("is rebooted hard only after four minutes, and is then well", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "hang", instance: one }, start);
    ec2.call("RebootInstances", { InstanceIds: [one] }, start);
    expect(ec2.instanceTruth(one, start + 4 * minute)?.hung).toBe(true);
    expect(ec2.instanceTruth(one, start + 5 * minute)?.hung).toBe(false);
    expect(statusSeen(ec2, one, start + 7 * minute)?.InstanceStatus?.Status).toBe("ok");
  });
});

describe("status checks", () => {
  it.each([
    ["system", "StatusCheckFailed_System"],
    ["instance", "StatusCheckFailed_Instance"],
    ["ebs", "StatusCheckFailed_AttachedEBS"],
  ] as const)("of the kind %s fail by themselves, and with them StatusCheckFailed", (check, metric) => {
    const { ec2 } = cloud();
    ec2.break({ kind: "impair", instance: one, check }, start);
    expect(ec2.statusMetrics(one, start)?.values).toEqual({
      StatusCheckFailed: 0,
      StatusCheckFailed_System: 0,
      StatusCheckFailed_Instance: 0,
      StatusCheckFailed_AttachedEBS: 0,
    });
    expect(ec2.statusMetrics(one, start + 2 * minute)?.values).toEqual({
      StatusCheckFailed: 1,
      StatusCheckFailed_System: 0,
      StatusCheckFailed_Instance: 0,
      StatusCheckFailed_AttachedEBS: 0,
      [metric]: 1,
    });
  });

  it("of the application are not applicable until one is set up, and do not count for StatusCheckFailed", () => {
    const { ec2 } = cloud();
    expect(statusSeen(ec2, one, start)?.ApplicationStatus).toEqual({ Status: "not-applicable" });
    ec2.break({ kind: "impair", instance: one, check: "application" }, start);
    const status = statusSeen(ec2, one, start + 2 * minute)?.ApplicationStatus;
    expect(status?.Status).toBe("impaired");
    expect(status?.ImpairedSince?.getTime()).toBeGreaterThan(start + minute);
    expect(ec2.statusMetrics(one, start + 2 * minute)?.values).toMatchObject({
      StatusCheckFailed: 0,
      StatusCheckFailed_Application: 1,
    });
  });

  it("fail once in a reboot, which changes neither state nor launch time", () => {
    const { ec2 } = cloud();
    const before = instanceSeen(ec2, one, start)?.LaunchTime;
    ec2.call("RebootInstances", { InstanceIds: [one] }, start);
    const impaired = until(ec2, one, "impaired", start) ?? Number.NaN;
    expect(impaired).toBeLessThanOrEqual(minute);
    expect(until(ec2, one, "ok", start + impaired)).toBe(minute);
    expect(instanceSeen(ec2, one, start + 5 * minute)?.LaunchTime).toEqual(before);
    expect(ec2.drainEvents()).toEqual([]);
  });

  it("are initializing for a while after a start, and no metrics come before", () => {
    const { ec2 } = cloud();
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    expect(statusSeen(ec2, one, start + 30 * second)?.InstanceStatus).toEqual({ Status: "not-applicable" });
    ec2.call("StartInstances", { InstanceIds: [one] }, start + minute);
    const running = start + minute + 10 * second;
    expect(statusSeen(ec2, one, running)?.InstanceStatus).toEqual({
      Status: "initializing",
      Details: [{ Name: "reachability", Status: "initializing" }],
    });
    expect(ec2.instances(running)).not.toContain(one);
    expect(ec2.statusMetrics(one, running)).toBeUndefined();
    expect(statusSeen(ec2, one, running + 2 * minute)?.InstanceStatus?.Status).toBe("ok");
    expect(ec2.instances(running + 2 * minute)).toContain(one);
  });

  it("say nothing while initializing, whatever fails by then", () => {
    const { ec2 } = cloud();
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    ec2.call("StartInstances", { InstanceIds: [one] }, start + minute);
    const running = start + minute + 10 * second;
    ec2.break({ kind: "impair", instance: one, check: "system" }, running - 10 * second);
    const initialized = running + 2 * minute;
    expect(statusSeen(ec2, one, initialized - 1)?.SystemStatus?.Status).toBe("initializing");
    const { Status, Details } = statusSeen(ec2, one, initialized)?.SystemStatus ?? {};
    expect([Status, Details?.[0]?.ImpairedSince]).toEqual(["impaired", new Date(start + minute)]);
  });

  it("say nothing that EC2 has no data of, and nor do its metrics, until it has again", () => {
    const { ec2 } = cloud();
    const seen = (at: number) => {
      const { SystemStatus, InstanceStatus } = statusSeen(ec2, one, at) ?? {};
      return [SystemStatus?.Status, SystemStatus?.Details?.[0]?.Status, InstanceStatus?.Status];
    };
    ec2.break({ kind: "lose-check", instance: one, check: "system" }, start);
    expect(seen(start + minute)).toEqual(["insufficient-data", "insufficient-data", "ok"]);
    expect(ec2.statusMetrics(one, start + minute)).toBeUndefined();
    ec2.break({ kind: "lose-check", instance: two, check: "ebs" }, start + minute);
    const { values } = ec2.statusMetrics(two, start + 2 * minute) ?? {};
    expect(values).toEqual({
      StatusCheckFailed: 0,
      StatusCheckFailed_System: 0,
      StatusCheckFailed_Instance: 0,
    });
    ec2.break({ kind: "heal", instance: one }, start + 2 * minute);
    expect(seen(start + 3 * minute)).toEqual(["ok", "passed", "ok"]);
    expect(ec2.statusMetrics(one, start + 3 * minute)?.values.StatusCheckFailed).toBe(0);
  });

  it("come back after automatic recovery, on the same instance with the same launch", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "impair", instance: one, check: "system" }, start);
    ec2.break({ kind: "hang", instance: one }, start);
    const before = instanceSeen(ec2, one, start)?.LaunchTime;
    ec2.break({ kind: "auto-recover", instance: one }, start + 5 * minute);
    const after = statusSeen(ec2, one, start + 8 * minute);
    expect(after?.SystemStatus?.Status).toBe("ok");
    expect(after?.InstanceStatus?.Status).toBe("ok");
    expect(instanceSeen(ec2, one, start + 8 * minute)?.LaunchTime).toEqual(before);
    expect(stateOf(ec2, floating, start + 8 * minute)).toBe("attached");
  });
});

describe("a stop and a start", () => {
  it("keep the interface attached, and make a new launch time", () => {
    const { ec2 } = cloud();
    const stopped = ec2.call("StopInstances", { InstanceIds: [one] }, start);
    expect(stopped).toEqual({
      StoppingInstances: [
        {
          InstanceId: one,
          CurrentState: { Code: 64, Name: "stopping" },
          PreviousState: { Code: 16, Name: "running" },
        },
      ],
    });
    expect(stateSeen(ec2, one, start + 20 * second)).toEqual({ Code: 80, Name: "stopped" });
    expect(stateOf(ec2, floating, start + 20 * second)).toBe("attached");
    ec2.call("StartInstances", { InstanceIds: [one] }, start + minute);
    expect(stateSeen(ec2, one, start + minute)).toEqual({ Code: 0, Name: "pending" });
    const after = instanceSeen(ec2, one, start + 2 * minute);
    expect(after?.State).toEqual({ Code: 16, Name: "running" });
    expect(after?.LaunchTime).toEqual(new Date(start + minute));
    expect(ec2.drainEvents().map(({ state }) => state)).toEqual([
      "stopping",
      "stopped",
      "pending",
      "running",
    ]);
    expect(ec2.drainEvents()).toEqual([]);
  });

  it("allow attach and detach while stopped, and refuse them while stopping", () => {
    const { ec2 } = cloud();
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    expect(refusal(() => detach(ec2, floating, start))).toMatch(/^IncorrectState 400/);
    expect(refusal(() => attach(ec2, other, one, 2, start))).toMatch(/^IncorrectState 400/);
    attach(ec2, other, one, 2, start + minute);
    detach(ec2, floating, start + minute);
    expect(stateOf(ec2, other, start + 2 * minute)).toBe("attached");
    expect(stateOf(ec2, floating, start + 2 * minute)).toBe("available");
  });

  it("can be told to allow a detach while stopping", () => {
    const { ec2 } = cloud({ behaviour: { detachInTransition: "accepted" } });
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    expect(refusal(() => detach(ec2, floating, start))).toBe("ok");
  });
});

describe("a termination", () => {
  it("frees an interface a little after the end, and deletes one with DeleteOnTermination", () => {
    const { ec2 } = cloud();
    const primary = instanceSeen(ec2, one, start)?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
    ec2.call("TerminateInstances", { InstanceIds: [one] }, start);
    expect(stateSeen(ec2, one, start)).toEqual({ Code: 32, Name: "shutting-down" });
    const end = start + 30 * second;
    expect(stateSeen(ec2, one, end)).toEqual({ Code: 48, Name: "terminated" });
    expect(stateOf(ec2, floating, end)).toBe("attached");
    expect(refusal(() => attach(ec2, floating, two, 1, end))).toMatch(/^InvalidNetworkInterface.InUse/);
    expect(stateOf(ec2, floating, end + 4 * second)).toBe("available");
    expect(interfaceSeen(ec2, primary, end)).toBeUndefined();
    expect(
      refusal(() => ec2.call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [primary] }, end)),
    ).toBe(`InvalidNetworkInterfaceID.NotFound 400: The networkInterface ID '${primary}' does not exist`);
  });

  it("takes the floating interface with it where DeleteOnTermination is on", () => {
    const { ec2 } = cloud();
    const AttachmentId = ec2.attachmentTruth(floating, start)?.id;
    const input = { NetworkInterfaceId: floating, Attachment: { AttachmentId, DeleteOnTermination: true } };
    ec2.call("ModifyNetworkInterfaceAttribute", input, start);
    ec2.break({ kind: "terminate", instance: one }, start);
    expect(interfaceSeen(ec2, floating, start + minute)).toBeUndefined();
  });

  it("stays visible for an hour, then the instance is not found", () => {
    const { ec2 } = cloud();
    ec2.call("TerminateInstances", { InstanceIds: [one] }, start);
    expect(stateSeen(ec2, one, start + 60 * minute)?.Name).toBe("terminated");
    expect(refusal(() => stateSeen(ec2, one, start + 61 * minute))).toBe(
      `InvalidInstanceID.NotFound 400: The instance ID '${one}' does not exist`,
    );
  });
});

describe("states refuse", () => {
  it.each([
    ["to stop a terminated instance", ["TerminateInstances"], "StopInstances", /^IncorrectInstanceState/],
    ["to start one that is stopping", ["StopInstances"], "StartInstances", /^IncorrectInstanceState/],
    ["to reboot one that is stopping", ["StopInstances"], "RebootInstances", /^IncorrectInstanceState/],
    ["nothing to a second termination", ["TerminateInstances"], "TerminateInstances", /^ok/],
    ["nothing to a second stop", ["StopInstances"], "StopInstances", /^ok/],
  ])("%s", (_name, before, operation, expected) => {
    const { ec2 } = cloud();
    for (const each of before) ec2.call(each, { InstanceIds: [one] }, start);
    expect(refusal(() => ec2.call(operation, { InstanceIds: [one] }, start))).toMatch(expected);
  });

  it("a call with one bad id as a whole", () => {
    const { ec2 } = cloud();
    const input = { InstanceIds: [one, "i-1a2b3c4d"] };
    expect(refusal(() => ec2.call("StopInstances", input, start))).toMatch(/^InvalidInstanceID.NotFound/);
    expect(stateSeen(ec2, one, start)?.Name).toBe("running");
  });
});

describe("RunInstances", () => {
  function scene(ec2: Ec2): RunInstancesRequest {
    const seen = instanceSeen(ec2, one, start);
    return {
      ImageId: "ami-12345678",
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: seen?.SubnetId,
    };
  }

  it("answers pending instances that run a while later, each with an address of its subnet", () => {
    const { ec2 } = cloud();
    const input = {
      ...scene(ec2),
      MaxCount: 2,
      TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "a", Value: "b" }] }],
    };
    const reservation = ec2.call("RunInstances", input, start) as Reservation;
    expect(reservation.Instances?.map((each) => each.State?.Name)).toEqual(["pending", "pending"]);
    const [first] = reservation.Instances ?? [];
    expect(first?.Tags).toEqual([{ Key: "a", Value: "b" }]);
    expect(new Set(reservation.Instances?.map((each) => each.PrivateIpAddress)).size).toBe(2);
    const later = instanceSeen(ec2, first?.InstanceId ?? "", start + 10 * second);
    expect(later?.State?.Name).toBe("running");
    expect(later?.NetworkInterfaces?.[0]).toMatchObject({
      Status: "in-use",
      Attachment: { DeviceIndex: 0, Status: "attached", DeleteOnTermination: true },
    });
  });

  it("makes nothing twice for the same client token, and refuses it for another request", () => {
    const { ec2 } = cloud();
    const input = { ...scene(ec2), ClientToken: "once" };
    const ids = () =>
      (ec2.call("RunInstances", input, start) as Reservation).Instances?.map((each) => each.InstanceId);
    expect(ids()).toEqual(ids());
    expect(refusal(() => ec2.call("RunInstances", { ...input, InstanceType: "t3.small" }, start))).toMatch(
      /^IdempotentParameterMismatch/,
    );
  });

  it("takes existing interfaces, and refuses one in use", () => {
    const { ec2 } = cloud();
    const { SubnetId, ...input } = scene(ec2);
    const NetworkInterfaces = [
      { DeviceIndex: 0, SubnetId },
      { DeviceIndex: 1, NetworkInterfaceId: floating },
    ];
    expect(refusal(() => ec2.call("RunInstances", { ...input, NetworkInterfaces }, start))).toBe(
      `InvalidNetworkInterface.InUse 400: Interface: [${floating}] in use.`,
    );
    detach(ec2, floating, start);
    const run = ec2.call("RunInstances", { ...input, NetworkInterfaces }, start + 3 * second) as Reservation;
    expect(ec2.attachmentTruth(floating, start + 3 * second)?.instanceId).toBe(
      run.Instances?.[0]?.InstanceId,
    );
  });

  it("cannot be stopped before it has run", () => {
    const { ec2 } = cloud();
    const run = ec2.call("RunInstances", scene(ec2), start) as Reservation;
    const id = run.Instances?.[0]?.InstanceId;
    expect(refusal(() => ec2.call("StopInstances", { InstanceIds: [id] }, start))).toBe(
      `IncorrectInstanceState 400: Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    );
  });
});

describe("breakage", () => {
  it("sticks a detach for a time, or until it is forced", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "stick-detach", interface: floating, milliseconds: 10 * minute, times: 1 }, start);
    detach(ec2, floating, start);
    expect(stateOf(ec2, floating, start + 10 * minute - 1)).toBe("detaching");
    expect(stateOf(ec2, floating, start + 10 * minute)).toBe("available");
    attach(ec2, floating, two, 1, start + 10 * minute);
    ec2.break({ kind: "stick-detach", interface: floating }, start + 11 * minute);
    detach(ec2, floating, start + 11 * minute);
    expect(stateOf(ec2, floating, start + 60 * minute)).toBe("detaching");
    detach(ec2, floating, start + 60 * minute, true);
    expect(stateOf(ec2, floating, start + 60 * minute + second)).toBe("available");
  });

  it("sticks a detach that is under way, even a forced one", () => {
    const { ec2 } = cloud();
    detach(ec2, floating, start, true);
    ec2.break({ kind: "stick-detach", interface: floating, evenForced: true }, start);
    expect(stateOf(ec2, floating, start + 60 * minute)).toBe("detaching");
    ec2.break({ kind: "unstick-detach", interface: floating }, start + 60 * minute);
    expect(stateOf(ec2, floating, start + 60 * minute + second)).toBe("available");
  });

  it("refuses attaches so many times, and slows them down", () => {
    const { ec2 } = cloud();
    const code = "InsufficientInstanceCapacity";
    ec2.break({ kind: "refuse-attach", instance: two, code, status: 500, times: 2 }, start);
    ec2.break({ kind: "slow-attach", instance: two, milliseconds: minute }, start);
    const tries = [1, 2, 3].map(() => refusal(() => attach(ec2, other, two, 1, start)).slice(0, 32));
    expect(tries).toEqual([`${code} 500`, `${code} 500`, "ok"]);
    expect(stateOf(ec2, other, start + minute - 1)).toBe("attaching");
    expect(stateOf(ec2, other, start + minute)).toBe("attached");
  });

  it("schedules events that DescribeInstanceStatus shows", () => {
    const { ec2 } = cloud();
    const notBefore = start + 60 * minute;
    ec2.break({ kind: "schedule-event", instance: one, code: "instance-retirement", notBefore }, start);
    expect(statusSeen(ec2, one, start)?.Events).toMatchObject([
      { Code: "instance-retirement", NotBefore: new Date(notBefore) },
    ]);
    ec2.break({ kind: "clear-events", instance: one }, start);
    expect(statusSeen(ec2, one, start)?.Events).toMatchObject([
      { NotBefore: new Date(notBefore), Description: expect.stringMatching(/^\[Canceled\] /) },
    ]);
    // What was cancelled does not come.
    expect(statusSeen(ec2, one, notBefore + 10 * minute)?.InstanceState?.Name).toBe("running");
  });

  it.each(["instance-stop", "instance-retirement"] as const)(
    "carries out %s, and then calls it completed",
    (code) => {
      const { ec2 } = cloud();
      const notBefore = start + 5 * minute;
      ec2.break({ kind: "schedule-event", instance: one, code, notBefore }, start);
      expect(statusSeen(ec2, one, notBefore - 1)?.InstanceState?.Name).toBe("running");
      expect(statusSeen(ec2, one, notBefore)).toMatchObject({
        InstanceState: { Name: "stopping" },
        Events: [{ Code: code, Description: expect.stringMatching(/^The instance/) }],
      });
      const done = notBefore + 30 * minute;
      expect(statusSeen(ec2, one, done)).toMatchObject({
        InstanceState: { Name: "stopped" },
        Events: [{ Code: code, Description: expect.stringMatching(/^\[Completed\] /) }],
      });
      expect(instanceSeen(ec2, one, done)?.StateReason?.Code).toBe("Server.ScheduledStop");
    },
  );

  it.each(["instance-reboot", "system-reboot"] as const)(
    "carries out %s: away for a while, then completed",
    (code) => {
      const { ec2 } = cloud();
      const notBefore = start + 5 * minute;
      ec2.break({ kind: "schedule-event", instance: one, code, notBefore }, start);
      const description = (at: number) => statusSeen(ec2, one, at)?.Events?.[0]?.Description;
      const check = (at: number) => statusSeen(ec2, one, at)?.InstanceStatus?.Status;
      expect([check(notBefore), description(notBefore)]).toEqual([
        "ok",
        `The instance is scheduled for ${code}`,
      ]);
      expect(check(notBefore + minute - 1)).toBe("impaired");
      const done = notBefore + 3 * minute;
      expect([check(done), description(done)]).toEqual([
        "ok",
        `[Completed] The instance is scheduled for ${code}`,
      ]);
    },
  );

  it("cancels what is announced of a host that a stop and start leaves, and a reboot that somebody anticipates", () => {
    const { ec2 } = cloud();
    const notBefore = start + 60 * minute;
    const descriptions = (id: string, at: number) =>
      statusSeen(ec2, id, at)?.Events?.map(({ Description = "" }) => Description.split(" ")[0]);
    for (const code of ["instance-reboot", "system-reboot"] as const) {
      ec2.break({ kind: "schedule-event", instance: one, code, notBefore }, start);
      ec2.break({ kind: "schedule-event", instance: two, code, notBefore }, start);
    }
    ec2.call("RebootInstances", { InstanceIds: [one] }, start);
    expect(descriptions(one, start + minute)).toEqual(["[Canceled]", "The"]);
    ec2.break({ kind: "stop", instance: two }, start);
    expect(descriptions(two, start + 30 * minute)).toEqual(["The", "The"]);
    ec2.break({ kind: "start", instance: two }, start + 30 * minute);
    expect(descriptions(two, start + 45 * minute)).toEqual(["[Canceled]", "[Canceled]"]);
  });

  it("removes an instance: it is not found, and its interface is on nothing", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "remove", id: one }, start);
    expect(refusal(() => instanceSeen(ec2, one, start))).toMatch(/^InvalidInstanceID.NotFound/);
    expect(stateOf(ec2, floating, start)).toBe("available");
    expect(refusal(() => ec2.break({ kind: "hang", instance: one }, start))).toMatch(
      /^InvalidInstanceID.NotFound/,
    );
  });

  it("removes an interface, which the instance then does not hold either", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "remove", id: floating }, start);
    expect(interfaceSeen(ec2, floating, start)).toBeUndefined();
    expect(refusal(() => attach(ec2, other, one, 1, start))).toBe("ok");
  });

  it.each([
    ["start", "running"],
    ["stop", "running"],
    ["auto-recover", "stopping"],
    ["start", "shutting-down"],
  ] as const)(
    "does nothing where the state does not allow it, and loses nothing that was planned: %s",
    (kind, state) => {
      const { ec2 } = cloud();
      const before = {
        running: "StartInstances",
        stopping: "StopInstances",
        "shutting-down": "TerminateInstances",
      };
      ec2.call(before[state], { InstanceIds: [one] }, start);
      ec2.break({ kind, instance: one }, start);
      if (kind === "stop") ec2.break({ kind, instance: one }, start + minute);
      const ends = {
        running: kind === "stop" ? "stopped" : "running",
        stopping: "stopped",
        "shutting-down": "terminated",
      };
      expect(stateSeen(ec2, one, start + 2 * minute)?.Name).toBe(ends[state]);
    },
  );

  it("is the cause of the checks and states that follow from it", () => {
    const { ec2, journal } = cloud();
    const hang = ec2.break({ kind: "hang", instance: one }, start);
    const metrics = ec2.statusMetrics(one, start + 2 * minute);
    expect(journal.chain(metrics?.journal ?? "").map(({ kind, subject }) => [kind, subject])).toEqual([
      ["status-check", one],
      ["breakage", one],
    ]);
    const heal = ec2.break({ kind: "heal", instance: one }, start + 3 * minute);
    const well = ec2.statusMetrics(one, start + 4 * minute);
    expect(journal.chain(well?.journal ?? "")[1]?.id).toBe(heal);
    expect(heal).not.toBe(hang);
    ec2.break({ kind: "stop", instance: one }, start + 5 * minute);
    ec2.advance(start + 6 * minute);
    const stopped = ec2.drainEvents().at(-1);
    expect(stopped?.state).toBe("stopped");
    expect(journal.chain(stopped?.journal ?? "").map(({ kind }) => kind)).toEqual([
      "instance-state",
      "instance-state",
      "breakage",
    ]);
  });
});
