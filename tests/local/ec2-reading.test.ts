/** The Describe calls: filters, pages, ids, eventual consistency; and what it takes to set a scene by ordinary calls. */
import type {
  CreateNetworkInterfaceResult,
  CreateSecurityGroupResult,
  CreateSubnetResult,
  CreateVpcResult,
  DescribeInstanceStatusResult,
  DescribeInstancesResult,
  DescribeInstanceTypesResult,
  DescribeNetworkInterfacesResult,
  DescribeSecurityGroupsResult,
  DescribeTagsResult,
  Filter,
} from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ec2 } from "../../local/ec2/ec2.ts";
import { seeded } from "../../local/random.ts";
import {
  attach,
  cloud,
  detach,
  elsewhere,
  floating,
  interfaceSeen,
  minute,
  one,
  other,
  refusal,
  second,
  start,
  stateOf,
  two,
} from "./ec2-fixture.ts";

describe("filters of DescribeNetworkInterfaces", () => {
  const named: Record<string, string> = { [floating]: "floating", [other]: "other" };
  const find = (Filters: Filter[]): string[] => {
    const answer = cloud().ec2.call("DescribeNetworkInterfaces", { Filters }, start);
    const found = (answer as DescribeNetworkInterfacesResult).NetworkInterfaces ?? [];
    return found.flatMap(({ NetworkInterfaceId = "" }) => named[NetworkInterfaceId] ?? "primary");
  };

  it.each<[string, Filter[], string[]]>([
    ["an id", [{ Name: "network-interface-id", Values: [floating] }], ["floating"]],
    [
      "ids, one of which does not exist",
      [{ Name: "network-interface-id", Values: [other, "eni-00000000"] }],
      ["other"],
    ],
    ["an id with a wildcard", [{ Name: "network-interface-id", Values: ["eni-0?2c3d*"] }], ["other"]],
    ["the instance it is on", [{ Name: "attachment.instance-id", Values: [one] }], ["primary", "floating"]],
    ["its device index", [{ Name: "attachment.device-index", Values: ["1"] }], ["floating"]],
    ["its attachment's status", [{ Name: "attachment.status", Values: ["detached"] }], ["other"]],
    ["its own status", [{ Name: "status", Values: ["available"] }], ["other"]],
    ["a tag", [{ Name: "tag:role", Values: ["floating"] }], ["floating"]],
    ["a tag's key", [{ Name: "tag-key", Values: ["role", "nothing"] }], ["floating"]],
    ["a tag in another case", [{ Name: "tag:role", Values: ["Floating"] }], []],
    [
      "two filters that must both match",
      [
        { Name: "tag:role", Values: ["*"] },
        { Name: "status", Values: ["in-use"] },
      ],
      ["floating"],
    ],
    ["an escaped wildcard, which is a plain character", [{ Name: "tag:role", Values: ["float\\*"] }], []],
    ["another zone", [{ Name: "availability-zone", Values: ["eu-west-1b"] }], ["primary"]],
    ["a flag", [{ Name: "attachment.delete-on-termination", Values: ["false"] }], ["floating"]],
  ])("by %s", (_name, filters, expected) => {
    expect(find(filters).sort()).toEqual([...expected].sort());
  });

  it("that do not exist are refused by name", () => {
    expect(refusal(() => find([{ Name: "colour", Values: ["red"] }]))).toBe(
      "InvalidParameterValue 400: The filter 'colour' is invalid",
    );
  });
});

describe("filters of the other Describe calls", () => {
  it.each([
    ["instance-state-name", "running", 3],
    ["instance-state-code", "80", 0],
    ["tag:Name", "on?", 1],
    ["network-interface.network-interface-id", floating, 1],
    ["network-interface.attachment.device-index", "1", 1],
    ["availability-zone", "eu-west-1b", 1],
    ["instance-type", "t3.*", 3],
  ])("of DescribeInstances: %s = %s finds %i", (Name, value, count) => {
    const input = { Filters: [{ Name, Values: [value] }] };
    const answer = cloud().ec2.call("DescribeInstances", input, start) as DescribeInstancesResult;
    expect(answer.Reservations?.flatMap(({ Instances }) => Instances ?? [])).toHaveLength(count);
  });

  it("of DescribeInstanceStatus find the impaired ones", () => {
    const { ec2 } = cloud();
    ec2.break({ kind: "impair", instance: two, check: "system" }, start);
    const input = { Filters: [{ Name: "system-status.status", Values: ["impaired"] }] };
    const answer = ec2.call(
      "DescribeInstanceStatus",
      input,
      start + 2 * minute,
    ) as DescribeInstanceStatusResult;
    expect(answer.InstanceStatuses?.map(({ InstanceId }) => InstanceId)).toEqual([two]);
  });
});

