/** DescribeNetworkInterfaces, and how an interface looks in EC2's answers. */
import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  GroupIdentifier,
  NetworkInterface,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
  NetworkInterfaceStatus,
  Tag,
} from "@aws-sdk/client-ec2";
import type { Attachment, Interface, Tags } from "./entities.ts";
import { type FilterTable, flag } from "./filters.ts";
import { idKinds } from "./ids.ts";
import { type Listing, page } from "./listing.ts";
import type { Moment, Region } from "./region.ts";
import { inWholeSeconds } from "./times.ts";

/** The interface's own status. Whether it follows its attachment through transitions is not documented. */
export function interfaceStatus(region: Region, attachment: Attachment | undefined): NetworkInterfaceStatus {
  if (attachment === undefined) return "available";
  if (region.behaviour.statusInTransition === "in-use" || attachment.status === "attached") return "in-use";
  return attachment.status;
}

interface InterfaceRow {
  readonly of: Interface;
  readonly status: NetworkInterfaceStatus;
  readonly region: Region;
}

const filters: FilterTable<InterfaceRow> = {
  tags: (row) => row.of.tags,
  readers: {
    "addresses.primary": ({ of }) => (of.addresses.length > 1 ? ["true", "false"] : "true"),
    "addresses.private-ip-address": ({ of }) => of.addresses,
    "attachment.attach-time": ({ of }) =>
      of.attachment && inWholeSeconds(of.attachment.attachedAt).toISOString(),
    "attachment.attachment-id": ({ of }) => of.attachment?.id,
    "attachment.delete-on-termination": ({ of }) => of.attachment && flag(of.attachment.deleteOnTermination),
    "attachment.device-index": ({ of }) => of.attachment && String(of.attachment.deviceIndex),
    "attachment.instance-id": ({ of }) => of.attachment?.instanceId,
    "attachment.instance-owner-id": ({ of }) => of.attachment?.ownerId,
    "attachment.status": ({ of }) => of.attachment?.status ?? "detached",
    "availability-zone": ({ of }) => of.zone,
    description: ({ of }) => of.description,
    "group-id": ({ of }) => of.groups,
    "group-name": ({ of, region }) => groupViews(region, of.groups).map((group) => group.GroupName ?? ""),
    "interface-type": () => "interface",
    "mac-address": ({ of }) => of.mac,
    "network-interface-id": ({ of }) => of.id,
    "owner-id": ({ region }) => region.account,
    "private-dns-name": ({ of, region }) => dnsName(region, of.addresses[0]),
    "private-ip-address": ({ of }) => of.addresses,
    "requester-managed": ({ of }) => flag(of.requesterManaged),
    "source-dest-check": ({ of }) => flag(of.sourceDestCheck),
    status: (row) => row.status,
    "subnet-id": ({ of }) => of.subnetId,
    "vpc-id": ({ of }) => of.vpcId,
  },
};

const listing: Listing<Interface, InterfaceRow> = {
  table: (region) => region.interfaces,
  kind: idKinds.interface,
  idsName: "networkInterfaceIdSet",
  idFilter: "network-interface-id",
  filters,
  row: (region, of) => ({ of, region, status: interfaceStatus(region, of.attachment) }),
};

export function describeNetworkInterfaces(
  region: Region,
  input: DescribeNetworkInterfacesRequest,
  { now }: Moment,
): DescribeNetworkInterfacesResult {
  const { rows, nextToken } = page(region, listing, { ...input, ids: input.NetworkInterfaceIds }, now);
  return { NetworkInterfaces: rows.map((row) => interfaceView(region, row.of)), NextToken: nextToken };
}

/** A fresh object. Members that may be absent are added last: spreads in so large a literal cost more than the rest. */
export function interfaceView(region: Region, of: Interface): NetworkInterface {
  const view: NetworkInterface = {
    AvailabilityZone: of.zone,
    Description: of.description,
    Groups: groupViews(region, of.groups),
    InterfaceType: "interface",
    Ipv6Addresses: [],
    MacAddress: of.mac,
    NetworkInterfaceId: of.id,
    OwnerId: region.account,
    PrivateDnsName: dnsName(region, of.addresses[0]),
    PrivateIpAddress: of.addresses[0],
    PrivateIpAddresses: addressViews(region, of),
    RequesterManaged: of.requesterManaged,
    SourceDestCheck: of.sourceDestCheck,
    Status: interfaceStatus(region, of.attachment),
    SubnetId: of.subnetId,
    TagSet: tagViews(of.tags),
    VpcId: of.vpcId,
  };
  if (of.attachment !== undefined) view.Attachment = attachmentView(of.attachment);
  if (of.requesterManaged) view.RequesterId = "amazon-elb";
  return view;
}

function attachmentView(attachment: Attachment): NetworkInterfaceAttachment {
  const view: NetworkInterfaceAttachment = {
    AttachTime: inWholeSeconds(attachment.attachedAt),
    AttachmentId: attachment.id,
    DeleteOnTermination: attachment.deleteOnTermination,
    DeviceIndex: attachment.deviceIndex,
    NetworkCardIndex: attachment.cardIndex,
    InstanceOwnerId: attachment.ownerId,
    Status: attachment.status,
  };
  if (attachment.instanceId !== undefined) view.InstanceId = attachment.instanceId;
  return view;
}

/** What `ip-10-0-0-4.…` an address answers to in its VPC. */
export function dnsName(region: Region, address: string | undefined): string {
  if (address === undefined) return "";
  const domain = region.name === "us-east-1" ? "ec2.internal" : `${region.name}.compute.internal`;
  return `ip-${address.replaceAll(".", "-")}.${domain}`;
}

export function addressViews(region: Region, of: Interface): NetworkInterfacePrivateIpAddress[] {
  return of.addresses.map((address, index) => ({
    Primary: index === 0,
    PrivateDnsName: dnsName(region, address),
    PrivateIpAddress: address,
  }));
}

export function groupViews(region: Region, ids: readonly string[]): GroupIdentifier[] {
  return ids.map((id) => ({ GroupId: id, GroupName: region.groups.current(id)?.name ?? "" }));
}

export function tagViews(tags: Tags): Tag[] {
  const views: Tag[] = [];
  for (const [Key, Value] of tags) views.push({ Key, Value });
  return views;
}
