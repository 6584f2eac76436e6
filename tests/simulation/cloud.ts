/**
 * The outside world of a simulation: the embedded cloud's own EC2 and CloudWatch models at the `send` front, a
 * stand-in for DynamoDB, and a trace of what they really did.
 */
import { AwsError } from "../../local/aws-error.ts";
import { CloudWatch } from "../../local/cloudwatch/cloudwatch.ts";
import { Ec2, type Ec2Options } from "../../local/ec2/ec2.ts";
import type { Random } from "../../local/random.ts";
import type { Group, State } from "../../shared/core/model.ts";
import { Alarms } from "./alarms.ts";
import { Attachings } from "./attaching.ts";
import { drawBehaviour } from "./behaviour.ts";
import { Blindnesses } from "./blindness.ts";
import { Bus } from "./bus.ts";
import { type BusEvent, BusEvents } from "./bus-events.ts";
import { SimDynamo } from "./dynamodb.ts";
import { addSecurityGroups, memberDressedBy } from "./fences.ts";
import { withoutRoom } from "./indexes.ts";
import type { Execute } from "./invocation.ts";
import { operationOf } from "./invocation.ts";
import { addGroup, addInstance, STRANGER } from "./scene.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace, TraceEvent } from "./trace.ts";

export const TABLE = "sim-state";
const ACCOUNT = "123456789012";
const REGION = "eu-west-1";
/** Reads may be behind by so much, and take their time. */
const MOST_STALE_MS = 4_000;
const MUTATING = /^(Attach|Detach|Modify|Stop|Start|Terminate|Reboot|Create|Delete)/;

type CallEvent = Extract<TraceEvent, { kind: "call" }>;
type Attachment = NonNullable<ReturnType<Ec2["attachmentTruth"]>>;

export interface CloudOptions {
  readonly groups: readonly Group[];
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly staleReadsMs: number;
  /** So long everything has stood already, so that no alarm is still without data. */
  readonly stoodMs?: number;
  /** The groups are drawn, and so is what there is beside them: interfaces of others, composite alarms. */
  readonly drawn?: boolean;
  /** How EC2 is, where the seed is not to draw it. */
  readonly ec2?: Pick<Ec2Options, "timings" | "behaviour">;
}

export class SimCloud {
  readonly ec2: Ec2;
  readonly cloudwatch: CloudWatch;
  readonly alarms: Alarms;
  readonly dynamo = new SimDynamo(TABLE);
  readonly blindnesses = new Blindnesses();
  readonly attachings = new Attachings();
  readonly bus = new Bus();
  readonly #options: CloudOptions;
  /** Attachment id → group, of every attachment that was ever seen. */
  readonly #attachments = new Map<string, string>();
  /** When an invocation last read the status of an instance, by `invocation instance`. */
  readonly #readAt = new Map<string, number>();
  /** The instances on which others hold a device index that the group can't do without. */
  readonly full: ReadonlySet<string>;
  readonly #events = new BusEvents(ACCOUNT, REGION);
  #learntAt = -1;

