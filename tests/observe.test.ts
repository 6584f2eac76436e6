/** What the look of a group makes of AWS's answers and, above all, of reads that fail. */
import { describe, expect, it } from "vitest";
import type { InterfaceSeen } from "../shared/core/model.ts";
import { observe, observeInterfaces, observeMembers } from "../shared/observe.ts";
import { A, type Answer, awsError, B, ENI, group, member, stubWorld, T0 } from "./stub-world.ts";

const FREE = { NetworkInterfaceId: ENI, Status: "available", AvailabilityZone: "eu-west-1a" };
const ATTACHMENT = {
  AttachmentId: "eni-attach-1",
  InstanceId: A,
  DeviceIndex: 1,
  NetworkCardIndex: 0,
  Status: "attached",
  AttachTime: new Date(T0 - 60_000),
  DeleteOnTermination: false,
};
const HELD = { ...FREE, Status: "in-use", Attachment: ATTACHMENT };
const SEEN = {
  state: "attached",
  zone: "eu-west-1a",
  attachmentId: "eni-attach-1",
  instance: A,
  deviceIndex: 1,
  attachedAt: T0 - 60_000,
  deleteOnTermination: false,
};

const running = (instance: string, more: object = {}) => ({
  InstanceId: instance,
  InstanceState: { Name: "running" },
  AvailabilityZone: "eu-west-1a",
  SystemStatus: { Status: "ok" },
  InstanceStatus: { Status: "ok" },
  ...more,
});
const HEALTHY = { read: "ok", state: "running", zone: "eu-west-1a", scheduled: [] };

/** Everything is fine, except what the test answers itself (undefined: as usual). */
function stub(answer: Answer = () => undefined) {
  return stubWorld((operation, input, nth) => {
    const special = answer(operation, input, nth);
    if (special !== undefined) return special;
    if (operation === "DescribeNetworkInterfaces") return { NetworkInterfaces: [HELD] };
    if (operation === "DescribeInstanceStatus") {
      return { InstanceStatuses: (input.InstanceIds as string[]).map((instance) => running(instance)) };
    }
    throw new Error(`not expected: ${operation}`);
  });
}

describe("an interface", () => {
  const cases: readonly (readonly [string, object | undefined, InterfaceSeen])[] = [
    ["attached", HELD, SEEN as InterfaceSeen],
    ["on nothing", FREE, { state: "available", zone: "eu-west-1a" }],
    ["absent from the answer is missing, never on nothing", undefined, { state: "missing" }],
    [
      "on its way off, with the interface still in-use",
      { ...HELD, Attachment: { ...ATTACHMENT, Status: "detaching" } },
      { ...SEEN, state: "detaching" } as InterfaceSeen,
    ],
    [
      "on its way off, with the interface detaching",
      { ...HELD, Status: "detaching", Attachment: { ...ATTACHMENT, Status: "detaching" } },
      { ...SEEN, state: "detaching" } as InterfaceSeen,
    ],
    [
      "detached, but not yet free",
      { ...HELD, Attachment: { ...ATTACHMENT, Status: "detached" } },
      { ...SEEN, state: "detaching" } as InterfaceSeen,
    ],
    [
      "detached and free",
      { ...FREE, Attachment: { ...ATTACHMENT, Status: "detached" } },
      { state: "available", zone: "eu-west-1a" },
    ],
    [
      "in-use without an attachment is a contradiction, and so unread",
      { ...FREE, Status: "in-use" },
      { state: "unread", error: "EC2 shows it in-use, but no attachment" },
    ],
    [
      "at index 0 can't be moved",
      { ...HELD, Attachment: { ...ATTACHMENT, DeviceIndex: 0 } },
      { ...SEEN, deviceIndex: 0, unmovable: "primary" } as InterfaceSeen,
    ],
    [
      "at index 0 of another network card can",
      { ...HELD, Attachment: { ...ATTACHMENT, DeviceIndex: 0, NetworkCardIndex: 1 } },
      { ...SEEN, deviceIndex: 0 } as InterfaceSeen,
    ],
    [
      "of another AWS service can't be moved",
      { ...HELD, RequesterManaged: true },
      { ...SEEN, unmovable: "requester-managed" } as InterfaceSeen,
    ],
    [
      "held by something without an instance id",
      { ...HELD, Attachment: { ...ATTACHMENT, InstanceId: undefined } },
      { ...SEEN, instance: undefined } as InterfaceSeen,
    ],
  ];
  it.each(cases)("%s", async (_, found, seen) => {
    const { world } = stub(() => ({ NetworkInterfaces: found === undefined ? [] : [found] }));
    expect(await observeInterfaces(world, group())).toEqual({ [ENI]: seen });
  });

  it("is asked for by filter and page, and looked for on every page", async () => {
    const { world, inputs } = stub((_, { NextToken }) =>
      NextToken === undefined ? { NetworkInterfaces: [], NextToken: "2" } : { NetworkInterfaces: [HELD] },
    );
    expect(await observeInterfaces(world, group())).toEqual({ [ENI]: SEEN });
    const Filters = [{ Name: "network-interface-id", Values: [ENI] }];
    expect(inputs("DescribeNetworkInterfaces")).toMatchObject([
      { Filters, MaxResults: 1000 },
      { Filters, MaxResults: 1000, NextToken: "2" },
    ]);
  });

  it("that nobody asked for is not in the observation", async () => {
    const { world } = stub(() => ({ NetworkInterfaces: [{ ...HELD, NetworkInterfaceId: "eni-1" }, HELD] }));
    expect(Object.keys(await observeInterfaces(world, group()))).toEqual([ENI]);
  });

  it("whose read failed is unread", async () => {
    const { world } = stub(() => {
      throw awsError("UnauthorizedOperation", 403);
    });
    expect(await observeInterfaces(world, group())).toEqual({
      [ENI]: { state: "unread", error: "UnauthorizedOperation (HTTP 403)" },
    });
  });

  it("is unread when the pages do not end", async () => {
    const { world, calls } = stub(() => ({ NetworkInterfaces: [], NextToken: "again" }));
    expect(await observeInterfaces(world, group())).toMatchObject({ [ENI]: { state: "unread" } });
    expect(calls).toHaveLength(10);
  });
});

