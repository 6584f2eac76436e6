/** RunInstances: `pending` at once with its interfaces, `running` in a while. */
import type {
  InstanceNetworkInterfaceSpecification,
  Reservation,
  RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { place } from "./attach.ts";
import { checkFree } from "./attachment.ts";
import { isRepeated, once } from "./client-tokens.ts";
import type { Condition } from "./condition.ts";
import { instanceRow, reservations } from "./describe-instances.ts";
import type { Instance, Interface, Subnet, Tags } from "./entities.ts";
import { idKinds } from "./ids.ts";
import { type InstanceType, knownType } from "./instance-types.ts";
import { countOf } from "./instances.ts";
import { addInterface, groupsFor } from "./interfaces.ts";
import { launch } from "./lifecycle.ts";
import { combination, endDryRun, required, requiredId } from "./parameters.ts";
import { givenAddresses, takeAddresses } from "./private-addresses.ts";
import type { Moment, Region } from "./region.ts";
import { tagsFor } from "./tags.ts";

/** One interface that an instance will be launched with: an existing one, or one to be made. */
interface Planned {
  readonly existing: string | undefined;
  readonly subnet: Subnet;
  readonly groups: readonly string[];
  readonly given: readonly string[];
  readonly secondary: number;
  readonly description: string | undefined;
  readonly deviceIndex: number;
  readonly cardIndex: number;
  readonly deleteOnTermination: boolean;
}

export function runInstances(region: Region, input: RunInstancesRequest, moment: Moment): Reservation {
  const made = isRepeated(region, "RunInstances", input.ClientToken)
    ? once(region, "RunInstances", input, () => [])
    : launchAll(region, input, moment);
  const rows = made.map((id) => instanceRow(region, region.instance(id), moment.now));
  const [reservation] = reservations(region, rows);
  return reservation ?? { Instances: [] };
}

function launchAll(region: Region, input: RunInstancesRequest, moment: Moment): readonly string[] {
  const count = countOf(required(input.MinCount, "minCount"), required(input.MaxCount, "maxCount"));
  const type = knownType(input.InstanceType ?? "m1.small");
  const imageId = required(input.ImageId, "imageId");
  const interfaces = planInterfaces(region, input, count, type, moment.now);
  const tags = tagsFor(input.TagSpecifications, "instance");
  const interfaceTags = tagsFor(input.TagSpecifications, "network-interface");
  endDryRun(input);
  const reservationId = region.newId("r-");
  const clientToken = input.ClientToken;
  return once(region, "RunInstances", input, () =>
    Array.from({ length: count }, (_, launchIndex) => {
      const held = interfaces.map((planned) => ({
        planned,
        of: realise(region, planned, interfaceTags, moment.now),
      }));
      const primary = held.find(({ planned }) => planned.deviceIndex === 0)?.of ?? held[0]?.of;
      if (primary === undefined) throw combination("An instance needs an interface");
      const spec = { reservationId, launchIndex, clientToken, imageId, type: type.name, tags };
      const id = addInstance(region, primary, spec, moment.now);
      for (const { planned, of } of held) {
        const attachment = place(region, of, region.instance(id), planned, moment.now);
        region.agenda.plan(moment.now, { kind: "attached", interface: of.id, attachment: attachment.id });
      }
      launch(region, id, moment);
      return id;
    }),
  );
}

function planInterfaces(
  region: Region,
  input: RunInstancesRequest,
  count: number,
  type: InstanceType,
  now: number,
): Planned[] {
  const specifications = input.NetworkInterfaces ?? [];
  if (specifications.length === 0) {
    if (input.SubnetId === undefined) throw new AwsError("VPCIdNotSpecified", "No default VPC for this user");
    const { SubnetId, SecurityGroupIds, PrivateIpAddress } = input;
    const only = { DeviceIndex: 0, SubnetId, Groups: SecurityGroupIds, PrivateIpAddress };
    return [planOne(region, only, count, now)];
  }
  if (input.SubnetId !== undefined) {
    throw combination(
      "Network interfaces and an instance-level subnet ID may not be specified on the same request",
    );
  }
  if ((input.SecurityGroupIds?.length ?? 0) > 0) {
    throw combination(
      "Network interfaces and an instance-level security groups may not be specified on the same request",
    );
  }
  const planned = specifications.map((one) => planOne(region, one, count, now));
  const places = new Set(planned.map(({ cardIndex, deviceIndex }) => `${cardIndex}/${deviceIndex}`));
  if (places.size < planned.length || !places.has("0/0")) {
    throw new AwsError(
      "InvalidParameterValue",
      "Each network interface requires a device index of its own, and one must be 0.",
    );
  }
  if (planned.length > type.interfacesPerCard * type.cards) {
    throw new AwsError(
      "AttachmentLimitExceeded",
      `Interface count ${planned.length} exceeds the limit for ${type.name}`,
    );
  }
  return planned;
}

function planOne(
  region: Region,
  one: InstanceNetworkInterfaceSpecification,
  count: number,
  now: number,
): Planned {
  const at = { deviceIndex: one.DeviceIndex ?? 0, cardIndex: one.NetworkCardIndex ?? 0 };
  if (one.NetworkInterfaceId !== undefined) {
    const of = region.interface(one.NetworkInterfaceId);
    checkFree(region, of, now);
    if (count > 1) throw combination("Network interfaces cannot be specified for more than one instance");
    return {
      ...at,
      existing: of.id,
      subnet: region.subnet(of.subnetId),
      groups: of.groups,
      given: of.addresses,
      secondary: 0,
      description: of.description,
      deleteOnTermination: one.DeleteOnTermination ?? false,
    };
  }
  const subnet = region.subnet(requiredId(idKinds.subnet, one.SubnetId, "subnetId"));
  const given = givenAddresses(region, subnet, one);
  if (given.length > 0 && count > 1) {
    throw combination("A private address cannot be specified for more than one instance");
  }
  return {
    ...at,
    existing: undefined,
    subnet,
    groups: groupsFor(region, one.Groups, subnet.vpcId),
    given,
    secondary: one.SecondaryPrivateIpAddressCount ?? 0,
    description: one.Description,
    deleteOnTermination: one.DeleteOnTermination ?? at.deviceIndex === 0,
  };
}

function realise(region: Region, planned: Planned, tags: Tags, now: number): Interface {
  if (planned.existing !== undefined) return region.interface(planned.existing);
  const { subnet, groups, given, secondary, description } = planned;
  const addresses = takeAddresses(region, subnet, given, secondary);
  return addInterface(region, { subnet, groups, addresses, description, tags }, now);
}

type NewInstance = Pick<
  Instance,
  "reservationId" | "launchIndex" | "clientToken" | "imageId" | "type" | "tags"
> & { readonly id?: string };

/** Makes an instance that is not launched yet, with the place of its primary interface. Answers its id. */
export function addInstance(region: Region, primary: Interface, spec: NewInstance, at: number): string {
  const id = spec.id ?? region.newId("i-");
  region.instances.put(
    id,
    {
      ...spec,
      id,
      zone: primary.zone,
      subnetId: primary.subnetId,
      vpcId: primary.vpcId,
      privateAddress: primary.addresses[0] ?? "",
      groups: primary.groups,
      state: "pending",
      launchedAt: at,
      reason: undefined,
      reasonAt: undefined,
      interfaces: [],
      checks: {},
      scheduled: [],
    },
    at,
  );
  region.conditions.set(id, newCondition(region));
  return id;
}

function newCondition(region: Region): Condition {
  return {
    phase: Math.floor(region.random() * region.checkPeriod),
    asked: 0,
    hung: false,
    rebooting: false,
    initializedAt: 0,
    failing: new Map(),
    unsaid: new Set(),
    applicationCheck: false,
    healedBy: undefined,
    burned: [],
    refusal: undefined,
    slow: undefined,
    lastCheck: undefined,
  };
}