  constructor(options: CloudOptions) {
    this.#options = options;
    const { random, scheduler, groups, staleReadsMs } = options;
    const place = { account: ACCOUNT, region: REGION, random };
    this.ec2 = new Ec2({ ...place, ...(options.ec2 ?? { behaviour: drawBehaviour(random, staleReadsMs) }) });
    this.cloudwatch = new CloudWatch({ ...place, sources: (now) => this.#statusMetrics(now) });
    this.alarms = new Alarms(this.cloudwatch);
    const early = scheduler.now() - (options.stoodMs ?? 0);
    addSecurityGroups(this.ec2, groups, early);
    const drawn = options.drawn === true;
    this.full = drawn ? withoutRoom(groups) : new Set();
    for (const group of groups) addGroup(this, group, drawn, early);
    addInstance(this.ec2, STRANGER, false, early);
    this.cloudwatch.evaluate(early);
    this.cloudwatch.evaluate(scheduler.now());
    this.cloudwatch.drainEvents();
  }

  #noteRead({ InstanceIds = [] }: { InstanceIds?: readonly string[] }, by: string, now: number): void {
    for (const instance of InstanceIds) this.#readAt.set(`${by} ${instance}`, now);
  }

  /** When this invocation last read the status of the instance; never: minus infinity. */
  readAt(by: string, instance: string): number {
    return this.#readAt.get(`${by} ${instance}`) ?? Number.NEGATIVE_INFINITY;
  }

  #statusMetrics(
    now: number,
  ): { namespace: string; name: string; dimensions: { InstanceId: string }; value: number }[] {
    return this.ec2.instances(now).flatMap((InstanceId) => {
      const metrics = this.ec2.statusMetrics(InstanceId, now);
      if (metrics === undefined) return [];
      const { StatusCheckFailed: value } = metrics.values;
      return [{ namespace: "AWS/EC2", name: "StatusCheckFailed", dimensions: { InstanceId }, value }];
    });
  }

  /** Lets the models act by themselves, and answers what reaches the bus. */
  tick(now: number): BusEvent[] {
    const changes = this.ec2.changes(now);
    if (changes !== this.#learntAt) this.#holderOf(undefined, now);
    this.#learntAt = changes;
    this.cloudwatch.evaluate(now);
    const states = this.ec2.drainEvents().map((change) =>
      this.#events.event("aws.ec2", "EC2 Instance State-change Notification", change.at, {
        "instance-id": change.instance,
        state: change.state,
      }),
    );
    const alarms = this.cloudwatch
      .drainEvents()
      .map((event) => this.#events.event("aws.cloudwatch", event.detailType, event.at, event.detail));
    return [...states, ...alarms];
  }

  /** What the controller put on the bus, in the order in which it came. */
  get news(): Bus["news"] {
    return this.bus.news;
  }

  /** Grows whenever something becomes true, or ceases to be, of an instance, an interface or an alarm. */
  changes(now: number): number {
    return this.ec2.changes(now) + this.alarms.changes(now);
  }

  /** A spot notice: EC2 says two minutes before that it will take the instance. */
  spotNotice(instance: string, now: number): BusEvent {
    const detail = { "instance-id": instance, "instance-action": "terminate" };
    return this.#events.event("aws.ec2", "EC2 Spot Instance Interruption Warning", now, detail);
  }

  /** The state item of a group as the table has it. */
  state(group: string): State | undefined {
    return this.dynamo.peek(`GROUP#${group}`, "STATE") as State | undefined;
  }

  /** The history of a group as the table has it, oldest first. */
  history(group: string): Readonly<Record<string, unknown>>[] {
    const input = {
      TableName: TABLE,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
      ExpressionAttributeValues: { ":pk": `GROUP#${group}`, ":event": "EVENT#" },
    };
    const { Items } = this.dynamo.execute("QueryCommand", input) as { Items?: Record<string, unknown>[] };
    return Items ?? [];
  }

  /** Carries out a call of an invocation, and traces what came of it. */
  readonly execute: Execute = (service, command, by) => {
    const now = this.#options.scheduler.now();
    if (service === "dynamodb") return this.#table(command, by.name, now);
    if (service === "lambda") throw new Error("this cloud has no Lambda to invoke");
    if (service === "eventbridge") return this.bus.take(command.input);
    const operation = operationOf(command);
    const model = service === "ec2" ? this.ec2 : this.cloudwatch;
    const changes = MUTATING.test(operation) && (command.input as { DryRun?: boolean }).DryRun !== true;
    if (this.blindnesses.hits(operation, command.input, now)) {
      this.#options.trace.add({ kind: "fault", at: now, by: by.name, what: "blind", operation });
      throw new AwsError("InternalError", "An internal error has occurred", 500);
    }
    if (operation === "DescribeInstanceStatus") this.#noteRead(command.input, by.name, now);
    if (!changes) return model.call(operation, command.input, now);
    const held = this.#holderOf((command.input as { AttachmentId?: string }).AttachmentId, now);
    let error: string | undefined;
    try {
      return model.call(operation, command.input, now);
    } catch (thrown) {
      error = (thrown as { code?: string }).code ?? "bug";
      throw thrown;
    } finally {
      this.#traceCall(operation, command.input, { error, ...held, by: by.name, at: now });
    }
  };

