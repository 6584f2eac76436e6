/**
 * Setting a scene with ids that are given, because a configuration names them. Everything set here has been so for a day,
 * unless said otherwise; ordinary calls (RunInstances and the Create calls) set scenes with ids of EC2's choice.
 */
import { place } from "./attach.ts";
import { passing } from "./checks.ts";
import type { Attachment, InstanceState, Interface, Subnet } from "./entities.ts";
import { noTags } from "./entities.ts";
import { checkId, idKinds } from "./ids.ts";
import { knownType } from "./instance-types.ts";
import { addInterface, groupsFor } from "./interfaces.ts";
import { addVpc } from "./network.ts";
import { takeAddresses } from "./private-addresses.ts";
import type { Region } from "./region.ts";
import { addInstance } from "./run-instances.ts";

export interface SceneInstance {
  readonly instanceId: string;
  readonly zone: string;
  /** Default `t3.medium`, which takes three interfaces. */
  readonly instanceType?: string;
  readonly subnetId?: string;
  readonly state?: "running" | "stopped";
  readonly launchedAt?: number;
  /** The interface at device index 0, which is made with the instance. */
  readonly primaryInterfaceId?: string;
  readonly applicationCheck?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface SceneInterface {
  readonly networkInterfaceId: string;
  readonly zone: string;
  /** An instance of the scene; with `requesterManaged`, default nothing of ours. */
  readonly attachedTo?: string;
  /** Default 1. */
  readonly deviceIndex?: number;
  readonly attachmentId?: string;
  readonly attachedAt?: number;
  readonly deleteOnTermination?: boolean;
  readonly requesterManaged?: boolean;
  readonly subnetId?: string;
  readonly groups?: readonly string[];
  readonly addresses?: readonly string[];
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Scene {
  readonly securityGroups?: readonly { readonly groupId: string; readonly groupName?: string }[];
  readonly instances?: readonly SceneInstance[];
  readonly interfaces?: readonly SceneInterface[];
}

const day = 86_400_000;

/** Adds all of a scene. Throws what EC2 would answer to ids that are malformed or name nothing. */
export function setScene(region: Region, scene: Scene, now: number): void {
  for (const { groupId, groupName } of scene.securityGroups ?? []) {
    checkId(idKinds.group, groupId);
    const group = { id: groupId, vpcId: sceneVpc(region, now), name: groupName ?? groupId, tags: noTags };
    region.groups.put(groupId, { ...group, description: group.name }, now - day);
  }
  for (const instance of scene.instances ?? []) sceneInstance(region, instance, now);
  for (const one of scene.interfaces ?? []) sceneInterface(region, one, now);
}

/** The one VPC of the scene: the first that there is. */
function sceneVpc(region: Region, now: number): string {
  for (const { newest } of region.vpcs.entries()) {
    if (newest.value !== undefined) return newest.value.id;
  }
  const id = region.newId("vpc-");
  addVpc(region, { id, cidr: "10.0.0.0/16", tags: noTags }, now - day);
  return id;
}

/** The subnet of that id, or the first of the zone; made where there is none. */
function sceneSubnet(region: Region, id: string | undefined, zone: string, now: number): Subnet {
  let block = 0;
  for (const { newest } of region.subnets.entries()) {
    block += 1;
    const subnet = newest.value;
    if (subnet !== undefined && (id === undefined ? subnet.zone === zone : subnet.id === id)) return subnet;
  }
  if (block > 15) throw new Error("A scene has room for 16 subnets");
  const subnet: Subnet = {
    id: id === undefined ? region.newId("subnet-") : checkId(idKinds.subnet, id),
    vpcId: sceneVpc(region, now),
    zone,
    cidr: `10.0.${block * 16}.0/20`,
    tags: noTags,
  };
  region.subnets.put(subnet.id, subnet, now - day);
  return subnet;
}

function tagsOf(tags: Readonly<Record<string, string>> | undefined): Interface["tags"] {
  return tags === undefined ? noTags : new Map(Object.entries(tags));
}

function sceneInstance(region: Region, spec: SceneInstance, now: number): void {
  const id = checkId(idKinds.instance, spec.instanceId);
  if (region.instances.current(id) !== undefined) throw new Error(`The scene has ${id} twice`);
  const { zone, subnetId, primaryInterfaceId: networkInterfaceId } = spec;
  const primarySpec = { zone, networkInterfaceId, ...(subnetId === undefined ? {} : { subnetId }) };
  const primary = sceneInterfaceOf(region, primarySpec, now);
  const since = now - day;
  const launch = { reservationId: region.newId("r-"), launchIndex: 0, clientToken: undefined };
  const type = knownType(spec.instanceType ?? "t3.medium").name;
  const tags = tagsOf(spec.tags);
  addInstance(region, primary, { ...launch, id, imageId: "ami-0123456789abcdef0", type, tags }, since);
  const where = { deviceIndex: 0, cardIndex: 0, deleteOnTermination: true };
  place(region, primary, region.instance(id), where, since);
  settle(region, primary.id, {}, since);
  const condition = region.conditions.get(id);
  if (condition !== undefined) condition.applicationCheck = spec.applicationCheck === true;
  const made = region.instance(id);
  const state: InstanceState = spec.state ?? "running";
  const checks = condition === undefined || state !== "running" ? {} : passing(made, condition);
  region.instances.put(id, { ...made, state, checks, launchedAt: spec.launchedAt ?? since }, since);
}

function sceneInterface(region: Region, spec: SceneInterface, now: number): void {
  const since = now - day;
  const of = sceneInterfaceOf(region, spec, now);
  const change: Partial<Attachment> = { attachedAt: spec.attachedAt ?? since };
  if (spec.attachedTo !== undefined) {
    const where = {
      deviceIndex: spec.deviceIndex ?? 1,
      cardIndex: 0,
      deleteOnTermination: spec.deleteOnTermination ?? false,
      ...(spec.attachmentId === undefined ? {} : { id: spec.attachmentId }),
    };
    place(region, of, region.instance(spec.attachedTo), where, since);
    settle(region, of.id, change, since);
  } else if (spec.requesterManaged === true) {
    settle(region, of.id, { ...change, ...foreign(region, spec) }, since);
  }
}

/** What an interface of a load balancer shows: an attachment that names no instance. */
function foreign(region: Region, spec: SceneInterface): Attachment {
  return {
    id: spec.attachmentId ?? region.newId("ela-attach-"),
    instanceId: undefined,
    ownerId: "amazon-elb",
    deviceIndex: spec.deviceIndex ?? 1,
    cardIndex: 0,
    status: "attached",
    attachedAt: 0,
    deleteOnTermination: false,
    forced: false,
    asked: 0,
  };
}

/** The interface has long been attached. */
function settle(region: Region, id: string, change: Partial<Attachment> | Attachment, since: number): void {
  const of = region.interface(id);
  const attachment = { ...of.attachment, attachedAt: since, ...change, status: "attached" } as Attachment;
  region.interfaces.put(id, { ...of, attachment }, since);
  region.attachments.set(attachment.id, id);
}

function sceneInterfaceOf(
  region: Region,
  spec: Omit<SceneInterface, "networkInterfaceId"> & { readonly networkInterfaceId?: string | undefined },
  now: number,
): Interface {
  const { networkInterfaceId: id } = spec;
  if (id !== undefined && region.interfaces.current(checkId(idKinds.interface, id)) !== undefined) {
    throw new Error(`The scene has ${id} twice`);
  }
  const subnet = sceneSubnet(region, spec.subnetId, spec.zone, now);
  const { description, requesterManaged } = spec;
  return addInterface(
    region,
    {
      id,
      subnet,
      addresses: takeAddresses(region, subnet, spec.addresses ?? [], 0),
      groups: groupsFor(region, spec.groups, subnet.vpcId),
      description,
      requesterManaged,
      tags: tagsOf(spec.tags),
    },
    now - day,
  );
}
