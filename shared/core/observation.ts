/**
 * What is read from AWS about a group, as plain data. A read that failed is a value of its own: it is never mistaken
 * for an answer.
 */

/** One interface as EC2 shows it. `unread` is a read that failed, `missing` one that answered without it. */
export type InterfaceSeen =
  | { readonly state: "unread"; readonly error: string }
  | { readonly state: "missing" }
  | {
      readonly state: "available";
      readonly zone: string;
      /** Another AWS service manages it: EC2 lets nobody else attach it. */
      readonly unmovable?: "requester-managed";
    }
  | AttachedSeen;

export interface AttachedSeen {
  readonly state: "attaching" | "attached" | "detaching";
  readonly zone: string;
  readonly attachmentId: string;
  /** Undefined where AWS names no instance: an attachment that is not ours to touch. */
  readonly instance: string | undefined;
  readonly deviceIndex: number;
  /** When the attachment was made, in epoch milliseconds. */
  readonly attachedAt: number;
  readonly deleteOnTermination: boolean;
  /** Where it is another AWS service's to manage, or sits at index 0. */
  readonly unmovable?: "primary" | "requester-managed";
}

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** A status check as DescribeInstanceStatus answers it. */
export interface Check {
  readonly status: "ok" | "impaired" | "initializing" | "insufficient-data" | "not-applicable";
  /** When the check began to fail, by EC2's own clock. */
  readonly impairedSince?: number;
}

export type CheckName = "system" | "instance" | "ebs" | "application";

/** A scheduled event of EC2: the announced end, or interruption, of an instance. */
export interface ScheduledEvent {
  readonly code: string;
  readonly notBefore: number;
}

/** What DescribeInstances adds; read only when about to move. */
export interface MemberDetails {
  readonly launchedAt: number;
  /** Every attachment of the instance on network card 0. */
  readonly attachments: readonly { readonly deviceIndex: number; readonly eni: string }[];
  /** How many interfaces the instance type takes; undefined where it could not be read. */
  readonly maxInterfaces: number | undefined;
}

export type InstanceSeen =
  | { readonly read: "failed"; readonly error: string }
  /** A read by id answered InvalidInstanceID.NotFound. */
  | { readonly read: "not-found" }
  | {
      readonly read: "ok";
      readonly state: InstanceState;
      readonly zone: string;
      readonly checks: Readonly<Partial<Record<CheckName, Check>>>;
      readonly scheduled: readonly ScheduledEvent[];
    };

export interface AlarmSeen {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** When the state last changed. */
  readonly transitionedAt: number;
  /** A composite alarm whose actions are suppressed is no evidence. */
  readonly suppressed: boolean;
  /** Known only where mute rules were read (before a move that rests on this alarm). */
  readonly muted?: boolean;
  /** Its actions are switched off by hand. Its state is evidence all the same. */
  readonly actionsDisabled?: true;
  /** An alarm on AWS/EC2 StatusCheckFailed*: the same witness as the status checks themselves. */
  readonly onStatusChecks: boolean;
  /** An alarm on AWS/EC2 StatusCheckFailed_Application*: the same witness as the application check itself. */
  readonly onApplicationCheck?: true;
  /** The id of the drill that set it to the state that it is in. */
  readonly drill?: string;
  /** Of a composite alarm: the rule over other alarms by which it is in its state. */
  readonly rule?: string;
}

export interface MemberSeen {
  readonly instance: InstanceSeen;
  readonly details?: MemberDetails;
}

/** Everything read from AWS for one group at one time. */
export interface Observation {
  /** When the reading began: the age of all evidence counts from here. */
  readonly at: number;
  readonly interfaces: Readonly<Record<string, InterfaceSeen>>;
  /** By member name. */
  readonly members: Readonly<Record<string, MemberSeen>>;
  /** By alarm name; an alarm that does not exist is absent. */
  readonly alarms: Readonly<Record<string, AlarmSeen>>;
  /** Why the alarms could not be read; undefined when they were. */
  readonly alarmsUnread?: string;
  /** Details (launch time, taken indexes, mute rules) were asked for, for every candidate. */
  readonly detailed: boolean;
  /** The security groups of every interface of the member that is about to be isolated; undefined: not read. */
  readonly worn?: Readonly<Record<string, readonly string[]>>;
}
