/** Reads of many looks, put together: fewer calls, and the same answers. */
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
} from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { withMergedReads } from "../shared/observe/merged.ts";
import { observeInterfaces, observeMembers } from "../shared/observe.ts";
import { A, type Answer, awsError, B, group, member, stubWorld } from "./stub-world.ts";

const C = "i-0cccccccccccccccc";
const GONE = "i-0dddddddddddddddd";

/** EC2 as far as it is asked here: every instance runs, but one that is gone. */
const ec2: Answer = (operation, input) => {
  const ids = (input.InstanceIds ?? []) as string[];
  if (ids.includes(GONE)) throw awsError("InvalidInstanceID.NotFound");
  if (operation === "DescribeInstanceStatus")
    return {
      InstanceStatuses: ids.map((InstanceId) => ({
        InstanceId,
        AvailabilityZone: "eu-west-1a",
        InstanceState: { Name: "running" },
      })),
    };
  if (operation === "DescribeInstances")
    return { Reservations: ids.map((InstanceId) => ({ Instances: [{ InstanceId }] })) };
  const [{ Values = [] } = {}] = (input.Filters ?? []) as { Values?: string[] }[];
  return {
    NetworkInterfaces: Values.map((NetworkInterfaceId) => ({ NetworkInterfaceId, Status: "available" })),
  };
};

const status = (...InstanceIds: string[]) =>
  new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true });

it("what is asked for side by side is one call, and each is answered what it asked for", async () => {
  const { world, inputs } = stubWorld(ec2);
  const { ec2: front } = withMergedReads(world);
  const answers = await Promise.all([front.send(status(A)), front.send(status(B, C)), front.send(status(C))]);
  expect(answers.map((one) => one.InstanceStatuses?.map(({ InstanceId }) => InstanceId))).toEqual([
    [A],
    [B, C],
    [C],
  ]);
  expect(inputs("DescribeInstanceStatus")).toEqual([{ InstanceIds: [A, B, C], IncludeAllInstances: true }]);
});

it("reads of another form are not put together", async () => {
  const { world, inputs } = stubWorld(ec2);
  const { ec2: front } = withMergedReads(world);
  const attached = { Name: "attachment.instance-id", Values: [A] };
  await Promise.all([
    front.send(new DescribeNetworkInterfacesCommand({ Filters: [attached], MaxResults: 1_000 })),
    front.send(new DescribeInstancesCommand({ InstanceIds: [A] })),
    front.send(new DescribeInstancesCommand({ InstanceIds: [B], DryRun: true })),
  ]);
  expect(inputs("DescribeNetworkInterfaces")).toEqual([{ Filters: [attached], MaxResults: 1_000 }]);
  expect(inputs("DescribeInstances")).toHaveLength(2);
});

it("one that is gone keeps nobody else from being seen", async () => {
  const { world } = stubWorld(ec2);
  const merged = withMergedReads(world);
  const [one, other] = await Promise.all([
    observeMembers(merged, group({ members: [member(A), member(GONE)] }), { details: false }),
    observeMembers(merged, group({ members: [member(B), member(C)] }), { details: false }),
  ]);
  expect(one).toMatchObject({
    [A]: { instance: { read: "ok" } },
    [GONE]: { instance: { read: "not-found" } },
  });
  expect(other).toMatchObject({ [B]: { instance: { read: "ok" } }, [C]: { instance: { read: "ok" } } });
});

it("a throttle is everybody's, and is not answered with more calls", async () => {
  const { world, inputs } = stubWorld(() => {
    throw awsError("RequestLimitExceeded", 503);
  });
  const { ec2: front } = withMergedReads(world);
  const asked = await Promise.allSettled([front.send(status(A)), front.send(status(B))]);
  expect(asked.map((one) => one.status)).toEqual(["rejected", "rejected"]);
  expect(inputs("DescribeInstanceStatus")).toHaveLength(1);
});

it("more than a call takes is asked for in several", async () => {
  const { world, inputs } = stubWorld(ec2);
  const merged = withMergedReads(world);
  const groups = Array.from({ length: 250 }, (_, index) =>
    group({ interfaces: [{ eni: `eni-${index}`, deviceIndexes: [1] }] }),
  );
  const seen = await Promise.all(groups.map((one) => observeInterfaces(merged, one)));
  expect(seen.map((one) => Object.keys(one))).toEqual(groups.map((_, index) => [`eni-${index}`]));
  expect(inputs("DescribeNetworkInterfaces")).toHaveLength(2);
});
