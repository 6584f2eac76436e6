/**
 * The words of the controller, as types. Read this file first, then `observation.ts`, `probe.ts` and `state.ts`, which it
 * carries along: a group as configured, what is read from AWS about it, what that means, what is decided, what is kept.
 *
 * Everything is plain data. Times are epoch milliseconds, durations carry their unit in the name.
 */
import type { Probe } from "./probe.ts";
import type { Intent } from "./state.ts";

export type * from "./observation.ts";
export type * from "./probe.ts";
export type * from "./state.ts";
export { SCHEMA } from "./state.ts";

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
  /** Its own address, where the probe looks for it. */
  readonly address?: string;
}

export type Fence =
  | { readonly kind: "none" }
  | {
      readonly kind: "isolate";
      readonly securityGroup: string;
      /** Interfaces of other groups that may be on a member of this one: theirs to move, and never isolated. */
      readonly except?: readonly string[];
    }
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
  /** Absent: not probed. */
  readonly probe?: Probe;
  readonly policy: Policy;
}

/** When many groups want to move on alarm evidence alone, it is probably not the instances. */
export interface Surge {
  readonly groups: number;
  readonly share: number;
  readonly seconds: number;
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
  | "unread"
  | "wrong-zone"
  | "quarantined"
  | "isolated"
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
  | "drill-refused"
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

/** The least that overrides a hold: a member's name where that is enough, force where it is not. */
export interface Override {
  readonly to?: string;
  /** Of `release`: who is released. */
  readonly member?: string;
  readonly force?: true;
}

export interface Hold {
  readonly kind: "hold";
  readonly because: HoldBecause;
  /** One sentence for a person. */
  readonly message: string;
  /** Somebody wants to know: this is not how things should be. */
  readonly notify: boolean;
  /** What `failover` would have to be asked for, beside the group, to override this rule, where anything would. */
  readonly override?: Override;
}

export interface Move {
  readonly kind: "move";
  readonly because: MoveBecause;
  /** What it rests on, as a clause: `moving.ts` makes sentences of it. */
  readonly why: string;
  /** The member that loses the group; undefined when an interface was found on nothing. */
  readonly from?: string;
  readonly to: string;
  /** An operator said force: a healthy active may be force-detached. */
  readonly force: boolean;
  /** No operator asked for it. */
  readonly automatic: boolean;
  /** Counts against the budget. Only moves off a failing active, and failbacks, are stopped by a budget that is used up. */
  readonly budgeted: boolean;
  readonly by: string;
  readonly reason?: string;
  readonly evidence: readonly Evidence[];
  /** The id of the drill that it is the move of. */
  readonly drill?: string;
}

/** Carry on with the intent that stands in the record. */
export interface Finish {
  readonly kind: "finish";
  readonly because: "resume";
  readonly message: string;
  readonly intent: Intent;
}

export type Decision = Hold | Move | Finish;
