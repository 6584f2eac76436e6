/** The interface: attach, detach, and everything that EC2 refuses about them. */
import { describe, expect, it } from "vitest";
import {
  attach,
  cloud,
  detach,
  elsewhere,
  floating,
  instanceSeen,
  interfaceSeen,
  one,
  other,
  refusal,
  second,
  start,
  stateOf,
  two,
} from "./ec2-fixture.ts";

describe("a detach and an attach", () => {
  it("pass through detaching and attaching, and end on the other instance with a new attachment id", () => {
    const { ec2 } = cloud();
    const before = interfaceSeen(ec2, floating, start)?.Attachment?.AttachmentId;
    detach(ec2, floating, start);
    expect(stateOf(ec2, floating, start)).toBe("detaching");
    expect(stateOf(ec2, floating, start + 2_999)).toBe("detaching");
    expect(stateOf(ec2, floating, start + 3_000)).toBe("available");
    expect(interfaceSeen(ec2, floating, start + 3_000)).not.toHaveProperty("Attachment");
    const id = attach(ec2, floating, two, 1, start + 3_000);
    expect(id).toMatch(/^eni-attach-[0-9a-f]{17}$/);
    expect(id).not.toBe(before);
    expect(stateOf(ec2, floating, start + 4_999)).toBe("attaching");
    const seen = interfaceSeen(ec2, floating, start + 5_000);
    expect(seen?.Status).toBe("in-use");
    expect(seen?.Attachment).toMatchObject({
      AttachmentId: id,
      InstanceId: two,
      DeviceIndex: 1,
      NetworkCardIndex: 0,
      Status: "attached",
      DeleteOnTermination: false,
      AttachTime: new Date(start + 3_000),
    });
  });

  it("are seen in DescribeInstances of both instances", () => {
    const { ec2 } = cloud();
    const held = (id: string, now: number) =>
      instanceSeen(ec2, id, now)?.NetworkInterfaces?.map((each) => each.NetworkInterfaceId);
    expect(held(one, start)).toContain(floating);
    detach(ec2, floating, start);
    attach(ec2, floating, two, 1, start + 3 * second);
    expect(held(one, start + 3 * second)).not.toContain(floating);
    expect(held(two, start + 3 * second)).toContain(floating);
  });

  it("keep address, MAC, groups and source/destination check", () => {
    const { ec2 } = cloud();
    const what = (now: number) => {
      const { MacAddress, PrivateIpAddresses, Groups, SourceDestCheck } =
        interfaceSeen(ec2, floating, now) ?? {};
      return { MacAddress, PrivateIpAddresses, Groups, SourceDestCheck };
    };
    const before = what(start);
    detach(ec2, floating, start);
    attach(ec2, floating, two, 2, start + 3 * second);
    expect(what(start + 10 * second)).toEqual(before);
  });
});