describe("DescribeInstanceStatus", () => {
  it("answers running instances only, unless all are asked for", () => {
    const { ec2 } = cloud();
    ec2.call("StopInstances", { InstanceIds: [one] }, start);
    const ids = (input: object): (string | undefined)[] | undefined => {
      const answer = ec2.call(
        "DescribeInstanceStatus",
        input,
        start + minute,
      ) as DescribeInstanceStatusResult;
      return answer.InstanceStatuses?.map(({ InstanceId }) => InstanceId);
    };
    expect(ids({ InstanceIds: [one, two] })).toEqual([two]);
    expect(ids({ InstanceIds: [one, two], IncludeAllInstances: true })).toEqual([one, two]);
  });

  it("takes a hundred ids at most, and names all that do not exist", () => {
    const { ec2 } = cloud();
    const many = Array.from({ length: 101 }, () => one);
    expect(refusal(() => ec2.call("DescribeInstanceStatus", { InstanceIds: many }, start))).toMatch(
      /^InvalidParameterValue 400/,
    );
    const missing = ["i-00000000", one, "i-11111111"];
    expect(refusal(() => ec2.call("DescribeInstanceStatus", { InstanceIds: missing }, start))).toBe(
      "InvalidInstanceID.NotFound 400: The instance IDs 'i-00000000, i-11111111' do not exist",
    );
  });
});

describe("pages", () => {
  it("go through everything once, whatever the page size and what comes in between", () => {
    const { ec2 } = cloud();
    for (let count = 0; count < 20; count += 1) {
      ec2.addInterface({ networkInterfaceId: `eni-0000000000000${1000 + count}`, zone: "eu-west-1a" }, start);
    }
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 30 }), (MaxResults) => {
        const seen: (string | undefined)[] = [];
        let NextToken: string | undefined;
        do {
          const input = { MaxResults, NextToken };
          const answer = ec2.call(
            "DescribeNetworkInterfaces",
            input,
            start,
          ) as DescribeNetworkInterfacesResult;
          seen.push(...(answer.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId));
          NextToken = answer.NextToken;
        } while (NextToken !== undefined);
        expect(seen).toHaveLength(25);
        expect(new Set(seen).size).toBe(25);
      }),
    );
  });

  it.each([
    ["DescribeInstances", { InstanceIds: [one], MaxResults: 5 }, /^InvalidParameterCombination/],
    ["DescribeInstanceStatus", { InstanceIds: [one], MaxResults: 5 }, /^InvalidParameterCombination/],
    [
      "DescribeNetworkInterfaces",
      { NetworkInterfaceIds: [floating], MaxResults: 5 },
      /^InvalidParameterCombination/,
    ],
    ["DescribeNetworkInterfaces", { MaxResults: 4 }, /^InvalidParameterValue/],
    ["DescribeNetworkInterfaces", { NextToken: "nonsense" }, /^InvalidPaginationToken/],
  ])("of %s refuse %j", (operation, input, expected) => {
    expect(refusal(() => cloud().ec2.call(operation, input, start))).toMatch(expected);
  });
});

