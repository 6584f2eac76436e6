/** Tags of everything that has an id: CreateTags, DeleteTags, DescribeTags. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  Tag,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { noTags, type Tags } from "./entities.ts";
import { compile, type FilterTable } from "./filters.ts";
import { checkId, type IdKind, idKinds, notFound } from "./ids.ts";
import { pageSize, position, tokenAfter } from "./listing.ts";
import { endDryRun, required } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";
import type { Table } from "./table.ts";

export type Tagged = "instance" | "network-interface" | "vpc" | "subnet" | "security-group";

interface Taggable {
  readonly type: Tagged;
  readonly kind: IdKind;
  readonly table: (region: Region) => Table<{ readonly tags: Tags }>;
}

const taggables: readonly Taggable[] = [
  { type: "instance", kind: idKinds.instance, table: (region) => region.instances as Table<{ tags: Tags }> },
  {
    type: "network-interface",
    kind: idKinds.interface,
    table: (region) => region.interfaces as Table<{ tags: Tags }>,
  },
  { type: "vpc", kind: idKinds.vpc, table: (region) => region.vpcs as Table<{ tags: Tags }> },
  { type: "subnet", kind: idKinds.subnet, table: (region) => region.subnets as Table<{ tags: Tags }> },
  { type: "security-group", kind: idKinds.group, table: (region) => region.groups as Table<{ tags: Tags }> },
];

/** What kind of resource an id is of, by its prefix. Throws InvalidID. */
function taggable(id: string): Taggable {
  const found = taggables.find(({ kind }) => id.startsWith(kind.prefix));
  if (found === undefined) throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
  return found;
}

/** The tags that a request gives to what it makes of this type. */
export function tagsFor(specifications: readonly TagSpecification[] | undefined, type: Tagged): Tags {
  const tags: Tag[] = [];
  for (const specification of specifications ?? []) {
    if (specification.ResourceType === type) tags.push(...(specification.Tags ?? []));
  }
  return tags.length === 0 ? noTags : withTags(noTags, tags);
}

const mostTags = 50;

/** `tags` with more of them. Throws what EC2 answers to keys and values it does not take. */
function withTags(tags: Tags, more: readonly Tag[]): Tags {
  const all = new Map(tags);
  for (const { Key, Value } of more) {
    const key = required(Key, "Tag.Key");
    if (key.startsWith("aws:")) {
      throw new AwsError(
        "InvalidParameterValue",
        `Tag keys starting with 'aws:' are reserved for internal use`,
      );
    }
    if (key.length > 128) {
      throw new AwsError("InvalidParameterValue", `Tag key exceeds the maximum length of 128 characters`);
    }
    if ((Value ?? "").length > 256) {
      throw new AwsError("InvalidParameterValue", `Tag value exceeds the maximum length of 256 characters`);
    }
    all.set(key, Value ?? "");
  }
  if (all.size > mostTags) {
    throw new AwsError("TagLimitExceeded", `More than ${mostTags} tags specified`);
  }
  return all;
}

export function createTags(region: Region, input: CreateTagsRequest, moment: Moment): Record<string, never> {
  const tags = required(input.Tags, "tagSet");
  changeTags(region, input, moment, (before) => withTags(before, tags));
  return {};
}

/** Without Tags all tags go; with a Value, only a tag that has this value. */
export function deleteTags(region: Region, input: DeleteTagsRequest, moment: Moment): Record<string, never> {
  changeTags(region, input, moment, (before) => {
    if (input.Tags === undefined || input.Tags.length === 0) return noTags;
    const left = new Map(before);
    for (const { Key = "", Value } of input.Tags) {
      if (Value === undefined || left.get(Key) === Value) left.delete(Key);
    }
    return left;
  });
  return {};
}

function changeTags(
  region: Region,
  input: { readonly Resources: readonly string[] | undefined; readonly DryRun?: boolean | undefined },
  { now }: Moment,
  change: (before: Tags) => Tags,
): void {
  const resources = [...new Set(required(input.Resources, "resourceIdSet"))];
  if (resources.length === 0) required(undefined, "resourceIdSet");
  const changed = resources.map((id) => {
    const { kind, table } = taggable(id);
    const before = table(region).current(checkId(kind, id));
    if (before === undefined) throw notFound(kind, id);
    return { id, table: table(region), after: { ...before, tags: change(before.tags) } };
  });
  endDryRun(input);
  for (const { id, table, after } of changed) table.put(id, after, now);
}

interface TagRow {
  readonly id: string;
  readonly type: Tagged;
  readonly key: string;
  readonly value: string;
}

const filters: FilterTable<TagRow> = {
  tags: (row) => new Map([[row.key, row.value]]),
  readers: {
    key: (row) => row.key,
    "resource-id": (row) => row.id,
    "resource-type": (row) => row.type,
    value: (row) => row.value,
  },
};

export function describeTags(
  region: Region,
  input: DescribeTagsRequest,
  { now }: Moment,
): DescribeTagsResult {
  const most = pageSize({ ...input, ids: undefined }, undefined);
  const after = position(input.NextToken);
  const accept = compile(filters, input.Filters);
  endDryRun(input);
  const rows = tagRows(region, now).filter(accept);
  const shown = rows.slice(after, after + most);
  return {
    Tags: shown.map(({ id, type, key, value }) => ({
      Key: key,
      ResourceId: id,
      ResourceType: type,
      Value: value,
    })),
    NextToken: after + most < rows.length ? tokenAfter(after + most) : undefined,
  };
}

function tagRows(region: Region, now: number): TagRow[] {
  const rows: TagRow[] = [];
  for (const { type, table } of taggables) {
    for (const entry of table(region).entries()) {
      const tags = region.seen(entry, now).value?.tags ?? noTags;
      for (const [key, value] of tags) rows.push({ id: entry.id, type, key, value });
    }
  }
  return rows;
}
