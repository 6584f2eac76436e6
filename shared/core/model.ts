/**
 * The words of the controller, as types. Read this file first.
 *
 * Everything here is plain data: a group as configured, an observation of it as read from AWS, and the one
 * record that the controller keeps. Times are epoch milliseconds, durations carry their unit in the name.
 */

// ---------------------------------------------------------------- configuration

/** A floating network interface. Never at device index 0. */
export interface FloatingInterface {
  readonly eni: string;
  /** The device indexes it may take on a member, in order of preference. */
  readonly deviceIndexes: readonly number[];
}

/** An EC2 instance that may hold the group's interfaces. */
export interface Member {
  /** The key of this member in the record. Today the instance id; members found by tag will have a name. */
  readonly name: string;
  readonly instance: string;
  /** Alarms named in the configuration that speak about this member. */
  readonly alarms: readonly string[];
  /** The alarm that the stack makes on this member's status checks, where it makes one. */
  readonly statusAlarm?: string;
  /** Allowed device indexes on this member, by interface, where they differ from the interface's own. */
  readonly deviceIndexes: Readonly<Record<string, readonly number[]>>;
}

export type Fence =
  | { readonly kind: "none" }
  | { readonly kind: "isolate"; readonly securityGroup: string }
  | { readonly kind: "stop" };

export interface Policy {
  readonly mode: "act" | "observe";
  readonly detach: "auto" | "graceful" | "force";
  readonly graceSeconds: number;
  readonly impairedSeconds: number;
  readonly witnesses: number;
  readonly cooldownSeconds: number;
  readonly budget: { readonly moves: number; readonly seconds: number };
  readonly failback: "manual" | "auto";
  readonly failbackAfterSeconds: number;
  readonly leaveBeforeSeconds: number;
  readonly fence: Fence;
  readonly fenceFirst: boolean;
  readonly rtoSeconds: number;
}

/** The unit of failover. Member order is the order of preference. */
export interface Group {
  readonly name: string;
  readonly interfaces: readonly FloatingInterface[];
  readonly members: readonly Member[];
  /** Alarms about whoever is active. */
  readonly alarms: readonly string[];
  readonly policy: Policy;
}

/** When many groups want to move on alarm evidence alone, it is probably not the instances. */
export interface Surge {
  readonly groups: number;
  readonly share: number;
  readonly seconds: number;
}

// ---------------------------------------------------------------- observation

/** One interface as EC2 shows it. `unread` is a read that failed, `missing` one that answered without it. */
export type InterfaceSeen =
  | { readonly state: "unread"; readonly error: string }
  | { readonly state: "missing" }
  | { readonly state: "available"; readonly zone: string }
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
  /** An alarm on AWS/EC2 StatusCheckFailed*: the same witness as the status checks themselves. */
  readonly onStatusChecks: boolean;
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
}

// ---------------------------------------------------------------- diagnosis

/** `dead` beats `failing` beats `unknown` beats `healthy`. */
export type Health = "healthy" | "unknown" | "failing" | "dead";

/** One fact about a member, with its source and time. */
export interface Evidence {
  /** `instance-state`, `system-check`, `alarm:<name>`, … */
  readonly source: string;
  /** Sources of one kind are one witness, however many there are. */
  readonly witness: string;
  readonly says: Health;
  /** For a person. */
  readonly detail: string;
  /** When it began to be so, where AWS tells; else when it was read. */
  readonly since: number;
}

/** Why a member may not begin to take the group. A closed set: the runbook has a line for each. */
export type Ineligible =
  | "active"
  | "dead"
  | "failing"
  | "unknown"
  | "not-running"
  | "wrong-zone"
  | "quarantined"
  | "index-taken"
  | "index-burned"
  | "no-slot";

