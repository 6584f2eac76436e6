/** DescribeInstances, and how an instance looks in EC2's answers. */
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceNetworkInterface,
  InstanceState as InstanceStateView,
  Instance as InstanceView,
  Reservation,
} from "@aws-sdk/client-ec2";
import { addressViews, dnsName, groupViews, interfaceStatus, tagViews } from "./describe-interfaces.ts";
import type { Attachment, Instance, InstanceState, Interface } from "./entities.ts";
import { type FilterTable, flag } from "./filters.ts";
import { idKinds } from "./ids.ts";
import { knownType } from "./instance-types.ts";
import { type Listing, page } from "./listing.ts";
import type { Moment, Region } from "./region.ts";
import { asOf } from "./table.ts";
import { inWholeSeconds } from "./times.ts";

/** An interface together with the attachment that puts it on the instance. */
interface Held {
  readonly of: Interface;
  readonly attachment: Attachment;
}

export interface InstanceRow {
  readonly of: Instance;
  readonly held: readonly Held[];
  readonly region: Region;
}

/** The low byte of EC2's state code. */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateView(state: InstanceState): InstanceStateView {
  return { Code: stateCodes[state], Name: state };
}

const filters: FilterTable<InstanceRow> = {
  tags: (row) => row.of.tags,
  readers: {
    architecture: ({ of }) => architecture(of),
    "availability-zone": ({ of }) => of.zone,
    "client-token": ({ of }) => of.clientToken,
    "image-id": ({ of }) => of.imageId,
    "instance-id": ({ of }) => of.id,
    "instance-state-code": ({ of }) => String(stateCodes[of.state]),
    "instance-state-name": ({ of }) => of.state,
    "instance-type": ({ of }) => of.type,
    "instance.group-id": ({ of }) => of.groups,
    "launch-time": ({ of }) => inWholeSeconds(of.launchedAt).toISOString(),
    "network-interface.addresses.private-ip-address": ({ held }) => held.flatMap(({ of }) => of.addresses),
    "network-interface.attachment.attachment-id": ({ held }) => held.map(({ attachment }) => attachment.id),
    "network-interface.attachment.delete-on-termination": ({ held }) =>
      held.map(({ attachment }) => flag(attachment.deleteOnTermination)),
    "network-interface.attachment.device-index": ({ held }) =>
      held.map(({ attachment }) => String(attachment.deviceIndex)),
    "network-interface.attachment.instance-id": ({ of, held }) => held.map(() => of.id),
    "network-interface.attachment.status": ({ held }) => held.map(({ attachment }) => attachment.status),
    "network-interface.group-id": ({ held }) => held.flatMap(({ of }) => of.groups),
    "network-interface.mac-address": ({ held }) => held.map(({ of }) => of.mac),
    "network-interface.network-interface-id": ({ held }) => held.map(({ of }) => of.id),
    "network-interface.subnet-id": ({ held }) => held.map(({ of }) => of.subnetId),
    "network-interface.vpc-id": ({ held }) => held.map(({ of }) => of.vpcId),
    "owner-id": ({ region }) => region.account,
    "private-dns-name": ({ of, region }) => dnsName(region, of.privateAddress),
    "private-ip-address": ({ of }) => of.privateAddress,
    "reservation-id": ({ of }) => of.reservationId,
    "subnet-id": ({ of }) => of.subnetId,
    "vpc-id": ({ of }) => of.vpcId,
  },
};

const listing: Listing<Instance, InstanceRow> = {
  table: (region) => region.instances,
  kind: idKinds.instance,
  idsName: "instancesSet",
  idFilter: "instance-id",
  filters,
  row: instanceRow,
};

/** The instance with its interfaces, as they were at one and the same moment. */
export function instanceRow(region: Region, of: Instance, at: number): InstanceRow {
  const held: Held[] = [];
  if (of.state !== "terminated") {
    for (const id of of.interfaces) {
      const entry = region.interfaces.entry(id);
      const found = entry && asOf(entry, at);
      const attachment = found?.attachment;
      if (found !== undefined && attachment?.instanceId === of.id) held.push({ of: found, attachment });
    }
  }
  return { of, held, region };
}

export function describeInstances(
  region: Region,
  input: DescribeInstancesRequest,
  { now }: Moment,
): DescribeInstancesResult {
  const { rows, nextToken } = page(region, listing, { ...input, ids: input.InstanceIds }, now);
  return { Reservations: reservations(region, rows), NextToken: nextToken };
}

/** Instances of one launch stand together in their reservation. */
export function reservations(region: Region, rows: readonly InstanceRow[]): Reservation[] {
  const byId = new Map<string, InstanceView[]>();
  for (const row of rows) {
    const instances = byId.get(row.of.reservationId);
    if (instances === undefined) byId.set(row.of.reservationId, [instanceView(row)]);
    else instances.push(instanceView(row));
  }
  return [...byId].map(([ReservationId, Instances]) => ({
    ReservationId,
    OwnerId: region.account,
    Groups: [],
    Instances,
  }));
}

function instanceView({ of, held, region }: InstanceRow): InstanceView {
  const ended = of.state === "terminated";
  const view: InstanceView = {
    AmiLaunchIndex: of.launchIndex,
    Architecture: architecture(of),
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: "xen", // what EC2 answers here for Nitro types too
    ImageId: of.imageId,
    InstanceId: of.id,
    InstanceType: of.type as NonNullable<InstanceView["InstanceType"]>,
    LaunchTime: inWholeSeconds(of.launchedAt),
    Monitoring: { State: "disabled" },
    NetworkInterfaces: held.map((one) => heldView(region, one)),
    Placement: { AvailabilityZone: of.zone, GroupName: "", Tenancy: "default" },
    PrivateDnsName: ended ? "" : dnsName(region, of.privateAddress),
    ProductCodes: [],
    PublicDnsName: "",
    RootDeviceType: "ebs",
    SecurityGroups: ended ? [] : groupViews(region, of.groups),
    State: stateView(of.state),
    StateTransitionReason: transitionReason(of),
    Tags: tagViews(of.tags),
    VirtualizationType: "hvm",
  };
  if (of.clientToken !== undefined) view.ClientToken = of.clientToken;
  if (of.reason !== undefined) view.StateReason = { Code: of.reason.code, Message: of.reason.message };
  if (!ended) {
    view.PrivateIpAddress = of.privateAddress;
    view.SubnetId = of.subnetId;
    view.VpcId = of.vpcId;
  }
  return view;
}

function architecture(of: Instance): "arm64" | "x86_64" {
  return knownType(of.type).arm ? "arm64" : "x86_64";
}

/** `User initiated (2026-01-02 03:04:05 GMT)` */
function transitionReason(of: Instance): string {
  if (of.reason?.code !== "Client.UserInitiatedShutdown" || of.reasonAt === undefined) return "";
  const time = new Date(of.reasonAt).toISOString().slice(0, 19).replace("T", " ");
  return `User initiated (${time} GMT)`;
}

/** Here the attachment names no instance, since it stands inside of it. */
function heldView(region: Region, { of, attachment }: Held): InstanceNetworkInterface {
  return {
    Attachment: {
      AttachTime: inWholeSeconds(attachment.attachedAt),
      AttachmentId: attachment.id,
      DeleteOnTermination: attachment.deleteOnTermination,
      DeviceIndex: attachment.deviceIndex,
      NetworkCardIndex: attachment.cardIndex,
      Status: attachment.status,
    },
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
    SourceDestCheck: of.sourceDestCheck,
    Status: interfaceStatus(region, attachment),
    SubnetId: of.subnetId,
    VpcId: of.vpcId,
  };
}