describe("eventual consistency", () => {
  const behaviour = { lag: { usual: 300, slow: 2_000, slowShare: 0.05 } };

  it("lets reads be behind by 2 s at most, now and then by more than 300 ms", () => {
    const { ec2 } = cloud({ behaviour });
    detach(ec2, floating, start);
    const behind = (wait: number): number => {
      let count = 0;
      for (let read = 0; read < 1_000; read += 1)
        count += stateOf(ec2, floating, start + wait) === "attached" ? 1 : 0;
      return count;
    };
    expect(behind(1)).toBeGreaterThan(900);
    expect(behind(301)).toBeGreaterThan(10);
    expect(behind(301)).toBeLessThan(100);
    expect(behind(2_000)).toBe(0);
  });

  it("hides what was just made, by filter and by id, but not from calls that change it", () => {
    const { ec2 } = cloud({ behaviour });
    const SubnetId = interfaceSeen(ec2, other, start)?.SubnetId;
    const made = ec2.call("CreateNetworkInterface", { SubnetId }, start) as CreateNetworkInterfaceResult;
    const id = made.NetworkInterface?.NetworkInterfaceId ?? "";
    expect(interfaceSeen(ec2, id, start)).toBeUndefined();
    expect(
      refusal(() => ec2.call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [id] }, start)),
    ).toMatch(/^InvalidNetworkInterfaceID.NotFound/);
    expect(refusal(() => attach(ec2, id, two, 1, start))).toBe("ok");
    expect(interfaceSeen(ec2, id, start + 2 * second)?.Attachment?.InstanceId).toBe(two);
  });

  it("lets DescribeInstances be behind about the attachments of an instance that itself has not changed", () => {
    const { ec2 } = cloud({ behaviour });
    detach(ec2, floating, start);
    const input = { InstanceIds: [one] };
    const answer = ec2.call("DescribeInstances", input, start + 1) as DescribeInstancesResult;
    const held = answer.Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces ?? [];
    expect(held.map(({ Attachment }) => Attachment?.Status)).toEqual(["attached", "attached"]);
  });

  it("shows an instance and its interfaces as they were at one and the same moment", () => {
    const { ec2 } = cloud({ behaviour });
    detach(ec2, floating, start);
    for (let wait = 0; wait < 6_000; wait += 50) {
      const input = { InstanceIds: [one] };
      const answer = ec2.call("DescribeInstances", input, start + wait) as DescribeInstancesResult;
      const held = answer.Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces;
      expect([1, 2]).toContain(held?.length);
      for (const each of held ?? []) expect(each.Attachment).toBeDefined();
    }
  });
});

