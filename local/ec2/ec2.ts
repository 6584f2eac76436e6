/**
 * The embedded cloud's EC2: one account in one Region, as a state machine. Time comes in as `now` (wall time, epoch
 * milliseconds) and only goes forward; chance comes from a seeded source. Everything given and answered is copied, so
 * that no caller ever holds a piece of the model.
 */
import { AwsError } from "../aws-error.ts";
import type { Access, Service } from "../service.ts";
import { accessOf } from "./access.ts";
import { type Breakage, breakIt } from "./breakage.ts";
import { emitsMetrics, metricsOf, type StatusMetrics } from "./checks.ts";
import type { Attachment, InstanceState } from "./entities.ts";
import { operations } from "./operations.ts";
import { Region, type RegionOptions, type StateChange } from "./region.ts";
import { type Scene, type SceneInstance, type SceneInterface, setScene } from "./scene.ts";
import { asOf } from "./table.ts";
import { advance } from "./transitions.ts";

export type { Breakage } from "./breakage.ts";
export type { StatusMetrics } from "./checks.ts";
export type { RegionOptions as Ec2Options, StateChange } from "./region.ts";
export type { Scene, SceneInstance, SceneInterface } from "./scene.ts";

/** What is true of an instance, as opposed to what a read may say of it. */
export interface InstanceTruth {
  readonly state: InstanceState;
  readonly launchedAt: number;
  readonly hung: boolean;
  /** When the scheduled events are due that are not over. */
  readonly scheduled: readonly number[];
  /** Device indexes that a forced detach has burned in this launch, and by which interface. */
  readonly burned: readonly {
    readonly deviceIndex: number;
    readonly cardIndex: number;
    readonly by: string;
  }[];
}

export class Ec2 implements Service {
  readonly #region: Region;
  #now = Number.NEGATIVE_INFINITY;

  constructor(options: RegionOptions) {
    this.#region = new Region(options);
  }

  /** One operation; `cause` is the journal's entry of the call, the cause of what follows from it. Throws AwsError. */
  call(operation: string, input: unknown, now: number, cause?: string): unknown {
    const handler = operations.get(operation);
    if (handler === undefined) {
      throw new AwsError("InvalidAction", `The action ${operation} is not valid for this web service.`);
    }
    return handler(this.#region, (input ?? {}) as never, { now: this.advance(now), cause });
  }

  access(operation: string, input: unknown): readonly Access[] {
    return accessOf(this.#region, operation, input);
  }

  /** Lets everything happen that is due. Answers the model's time, which never goes back. */
  advance(now: number): number {
    this.#now = Math.max(this.#now, now);
    advance(this.#region, this.#now);
    return this.#now;
  }

  /** Grows whenever an instance or an interface changes: while it stays, so does everything that is true of them. */
  changes(now: number): number {
    this.advance(now);
    return this.#region.instances.changes + this.#region.interfaces.changes;
  }

  /** When something will next happen by itself, epoch milliseconds. */
  nextDue(): number | undefined {
    return this.#region.agenda.nextDue;
  }

  /** Breaks something, or heals it. Answers the journal's entry. Throws AwsError for what does not exist. */
  break(breakage: Breakage, now: number, cause?: string): string | undefined {
    return breakIt(this.#region, breakage, { now: this.advance(now), cause });
  }

  /** Sets instances, interfaces and groups with given ids, all of a day ago. */
  createScene(scene: Scene, now: number): void {
    setScene(this.#region, scene, this.advance(now));
  }

  addInstance(instance: SceneInstance, now: number): void {
    this.createScene({ instances: [instance] }, now);
  }

  addInterface(one: SceneInterface, now: number): void {
    this.createScene({ interfaces: [one] }, now);
  }

  /** The state-change notifications since the last time this was asked. */
  drainEvents(): StateChange[] {
    return this.#region.stateChanges.splice(0);
  }

  /** The status metrics now; undefined for an instance that emits none. */
  statusMetrics(instanceId: string, now: number): StatusMetrics | undefined {
    this.advance(now);
    return metricsOf(this.#region, instanceId);
  }

  /** The instances that emit metrics now. */
  instances(now: number): string[] {
    this.advance(now);
    const ids: string[] = [];
    for (const { id, newest } of this.#region.instances.entries()) {
      if (emitsMetrics(newest.value)) ids.push(id);
    }
    return ids;
  }

  /** What is true of the instance, for those who check the model's users; undefined when there is none. */
  instanceTruth(instanceId: string, now: number): InstanceTruth | undefined {
    this.advance(now);
    const instance = this.#region.instances.current(instanceId);
    if (instance === undefined) return undefined;
    const { hung = false, burned = [] } = this.#region.conditions.get(instanceId) ?? {};
    const { state, launchedAt } = instance;
    const open = instance.scheduled.filter(({ over }) => over === undefined);
    const scheduled = open.map(({ notBefore }) => notBefore);
    return { state, launchedAt, hung, scheduled, burned: burned.map((one) => ({ ...one })) };
  }

  /** What the interface really bears; undefined when there is no such interface. */
  securityGroupsTruth(interfaceId: string, now: number): readonly string[] | undefined {
    this.advance(now);
    return this.#region.interfaces.current(interfaceId)?.groups;
  }

  /** What the interface is really on: null on nothing, undefined when there is no such interface. */
  attachmentTruth(interfaceId: string, now: number): Attachment | null | undefined {
    this.advance(now);
    const found = this.#region.interfaces.current(interfaceId);
    if (found === undefined) return undefined;
    return found.attachment === undefined ? null : { ...found.attachment };
  }

  /** What reads that lag behind may still say of that. */
  attachmentAsOf(interfaceId: string, at: number): Attachment | undefined {
    const entry = this.#region.interfaces.entry(interfaceId);
    return entry === undefined ? undefined : asOf(entry, at)?.attachment;
  }
}
