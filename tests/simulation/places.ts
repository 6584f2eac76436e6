/** Where everything is, and what runs, as the models have it now: without lag and without faults. */
import type { Group, Intent } from "../../shared/core/model.ts";
import type { SimCloud } from "./cloud.ts";
import { isolates, primaryOf, QUARANTINE } from "./fences.ts";

const NEVER = Number.NEGATIVE_INFINITY;
/** An attach that has not ended in so long may be given up. */
const ATTACHES_WITHIN_MS = 50_000;

export class Places {
  protected readonly cloud: SimCloud;

  constructor(cloud: SimCloud) {
    this.cloud = cloud;
  }

  /**
   * Who holds each interface of the group, by instance; what is being detached is as good as on nothing, and so is what has
   * been attaching for so long that it may be given up.
   */
  holders(group: Group, now: number): readonly (string | undefined)[] {
    return group.interfaces.map(({ eni }) => {
      const held = this.cloud.ec2.attachmentTruth(eni, now);
      const stuck = held?.status === "attaching" && now - held.attachedAt >= ATTACHES_WITHIN_MS;
      return held?.status === "detaching" || stuck ? undefined : held?.instanceId;
    });
  }

  /** An interface of the group has been attaching to the instance for so long that it never will, whoever asked. */
  isStuckAttaching(group: Group, instance: string, now: number): boolean {
    const { attachings } = this.cloud;
    return group.interfaces.some(({ eni }) => attachings.hasBeenFor(eni, instance, ATTACHES_WITHIN_MS, now));
  }

  /**
   * An interface that the claim saw elsewhere is on the target. Where the move has attached none itself, somebody has
   * brought it: nobody can tell that from what a holder did that is no more.
   */
  isBroughtTo(group: Group, { sources, to }: Pick<Intent, "sources" | "to">, now: number): boolean {
    const target = group.members.find(({ name }) => name === to);
    const holders = this.holders(group, now);
    return group.interfaces.some(
      ({ eni }, at) => sources[eni] !== undefined && target !== undefined && holders[at] === target.instance,
    );
  }

  /** An interface of the group was deleted: nothing but an operator brings it back. */
  isAnyGone(group: Group, now: number): boolean {
    return group.interfaces.some(({ eni }) => this.cloud.ec2.attachmentTruth(eni, now) === undefined);
  }

  /** When its present launch began; never, where there is no such instance. */
  launchedAt(instance: string, now: number): number {
    return this.cloud.ec2.instanceTruth(instance, now)?.launchedAt ?? NEVER;
  }

  /** For how long an instance outside the group has had one of its interfaces; 0: none has. */
  strangerFor({ interfaces, members }: Group, now: number): number {
    const since = interfaces.flatMap(({ eni }) => {
      const held = this.cloud.ec2.attachmentTruth(eni, now);
      const ours = members.some(({ instance }) => instance === held?.instanceId);
      return held === null || held === undefined || ours ? [] : [held.attachedAt];
    });
    return since.length === 0 ? 0 : now - Math.min(...since);
  }

  /** Its own interface bears the quarantine security group. */
  isIsolated(group: Group, instance: string, now: number): boolean {
    return (
      isolates(group) && this.cloud.ec2.securityGroupsTruth(primaryOf(instance), now)?.[0] === QUARANTINE
    );
  }

  /** Is it running, whatever its health? */
  lives(instance: string, now: number): boolean {
    return this.cloud.ec2.instanceTruth(instance, now)?.state === "running";
  }
}
