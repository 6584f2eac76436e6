/**
 * What can't be read for a while: EC2's or CloudWatch's reads that name something fail, as they do in the disruption of a
 * zone, or where nobody may read. A single lost answer is asked for again; this is not.
 */
import { between } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { pick, streamOf } from "./swarm.ts";

/** Reads that name this fail. */
export interface Blindness {
  readonly kind: "blind";
  readonly operations: readonly string[];
  /** An instance, an interface or an alarm. */
  readonly name: string;
  readonly seconds: number;
}

const STATUS = ["DescribeInstanceStatus"];
const INSTANCES = ["DescribeInstanceStatus", "DescribeInstances"];

/** For one group in six, once or twice, and most often while its first member fails. */
export function drawBlindness(group: Group, safetyMs: number): { after: number; mishap: Blindness }[] {
  const random = streamOf({ blindness: group, safetyMs });
  if (random() < 5 / 6) return [];
  return Array.from({ length: between(random, 1, 2) }, () => {
    const drawn = random();
    const alarms = [...group.alarms, ...group.members.flatMap((member) => member.alarms)];
    const { instance } = pick(random, group.members);
    const { eni } = pick(random, group.interfaces);
    const [name, operations] =
      drawn < 0.2 && alarms.length > 0
        ? [pick(random, alarms), ["DescribeAlarms"]]
        : drawn < 0.35
          ? [eni, ["DescribeNetworkInterfaces"]]
          : [instance, random() < 0.7 ? STATUS : INSTANCES];
    const mishap = { kind: "blind", operations, name, seconds: between(random, 15, 240) } as const;
    return { after: Math.round(random() * 0.8 * safetyMs), mishap };
  });
}

/** Follows what can't be read. */
export class Blindnesses {
  #now: { readonly blindness: Blindness; readonly until: number }[] = [];

  begin(blindness: Blindness, now: number): void {
    this.#now.push({ blindness, until: now + blindness.seconds * 1000 });
  }

  end(): void {
    this.#now = [];
  }

  /** The read names what can't be read. */
  hits(operation: string, input: object, now: number): boolean {
    return this.#now.some(
      ({ blindness: { operations, name }, until }) =>
        now < until && operations.includes(operation) && JSON.stringify(input).includes(`"${name}"`),
    );
  }
}
