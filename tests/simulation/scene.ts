/** What there is when a run begins: the members with their alarms, and the interfaces on the first of them. */
import type { Ec2 } from "../../local/ec2/ec2.ts";
import type { Group } from "../../shared/core/model.ts";
import type { Alarms } from "./alarms.ts";
import { dress, isolates, primaryOf } from "./fences.ts";
import { addOthers } from "./indexes.ts";

/** An instance of the same account that no group names. */
export const STRANGER = "i-0ffffffffffffffff";
const ZONE = "eu-west-1a";
const INSTANCE_TYPE = "m5.2xlarge";

export interface Place {
  readonly ec2: Ec2;
  readonly alarms: Alarms;
}

/** `drawn`: alarms may be composite, and others may hold a device index of a member. */
export function addGroup({ ec2, alarms }: Place, group: Group, drawn: boolean, now: number): void {
  const [first] = group.members;
  for (const member of group.members) {
    addInstance(ec2, member.instance, isolates(group), now);
    alarms.addMember(member, now);
  }
  dress(ec2, group, now);
  if (drawn) addOthers(ec2, group, ZONE, now);
  alarms.addGroup(group, drawn, now);
  for (const { eni, deviceIndexes } of group.interfaces) {
    const deviceIndex = first?.deviceIndexes[eni]?.[0] ?? deviceIndexes[0] ?? 1;
    const attached = first === undefined ? {} : { attachedTo: first.instance };
    ec2.addInterface({ networkInterfaceId: eni, zone: ZONE, deviceIndex, ...attached }, now);
  }
}

/** `named`: its primary interface has an id that the laws know. */
export function addInstance(ec2: Ec2, instanceId: string, named: boolean, now: number): void {
  const own = named ? { primaryInterfaceId: primaryOf(instanceId) } : {};
  ec2.addInstance({ instanceId, zone: ZONE, instanceType: INSTANCE_TYPE, ...own }, now);
}
