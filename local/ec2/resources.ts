/** ARNs and condition keys of the resources that a call is about. One that does not exist has neither tags nor zone. */
import type { Tags } from "./entities.ts";
import type { Region } from "./region.ts";

export type Keys = Readonly<Record<string, readonly string[]>>;

/** One resource of a question, before the action is put to it. */
export interface Resource {
  readonly arn: string;
  readonly keys: Keys;
}

/** The key that every question carries. */
export function regionKey(region: Region): Keys {
  return { "ec2:region": [region.name] };
}

function tagKeys(tags: Tags): Keys {
  const keys: Record<string, readonly string[]> = {};
  for (const [key, value] of tags) {
    keys[`aws:resourcetag/${key.toLowerCase()}`] = [value];
    keys[`ec2:resourcetag/${key.toLowerCase()}`] = [value];
  }
  return keys;
}

export function interfaceOf(region: Region, id: string | undefined): Resource {
  const of = region.interfaces.current(id ?? "");
  const arn = region.arn("network-interface", id ?? "*");
  if (of === undefined) return { arn, keys: regionKey(region) };
  return {
    arn,
    keys: {
      ...tagKeys(of.tags),
      ...regionKey(region),
      "ec2:availabilityzone": [of.zone],
      "ec2:networkinterfaceid": [of.id],
      "ec2:subnet": [region.arn("subnet", of.subnetId)],
      "ec2:vpc": [region.arn("vpc", of.vpcId)],
    },
  };
}

export function instanceOf(region: Region, id: string | undefined): Resource {
  const of = region.instances.current(id ?? "");
  const arn = region.arn("instance", id ?? "*");
  if (of === undefined) return { arn, keys: regionKey(region) };
  return {
    arn,
    keys: {
      ...tagKeys(of.tags),
      ...regionKey(region),
      "ec2:availabilityzone": [of.zone],
      "ec2:instanceid": [of.id],
      "ec2:instancetype": [of.type],
      "ec2:tenancy": ["default"],
    },
  };
}

export function vpcOf(region: Region, id: string | undefined): Resource {
  const tags = region.vpcs.current(id ?? "")?.tags;
  return { arn: region.arn("vpc", id ?? "*"), keys: { ...(tags && tagKeys(tags)), ...regionKey(region) } };
}

export function subnetOf(region: Region, id: string | undefined): Resource {
  const of = region.subnets.current(id ?? "");
  const arn = region.arn("subnet", id ?? "*");
  if (of === undefined) return { arn, keys: regionKey(region) };
  const zone = { "ec2:availabilityzone": [of.zone], "ec2:vpc": [region.arn("vpc", of.vpcId)] };
  return { arn, keys: { ...tagKeys(of.tags), ...regionKey(region), ...zone } };
}

function groupOf(region: Region, id: string): Resource {
  const tags = region.groups.current(id)?.tags;
  return {
    arn: region.arn("security-group", id),
    keys: { ...(tags && tagKeys(tags)), ...regionKey(region) },
  };
}

export function groupsOf(region: Region, ids: readonly string[] | undefined): Resource[] {
  return (ids ?? []).map((id) => groupOf(region, id));
}

/** Whatever has tags. An id of no kind we know is refused by the call itself. */
export function anyOf(region: Region, id: string): Resource {
  if (id.startsWith("i-")) return instanceOf(region, id);
  if (id.startsWith("eni-")) return interfaceOf(region, id);
  if (id.startsWith("subnet-")) return subnetOf(region, id);
  if (id.startsWith("vpc-")) return vpcOf(region, id);
  return groupOf(region, id);
}
