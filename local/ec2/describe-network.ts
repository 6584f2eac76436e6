/** DescribeVpcs, DescribeSubnets, DescribeSecurityGroups and DescribeInstanceTypes. */
import type {
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  SecurityGroup as SecurityGroupView,
} from "@aws-sdk/client-ec2";
import { tagViews } from "./describe-interfaces.ts";
import type { SecurityGroup, Subnet, Vpc } from "./entities.ts";
import { compile, type FilterTable, flag } from "./filters.ts";
import { idKinds } from "./ids.ts";
import { type InstanceType, instanceTypes, knownType, typeView } from "./instance-types.ts";
import { type Listing, page, pageSize, position, tokenAfter } from "./listing.ts";
import { subnetView, vpcView } from "./network.ts";
import { endDryRun } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";

const vpcs: Listing<Vpc, Vpc> = {
  table: (region) => region.vpcs,
  kind: idKinds.vpc,
  idsName: "vpcIds",
  idFilter: "vpc-id",
  row: (_region, of) => of,
  filters: {
    tags: (of) => of.tags,
    readers: {
      cidr: (of) => of.cidr,
      "cidr-block-association.cidr-block": (of) => of.cidr,
      "is-default": () => "false",
      isDefault: () => "false",
      state: () => "available",
      "vpc-id": (of) => of.id,
    },
  },
};

const subnets: Listing<Subnet, Subnet> = {
  table: (region) => region.subnets,
  kind: idKinds.subnet,
  idsName: "subnetIds",
  idFilter: "subnet-id",
  row: (_region, of) => of,
  filters: {
    tags: (of) => of.tags,
    readers: {
      "availability-zone": (of) => of.zone,
      availabilityZone: (of) => of.zone,
      cidr: (of) => of.cidr,
      "cidr-block": (of) => of.cidr,
      cidrBlock: (of) => of.cidr,
      "default-for-az": () => "false",
      state: () => "available",
      "subnet-id": (of) => of.id,
      "vpc-id": (of) => of.vpcId,
    },
  },
};

const groups: Listing<SecurityGroup, SecurityGroup> = {
  table: (region) => region.groups,
  kind: idKinds.group,
  idsName: "groupIds",
  idFilter: "group-id",
  row: (_region, of) => of,
  filters: {
    tags: (of) => of.tags,
    readers: {
      description: (of) => of.description,
      "group-id": (of) => of.id,
      "group-name": (of) => of.name,
      "vpc-id": (of) => of.vpcId,
    },
  },
};

export function describeVpcs(
  region: Region,
  input: DescribeVpcsRequest,
  { now }: Moment,
): DescribeVpcsResult {
  const { rows, nextToken } = page(region, vpcs, { ...input, ids: input.VpcIds }, now);
  return { Vpcs: rows.map((of) => vpcView(region, of)), NextToken: nextToken };
}

export function describeSubnets(
  region: Region,
  input: DescribeSubnetsRequest,
  { now }: Moment,
): DescribeSubnetsResult {
  const { rows, nextToken } = page(region, subnets, { ...input, ids: input.SubnetIds }, now);
  return { Subnets: rows.map((of) => subnetView(region, of)), NextToken: nextToken };
}

/** GroupNames is a filter of its own here: names are unique only within a VPC. */
export function describeSecurityGroups(
  region: Region,
  input: DescribeSecurityGroupsRequest,
  { now }: Moment,
): DescribeSecurityGroupsResult {
  const { rows, nextToken } = page(region, groups, { ...input, ids: input.GroupIds }, now);
  const names = input.GroupNames ?? [];
  const named = names.length === 0 ? rows : rows.filter((of) => names.includes(of.name));
  return { SecurityGroups: named.map((of) => groupView(region, of)), NextToken: nextToken };
}

/** Rules are not modelled: all may go out, nothing comes in. */
function groupView(region: Region, of: SecurityGroup): SecurityGroupView {
  return {
    Description: of.description,
    GroupId: of.id,
    GroupName: of.name,
    IpPermissions: [],
    IpPermissionsEgress: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    OwnerId: region.account,
    SecurityGroupArn: region.arn("security-group", of.id),
    Tags: tagViews(of.tags),
    VpcId: of.vpcId,
  };
}

const typeFilters: FilterTable<InstanceType> = {
  tags: undefined,
  readers: {
    "current-generation": (of) => flag(of.nitro),
    hypervisor: (of) => (of.nitro ? "nitro" : "xen"),
    "instance-type": (of) => of.name,
    "network-info.ipv4-addresses-per-interface": (of) => String(of.addressesPerInterface),
    "network-info.maximum-network-cards": (of) => String(of.cards),
    "network-info.maximum-network-interfaces": (of) => String(of.cards * of.interfacesPerCard),
    "processor-info.supported-architecture": (of) => (of.arm ? "arm64" : "x86_64"),
  },
};

export function describeInstanceTypes(
  _region: Region,
  input: DescribeInstanceTypesRequest,
): DescribeInstanceTypesResult {
  const named = [...new Set<string>(input.InstanceTypes ?? [])];
  const most = Math.min(
    pageSize({ ...input, ids: undefined }, named.length > 0 ? "instanceTypes" : undefined),
    100,
  );
  const after = position(input.NextToken);
  const accept = compile(typeFilters, input.Filters);
  const types = named.length > 0 ? named.map(knownType) : [...instanceTypes.values()];
  endDryRun(input);
  const rows = types.filter(accept);
  const shown = rows.slice(after, after + most);
  return {
    InstanceTypes: shown.map(typeView),
    NextToken: after + most < rows.length ? tokenAfter(after + most) : undefined,
  };
}
