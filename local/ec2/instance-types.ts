/**
 * Instance types: how many interfaces and addresses they take. From the tables of EC2's user guide ("IP addresses per
 * network interface per instance type") as of 2023; what is not listed here does not exist in the embedded cloud.
 * The numbers of cards of the multi-card types are AWS's, their interfaces a card are from memory.
 */
import type { InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";

export interface InstanceType {
  readonly name: string;
  /** Interfaces on each network card. */
  readonly interfacesPerCard: number;
  readonly cards: number;
  readonly addressesPerInterface: number;
  readonly nitro: boolean;
  readonly arm: boolean;
}

const xen = /^(?:m1|t2|m4)\./;
const graviton = /^(?:t4g|[cmr]\d+g[dn]*)\./;

/** Interfaces and addresses of the types that have names of their own. */
const burstable: readonly (readonly [names: string, interfaces: number, addresses: number])[] = [
  ["t2.nano t2.micro t3.nano t3.micro t3a.nano t3a.micro t4g.nano t4g.micro", 2, 2],
  ["t2.small t3.small t4g.small", 3, 4],
  ["t3a.small", 2, 4],
  ["t2.medium t3.medium t3a.medium t4g.medium", 3, 6],
  ["t2.large t3.large t3a.large t4g.large", 3, 12],
  ["t2.xlarge t2.2xlarge t3.xlarge t3.2xlarge t3a.xlarge t3a.2xlarge t4g.xlarge t4g.2xlarge", 4, 15],
  ["m1.small", 2, 4], // what RunInstances means when no type is given
  ["m4.large", 2, 10],
  ["m4.xlarge m4.2xlarge", 4, 15],
];

const families =
  "c5 c5n c6i c6a c6in c6g c6gn c7i c7a c7g m5 m5a m6i m6a m6g m7i m7a m7g r5 r6i r6a r6g r7i r7g";
const sizes: readonly (readonly [size: string, interfaces: number, addresses: number])[] = [
  ["large", 3, 10],
  ["xlarge", 4, 15],
  ["2xlarge", 4, 15],
  ["4xlarge", 8, 30],
  ["8xlarge", 8, 30],
  ["12xlarge", 8, 30],
  ["16xlarge", 15, 50],
  ["24xlarge", 15, 50],
  ["metal", 15, 50],
];

const multiCard: readonly (readonly [name: string, cards: number, interfaces: number, addresses: number])[] =
  [
    ["c6in.32xlarge", 2, 8, 50],
    ["m6in.32xlarge", 2, 8, 50],
    ["p4d.24xlarge", 4, 15, 50],
    ["p5.48xlarge", 32, 2, 50],
  ];

function typesByName(): ReadonlyMap<string, InstanceType> {
  const types = new Map<string, InstanceType>();
  const add = (
    name: string,
    cards: number,
    interfacesPerCard: number,
    addressesPerInterface: number,
  ): void => {
    const nitro = !xen.test(name);
    types.set(name, {
      name,
      cards,
      interfacesPerCard,
      addressesPerInterface,
      nitro,
      arm: graviton.test(name),
    });
  };
  for (const [names, interfaces, addresses] of burstable) {
    for (const name of names.split(" ")) add(name, 1, interfaces, addresses);
  }
  for (const family of families.split(" ")) {
    for (const [size, interfaces, addresses] of sizes) add(`${family}.${size}`, 1, interfaces, addresses);
    if (graviton.test(`${family}.medium`)) add(`${family}.medium`, 1, 2, 4);
  }
  for (const [name, cards, interfaces, addresses] of multiCard) add(name, cards, interfaces, addresses);
  return types;
}

export const instanceTypes = typesByName();

/** Throws InvalidInstanceType, as DescribeInstanceTypes does. */
export function knownType(name: string): InstanceType {
  const type = instanceTypes.get(name);
  if (type === undefined) {
    throw new AwsError(
      "InvalidInstanceType",
      `The following supplied instance types do not exist: [${name}]`,
    );
  }
  return type;
}

/** A type as DescribeInstanceTypes answers it, as far as it is modelled. */
export function typeView(type: InstanceType): InstanceTypeInfo {
  const cards = Array.from({ length: type.cards }, (_, index) => ({
    NetworkCardIndex: index,
    MaximumNetworkInterfaces: type.interfacesPerCard,
  }));
  return {
    InstanceType: type.name as NonNullable<InstanceTypeInfo["InstanceType"]>,
    CurrentGeneration: type.nitro,
    Hypervisor: type.nitro ? "nitro" : "xen",
    BareMetal: type.name.endsWith(".metal"),
    AutoRecoverySupported: true,
    ProcessorInfo: { SupportedArchitectures: [type.arm ? "arm64" : "x86_64"] },
    NetworkInfo: {
      MaximumNetworkInterfaces: type.interfacesPerCard * type.cards,
      MaximumNetworkCards: type.cards,
      DefaultNetworkCardIndex: 0,
      NetworkCards: cards,
      Ipv4AddressesPerInterface: type.addressesPerInterface,
      Ipv6AddressesPerInterface: type.addressesPerInterface,
      Ipv6Supported: true,
      EnaSupport: type.nitro ? "required" : "unsupported",
    },
  };
}
