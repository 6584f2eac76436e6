/** What calls ask the authoriser, and how often they may be made. */
import { describe, expect, it } from "vitest";
import { AwsError } from "../../local/aws-error.ts";
import { TokenBuckets } from "../../local/ec2/throttle.ts";
import { cloud, floating, one, other, second, start, two } from "./ec2-fixture.ts";

const arn = (rest: string): string => `arn:aws:ec2:eu-west-1:123456789012:${rest}`;

describe("access asks", () => {
  const { ec2 } = cloud();
  const AttachmentId = ec2.attachmentTruth(floating, start)?.id;
  const askedFor = (operation: string, input: unknown) =>
    ec2.access(operation, input).map(({ action, resource }) => `${action} ${resource}`);

  it.each<[string, unknown, string[]]>([
    [
      "AttachNetworkInterface",
      { NetworkInterfaceId: other, InstanceId: two },
      [`network-interface/${other}`, `instance/${two}`],
    ],
    ["DetachNetworkInterface", { AttachmentId }, [`network-interface/${floating}`, `instance/${one}`]],
    [
      "DetachNetworkInterface",
      { AttachmentId: "eni-attach-4e6c9c89" },
      ["network-interface/*", "instance/*"],
    ],
    [
      "ModifyNetworkInterfaceAttribute",
      { NetworkInterfaceId: other, Groups: ["sg-1"] },
      [`network-interface/${other}`, "security-group/sg-1"],
    ],
    [
      "ModifyNetworkInterfaceAttribute",
      { NetworkInterfaceId: floating, Groups: [] },
      [`network-interface/${floating}`, `instance/${one}`],
    ],
    ["StopInstances", { InstanceIds: [one, two] }, [`instance/${one}`, `instance/${two}`]],
    ["CreateTags", { Resources: [floating, one] }, [`network-interface/${floating}`, `instance/${one}`]],
  ])("%s of %j", (operation, input, resources) => {
    expect(askedFor(operation, input)).toEqual(
      resources.map((resource) => `ec2:${operation} ${arn(resource)}`),
    );
  });

  it("reads of everything", () => {
    expect(ec2.access("DescribeInstances", {})).toEqual([
      { action: "ec2:DescribeInstances", resource: "*", keys: { "ec2:region": ["eu-west-1"] } },
    ]);
  });

  it("with the tags, zone and ids of each resource", () => {
    const [eni, instance] = ec2.access("DetachNetworkInterface", { AttachmentId });
    expect(eni?.keys).toMatchObject({
      "aws:resourcetag/role": ["floating"],
      "ec2:resourcetag/role": ["floating"],
      "ec2:region": ["eu-west-1"],
      "ec2:availabilityzone": ["eu-west-1a"],
      "ec2:networkinterfaceid": [floating],
    });
    expect(instance?.keys).toMatchObject({ "aws:resourcetag/name": ["one"], "ec2:instanceid": [one] });
  });

  it("without tags for what is no longer attached, so that a condition on tags denies it", () => {
    const questions = ec2.access("DetachNetworkInterface", { AttachmentId: "eni-attach-4e6c9c89" });
    expect(questions.map(({ keys }) => Object.keys(keys))).toEqual([["ec2:region"], ["ec2:region"]]);
  });

  it("for tags in a request and for the attribute that is modified", () => {
    const [tag] = ec2.access("CreateTags", { Resources: [one], Tags: [{ Key: "Team", Value: "net" }] });
    expect(tag?.keys).toMatchObject({ "aws:requesttag/team": ["net"], "aws:tagkeys": ["Team"] });
    const input = { NetworkInterfaceId: other, SourceDestCheck: { Value: false } };
    const [modify] = ec2.access("ModifyNetworkInterfaceAttribute", input);
    expect(modify?.keys).toMatchObject({ "ec2:attribute": ["SourceDestCheck"] });
  });

  it("for CreateTags too, when something is made with tags", () => {
    const TagSpecifications = [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }];
    const questions = ec2.access("RunInstances", {
      ImageId: "ami-1",
      SubnetId: "subnet-1",
      TagSpecifications,
    });
    expect(questions.map(({ resource }) => resource)).toContain("arn:aws:ec2:eu-west-1::image/ami-1");
    expect(questions.at(-1)).toMatchObject({
      action: "ec2:CreateTags",
      resource: arn("instance/*"),
      keys: { "ec2:createaction": ["RunInstances"] },
    });
  });
});

describe("token buckets", () => {
  /** How many calls at one moment go through. */
  function burst(buckets: TokenBuckets, operation: string, input: unknown, now: number): number {
    for (let count = 0; ; count += 1) {
      try {
        buckets.take(operation, input, now);
      } catch (error) {
        if (error instanceof AwsError && error.code === "RequestLimitExceeded" && error.status === 503)
          return count;
        throw error;
      }
    }
  }
  const filtered = { Filters: [{ Name: "status", Values: ["in-use"] }] };

  it.each<[string, object, number, number]>([
    ["DetachNetworkInterface", {}, 50, 5],
    ["StopInstances", { InstanceIds: [one] }, 50, 5],
    ["ModifyNetworkInterfaceAttribute", {}, 100, 5],
    ["CreateTags", {}, 100, 10],
    ["StartInstances", { InstanceIds: [one] }, 5, 2],
    ["DescribeNetworkInterfaces", filtered, 100, 20],
    ["DescribeNetworkInterfaces", { MaxResults: 5 }, 100, 20],
    ["DescribeNetworkInterfaces", {}, 50, 10],
    ["DescribeInstances", { InstanceIds: [one] }, 50, 10],
    ["DescribeInstanceTypes", {}, 100, 20],
  ])("hold for %s %j %i at once and %i a second", (operation, input, capacity, refill) => {
    const buckets = new TokenBuckets("123456789012");
    expect(burst(buckets, operation, input, start)).toBe(capacity);
    expect(burst(buckets, operation, input, start + second)).toBe(refill);
    expect(burst(buckets, operation, input, start + 1000 * second)).toBe(capacity);
  });

  it("are apart for each action, and for filtered and unfiltered calls", () => {
    const buckets = new TokenBuckets("123456789012");
    burst(buckets, "DescribeNetworkInterfaces", {}, start);
    burst(buckets, "AttachNetworkInterface", {}, start);
    expect(burst(buckets, "DescribeNetworkInterfaces", filtered, start)).toBe(100);
    expect(burst(buckets, "DetachNetworkInterface", {}, start)).toBe(50);
  });

  it("count the instances of a call as well", () => {
    const buckets = new TokenBuckets("123456789012");
    const InstanceIds = Array.from({ length: 100 }, () => one);
    expect(burst(buckets, "StopInstances", { InstanceIds }, start)).toBe(10);
  });

  it("can be drained", () => {
    const buckets = new TokenBuckets("123456789012");
    buckets.drain("AttachNetworkInterface", start);
    expect(burst(buckets, "AttachNetworkInterface", {}, start)).toBe(0);
  });
});