export interface MemberDiagnosis {
  readonly member: string;
  readonly instance: string;
  readonly health: Health;
  readonly evidence: readonly Evidence[];
  /** An instance or system check is impaired: the guest does not answer, so a graceful detach can't succeed. */
  readonly unreachable: boolean;
  /** Shutting down, terminated or gone: it will never serve again. */
  readonly ended: boolean;
  readonly leaving?: { readonly why: string; readonly endsAt: number };
  /** Why it may not take the group now; the first is the one that is told. Empty: eligible. */
  readonly reasons: readonly Ineligible[];
}

/** Who holds an interface. */
export type Holder =
  | { readonly kind: "member"; readonly member: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "stranger"; readonly instance: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unread" };

export interface Diagnosis {
  readonly at: number;
  readonly holders: Readonly<Record<string, Holder>>;
  /** The member that holds every interface of the group; undefined when they are apart, on nothing, or unread. */
  readonly active?: string;
  /** In order of preference. */
  readonly members: readonly MemberDiagnosis[];
  /** Launch times, taken indexes and mute rules were read: eligibility is certain. */
  readonly detailed: boolean;
  /** Group alarms in ALARM that have not changed since the interfaces arrived on the active. */
  readonly notCleared: readonly string[];
  /** When the last interface arrived on the active. */
  readonly arrivedAt?: number;
}

// ---------------------------------------------------------------- decision

/** Why a group moves. Log field, metric dimension, runbook key and test oracle: always this string. */
export type MoveBecause =
  | "active-dead"
  | "active-failing"
  | "active-leaving"
  | "operator"
  | "drill"
  | "failback"
  | "repair"
  | "unite"
  | "resume"
  | "target-lost"
  | "last-resort";

/** Why a group does not move. */
export type HoldBecause =
  | "healthy"
  | "already-there"
  | "paused"
  | "unconfirmed"
  | "alarm-not-cleared"
  | "no-eligible-standby"
  | "cooldown"
  | "budget"
  | "surge"
  | "in-progress"
  | "just-moved"
  | "detach-stuck"
  | "interface-missing"
  | "held-by-stranger"
  | "fence-unconfirmed"
  | "world-changed"
  | "newer-record"
  | "operator-needed";

export type Because = MoveBecause | HoldBecause;

/** What an operator asks for. */
export interface Request {
  readonly to?: string;
  readonly force: boolean;
  readonly by: string;
  readonly reason?: string;
}

export interface Hold {
  readonly kind: "hold";
  readonly because: HoldBecause;
  /** One sentence for a person. */
  readonly message: string;
  /** Somebody wants to know: this is not how things should be. */
  readonly notify: boolean;
  /** The exact input that would override this rule, where one would. */
  readonly override?: string;
}

export interface Move {
  readonly kind: "move";
  readonly because: MoveBecause;
  readonly message: string;
  /** The member that loses the group; undefined when an interface was found on nothing. */
  readonly from?: string;
  readonly to: string;
  /** An operator said force: a healthy active may be force-detached. */
  readonly force: boolean;
  /** No operator asked for it. */
  readonly automatic: boolean;
  /** A move off a failing active, or a failback: counts against the budget. */
  readonly budgeted: boolean;
  readonly by: string;
  readonly reason?: string;
  readonly evidence: readonly Evidence[];
}

/** Carry on with the intent that stands in the record. */
export interface Finish {
  readonly kind: "finish";
  readonly because: "resume";
  readonly message: string;
  readonly intent: Intent;
}

export type Decision = Hold | Move | Finish;

// ---------------------------------------------------------------- record

/** The schema of the state item that this code writes. A reader that meets a newer one only looks. */
export const SCHEMA = 1;

/** When each phase of a move was reached, in epoch milliseconds. */
export interface Phases {
  readonly detected?: number;
  readonly decided?: number;
  readonly claimed?: number;
  readonly detachAsked?: number;
  readonly detached?: number;
  readonly attachAsked?: number;
  readonly inUse?: number;
  readonly settled?: number;
}

/** A device index made unusable by a forced detach from a running instance, until that instance is restarted. */
export interface Burn {
  readonly member: string;
  readonly deviceIndex: number;
  /** The interface that was forced off it, and may go back on it. */
  readonly eni: string;
  /** The launch in which it was burned: a later launch time means restarted. */
  readonly launchedAt: number;
}

/** The durable "moving to X because Y". Steps are derived from it and from what is seen, never stored. */
export interface Intent {
  readonly id: string;
  readonly because: MoveBecause;
  readonly message: string;
  readonly from?: string;
  readonly to: string;
  /** Interface → the AttachmentId seen at the claim: only these may be detached under it. */
  readonly sources: Readonly<Record<string, string>>;
  /** Targets that have refused, died or been passed over in this intent. */
  readonly tried: readonly string[];
  readonly force: boolean;
  readonly automatic: boolean;
  readonly budgeted: boolean;
  readonly by: string;
  readonly reason?: string;
  readonly since: number;
  readonly phases: Phases;
  readonly evidence: readonly Evidence[];
  /** Indexes that a forced detach of this intent burns; written before the detach is asked. */
  readonly burns: readonly Burn[];
}

export interface Lease {
  readonly holder: string;
  readonly until: number;
}

/** A move that has settled, kept for budget, cooldown and flapping. */
export interface PastMove {
  readonly id: string;
  readonly at: number;
  readonly because: MoveBecause | "found-moved";
  readonly from?: string;
  readonly to: string;
  readonly automatic: boolean;
  readonly budgeted: boolean;
}

export interface Pause {
  readonly by: string;
  readonly since: number;
  readonly until?: number;
  readonly reason?: string;
}

export interface Quarantine {
  readonly why: "forced-detach" | "flapping" | "operator";
  readonly since: number;
  /** Ends when the member has been launched after this time; undefined: only by `acknowledge`. */
  readonly untilLaunchAfter?: number;
}

/** What was last told about a group: one message a change, not one a minute. */
export interface Told {
  readonly because: Because;
  readonly since: number;
  /** When an operator was notified of it; undefined while it is not worth it, or not yet. */
  readonly notifiedAt?: number;
}

/** A history item that waits to be written. Kept in the state item until it is known to be there. */
export interface HistoryEntry {
  readonly at: number;
  /** Out of the state item, so that no two entries share a key: `e<epoch>.<n>` of a holder, else `v<version>`. */
  readonly sequence: string;
  readonly kind: "move" | "failed-move" | "refusal" | "recovered" | "superseded" | "found-moved" | "command";
  readonly because: Because | "found-moved";
  readonly message: string;
  readonly from?: string;
  readonly to?: string;
  readonly epoch: number;
  readonly by?: string;
  readonly reason?: string;
  readonly phases?: Phases;
  readonly evidence?: readonly Evidence[];
}

/** The state item of a group. Absent attributes are empty. */
export interface State {
  readonly schema: number;
  readonly version: number;
  readonly epoch: number;
  readonly lease?: Lease;
  readonly intent?: Intent;
  /** Newest last, at most 20. */
  readonly moves: readonly PastMove[];
  readonly pause?: Pause;
  readonly quarantine: Readonly<Record<string, Quarantine>>;
  /** Announced ends that arrived as events (a spot notice), by member. `at` is when the announcement lapses. */
  readonly leaving: Readonly<Record<string, { readonly why: string; readonly at: number }>>;
  readonly burned: readonly Burn[];
  /** Security groups that `isolate` took away: member → interface → groups. */
  readonly isolated: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly told?: Told;
  readonly budgetRefilledAt?: number;
  /** Since when the preferred member has been seen healthy while it was not active (automatic failback). */
  readonly preferredHealthySince?: number;
  /** By `<ISO time>#<sequence>`, the same key as the history item's. */
  readonly outbox: Readonly<Record<string, HistoryEntry>>;
}

/** What a read of the record answered. */
export type RecordRead =
  | { readonly read: "ok"; readonly state: State }
  /** The table did not answer: the controller must not need its notebook to save the day. */
  | { readonly read: "away"; readonly error: string };