describe("a member", () => {
  it("has its checks, each with the time since which EC2 calls it impaired", async () => {
    const since = new Date(T0 - 90_000);
    const { world } = stub((operation) =>
      operation === "DescribeInstanceStatus"
        ? {
            InstanceStatuses: [
              running(A, {
                SystemStatus: { Status: "impaired", Details: [{ ImpairedSince: since }] },
                InstanceStatus: { Status: "initializing" },
                AttachedEbsStatus: { Status: "not-applicable" },
                ApplicationStatus: { Status: "impaired", ImpairedSince: since },
              }),
              running(B, {
                SystemStatus: { Status: "impaired" },
                ApplicationStatus: { Status: "suppressed" },
              }),
            ],
          }
        : undefined,
    );
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toEqual({
      ...HEALTHY,
      checks: {
        system: { status: "impaired", impairedSince: since.getTime() },
        instance: { status: "initializing" },
        ebs: { status: "not-applicable" },
        application: { status: "impaired", impairedSince: since.getTime() },
      },
    });
    expect(members[B]?.instance).toMatchObject({
      checks: {
        system: { status: "impaired" },
        instance: { status: "ok" },
        application: { status: "not-applicable" },
      },
    });
  });

  it("has insufficient data where EC2 answers a word that nobody knows", async () => {
    const { world } = stub(() => ({
      InstanceStatuses: [running(A, { SystemStatus: { Status: "wobbly" } }), running(B)],
    }));
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toMatchObject({ checks: { system: { status: "insufficient-data" } } });
  });

  it("has its scheduled events, without those that are over", async () => {
    const at = new Date(T0 + 3_600_000);
    const event = { Code: "instance-stop", Description: "The instance is running on degraded hardware" };
    const Events = [
      { ...event, NotBefore: at },
      { ...event, NotBefore: at, Description: "[Completed] The instance is …" },
      { ...event, NotBefore: at, Description: "[Canceled] The instance is …" },
    ];
    const { world } = stub(() => ({ InstanceStatuses: [running(A, { Events }), running(B)] }));
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toMatchObject({
      scheduled: [{ code: "instance-stop", notBefore: at.getTime() }],
    });
  });

  it.each(["pending", "stopping", "stopped", "shutting-down", "terminated"])(
    "is seen when %s",
    async (Name) => {
      const { world, inputs } = stub(() => ({
        InstanceStatuses: [running(A, { InstanceState: { Name } }), running(B)],
      }));
      const members = await observeMembers(world, group(), { details: false });
      expect(members[A]?.instance).toMatchObject({ read: "ok", state: Name });
      // Without IncludeAllInstances EC2 answers running instances alone.
      expect(inputs("DescribeInstanceStatus")).toEqual([{ InstanceIds: [A, B], IncludeAllInstances: true }]);
    },
  );

  it("that an answer leaves out is failed, not gone", async () => {
    const { world } = stub(() => ({ InstanceStatuses: [running(B)] }));
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toEqual({ read: "failed", error: "EC2 answered without it" });
    expect(members[B]?.instance).toMatchObject({ read: "ok" });
  });

  it("is found by its name where that is not its instance id", async () => {
    const { world } = stub();
    const named = group({ members: [member(A, { name: "first" }), member(B, { name: "second" })] });
    const members = await observeMembers(world, named, { details: false });
    expect(Object.keys(members)).toEqual(["first", "second"]);
    expect(members.first?.instance).toMatchObject({ read: "ok" });
  });
});

