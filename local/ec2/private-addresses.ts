/** The private addresses of interfaces: those given at creation, and secondary ones that come and go. */
import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  UnassignPrivateIpAddressesRequest,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Interface, Subnet } from "./entities.ts";
import { idKinds } from "./ids.ts";
import { requiredId } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";

interface AddressesAsked {
  readonly PrivateIpAddress?: string | undefined;
  readonly PrivateIpAddresses?:
    | readonly { readonly Primary?: boolean | undefined; readonly PrivateIpAddress?: string | undefined }[]
    | undefined;
}

/** The addresses that a request names, the primary first; each can be claimed. */
export function givenAddresses(region: Region, subnet: Subnet, asked: AddressesAsked): string[] {
  const listed = [...(asked.PrivateIpAddresses ?? [])];
  listed.sort((one, other) => Number(other.Primary === true) - Number(one.Primary === true));
  const addresses = listed.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []);
  if (asked.PrivateIpAddress !== undefined && !addresses.includes(asked.PrivateIpAddress)) {
    addresses.unshift(asked.PrivateIpAddress);
  }
  for (const address of addresses) region.pool(subnet).check(address);
  return addresses;
}

/** Claims the given addresses and takes as many more as are wanted: one at least, and the secondary ones. */
export function takeAddresses(
  region: Region,
  subnet: Subnet,
  given: readonly string[],
  secondary: number,
): string[] {
  const pool = region.pool(subnet);
  const addresses = given.map((address) => pool.claim(address));
  if (addresses.length === 0) addresses.push(pool.take());
  for (let more = 0; more < secondary; more += 1) addresses.push(pool.take());
  return addresses;
}

/** Secondary private addresses: given ones, or a number of any. */
export function assignPrivateIpAddresses(
  region: Region,
  input: AssignPrivateIpAddressesRequest,
  { now }: Moment,
): AssignPrivateIpAddressesResult {
  const of = region.interface(requiredId(idKinds.interface, input.NetworkInterfaceId, "networkInterfaceId"));
  const subnet = region.subnet(of.subnetId);
  const wanted = input.PrivateIpAddresses ?? [];
  const pool = region.pool(subnet);
  for (const address of wanted) {
    const holder = input.AllowReassignment === true ? holderOf(region, subnet.id, address) : undefined;
    if (holder === undefined) pool.check(address);
    else if (holder.addresses[0] === address) {
      throw new AwsError(
        "InvalidParameterValue",
        `The address ${address} is the primary address of ${holder.id}.`,
      );
    }
  }
  for (const address of wanted) unassign(region, holderOf(region, subnet.id, address), [address], now);
  const taken: string[] = wanted.map((address) => pool.claim(address));
  for (let more = 0; more < (input.SecondaryPrivateIpAddressCount ?? 0); more += 1) taken.push(pool.take());
  const current = region.interface(of.id);
  region.interfaces.put(of.id, { ...current, addresses: [...current.addresses, ...taken] }, now);
  return {
    NetworkInterfaceId: of.id,
    AssignedPrivateIpAddresses: taken.map((PrivateIpAddress) => ({ PrivateIpAddress })),
  };
}

function holderOf(region: Region, subnetId: string, address: string): Interface | undefined {
  for (const entry of region.interfaces.entries()) {
    const of = entry.newest.value;
    if (of?.subnetId === subnetId && of.addresses.includes(address)) return of;
  }
  return undefined;
}

function unassign(
  region: Region,
  of: Interface | undefined,
  addresses: readonly string[],
  now: number,
): void {
  if (of === undefined) return;
  for (const address of addresses) region.pools.get(of.subnetId)?.release(address);
  const left = of.addresses.filter((address) => !addresses.includes(address));
  region.interfaces.put(of.id, { ...of, addresses: left }, now);
}

export function unassignPrivateIpAddresses(
  region: Region,
  input: UnassignPrivateIpAddressesRequest,
  { now }: Moment,
): Record<string, never> {
  const of = region.interface(requiredId(idKinds.interface, input.NetworkInterfaceId, "networkInterfaceId"));
  const addresses = input.PrivateIpAddresses ?? [];
  for (const address of addresses) {
    if (of.addresses.indexOf(address) > 0) continue;
    throw new AwsError(
      "InvalidParameterValue",
      `Some of the specified addresses are not assigned to interface ${of.id}`,
    );
  }
  unassign(region, of, addresses, now);
  return {};
}