describe("EC2 refuses", () => {
  const attachInput = { NetworkInterfaceId: other, InstanceId: two, DeviceIndex: 1, NetworkCardIndex: 0 };

  it.each([
    [
      "an unknown interface",
      "AttachNetworkInterface",
      { ...attachInput, NetworkInterfaceId: "eni-0c18e47af27178549" },
      "InvalidNetworkInterfaceID.NotFound 400: The networkInterface ID 'eni-0c18e47af27178549' does not exist",
    ],
    [
      "an unknown instance",
      "AttachNetworkInterface",
      { ...attachInput, InstanceId: "i-1a2b3c4d" },
      "InvalidInstanceID.NotFound 400: The instance ID 'i-1a2b3c4d' does not exist",
    ],
    [
      "a malformed instance",
      "AttachNetworkInterface",
      { ...attachInput, InstanceId: "i-nope" },
      'InvalidInstanceID.Malformed 400: Invalid id: "i-nope" (expecting "i-...")',
    ],
    [
      "a malformed interface",
      "AttachNetworkInterface",
      { ...attachInput, NetworkInterfaceId: one },
      `InvalidNetworkInterfaceID.Malformed 400: Invalid id: "${one}" (expecting "eni-...")`,
    ],
    [
      "a missing device index",
      "AttachNetworkInterface",
      { ...attachInput, DeviceIndex: undefined },
      "MissingParameter 400: The request must contain the parameter deviceIndex",
    ],
    [
      "a negative device index",
      "AttachNetworkInterface",
      { ...attachInput, DeviceIndex: -1 },
      "InvalidParameterValue 400: Value (-1) for parameter deviceIndex is invalid.",
    ],
    [
      "an interface in use",
      "AttachNetworkInterface",
      { ...attachInput, NetworkInterfaceId: floating },
      `InvalidNetworkInterface.InUse 400: Interface: [${floating}] in use.`,
    ],
    [
      "another zone",
      "AttachNetworkInterface",
      { ...attachInput, InstanceId: elsewhere },
      "InvalidParameterCombination 400: You may not attach a network interface to an instance if they are not in the same availability zone",
    ],
    [
      "an index that is taken",
      "AttachNetworkInterface",
      { ...attachInput, InstanceId: one },
      `InvalidParameterValue 400: Instance '${one}' already has an interface attached at device index '1'.`,
    ],
    [
      "index 0, which is always taken",
      "AttachNetworkInterface",
      { ...attachInput, DeviceIndex: 0 },
      `InvalidParameterValue 400: Instance '${two}' already has an interface attached at device index '0'.`,
    ],
    [
      "a detach without an attachment id",
      "DetachNetworkInterface",
      {},
      "MissingParameter 400: The request must contain the parameter attachmentId",
    ],
    [
      "a detach by interface id",
      "DetachNetworkInterface",
      { AttachmentId: floating },
      `InvalidNetworkInterfaceAttachmentId.Malformed 400: Invalid id: "${floating}" (expecting "eni-attach-...")`,
    ],
    [
      "a detach of what is not attached",
      "DetachNetworkInterface",
      { AttachmentId: "eni-attach-4e6c9c89" },
      "InvalidAttachmentID.NotFound 400: The interface attachment 'eni-attach-4e6c9c89' does not exist.",
    ],
    [
      "an operation it does not have",
      "DetachSnowplough",
      {},
      "InvalidAction 400: The action DetachSnowplough is not valid for this web service.",
    ],
    [
      "a modification of nothing",
      "ModifyNetworkInterfaceAttribute",
      { NetworkInterfaceId: other },
      "InvalidParameterCombination 400: No attributes specified.",
    ],
    [
      "two attributes at once",
      "ModifyNetworkInterfaceAttribute",
      { NetworkInterfaceId: other, SourceDestCheck: { Value: false }, Description: { Value: "x" } },
      "InvalidParameterCombination 400: Fields for multiple attribute types specified",
    ],
    [
      "to delete an interface in use",
      "DeleteNetworkInterface",
      { NetworkInterfaceId: floating },
      `InvalidParameterValue 400: Network interface '${floating}' is currently in use.`,
    ],
  ])("%s", (_name, operation, input, expected) => {
    expect(refusal(() => cloud().ec2.call(operation, input, start))).toBe(expected);
  });

  it("to detach the interface at device index 0", () => {
    const { ec2 } = cloud();
    const primary = instanceSeen(ec2, one, start)?.NetworkInterfaces?.find(
      (each) => each.Attachment?.DeviceIndex === 0,
    );
    const input = { AttachmentId: primary?.Attachment?.AttachmentId, Force: true };
    expect(refusal(() => ec2.call("DetachNetworkInterface", input, start))).toBe(
      "OperationNotPermitted 400: The network interface at device index 0 and networkCard index 0 cannot be detached.",
    );
  });

  it("more interfaces than the instance type takes", () => {
    const { ec2 } = cloud();
    const third = "eni-0c000000000000003";
    ec2.addInterface({ networkInterfaceId: third, zone: "eu-west-1a" }, start);
    attach(ec2, other, one, 2, start);
    expect(refusal(() => attach(ec2, third, one, 3, start))).toBe(
      "AttachmentLimitExceeded 400: Interface count 4 exceeds the limit for t3.medium",
    );
  });

  it("to manage an interface of another service", () => {
    const { ec2 } = cloud();
    const balancer = "eni-0d000000000000004";
    ec2.addInterface({ networkInterfaceId: balancer, zone: "eu-west-1a", requesterManaged: true }, start);
    const seen = interfaceSeen(ec2, balancer, start);
    expect(seen).toMatchObject({ RequesterManaged: true, Attachment: { InstanceOwnerId: "amazon-elb" } });
    expect(seen?.Attachment).not.toHaveProperty("InstanceId");
    expect(refusal(() => detach(ec2, balancer, start))).toBe(
      "OperationNotPermitted 400: You are not allowed to manage 'ela-attach' attachments.",
    );
  });

  it("falsely, on types with several network cards, an attach that leaves the card out", () => {
    const { ec2 } = cloud();
    const big = "i-0b000000000000009";
    ec2.addInstance({ instanceId: big, zone: "eu-west-1a", instanceType: "c6in.32xlarge" }, start);
    const input = { NetworkInterfaceId: other, InstanceId: big, DeviceIndex: 1 };
    expect(refusal(() => ec2.call("AttachNetworkInterface", input, start))).toContain(
      "already has an interface",
    );
    expect(refusal(() => ec2.call("AttachNetworkInterface", { ...input, NetworkCardIndex: 0 }, start))).toBe(
      "ok",
    );
  });
});

