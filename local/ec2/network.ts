/** VPCs, subnets and security groups: what it takes to set a scene by ordinary calls. */
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  CreateSubnetRequest,
  CreateSubnetResult,
  CreateVpcRequest,
  CreateVpcResult,
  Subnet as SubnetView,
  Vpc as VpcView,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { type Block, parseBlock } from "./addresses.ts";
import { tagViews } from "./describe-interfaces.ts";
import { noTags, type Subnet, type Vpc } from "./entities.ts";
import { idKinds } from "./ids.ts";
import { endDryRun, required, requiredId } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";
import { tagsFor } from "./tags.ts";

export function createVpc(region: Region, input: CreateVpcRequest, { now }: Moment): CreateVpcResult {
  const cidr = required(input.CidrBlock, "cidrBlock");
  const { bits } = parseBlock(cidr);
  if (bits < 16 || bits > 28) {
    throw new AwsError("InvalidVpc.Range", `The CIDR '${cidr}' is invalid.`);
  }
  const tags = tagsFor(input.TagSpecifications, "vpc");
  endDryRun(input);
  const vpc: Vpc = { id: region.newId("vpc-"), cidr, tags };
  addVpc(region, vpc, now);
  return { Vpc: { ...vpcView(region, vpc), State: "pending" } };
}

/** A VPC comes with its default group. */
export function addVpc(region: Region, vpc: Vpc, at: number, groupId = region.newId("sg-")): void {
  region.vpcs.put(vpc.id, vpc, at);
  const description = "default VPC security group";
  region.groups.put(groupId, { id: groupId, vpcId: vpc.id, name: "default", description, tags: noTags }, at);
}

export function defaultGroup(region: Region, vpcId: string): string {
  for (const { newest } of region.groups.entries()) {
    if (newest.value?.vpcId === vpcId && newest.value.name === "default") return newest.value.id;
  }
  throw new AwsError(
    "InvalidGroup.NotFound",
    `The security group 'default' does not exist in VPC '${vpcId}'`,
  );
}

export function vpcView(region: Region, vpc: Vpc): VpcView {
  return {
    CidrBlock: vpc.cidr,
    CidrBlockAssociationSet: [{ CidrBlock: vpc.cidr, CidrBlockState: { State: "associated" } }],
    DhcpOptionsId: "default",
    InstanceTenancy: "default",
    IsDefault: false,
    OwnerId: region.account,
    State: "available",
    Tags: tagViews(vpc.tags),
    VpcId: vpc.id,
  };
}

export function createSubnet(
  region: Region,
  input: CreateSubnetRequest,
  { now }: Moment,
): CreateSubnetResult {
  const vpc = region.vpc(requiredId(idKinds.vpc, input.VpcId, "vpcId"));
  const cidr = required(input.CidrBlock, "cidrBlock");
  const block = parseBlock(cidr);
  const zone = input.AvailabilityZone ?? `${region.name}a`;
  if (!zone.startsWith(region.name) || !/^[a-z]$/.test(zone.slice(region.name.length))) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${region.name}a, ${region.name}b, ${region.name}c.`,
    );
  }
  if (block.bits < 16 || block.bits > 28 || !contains(parseBlock(vpc.cidr), block)) {
    throw new AwsError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  for (const { newest } of region.subnets.entries()) {
    if (newest.value?.vpcId === vpc.id && overlap(parseBlock(newest.value.cidr), block)) {
      throw new AwsError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
    }
  }
  const tags = tagsFor(input.TagSpecifications, "subnet");
  endDryRun(input);
  const subnet: Subnet = { id: region.newId("subnet-"), vpcId: vpc.id, zone, cidr, tags };
  region.subnets.put(subnet.id, subnet, now);
  return { Subnet: subnetView(region, subnet) };
}

function contains(outer: Block, inner: Block): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

function overlap(one: Block, other: Block): boolean {
  return one.first <= other.last && other.first <= one.last;
}

export function subnetView(region: Region, subnet: Subnet): SubnetView {
  return {
    AssignIpv6AddressOnCreation: false,
    AvailabilityZone: subnet.zone,
    AvailableIpAddressCount: region.pool(subnet).free,
    CidrBlock: subnet.cidr,
    DefaultForAz: false,
    Ipv6CidrBlockAssociationSet: [],
    MapPublicIpOnLaunch: false,
    OwnerId: region.account,
    State: "available",
    SubnetArn: region.arn("subnet", subnet.id),
    SubnetId: subnet.id,
    Tags: tagViews(subnet.tags),
    VpcId: subnet.vpcId,
  };
}

export function createSecurityGroup(
  region: Region,
  input: CreateSecurityGroupRequest,
  { now }: Moment,
): CreateSecurityGroupResult {
  const name = required(input.GroupName, "groupName");
  const description = required(input.Description, "groupDescription");
  if (input.VpcId === undefined) {
    throw new AwsError("VPCIdNotSpecified", "No default VPC for this user");
  }
  const vpc = region.vpc(requiredId(idKinds.vpc, input.VpcId, "vpcId"));
  for (const { newest } of region.groups.entries()) {
    if (newest.value?.vpcId === vpc.id && newest.value.name === name) {
      throw new AwsError(
        "InvalidGroup.Duplicate",
        `The security group '${name}' already exists for VPC '${vpc.id}'`,
      );
    }
  }
  const tags = tagsFor(input.TagSpecifications, "security-group");
  endDryRun(input);
  const id = region.newId("sg-");
  region.groups.put(id, { id, vpcId: vpc.id, name, description, tags }, now);
  return { GroupId: id, SecurityGroupArn: region.arn("security-group", id), Tags: tagViews(tags) };
}
