/**
 * Device indexes that are not free: interfaces of one group may go on the same ones, so that an index which one of them has
 * burned keeps another out; and on some members an interface that no group names holds one.
 */
import type { Ec2 } from "../../local/ec2/ec2.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { isolates, OWN, otherOf } from "./fences.ts";
import type { Seen, Write } from "./seen.ts";
import { pick, streamOf } from "./swarm.ts";

/** Of one group in five that has several: one spare index for all, or the index of the next for each. */
export function mayShareIndexes(group: Group): Group {
  const random = streamOf({ shared: group });
  const count = group.interfaces.length;
  if (count < 2 || random() < 4 / 5) return group;
  const spare = random() < 0.5;
  const interfaces = group.interfaces.map(({ eni }, at) => ({
    eni,
    deviceIndexes: [at + 1, spare ? count + 1 : ((at + 1) % count) + 1],
  }));
  return { ...group, interfaces };
}

/** What an instance of the type takes that all are of, m5.2xlarge. */
const SLOTS = 4;

interface Taken {
  readonly member: Member;
  readonly deviceIndex: number;
}

/** On one member in ten, but the first, which has the group's interfaces at the beginning. */
function takenIn(group: Group): Taken[] {
  return group.members.slice(1).flatMap((member) => {
    const random = streamOf({ taken: group, member });
    if (random() < 9 / 10) return [];
    const { eni } = pick(random, group.interfaces);
    return [{ member, deviceIndex: pick(random, allowedOn(group, member, eni)) }];
  });
}

function allowedOn(group: Group, member: Member, eni: string): readonly number[] {
  return member.deviceIndexes[eni] ?? group.interfaces.find((one) => one.eni === eni)?.deviceIndexes ?? [];
}

/** Puts the interfaces of others where they are. */
export function addOthers(ec2: Ec2, group: Group, zone: string, now: number): void {
  for (const { member, deviceIndex } of takenIn(group)) {
    const { instance } = member;
    const worn = isolates(group) ? { groups: OWN } : {};
    const at = { zone, attachedTo: instance, deviceIndex };
    ec2.addInterface({ networkInterfaceId: otherOf(instance), ...at, ...worn }, now);
  }
}

/** The instances on which the interfaces of their group do not all find a slot and an index. */
export function withoutRoom(groups: readonly Group[]): ReadonlySet<string> {
  return new Set(
    groups.flatMap((group) =>
      takenIn(group).flatMap(({ member, deviceIndex }) => {
        const wants = group.interfaces.map(({ eni }) => allowedOn(group, member, eni));
        // Its own primary interface, and the one of the others.
        const slots = wants.length + 2 <= SLOTS;
        return slots && fits(wants, new Set([deviceIndex])) ? [] : [member.instance];
      }),
    ),
  );
}

function fits([first, ...others]: readonly (readonly number[])[], taken: ReadonlySet<number>): boolean {
  if (first === undefined) return true;
  return first.some((index) => !taken.has(index) && fits(others, new Set([...taken, index])));
}

/** Nobody has to come back from a member that EC2 would not attach everything to. */
export function roomIsThere(
  { intent }: Claim,
  _: Write,
  { group, truth, tableAway, detailsUnread }: Seen,
): boolean {
  const to = group.members.find(({ name }) => name === intent.to)?.instance ?? "";
  return truth.hasRoom(to) || tableAway || detailsUnread;
}
