/**
 * What EC2 has: immutable records, replaced as a whole when something changes (see table.ts). These are what EC2
 * *shows*; what is true of a machine behind them is its `Condition` (condition.ts).
 */

export type Tags = ReadonlyMap<string, string>;

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

export type CheckName = "system" | "instance" | "ebs" | "application";
export const checkNames: readonly CheckName[] = ["system", "instance", "ebs", "application"];

/** The result of a status check. `since`: wall time of the run that failed first. */
export type CheckResult =
  | { readonly status: "ok" | "initializing" | "insufficient-data" }
  | { readonly status: "impaired"; readonly since: number };

export type EventCode =
  | "instance-reboot"
  | "instance-retirement"
  | "instance-stop"
  | "system-maintenance"
  | "system-reboot";

export interface ScheduledEvent {
  readonly id: string;
  readonly code: EventCode;
  readonly description: string;
  readonly notBefore: number;
  readonly notAfter: number | undefined;
  /** How it ended; EC2 goes on describing it. */
  readonly over?: "Completed" | "Canceled";
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken: string | undefined;
  readonly imageId: string;
  readonly type: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly privateAddress: string;
  readonly groups: readonly string[];
  readonly state: InstanceState;
  readonly launchedAt: number;
  /** Why it is in this state, as StateReason says it; undefined while it runs. */
  readonly reason: { readonly code: string; readonly message: string } | undefined;
  readonly reasonAt: number | undefined;
  /** The ids of the interfaces that are attached, attaching or detaching. */
  readonly interfaces: readonly string[];
  /** Only while running; a check that is absent is not applicable to this instance. */
  readonly checks: Readonly<Partial<Record<CheckName, CheckResult>>>;
  readonly scheduled: readonly ScheduledEvent[];
  readonly tags: Tags;
}

export interface Attachment {
  readonly id: string;
  /** Undefined where another AWS service holds the interface and names no instance of ours. */
  readonly instanceId: string | undefined;
  readonly ownerId: string;
  readonly deviceIndex: number;
  readonly cardIndex: number;
  readonly status: "attaching" | "attached" | "detaching";
  readonly attachedAt: number;
  readonly deleteOnTermination: boolean;
  /** The latest detach asked for Force. */
  readonly forced: boolean;
  /** Grows with each detach that was asked for, so that only the latest one's completion counts. */
  readonly asked: number;
  /** When the latest detach ends; undefined while it does not end by itself. */
  readonly endsAt?: number;
}

export interface Interface {
  readonly id: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly description: string;
  readonly mac: string;
  /** The first is the primary. */
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  readonly sourceDestCheck: boolean;
  readonly requesterManaged: boolean;
  readonly attachment: Attachment | undefined;
  /** Until then nothing can be done with it that needs it to be on nothing. */
  readonly settlesAt?: number;
  readonly clientToken: string | undefined;
  readonly tags: Tags;
}

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
  readonly tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  readonly tags: Tags;
}

export interface SecurityGroup {
  readonly id: string;
  readonly vpcId: string;
  readonly name: string;
  readonly description: string;
  readonly tags: Tags;
}

export const noTags: Tags = new Map();
