/** The ids of EC2: how they look, and what EC2 answers to one that is malformed or names nothing. */
import { AwsError } from "../aws-error.ts";

export interface IdKind {
  readonly prefix: string;
  readonly malformed: string;
  readonly notFound: string;
  /** The sentence of a missing one; the plural follows EC2's own. */
  readonly missing: (ids: readonly string[]) => string;
}

function quoted(ids: readonly string[]): string {
  return `'${ids.join(", ")}'`;
}

function named(noun: string): (ids: readonly string[]) => string {
  return (ids) =>
    ids.length === 1
      ? `The ${noun} ID ${quoted(ids)} does not exist`
      : `The ${noun} IDs ${quoted(ids)} do not exist`;
}

export const idKinds = {
  instance: {
    prefix: "i-",
    malformed: "InvalidInstanceID.Malformed",
    notFound: "InvalidInstanceID.NotFound",
    missing: named("instance"),
  },
  interface: {
    prefix: "eni-",
    malformed: "InvalidNetworkInterfaceID.Malformed",
    notFound: "InvalidNetworkInterfaceID.NotFound",
    missing: named("networkInterface"),
  },
  attachment: {
    prefix: "eni-attach-",
    malformed: "InvalidNetworkInterfaceAttachmentId.Malformed",
    notFound: "InvalidAttachmentID.NotFound",
    missing: (ids) => `The interface attachment ${quoted(ids)} does not exist.`,
  },
  vpc: {
    prefix: "vpc-",
    malformed: "InvalidVpcID.Malformed",
    notFound: "InvalidVpcID.NotFound",
    missing: named("vpc"),
  },
  subnet: {
    prefix: "subnet-",
    malformed: "InvalidSubnetID.Malformed",
    notFound: "InvalidSubnetID.NotFound",
    missing: named("subnet"),
  },
  group: {
    prefix: "sg-",
    malformed: "InvalidGroupId.Malformed",
    notFound: "InvalidGroup.NotFound",
    missing: (ids) =>
      ids.length === 1
        ? `The security group ${quoted(ids)} does not exist`
        : `The security groups ${quoted(ids)} do not exist`,
  },
} as const satisfies Record<string, IdKind>;

/** Old ids have 8 hexadecimal digits, those since 2016 have 17. */
const digits = /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

export function isId(kind: IdKind, id: unknown): id is string {
  return typeof id === "string" && id.startsWith(kind.prefix) && digits.test(id.slice(kind.prefix.length));
}

/** Throws the kind's Malformed error. */
export function checkId(kind: IdKind, id: string): string {
  if (!isId(kind, id)) {
    throw new AwsError(kind.malformed, `Invalid id: "${id}" (expecting "${kind.prefix}...")`);
  }
  return id;
}

export function notFound(kind: IdKind, ...ids: readonly string[]): AwsError {
  return new AwsError(kind.notFound, kind.missing(ids));
}