describe("a scene set by ordinary calls", () => {
  it("has addresses of the subnet's block, each once, and gives back those of deleted interfaces", () => {
    const ec2 = new Ec2({ account: "123456789012", region: "us-east-1", random: seeded(1) });
    const { Vpc } = ec2.call("CreateVpc", { CidrBlock: "10.1.0.0/16" }, start) as CreateVpcResult;
    const subnetInput = { VpcId: Vpc?.VpcId, CidrBlock: "10.1.2.0/28", AvailabilityZone: "us-east-1b" };
    const { Subnet } = ec2.call("CreateSubnet", subnetInput, start) as CreateSubnetResult;
    const create = () =>
      (
        ec2.call(
          "CreateNetworkInterface",
          { SubnetId: Subnet?.SubnetId },
          start,
        ) as CreateNetworkInterfaceResult
      ).NetworkInterface;
    const made = Array.from({ length: 11 }, create);
    expect(made.map((each) => each?.PrivateIpAddress)).toEqual(
      Array.from({ length: 11 }, (_, index) => `10.1.2.${index + 4}`),
    );
    expect(new Set(made.map((each) => each?.MacAddress)).size).toBe(11);
    expect(made[0]).toMatchObject({ AvailabilityZone: "us-east-1b", Groups: [{ GroupName: "default" }] });
    expect(refusal(create)).toMatch(/^InsufficientFreeAddressesInSubnet/);
    ec2.call("DeleteNetworkInterface", { NetworkInterfaceId: made[3]?.NetworkInterfaceId }, start);
    expect(create()?.PrivateIpAddress).toBe(made[3]?.PrivateIpAddress);
  });

  it.each([
    ["CreateVpc", { CidrBlock: "10.0.0.0/8" }, /^InvalidVpc.Range/],
    ["CreateVpc", { CidrBlock: "ten" }, /^InvalidParameterValue/],
    ["CreateSubnet", { VpcId: "vpc-00000000", CidrBlock: "10.0.0.0/24" }, /^InvalidVpcID.NotFound/],
    ["CreateSecurityGroup", { GroupName: "x" }, /^MissingParameter 400: .* groupDescription$/],
    ["CreateNetworkInterface", {}, /^MissingParameter 400: .* subnetId$/],
    [
      "RunInstances",
      { ImageId: "ami-1", MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" },
      /^VPCIdNotSpecified/,
    ],
    ["RunInstances", { ImageId: "ami-1", MinCount: 2, MaxCount: 1 }, /^InvalidParameterCombination/],
    [
      "RunInstances",
      { ImageId: "ami-1", MinCount: 1, MaxCount: 1, InstanceType: "t9.huge" },
      /^InvalidInstanceType/,
    ],
  ])("refuses %s of %j", (operation, input, expected) => {
    expect(refusal(() => cloud().ec2.call(operation, input, start))).toMatch(expected);
  });

  it("has security groups by name, once in a VPC", () => {
    const { ec2 } = cloud();
    const VpcId = interfaceSeen(ec2, other, start)?.VpcId;
    const input = { GroupName: "isolated", Description: "nothing passes", VpcId };
    const { GroupId } = ec2.call("CreateSecurityGroup", input, start) as CreateSecurityGroupResult;
    expect(refusal(() => ec2.call("CreateSecurityGroup", input, start))).toMatch(/^InvalidGroup.Duplicate/);
    const found = ec2.call(
      "DescribeSecurityGroups",
      { Filters: [{ Name: "group-name", Values: ["isolated"] }] },
      start,
    ) as DescribeSecurityGroupsResult;
    expect(found.SecurityGroups?.map((group) => group.GroupId)).toEqual([GroupId]);
  });

  it("has secondary addresses that can move to another interface", () => {
    const { ec2 } = cloud();
    const address = "10.0.0.99";
    ec2.call(
      "AssignPrivateIpAddresses",
      { NetworkInterfaceId: floating, PrivateIpAddresses: [address] },
      start,
    );
    const move = { NetworkInterfaceId: other, PrivateIpAddresses: [address] };
    expect(refusal(() => ec2.call("AssignPrivateIpAddresses", move, start))).toMatch(
      /^InvalidIPAddress.InUse/,
    );
    ec2.call("AssignPrivateIpAddresses", { ...move, AllowReassignment: true }, start);
    const addresses = (id: string) =>
      interfaceSeen(ec2, id, start)?.PrivateIpAddresses?.map((each) => each.PrivateIpAddress);
    expect(addresses(floating)).not.toContain(address);
    expect(addresses(other)).toContain(address);
    ec2.call("UnassignPrivateIpAddresses", move, start);
    expect(addresses(other)).not.toContain(address);
  });

  it("has tags that come and go", () => {
    const { ec2 } = cloud();
    ec2.call("CreateTags", { Resources: [one, other], Tags: [{ Key: "team", Value: "net" }] }, start);
    const tagged = (): string[] => {
      const input = { Filters: [{ Name: "key", Values: ["team"] }] };
      const answer = ec2.call("DescribeTags", input, start) as DescribeTagsResult;
      return (answer.Tags ?? []).map(({ ResourceType, Value }) => `${ResourceType}=${Value}`);
    };
    expect(tagged()).toEqual(["instance=net", "network-interface=net"]);
    ec2.call("DeleteTags", { Resources: [one], Tags: [{ Key: "team", Value: "other" }] }, start);
    ec2.call("DeleteTags", { Resources: [other], Tags: [{ Key: "team" }] }, start);
    expect(tagged()).toEqual(["instance=net"]);
  });

  it("knows how many interfaces an instance type takes", () => {
    const input = { InstanceTypes: ["t3.micro", "c6in.32xlarge"] };
    const answer = cloud().ec2.call("DescribeInstanceTypes", input, start) as DescribeInstanceTypesResult;
    expect(answer.InstanceTypes?.map(({ NetworkInfo }) => NetworkInfo?.MaximumNetworkInterfaces)).toEqual([
      2, 16,
    ]);
    expect(answer.InstanceTypes?.map(({ NetworkInfo }) => NetworkInfo?.MaximumNetworkCards)).toEqual([1, 2]);
  });
});

describe("one seed", () => {
  it("gives the same cloud twice, ids, addresses and durations", () => {
    const run = (): unknown => {
      const { ec2 } = cloud({
        timings: {},
        behaviour: { lag: { usual: 300, slow: 2_000, slowShare: 0.05 } },
      });
      detach(ec2, floating, start);
      ec2.break({ kind: "hang", instance: two }, start + second);
      const seen = [0, 1, 5, 20, 90].map((wait) => interfaceSeen(ec2, floating, start + wait * second));
      return [
        seen,
        ec2.call("DescribeInstances", { InstanceIds: [one, two, elsewhere] }, start + 5 * minute),
      ];
    };
    expect(run()).toEqual(run());
  });
});
