/** What a law sees: an event of the trace, and what may be asked beside it. */
import type { Group, State } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import type { Past } from "./past.ts";
import type { TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";

/**
 * Reads may be two seconds behind, an answer may take four, a clock be off by two, and a look that confirms may be 10 s
 * old when it is acted on: so "under 10 s" is checked with that much room.
 */
export const FRESH_MS = 30_000;
/** Reads that are 10 s old are read again; what rests on newer ones may take its time to arrive. */
export const READ_LATELY_MS = 25_000;
export const SKEW_MS = 4_000;
/** A look may stand still for a minute between what it reads and what comes of it. */
export const READ_BEFORE_MS = 80_000;

export type Call = Extract<TraceEvent, { kind: "call" }>;
export type Write = Extract<TraceEvent, { kind: "write" }>;
/** What a look came to, as it was told. */
export type End = Extract<TraceEvent, { kind: "end" }>;

/** What a law may ask beside the event itself. */
export interface Seen {
  readonly group: Group;
  readonly truth: Truth;
  readonly past: Past;
  /** So many other groups may move on alarms alone within so long. */
  readonly surge: { readonly limit: number; readonly seconds: number };
  /** What the invocation was started for. */
  readonly started: string;
  /** And when. */
  readonly startedAt: number;
  /** A read of EC2 or CloudWatch has failed for this invocation lately. */
  readonly readsFailed: boolean;
  /** EC2 has refused to attach to this instance under this intent. */
  readonly attachFailed: (instance: string) => boolean;
  /** EC2 has accepted to stop an instance for this intent. */
  readonly stopped: boolean;
  /** When this detach was first asked for. */
  readonly askedAt: number | undefined;
  /** The record as the table has it. */
  readonly state: State | undefined;
  /** The table has given this invocation no answer in the last seconds: it may be acting without. */
  readonly tableAway: boolean;
  /** A read of launch times has failed for this invocation lately: it can't know of a restart. */
  readonly detailsUnread: boolean;
  /** EC2 has accepted an attach for this intent before: it has begun. */
  readonly attached: boolean;
  /** Detaches that EC2 has accepted for this intent before. */
  readonly detaches: number;
  /** The failure of this member that has already cost it the group, if it was not brought back since. */
  readonly leftIn: (instance: string) => number | undefined;
}

/** A claim that makes a new intent: why may this move begin? */
export type OnClaim = (claim: Claim, write: Write, seen: Seen) => boolean;
export type OnWrite = (write: Write, mine: Claim | undefined, seen: Seen) => boolean;
export type OnCall = (call: Call, mine: Claim | undefined, seen: Seen) => boolean;
export type OnEnd = (end: End, seen: Seen) => boolean;

export function isStep(call: Call): boolean {
  return call.operation === "DetachNetworkInterface" || call.operation === "AttachNetworkInterface";
}

export function isAcceptedDetach(call: Call): boolean {
  return call.operation === "DetachNetworkInterface" && call.error === undefined;
}

export function isAcceptedAttach(call: Call): boolean {
  return call.operation === "AttachNetworkInterface" && call.error === undefined;
}

export function instanceOf(group: Group, name: string | undefined): string | undefined {
  return group.members.find((member) => member.name === name)?.instance;
}
