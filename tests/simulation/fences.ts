/**
 * Fencing as it really happened: which security groups the members' own interfaces bear, and the laws about them. Each
 * member of a group that isolates has one interface beside the group's: its primary.
 */
import type { Ec2 } from "../../local/ec2/ec2.ts";
import type { Group, State } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { type Call, READ_BEFORE_MS, type Seen, type Write } from "./seen.ts";

export const QUARANTINE = "sg-0f000000000000000";
/** What every primary interface bears, in this order, before anything happens. */
export const OWN = ["sg-0a000000000000000", "sg-0b000000000000000"];

/** The primary interface of a member of a group that isolates. */
export function primaryOf(instance: string): string {
  return `eni-${instance.slice(2, -1)}f`;
}

/** An interface that no group names, where there is one on the member. */
export function otherOf(instance: string): string {
  return `eni-${instance.slice(2, -1)}e`;
}

/** The security groups of the scene, where a group isolates. */
export function addSecurityGroups(ec2: Ec2, groups: readonly Group[], now: number): void {
  if (!groups.some(isolates)) return;
  ec2.createScene({ securityGroups: [QUARANTINE, ...OWN].map((groupId) => ({ groupId })) }, now);
}

/** Gives the primary interface of each member its own security groups. */
export function dress(ec2: Ec2, group: Group, now: number): void {
  if (!isolates(group)) return;
  for (const { instance } of group.members) {
    const input = { NetworkInterfaceId: primaryOf(instance), Groups: OWN };
    ec2.call("ModifyNetworkInterfaceAttribute", input, now);
  }
}

export function isolates({ policy }: Group): boolean {
  return policy.fence.kind === "isolate";
}

/** The member whose own interface a call is about. */
export function memberDressedBy(group: Group, input: object): string | undefined {
  const { NetworkInterfaceId: eni } = input as { NetworkInterfaceId?: string };
  if (!isolates(group)) return undefined;
  return group.members.find(({ instance }) => [primaryOf(instance), otherOf(instance)].includes(eni ?? ""))
    ?.name;
}

/**
 * No interface outside the group is touched but those of the member that a failover has taken the group off, which get
 * the quarantine security group and nothing else, once what they bear is written down; and `release` gives back exactly
 * that.
 */
export function onlyTheFencedAreDressed(
  { operation, input, by }: Call,
  mine: Claim | undefined,
  { group, state }: Seen,
): boolean {
  const member = memberDressedBy(group, input);
  if (operation !== "ModifyNetworkInterfaceAttribute" || member === undefined) return true;
  const groups = (input.Groups as readonly string[] | undefined) ?? [];
  if (by.startsWith("release")) return same(groups, OWN);
  const written = state?.isolated[member]?.[String(input.NetworkInterfaceId)];
  const fenced = mine?.intent.fence?.kind === "isolate" && mine.intent.from === member;
  return fenced && mine.intent.to !== member && same(groups, [QUARANTINE]) && same(written ?? [], OWN);
}

/** No instance is stopped but the one that a failover takes the group off. */
export function onlyTheFencedIsStopped(
  { operation, input }: Call,
  mine: Claim | undefined,
  { group }: Seen,
): boolean {
  if (operation !== "StopInstances") return true;
  const from = group.members.find(({ name }) => name === mine?.intent.from)?.instance;
  const ids = input.InstanceIds as readonly string[];
  return mine?.intent.fence?.kind === "stop" && ids.length === 1 && ids[0] === from;
}

/** Where the stop comes first, nothing is detached from an active that has not stopped. */
export function stoppedFirst(
  { operation, error, holder, at }: Call,
  mine: Claim | undefined,
  { group, truth, detaches, attached }: Seen,
): boolean {
  const first = operation === "DetachNetworkInterface" && error === undefined && detaches === 0;
  if (!first || mine?.intent.fence?.first !== true) return true;
  const from = group.members.find(({ name }) => name === mine.intent.from)?.instance;
  if (!attached && truth.isBroughtTo(group, mine.intent, at)) return true;
  return holder !== from || holder === undefined || truth.sinceStopped(holder, at) <= 30_000;
}

/** A failover off a failing active ends with that one isolated, or stopped, or with the word that it is not. */
export function leftIsFenced(
  { before, after, at }: Write,
  _: Claim | undefined,
  { group, truth, past, stopped }: Seen,
): boolean {
  const { fence } = group.policy;
  const last = after.moves.at(-1);
  const intent = before?.intent;
  if (fence.kind === "none" || last === undefined || last.id !== intent?.id) return true;
  const from = group.members.find(({ name }) => name === intent.from)?.instance;
  const failover = past.reason(intent.id) === "active-failing" && last.failed !== true && from !== undefined;
  if (!failover || intent.from === intent.to) return true;
  const said = Object.keys(after.outbox).some((key) => key.endsWith(`#e${after.epoch}.3`));
  const isDone = fence.kind === "stop" ? stopped : truth.isIsolated(group, from, at);
  // It had stopped by itself, and may have been started since that was read.
  return said || isDone || !truth.lives(from, at) || truth.sinceStopped(from, at) <= READ_BEFORE_MS;
}

/** In the end every member's own interface bears what it bore, or that is written down and it is isolated. */
export function dressAtEnd(group: Group, state: State | undefined, ec2: Ec2, now: number): string[] {
  if (!isolates(group)) return [];
  const own = group.members.flatMap(({ name, instance }) =>
    [primaryOf(instance), otherOf(instance)].map((eni) => ({ name, eni })),
  );
  return own.flatMap(({ name, eni }) => {
    const worn = ec2.securityGroupsTruth(eni, now);
    const written = state?.isolated[name]?.[eni];
    if (worn === undefined || same(worn, OWN)) return [];
    if (same(worn, [QUARANTINE]) && same(written ?? [], OWN)) return [];
    return [
      `${eni} of ${name} bears ${worn.join(", ")}, and written down is ${written?.join(", ") ?? "nothing"}`,
    ];
  });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