describe("when the members can't be read together", () => {
  /** Calls that name A fail with `error`. */
  const without = (error: Error): Answer => {
    return (operation, input) => {
      if (operation !== "DescribeInstanceStatus") return undefined;
      if ((input.InstanceIds as string[]).includes(A)) throw error;
      return undefined;
    };
  };

  const cases: readonly (readonly [string, Error, object])[] = [
    [
      "an id that EC2 does not know is not-found",
      awsError("InvalidInstanceID.NotFound"),
      { read: "not-found" },
    ],
    ["a zone in disruption makes its member failed", awsError("InternalError", 500), { read: "failed" }],
    [
      "a code nobody knows makes it failed",
      awsError("ZoneDisrupted"),
      { read: "failed", error: "ZoneDisrupted (HTTP 400)" },
    ],
    [
      "a call that hangs makes it failed",
      Object.assign(new Error("…"), { name: "TimeoutError" }),
      { read: "failed", error: "TimeoutError" },
    ],
  ];
  it.each(cases)("%s, and the other is seen", async (_, error, seen) => {
    const { world } = stub(without(error));
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toMatchObject(seen);
    expect(members[B]?.instance).toMatchObject({ read: "ok", state: "running" });
  });

  it("a message that says not found is not believed: only the code is", async () => {
    const { world } = stub(without(awsError("Other", 400, "InvalidInstanceID.NotFound does not exist")));
    const members = await observeMembers(world, group(), { details: false });
    expect(members[A]?.instance).toMatchObject({ read: "failed" });
  });
});

describe("asking again", () => {
  it.each([
    ["throttling", awsError("RequestLimitExceeded", 503)],
    ["trouble of EC2's own", awsError("Unavailable", 503)],
    ["a lost connection", Object.assign(new Error("…"), { name: "TimeoutError", code: "ECONNRESET" })],
  ])("a read passes after %s", async (_, error) => {
    const { world } = stub((operation, __, nth) => {
      if (operation === "DescribeNetworkInterfaces" && nth < 4) throw error;
      return undefined;
    });
    expect(await observeInterfaces(world, group())).toEqual({ [ENI]: SEEN });
    expect(world.clock.now()).toBeGreaterThan(T0);
  });

  it("ends within three seconds and six calls, and the interface is unread", async () => {
    const { world, calls } = stub(() => {
      throw awsError("RequestLimitExceeded", 503);
    });
    expect(await observeInterfaces(world, group())).toMatchObject({ [ENI]: { state: "unread" } });
    expect(calls.length).toBeGreaterThan(2);
    expect(calls.length).toBeLessThanOrEqual(6);
    expect(world.clock.now() - T0).toBeLessThanOrEqual(3000);
  });

  it("ends at once when the invocation is stopped", async () => {
    const stopped = stub(() => {
      stopped.abort.abort();
      throw Object.assign(new Error("aborted"), { name: "AbortError" });
    });
    expect(await observeInterfaces(stopped.world, group())).toMatchObject({ [ENI]: { state: "unread" } });
    expect(stopped.calls).toHaveLength(1);
  });

  it("is not done where it can't help", async () => {
    const { world, calls } = stub(() => {
      throw awsError("UnauthorizedOperation", 403);
    });
    await observeInterfaces(world, group());
    expect(calls).toHaveLength(1);
  });
});

describe("one look", () => {
  it("of a quiet group is two calls, with the time from before the first", async () => {
    const { world, calls } = stub();
    expect(await observe(world, group(), { details: false })).toEqual({
      at: T0,
      interfaces: { [ENI]: SEEN },
      members: Object.fromEntries(
        [A, B].map((instance) => [
          instance,
          { instance: { ...HEALTHY, checks: { system: { status: "ok" }, instance: { status: "ok" } } } },
        ]),
      ),
      alarms: {},
      detailed: false,
    });
    expect(calls.map((call) => call.operation)).toEqual([
      "DescribeNetworkInterfaces",
      "DescribeInstanceStatus",
    ]);
  });

  it("is an observation even when every read fails", async () => {
    const { world, inFlight } = stub(() => {
      throw awsError("Unavailable", 503);
    });
    const seen = await observe(world, group({ alarms: ["nat-a-no-traffic"] }), { details: true });
    const failed = { instance: { read: "failed", error: "Unavailable (HTTP 503)" } };
    expect(seen).toEqual({
      at: T0,
      interfaces: { [ENI]: { state: "unread", error: "Unavailable (HTTP 503)" } },
      members: { [A]: failed, [B]: failed },
      alarms: {},
      alarmsUnread: "Unavailable (HTTP 503)",
      detailed: true,
    });
    expect(inFlight()).toBe(0);
  });

  it("ends after its last call even when it ends by a bug of ours", async () => {
    const { world, inFlight } = stub((operation) => {
      if (operation === "DescribeNetworkInterfaces") throw new TypeError("x is undefined");
      return undefined;
    });
    await expect(observe(world, group(), { details: false })).rejects.toMatchObject({ next: "bug" });
    expect(inFlight()).toBe(0);
  });

  it("carries the invocation's signal and a time limit into every call", async () => {
    const { world, calls } = stub();
    await observe(world, group(), { details: false });
    for (const { options } of calls) {
      expect(options.abortSignal).toBe(world.signal);
      expect(options.requestTimeout).toBe(3000);
    }
  });
});
