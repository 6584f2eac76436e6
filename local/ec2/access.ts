/**
 * What a call asks the authoriser: actions, resource ARNs and condition keys of the Service Authorization Reference for
 * EC2. A resource that does not exist is asked for without its tags, so that a policy with a tag condition denies it:
 * that is how EC2 answers 403 to a detach of what is already detached.
 */
import type { TagSpecification } from "@aws-sdk/client-ec2";
import type { Access } from "../service.ts";
import type { Region } from "./region.ts";
import {
  anyOf,
  groupsOf,
  instanceOf,
  interfaceOf,
  type Keys,
  type Resource,
  regionKey,
  subnetOf,
  vpcOf,
} from "./resources.ts";

interface NamingInterface {
  readonly NetworkInterfaceId?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly Groups?: readonly string[] | undefined;
}

/** The members of all inputs that name a resource, or a key. */
interface Naming {
  readonly NetworkInterfaceId?: string;
  readonly InstanceId?: string;
  readonly AttachmentId?: string;
  readonly InstanceIds?: readonly string[];
  readonly Resources?: readonly string[];
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly Groups?: readonly string[];
  readonly SecurityGroupIds?: readonly string[];
  readonly SubnetId?: string;
  readonly VpcId?: string;
  readonly ImageId?: string;
  readonly NetworkInterfaces?: readonly NamingInterface[];
  readonly Description?: unknown;
  readonly SourceDestCheck?: unknown;
  readonly Attachment?: unknown;
}

/** The questions of one call: all must be allowed. An operation we do not know is asked for with `*`. */
export function accessOf(region: Region, operation: string, input: unknown): readonly Access[] {
  const action = `ec2:${operation}`;
  const naming: Naming = input ?? {};
  const resources = resourcesOf(region, operation, naming);
  if (resources === undefined) return [{ action, resource: "*", keys: regionKey(region) }];
  const more = { ...tagsInRequest(operation, naming), ...attributeKeys(operation, naming) };
  const questions = resources.map(({ arn, keys }) => ({ action, resource: arn, keys: { ...keys, ...more } }));
  return [...questions, ...tagOnCreate(region, operation, naming)];
}

/** The resources of an operation; undefined for one that has no resource types. */
function resourcesOf(region: Region, operation: string, naming: Naming): Resource[] | undefined {
  switch (operation) {
    case "AttachNetworkInterface":
      return [interfaceOf(region, naming.NetworkInterfaceId), instanceOf(region, naming.InstanceId)];
    case "DetachNetworkInterface": {
      const of = region.interfaces.current(region.attachments.get(naming.AttachmentId ?? "") ?? "");
      return [interfaceOf(region, of?.id), instanceOf(region, of?.attachment?.instanceId)];
    }
    case "ModifyNetworkInterfaceAttribute": {
      // The reference lists the instance as a resource that the call may have. Whether EC2 asks is not documented: what
      // is allowed here is allowed there either way.
      const of = region.interfaces.current(naming.NetworkInterfaceId ?? "")?.attachment?.instanceId;
      return [
        interfaceOf(region, naming.NetworkInterfaceId),
        ...groupsOf(region, naming.Groups),
        ...(of === undefined ? [] : [instanceOf(region, of)]),
      ];
    }
    case "DeleteNetworkInterface":
    case "AssignPrivateIpAddresses":
    case "UnassignPrivateIpAddresses":
      return [interfaceOf(region, naming.NetworkInterfaceId)];
    case "StopInstances":
    case "StartInstances":
    case "RebootInstances":
    case "TerminateInstances":
      return (naming.InstanceIds ?? []).map((id) => instanceOf(region, id));
    case "CreateTags":
    case "DeleteTags":
      return (naming.Resources ?? []).map((id) => anyOf(region, id));
    default:
      return resourcesMade(region, operation, naming);
  }
}

/** Of the operations that make something: the new resource has no id yet. */
function resourcesMade(region: Region, operation: string, naming: Naming): Resource[] | undefined {
  const fresh = (type: string): Resource => ({ arn: region.arn(type, "*"), keys: regionKey(region) });
  switch (operation) {
    case "CreateVpc":
      return [fresh("vpc")];
    case "CreateSubnet":
      return [fresh("subnet"), vpcOf(region, naming.VpcId)];
    case "CreateSecurityGroup":
      return [fresh("security-group"), vpcOf(region, naming.VpcId)];
    case "CreateNetworkInterface":
      return [
        fresh("network-interface"),
        subnetOf(region, naming.SubnetId),
        ...groupsOf(region, naming.Groups),
      ];
    case "RunInstances":
      return [
        { arn: `arn:aws:ec2:${region.name}::image/${naming.ImageId ?? "*"}`, keys: regionKey(region) },
        fresh("instance"),
        fresh("volume"),
        ...launchResources(region, naming, fresh("network-interface")),
      ];
    default:
      return undefined;
  }
}

function launchResources(region: Region, naming: Naming, fresh: Resource): Resource[] {
  const only: NamingInterface = { SubnetId: naming.SubnetId, Groups: naming.SecurityGroupIds };
  const interfaces = naming.NetworkInterfaces ?? [only];
  return interfaces.flatMap(({ NetworkInterfaceId, SubnetId, Groups }) =>
    NetworkInterfaceId === undefined
      ? [fresh, subnetOf(region, SubnetId), ...groupsOf(region, Groups)]
      : [interfaceOf(region, NetworkInterfaceId)],
  );
}

type TagList = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

function requestedTags(tags: TagList): Keys {
  const keys: Record<string, readonly string[]> = {};
  const names: string[] = [];
  for (const { Key = "", Value = "" } of tags) {
    keys[`aws:requesttag/${Key.toLowerCase()}`] = [Value];
    names.push(Key);
  }
  return names.length === 0 ? keys : { ...keys, "aws:tagkeys": names };
}

function tagsInRequest(operation: string, naming: Naming): Keys {
  if (operation === "CreateTags" || operation === "DeleteTags") return requestedTags(naming.Tags ?? []);
  return requestedTags((naming.TagSpecifications ?? []).flatMap(({ Tags }) => Tags ?? []));
}

/** Which attribute a modification is about. The values of this key are not documented: the API's own names. */
function attributeKeys(operation: string, naming: Naming): Keys {
  if (operation !== "ModifyNetworkInterfaceAttribute") return {};
  const names = (["Groups", "SourceDestCheck", "Description", "Attachment"] as const).filter(
    (name) => naming[name] !== undefined,
  );
  return names.length === 0 ? {} : { "ec2:attribute": names };
}

/** Tags that are given at creation need CreateTags on what is created, with the creating action as a key. */
function tagOnCreate(region: Region, operation: string, naming: Naming): Access[] {
  return (naming.TagSpecifications ?? []).map(({ ResourceType, Tags }) => ({
    action: "ec2:CreateTags",
    resource: region.arn(ResourceType ?? "*", "*"),
    keys: { ...regionKey(region), ...requestedTags(Tags ?? []), "ec2:createaction": [operation] },
  }));
}
