/**
 * What was true in a run, by time: when each member could last be seen to fail, and to be well. An observer outside
 * the controller, which reads the models without lag and without faults.
 */
import type { Group, Member } from "../../shared/core/model.ts";
import type { SimCloud } from "./cloud.ts";

export class Truth {
  readonly #cloud: SimCloud;
  readonly #groups: readonly Group[];
  readonly #last = new Map<string, { bad: number; good: number }>();

  constructor(cloud: SimCloud, groups: readonly Group[]) {
    this.#cloud = cloud;
    this.#groups = groups;
  }

  /** Looks at every member, now. */
  look(now: number): void {
    for (const group of this.#groups) {
      const groupAlarms = this.#alarming(group.alarms);
      for (const member of group.members) {
        const last = this.#last.get(member.instance) ?? {
          bad: Number.NEGATIVE_INFINITY,
          good: Number.NEGATIVE_INFINITY,
        };
        const bad = this.#isBad(member, now);
        // The group's alarms speak about whoever is active; of a standby they say nothing.
        if (bad || groupAlarms) last.bad = now;
        if (!bad && this.#isGood(member, now)) last.good = now;
        this.#last.set(member.instance, last);
      }
    }
  }

  #alarming(names: readonly string[]): boolean {
    return names.some((name) => this.#cloud.cloudwatch.stateTruth(name) === "ALARM");
  }

  /** Anybody can see that it fails: its state, its own alarms, its checks. */
  #isBad(member: Member, now: number): boolean {
    const truth = this.#cloud.ec2.instanceTruth(member.instance, now);
    if (truth === undefined || (truth.state !== "running" && truth.state !== "pending")) return true;
    if (this.#alarming(member.alarms)) return true;
    if (member.statusAlarm !== undefined && this.#alarming([member.statusAlarm])) return true;
    return (this.#cloud.ec2.statusMetrics(member.instance, now)?.values.StatusCheckFailed ?? 0) > 0;
  }

  /** Anybody can see that its checks pass. */
  #isGood(member: Member, now: number): boolean {
    return this.#cloud.ec2.statusMetrics(member.instance, now)?.values.StatusCheckFailed === 0;
  }

  /** How long ago the instance was last seen to fail; infinite: never. */
  sinceBad(instance: string, now: number): number {
    return now - (this.#last.get(instance)?.bad ?? Number.NEGATIVE_INFINITY);
  }

  /** How long ago the instance was last seen to be well; infinite: never. */
  sinceGood(instance: string, now: number): number {
    return now - (this.#last.get(instance)?.good ?? Number.NEGATIVE_INFINITY);
  }

  /** Is it running, whatever its health? */
  lives(instance: string, now: number): boolean {
    return this.#cloud.ec2.instanceTruth(instance, now)?.state === "running";
  }
}
