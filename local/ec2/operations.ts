/** The operations of EC2 that the embedded cloud has. */
import { attachNetworkInterface } from "./attach.ts";
import { describeInstances } from "./describe-instances.ts";
import { describeNetworkInterfaces } from "./describe-interfaces.ts";
import {
  describeInstanceTypes,
  describeSecurityGroups,
  describeSubnets,
  describeVpcs,
} from "./describe-network.ts";
import { describeInstanceStatus } from "./describe-status.ts";
import { detachNetworkInterface } from "./detach.ts";
import { rebootInstances, startInstances, stopInstances, terminateInstances } from "./instances.ts";
import {
  createNetworkInterface,
  deleteNetworkInterface,
  modifyNetworkInterfaceAttribute,
} from "./interfaces.ts";
import { createSecurityGroup, createSubnet, createVpc } from "./network.ts";
import { assignPrivateIpAddresses, unassignPrivateIpAddresses } from "./private-addresses.ts";
import type { Moment, Region } from "./region.ts";
import { runInstances } from "./run-instances.ts";
import { createTags, deleteTags, describeTags } from "./tags.ts";

/** Each takes its own input; whoever calls has decoded one of the right shape. */
type Operation = (region: Region, input: never, moment: Moment) => unknown;

export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["AssignPrivateIpAddresses", assignPrivateIpAddresses],
  ["AttachNetworkInterface", attachNetworkInterface],
  ["CreateNetworkInterface", createNetworkInterface],
  ["CreateSecurityGroup", createSecurityGroup],
  ["CreateSubnet", createSubnet],
  ["CreateTags", createTags],
  ["CreateVpc", createVpc],
  ["DeleteNetworkInterface", deleteNetworkInterface],
  ["DeleteTags", deleteTags],
  ["DescribeInstances", describeInstances],
  ["DescribeInstanceStatus", describeInstanceStatus],
  ["DescribeInstanceTypes", describeInstanceTypes],
  ["DescribeNetworkInterfaces", describeNetworkInterfaces],
  ["DescribeSecurityGroups", describeSecurityGroups],
  ["DescribeSubnets", describeSubnets],
  ["DescribeTags", describeTags],
  ["DescribeVpcs", describeVpcs],
  ["DetachNetworkInterface", detachNetworkInterface],
  ["ModifyNetworkInterfaceAttribute", modifyNetworkInterfaceAttribute],
  ["RebootInstances", rebootInstances],
  ["RunInstances", runInstances],
  ["StartInstances", startInstances],
  ["StopInstances", stopInstances],
  ["TerminateInstances", terminateInstances],
  ["UnassignPrivateIpAddresses", unassignPrivateIpAddresses],
]);
