/** Interfaces: create, delete, modify. */
import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  ModifyNetworkInterfaceAttributeRequest,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { isFree } from "./attachment.ts";
import { once } from "./client-tokens.ts";
import { interfaceView } from "./describe-interfaces.ts";
import { attached, release } from "./detach.ts";
import type { Interface, Subnet, Tags } from "./entities.ts";
import { idKinds, notFound } from "./ids.ts";
import { defaultGroup } from "./network.ts";
import { combination, endDryRun, required, requiredId } from "./parameters.ts";
import { givenAddresses, takeAddresses } from "./private-addresses.ts";
import type { Moment, Region } from "./region.ts";
import { tagsFor } from "./tags.ts";

export interface NewInterface {
  readonly id?: string | undefined;
  readonly subnet: Subnet;
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  readonly description?: string | undefined;
  readonly requesterManaged?: boolean | undefined;
  readonly clientToken?: string | undefined;
  readonly tags: Tags;
}

/** Makes an interface on nothing. Its addresses have been claimed. */
export function addInterface(region: Region, spec: NewInterface, at: number): Interface {
  const made: Interface = {
    id: spec.id ?? region.newId("eni-"),
    zone: spec.subnet.zone,
    subnetId: spec.subnet.id,
    vpcId: spec.subnet.vpcId,
    description: spec.description ?? "",
    mac: region.newMac(),
    addresses: spec.addresses,
    groups: spec.groups,
    sourceDestCheck: true,
    requesterManaged: spec.requesterManaged ?? false,
    attachment: undefined,
    clientToken: spec.clientToken,
    tags: spec.tags,
  };
  region.interfaces.put(made.id, made, at);
  return made;
}

/** The interface is gone, from its instance too, and its addresses are free. */
export function removeInterface(region: Region, id: string, now: number): void {
  release(region, id, now);
  const of = region.interfaces.current(id);
  if (of === undefined) return;
  for (const address of of.addresses) region.pools.get(of.subnetId)?.release(address);
  region.interfaces.remove(id, now);
  region.stuck.delete(id);
  region.agenda.plan(now + region.maxLag, { kind: "forget-interface", id });
}

/** The groups asked for, which must exist; the VPC's default group where none were. */
export function groupsFor(region: Region, ids: readonly string[] | undefined, vpcId: string): string[] {
  if (ids === undefined || ids.length === 0) return [defaultGroup(region, vpcId)];
  return [...new Set(ids)].map((id) => {
    const group = region.group(id);
    if (group.vpcId === vpcId) return id;
    throw new AwsError(
      "InvalidGroup.NotFound",
      `The security group '${id}' does not exist in VPC '${vpcId}'`,
    );
  });
}

export function createNetworkInterface(
  region: Region,
  input: CreateNetworkInterfaceRequest,
  { now }: Moment,
): CreateNetworkInterfaceResult {
  const subnet = region.subnet(requiredId(idKinds.subnet, input.SubnetId, "subnetId"));
  const groups = groupsFor(region, input.Groups, subnet.vpcId);
  const tags = tagsFor(input.TagSpecifications, "network-interface");
  const given = givenAddresses(region, subnet, input);
  endDryRun(input);
  const [id = ""] = once(region, "CreateNetworkInterface", input, () => {
    const addresses = takeAddresses(region, subnet, given, input.SecondaryPrivateIpAddressCount ?? 0);
    const { Description: description, ClientToken: clientToken } = input;
    return [addInterface(region, { subnet, addresses, groups, tags, description, clientToken }, now).id];
  });
  const made = region.interface(id);
  return {
    NetworkInterface: interfaceView(region, made),
    ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
  };
}

export function deleteNetworkInterface(
  region: Region,
  input: DeleteNetworkInterfaceRequest,
  { now }: Moment,
): Record<string, never> {
  const of = region.interface(requiredId(idKinds.interface, input.NetworkInterfaceId, "networkInterfaceId"));
  if (!isFree(of, now)) {
    throw new AwsError("InvalidParameterValue", `Network interface '${of.id}' is currently in use.`);
  }
  endDryRun(input);
  removeInterface(region, of.id, now);
  return {};
}

/** One attribute a call, as EC2 wants it. */
export function modifyNetworkInterfaceAttribute(
  region: Region,
  input: ModifyNetworkInterfaceAttributeRequest,
  { now }: Moment,
): Record<string, never> {
  const of = region.interface(requiredId(idKinds.interface, input.NetworkInterfaceId, "networkInterfaceId"));
  const changes: Partial<Interface>[] = [];
  if (input.Description !== undefined) changes.push({ description: input.Description.Value ?? "" });
  if (input.SourceDestCheck !== undefined) {
    changes.push({ sourceDestCheck: required(input.SourceDestCheck.Value, "value") });
  }
  if (input.Groups !== undefined && input.Groups.length > 0) {
    changes.push({ groups: groupsFor(region, input.Groups, of.vpcId) });
  }
  if (input.Attachment !== undefined) changes.push(attachmentChange(region, of, input.Attachment));
  const [change, second] = changes;
  if (change === undefined) throw combination("No attributes specified.");
  if (second !== undefined) throw combination("Fields for multiple attribute types specified");
  endDryRun(input);
  region.interfaces.put(of.id, { ...of, ...change }, now);
  return {};
}

function attachmentChange(
  region: Region,
  of: Interface,
  asked: NonNullable<ModifyNetworkInterfaceAttributeRequest["Attachment"]>,
): Partial<Interface> {
  const id = required(asked.AttachmentId, "attachmentId");
  const found = attached(region, id);
  if (found.of.id !== of.id) throw notFound(idKinds.attachment, id);
  const deleteOnTermination = asked.DeleteOnTermination ?? found.attachment.deleteOnTermination;
  return { attachment: { ...found.attachment, deleteOnTermination } };
}