describe("a dry run", () => {
  it("of what would work is an error 412, and changes nothing", () => {
    const { ec2 } = cloud();
    const AttachmentId = ec2.attachmentTruth(floating, start)?.id;
    const dry = { AttachmentId, DryRun: true };
    expect(refusal(() => ec2.call("DetachNetworkInterface", dry, start))).toBe(
      "DryRunOperation 412: Request would have succeeded, but DryRun flag is set.",
    );
    expect(stateOf(ec2, floating, start)).toBe("attached");
  });

  it("of what would not work answers why", () => {
    const { ec2 } = cloud();
    const dry = { InstanceIds: ["i-1a2b3c4d"], DryRun: true };
    expect(refusal(() => ec2.call("StopInstances", dry, start))).toMatch(/^InvalidInstanceID.NotFound/);
  });

  it.each([
    ["StopInstances", { InstanceIds: [one] }],
    ["TerminateInstances", { InstanceIds: [one] }],
    ["RebootInstances", { InstanceIds: [one] }],
    ["StartInstances", { InstanceIds: [one] }],
    ["AttachNetworkInterface", { NetworkInterfaceId: other, InstanceId: two, DeviceIndex: 1 }],
    ["ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: other, Description: { Value: "new" } }],
    ["CreateTags", { Resources: [one], Tags: [{ Key: "a", Value: "b" }] }],
    ["DescribeInstances", {}],
    ["DescribeInstanceStatus", {}],
    ["DescribeNetworkInterfaces", {}],
    ["DescribeInstanceTypes", {}],
  ])("is known to %s", (operation, input) => {
    expect(refusal(() => cloud().ec2.call(operation, { ...input, DryRun: true }, start))).toMatch(
      /^DryRunOperation 412/,
    );
  });
});

describe("a forced detach", () => {
  it("burns the device index of a running instance for other interfaces, until a stop and start", () => {
    const { ec2 } = cloud();
    detach(ec2, floating, start, true);
    let now = start + second;
    expect(stateOf(ec2, floating, now)).toBe("available");
    attach(ec2, other, one, 1, now);
    now += 600 * second;
    expect(stateOf(ec2, other, now)).toBe("attaching");
    ec2.call("StopInstances", { InstanceIds: [one] }, now);
    ec2.call("StartInstances", { InstanceIds: [one] }, now + 30 * second);
    expect(stateOf(ec2, other, now + 50 * second)).toBe("attached");
  });

  it("is forgotten by the launch after a stop: the index takes any interface again", () => {
    const { ec2 } = cloud();
    detach(ec2, floating, start, true);
    expect(ec2.instanceTruth(one, start + second)?.burned).toEqual([
      { deviceIndex: 1, cardIndex: 0, by: floating },
    ]);
    ec2.call("StopInstances", { InstanceIds: [one] }, start + second);
    ec2.call("StartInstances", { InstanceIds: [one] }, start + 30 * second);
    attach(ec2, other, one, 1, start + 60 * second);
    expect(stateOf(ec2, other, start + 62 * second)).toBe("attached");
  });

  it("lets the same interface go back to the index it was forced off", () => {
    const { ec2 } = cloud();
    detach(ec2, floating, start, true);
    attach(ec2, floating, one, 1, start + second);
    expect(stateOf(ec2, floating, start + 3 * second)).toBe("attached");
  });

  it("from a stopped instance burns nothing", () => {
    const { ec2 } = cloud();
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    detach(ec2, floating, start + 30 * second, true);
    expect(ec2.instanceTruth(one, start + 60 * second)?.burned).toEqual([]);
  });

  it("may still call an interface in use that it shows available, for as long as it needs to settle", () => {
    const { ec2 } = cloud({ behaviour: { settle: 2 * second } });
    const detached = start + 3 * second;
    detach(ec2, floating, start);
    expect(stateOf(ec2, floating, detached)).toBe("available");
    const early = detached + 2 * second - 1;
    expect(refusal(() => attach(ec2, floating, two, 1, early))).toMatch(/^InvalidNetworkInterface.InUse 400/);
    const input = { NetworkInterfaceId: floating };
    expect(refusal(() => ec2.call("DeleteNetworkInterface", input, early))).toMatch(/currently in use/);
    expect(refusal(() => attach(ec2, floating, two, 1, early + 1))).toBe("ok");
  });

  it("can be told to be refused at a burned index", () => {
    const { ec2 } = cloud({ behaviour: { burnedIndex: "refused" } });
    detach(ec2, floating, start, true);
    expect(refusal(() => attach(ec2, other, one, 1, start + second))).toContain("already has an interface");
  });
});

describe("a second detach while detaching", () => {
  it("is refused without Force and hurries with it", () => {
    const { ec2 } = cloud();
    detach(ec2, floating, start);
    expect(refusal(() => detach(ec2, floating, start + 100))).toMatch(/^IncorrectState 400/);
    detach(ec2, floating, start + 100, true);
    expect(stateOf(ec2, floating, start + 1_100)).toBe("available");
  });

  it("can be accepted without Force", () => {
    const { ec2 } = cloud({ behaviour: { secondDetach: "accepted" } });
    detach(ec2, floating, start);
    expect(refusal(() => detach(ec2, floating, start + 100))).toBe("ok");
  });
});

describe("modifying an interface", () => {
  it("sets DeleteOnTermination of the attachment that is named, and of no other", () => {
    const { ec2 } = cloud();
    const AttachmentId = ec2.attachmentTruth(floating, start)?.id;
    const input = { NetworkInterfaceId: floating, Attachment: { AttachmentId, DeleteOnTermination: true } };
    ec2.call("ModifyNetworkInterfaceAttribute", input, start);
    expect(ec2.attachmentTruth(floating, start)?.deleteOnTermination).toBe(true);
    const wrong = { ...input, NetworkInterfaceId: other };
    expect(refusal(() => ec2.call("ModifyNetworkInterfaceAttribute", wrong, start))).toMatch(
      /^InvalidAttachmentID/,
    );
    detach(ec2, floating, start);
    attach(ec2, floating, two, 1, start + 3 * second);
    expect(ec2.attachmentTruth(floating, start + 3 * second)?.deleteOnTermination).toBe(false);
  });

  it("sets groups that exist, and keeps no hold of what it was given", () => {
    const { ec2 } = cloud();
    const isolated = "sg-0123456789abcdef0";
    ec2.createScene({ securityGroups: [{ groupId: isolated, groupName: "isolated" }] }, start);
    const Groups = [isolated];
    ec2.call("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: floating, Groups }, start);
    Groups.push("sg-0fedcba9876543210");
    const seen = interfaceSeen(ec2, floating, start);
    expect(seen?.Groups).toEqual([{ GroupId: isolated, GroupName: "isolated" }]);
    seen?.Groups?.splice(0);
    expect(interfaceSeen(ec2, floating, start)?.Groups).toHaveLength(1);
    expect(
      refusal(() =>
        ec2.call("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: floating, Groups }, start),
      ),
    ).toBe("InvalidGroup.NotFound 400: The security group 'sg-0fedcba9876543210' does not exist");
  });
});