  /** The instance that holds an attachment; on the way, every attachment there is gets known. */
  #holderOf(attachmentId: string | undefined, now: number): Pick<CallEvent, "holder" | "was" | "lately"> {
    let held: Attachment | undefined;
    let lately: Attachment["status"] | undefined;
    for (const group of this.#options.groups) {
      for (const { eni } of group.interfaces) {
        const truth = this.ec2.attachmentTruth(eni, now);
        this.attachings.note(eni, truth, now);
        if (truth === null || truth === undefined) continue;
        this.#attachments.set(truth.id, group.name);
        if (truth.id !== attachmentId) continue;
        held = truth;
        const wasAttaching = this.attachings.wasLately(eni, truth.id, now);
        lately = wasAttaching ? "attaching" : this.ec2.attachmentAsOf(eni, now - MOST_STALE_MS)?.status;
      }
    }
    return { holder: held?.instanceId, was: held?.status, lately };
  }

  #traceCall(
    operation: string,
    input: object,
    more: Pick<CallEvent, "error" | "holder" | "was" | "lately" | "by" | "at">,
  ): void {
    const { AttachmentId } = input as { AttachmentId?: string };
    const group =
      AttachmentId === undefined
        ? (this.#groupNamedIn(JSON.stringify(input)) ?? this.#groupDressedBy(input))
        : this.#attachments.get(AttachmentId);
    const { trace } = this.#options;
    trace.add({ kind: "call", operation, input: input as Record<string, unknown>, group, ...more });
  }

  #groupDressedBy(input: object): string | undefined {
    return this.#options.groups.find((group) => memberDressedBy(group, input) !== undefined)?.name;
  }

  #groupNamedIn(text: string): string | undefined {
    const named = (group: Group): boolean =>
      group.members.some((member) => text.includes(member.instance)) ||
      group.interfaces.some((one) => text.includes(one.eni));
    return this.#options.groups.find(named)?.name;
  }

  #table(command: { input: object }, by: string, at: number): object {
    const name = command.constructor.name;
    const { pk, sk } = ((command.input as { Key?: object; Item?: object }).Key ??
      (command.input as { Item?: object }).Item ??
      {}) as { pk?: string; sk?: string };
    const writes = name === "UpdateCommand" || name === "PutCommand";
    if (!writes || pk === undefined || !pk.startsWith("GROUP#")) {
      return this.dynamo.execute(name, command.input);
    }
    const group = pk.slice("GROUP#".length);
    const before = sk === "STATE" ? this.state(group) : undefined;
    const answer = this.#tableTakes(command, { by, group, at });
    const after = sk === "STATE" ? this.state(group) : undefined;
    const { trace } = this.#options;
    if (after !== undefined) trace.add({ kind: "write", at, by, group, before, after });
    else {
      const { kind = "" } = (command.input as { Item?: { kind?: string } }).Item ?? {};
      trace.add({ kind: "history", at, by, group, key: sk ?? "", entry: kind });
    }
    return answer;
  }

  /** Carries a write out; one that the table refuses is traced too, with what it was conditional on. */
  #tableTakes(command: { input: object }, more: { by: string; group: string; at: number }): object {
    try {
      return this.dynamo.execute(command.constructor.name, command.input);
    } catch (error) {
      const { ConditionExpression: condition = "" } = command.input as { ConditionExpression?: string };
      if (error instanceof Error && error.name === "ConditionalCheckFailedException")
        this.#options.trace.add({ kind: "refused", condition, ...more });
      throw error;
    }
  }
}
