/**
 * The one record that the controller keeps about a group, and the history that goes out of it.
 */
import type { Found, FoundEntry } from "./finding.ts";
import type { Because, Evidence, MoveBecause } from "./model.ts";
import type { Probed, Served } from "./probe.ts";

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
  readonly fenceAsked?: number;
  /** Isolated, seen stopped, or the forced stop was accepted. */
  readonly fenced?: number;
  readonly settled?: number;
  /** The address answered on the new active, as its prober saw it. */
  readonly serving?: number;
}

/** How a move fences the member that it comes from: its group's policy when it was claimed. */
export interface MoveFence {
  readonly kind: "isolate" | "stop";
  /** Stop and confirm before anything is detached. */
  readonly first?: boolean;
  /** Of `isolate`: the security group that the other interfaces get. */
  readonly securityGroup?: string;
  /** Of `isolate`: interfaces of other groups, which stay as they are. */
  readonly except?: readonly string[];
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
  /** Why it was claimed, where its target was lost since: that is what it is remembered for. */
  readonly cause?: MoveBecause;
  /** What it rests on, as a clause. */
  readonly why: string;
  readonly from?: string;
  readonly to: string;
  /** Interface → the AttachmentId seen at the claim: only these may be detached under it. */
  readonly sources: Readonly<Record<string, string>>;
  /** Interface → the AttachmentId by which it was on the target at the claim. Absent: none was. */
  readonly there?: Readonly<Record<string, string>>;
  /** Targets that have refused, died or been passed over in this intent. */
  readonly tried: readonly string[];
  readonly force: boolean;
  /** The target was taken although it is not well, for want of a better one: failing does not make it lost. */
  readonly lastResort?: boolean;
  readonly automatic: boolean;
  readonly budgeted: boolean;
  readonly by: string;
  readonly reason?: string;
  readonly since: number;
  readonly phases: Phases;
  readonly evidence: readonly Evidence[];
  /** Indexes that a forced detach of this intent burns; written before the detach is asked. */
  readonly burns: readonly Burn[];
  /** Absent: the member that the group comes from is not fenced. */
  readonly fence?: MoveFence;
  /** The id of the drill that it is the move of. */
  readonly drill?: string;
}

export interface Lease {
  readonly holder: string;
  readonly until: number;
}

/** A move that has settled, kept for budget, cooldown and flapping; or the last repair, kept to know where the group is. */
export interface PastMove {
  readonly id: string;
  readonly at: number;
  readonly because: MoveBecause | "found-moved";
  readonly from?: string;
  readonly to: string;
  readonly automatic: boolean;
  readonly budgeted: boolean;
  /** It did not bring the group to `to`, or only back to where it came from. */
  readonly failed?: boolean;
  /** When its phases were reached; of a move that was found, nobody knows. */
  readonly phases?: Phases;
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
  /** It has come back soon: it is in the history, and nobody is woken by it unless it lasts. */
  readonly again?: true;
}

/** A rehearsal through the real alarm path. The record keeps the last one: it says when the path was last proven. */
export interface Drill {
  /** Stands in the reason of the alarm's state too: by it the alarm's event is known. */
  readonly id: string;
  readonly alarm: string;
  /** Who was active when it began: whom the alarm speaks about. */
  readonly from: string;
  readonly by: string;
  readonly reason?: string;
  /** When it was written down, just before the alarm is set. */
  readonly since: number;
  /** Until then the alarm's event begins its move, and the alarm itself is no evidence. */
  readonly until: number;
  /** Absent: under way, or lapsed with nobody there to see it. */
  readonly end?: DrillEnd;
}

export interface DrillEnd {
  readonly at: number;
  /** `superseded`: another move came first. */
  readonly outcome: "moved" | "held" | "failed" | "superseded";
  readonly because: Because;
  readonly message: string;
  readonly to?: string;
  readonly epoch?: number;
  readonly phases?: Phases;
}

/** A history item that waits to be written. Kept in the state item until it is known to be there. */
export interface HistoryEntry {
  readonly at: number;
  /** Out of the state item, so that no two entries share a key: `e<epoch>.<n>` of a holder, else `v<version>`. */
  readonly sequence: string;
  /** `started`: a move was claimed. It is told on the bus, and its history item is that of its end. */
  readonly kind:
    | "started"
    | "move"
    | "failed-move"
    | "refusal"
    | "planned"
    | "recovered"
    | "superseded"
    | "found-moved"
    | "serving"
    | "moved-not-serving"
    | "command"
    | "drill"
    | "failed-drill"
    /** The doctor's daily look found something new, or something gone. */
    | "finding";
  readonly because: Because | "found-moved" | "doctor";
  readonly message: string;
  readonly from?: string;
  readonly to?: string;
  /** The id of the intent: what all entries about one move have in common. */
  readonly move?: string;
  readonly epoch: number;
  readonly by?: string;
  readonly reason?: string;
  readonly interfaces?: Whereabouts;
  readonly phases?: Phases;
  readonly evidence?: readonly Evidence[];
  readonly finding?: FoundEntry;
  /** Of `serving`: it was told before that it does not. */
  readonly late?: boolean;
  /** Of what does not move: people were told of the same lately. */
  readonly again?: boolean;
}

/** Interface → the instance that holds it, as last seen; null: on nothing, or gone. */
export type Whereabouts = Readonly<Record<string, string | null>>;

/** The state item of a group. Absent attributes are empty. */
export interface State {
  readonly schema: number;
  readonly version: number;
  readonly epoch: number;
  readonly lease?: Lease;
  readonly intent?: Intent;
  /** Newest last: the last 20, and what a budget counts of those before. */
  readonly moves: readonly PastMove[];
  readonly pause?: Pause;
  readonly quarantine: Readonly<Record<string, Quarantine>>;
  /** When an operator last acknowledged a member: moves before it are no sign of flapping any more. */
  readonly acknowledged: Readonly<Record<string, number>>;
  /** Announced ends that arrived as events (a spot notice), by member. `at` is when the announcement lapses. */
  readonly leaving: Readonly<Record<string, { readonly why: string; readonly at: number }>>;
  readonly burned: readonly Burn[];
  /** Security groups that `isolate` took away: member → interface → groups. */
  readonly isolated: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly told?: Told;
  /**
   * When people were last woken by a hold, or spared it since it had only come back: by its `because`. With `failed: ` before it: by
   * a move that failed.
   */
  readonly woken?: Readonly<Record<string, number>>;
  /** The last drill: under way until it has an end, or has lapsed. */
  readonly drill?: Drill;
  readonly probed?: Probed;
  /** About the last move that was verified. */
  readonly served?: Served;
  readonly budgetRefilledAt?: number;
  /** Since when the preferred member has been seen healthy while it was not active (automatic failback). */
  readonly preferredHealthySince?: number;
  /** When the doctor last looked at the group by itself, and what it found: it tells only what changes. */
  readonly examined?: { readonly at: number; readonly found: readonly Found[] };
  /** By `<ISO time>#<sequence>`, the same key as the history item's. */
  readonly outbox: Readonly<Record<string, HistoryEntry>>;
}

/** What a read of the record answered. */
export type RecordRead =
  | { readonly read: "ok"; readonly state: State }
  /** The table did not answer: the controller must not need its notebook to save the day. */
  | { readonly read: "away"; readonly error: string; readonly copy?: RecordCopy; readonly broken?: true };

/** The record as it was read at that time. */
export interface RecordCopy {
  readonly at: number;
  readonly state: State;
}
