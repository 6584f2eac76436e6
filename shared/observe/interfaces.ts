/**
 * The interfaces of a group, as EC2 shows them.
 *
 * Asked for by filter, with MaxResults: a call without either draws on the small token bucket, and one by id would
 * answer NotFound for all of them when one is gone.
 */
import type { Filter, NetworkInterface } from "@aws-sdk/client-ec2";
import { DescribeNetworkInterfacesCommand } from "@aws-sdk/client-ec2";
import type { InterfaceSeen } from "../core/model.ts";
import { caughtFailure, Failure, inShort } from "../errors.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { portions } from "./portions.ts";
import { together } from "./together.ts";

/** EC2 takes at most 200 values in a filter. */
export const FILTER_VALUES = 200;
const PAGE = 1000;
const PAGES = 10;

/** Every interface of `enis` by id: seen, `missing` from an answer, or `unread`. Throws only what is our own bug. */
export async function readInterfaces(
  world: World,
  enis: readonly string[],
  budgetMs?: number,
): Promise<Record<string, InterfaceSeen>> {
  const parts = await together(portions(enis, FILTER_VALUES).map((some) => readSome(world, some, budgetMs)));
  return Object.assign({}, ...parts);
}

async function readSome(
  world: World,
  enis: readonly string[],
  budgetMs?: number,
): Promise<Record<string, InterfaceSeen>> {
  try {
    const filter = { Name: "network-interface-id", Values: [...enis] };
    const found = new Map(
      (await describe(world, filter, budgetMs)).map((one) => [one.NetworkInterfaceId, one]),
    );
    return Object.fromEntries(enis.map((eni) => [eni, interfaceSeen(found.get(eni))]));
  } catch (caught) {
    const error = caughtFailure(caught);
    world.log("warn", "interfaces could not be read", { enis, error: error.message });
    return Object.fromEntries(enis.map((eni) => [eni, { state: "unread", error: inShort(error) }]));
  }
}

/**
 * The security groups of every interface that is attached to an instance, by id. Those that another AWS service manages
 * are left out: EC2 refuses to change them. Throws `Failure`.
 */
export async function readWorn(world: World, instance: string): Promise<Record<string, readonly string[]>> {
  const filter = { Name: "attachment.instance-id", Values: [instance] };
  const found = (await describe(world, filter)).filter((one) => !isManaged(one));
  return Object.fromEntries(
    found.map(({ NetworkInterfaceId = "", Groups = [] }) => [
      NetworkInterfaceId,
      Groups.flatMap(({ GroupId }) => GroupId ?? []),
    ]),
  );
}

async function describe(world: World, filter: Filter, budgetMs?: number): Promise<NetworkInterface[]> {
  const found: NetworkInterface[] = [];
  const Filters = [filter];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const command = new DescribeNetworkInterfacesCommand({ Filters, MaxResults: PAGE, NextToken });
    const answer = await ask(world, (options) => world.ec2.send(command, options), budgetMs);
    found.push(...(answer.NetworkInterfaces ?? []));
    NextToken = answer.NextToken;
    if (NextToken === undefined || NextToken === "") return found;
  }
  // An absent interface would be taken for a missing one.
  throw new Failure(
    "look-again",
    "TooManyPages",
    "read",
    `EC2 answered ${filter.Values?.length} values of ${filter.Name} on ${PAGES} pages`,
  );
}

function interfaceSeen(found: NetworkInterface | undefined): InterfaceSeen {
  if (found === undefined) return { state: "missing" };
  const zone = found.AvailabilityZone ?? "";
  const { Attachment: attachment, Status: status } = found;
  // EC2's documentation does not say whether `status` passes through `attaching` and `detaching`: both are taken.
  const free = status === undefined || status === "available";
  if (attachment === undefined || (attachment.Status === "detached" && free)) {
    return free
      ? { state: "available", zone, ...(isManaged(found) ? { unmovable: "requester-managed" } : {}) }
      : { state: "unread", error: `EC2 shows it ${status}, but no attachment` };
  }
  if (attachment.AttachmentId === undefined) {
    return { state: "unread", error: "EC2 shows an attachment without an id" };
  }
  const unmovable = whyUnmovable(found);
  return {
    state: attachment.Status === "detached" ? "detaching" : (attachment.Status ?? "attached"),
    zone,
    attachmentId: attachment.AttachmentId,
    instance: attachment.InstanceId,
    deviceIndex: attachment.DeviceIndex ?? 0,
    attachedAt: attachment.AttachTime?.getTime() ?? 0,
    deleteOnTermination: attachment.DeleteOnTermination ?? false,
    ...(unmovable === undefined ? {} : { unmovable }),
  };
}

/** EC2 answers OperationNotPermitted to the detach of these: better never asked. */
function whyUnmovable(found: NetworkInterface): "primary" | "requester-managed" | undefined {
  if (isManaged(found)) return "requester-managed";
  const { DeviceIndex, NetworkCardIndex } = found.Attachment ?? {};
  return DeviceIndex === 0 && (NetworkCardIndex ?? 0) === 0 ? "primary" : undefined;
}

function isManaged(found: NetworkInterface): boolean {
  return found.RequesterManaged === true || found.Operator?.Managed === true;
}
