/**
 * What one invocation has asked of EC2 about each interface, and what EC2 answered. Kept in memory only: whoever
 * takes a move up after a crash starts from what is seen.
 */
import type { AttachedSeen, InterfaceSeen } from "./model.ts";

export interface Progress {
  readonly detach?: Answered & { readonly force: boolean };
  /** Since when the interface is known to be on its way off: the grace counts from here. */
  readonly detachingSince?: number;
  /** Of an interface that is isolated, and, by its id, of the instance that is read or stopped. */
  readonly fence?: Answered & {
    /** When it was asked first: patience counts from here. */
    readonly first: number;
    readonly force: boolean;
  };
  readonly attach?: Answered & {
    readonly deviceIndex: number;
    /** The id EC2 answered; undefined when the call failed, or got no answer. */
    readonly attachmentId?: string;
  };
}

/** When a change was asked for, and how it failed if it did. */
export interface Answered {
  readonly at: number;
  /** The code of the failure; `no-answer` where there was none. */
  readonly error?: string;
  /** How many times in a row the same failure came. */
  readonly count: number;
  /**
   * EC2 was busy or did not answer: that says nothing about what was asked, however often it comes. The same is not
   * asked again before this time.
   */
  readonly busyUntil?: number;
}

export type Asked = Readonly<Record<string, Progress>>;

/** EC2 reads may lag behind its writes: for so long after an attach answered, a read without its id is stale. */
const STALE_READ_MS = 15_000;

/** The read is older than the attach that this invocation knows to have succeeded. */
export function stale(asked: Progress, seen: InterfaceSeen, now: number): boolean {
  const attach = asked.attach;
  if (attach?.attachmentId === undefined || now - attach.at >= STALE_READ_MS) return false;
  return !("attachmentId" in seen) || seen.attachmentId !== attach.attachmentId;
}

/**
 * A detach was asked for a moment ago, and may have been accepted: what is seen attached still may come off. Where a move
 * goes back to the member that the interface is leaving, it is not there to stay.
 */
export function mayLeave({ detach }: Progress, now: number): boolean {
  if (detach === undefined || now - detach.at >= STALE_READ_MS) return false;
  return detach.error === undefined || detach.busyUntil !== undefined;
}

/** Codes by which EC2 says that this target, as it is, can't take the interface. */
const REFUSALS: ReadonlySet<string> = new Set([
  "AttachmentLimitExceeded",
  "InvalidParameterCombination",
  "OperationNotPermitted",
  "IncorrectState",
  "IncorrectInstanceState",
  "InvalidInstanceID.NotFound",
  "UnsupportedOperation",
]);

/** The same failure so many times in a row, after fresh reads, is an answer. */
const REPEATS = 3;
/**
 * By this code EC2 says two things: that the index can't be had, which is the target's answer, and that the interface is in
 * use, which passes by itself though reads show it as available ("you may also receive the InvalidParameterValue error": EC2
 * error codes, InvalidNetworkInterface.InUse). So it is waited for ten seconds.
 */
const AMBIGUOUS = "InvalidParameterValue";
const AMBIGUOUS_REPEATS = 6;

/**
 * Whether a failed attach means that the target refuses. Asked at least 2 s after it, with the interface still on
 * nothing. "Index taken" shows in the indexes: when another one is free now, `deviceIndex` differs from the one
 * that was tried, and that is tried first.
 */
export function refused(attach: NonNullable<Progress["attach"]>, deviceIndex: number): boolean {
  // "In use" is about the interface, which is still on its way, and not about the target.
  if (attach.error === undefined || attach.error === "InvalidNetworkInterface.InUse") return false;
  if (attach.busyUntil !== undefined) return false;
  if (attach.deviceIndex !== deviceIndex) return false;
  const repeats = attach.error === AMBIGUOUS ? AMBIGUOUS_REPEATS : REPEATS;
  return REFUSALS.has(attach.error) || attach.count >= repeats;
}

const ASK_AGAIN_AFTER_ERROR_MS = 2_000;
/** Seen attached although a detach was accepted. */
const ASK_AGAIN_MS = 10_000;
/** Seen detaching, by force: EC2 is at it, and to ask again is of use only where it is stuck. */
const FORCE_AGAIN_MS = 60_000;

/** Whether a detach may be asked, again where it was asked before. */
export function mayDetach(last: Progress["detach"], seen: AttachedSeen, now: number): boolean {
  if (last === undefined) return true;
  const accepted = last.force && seen.state === "detaching" ? FORCE_AGAIN_MS : ASK_AGAIN_MS;
  const again = last.error === undefined ? accepted : ASK_AGAIN_AFTER_ERROR_MS;
  return now >= (last.busyUntil ?? last.at + again);
}

/** Whether an attach may be asked, again where it was asked before. */
export function mayAttach(last: Progress["attach"], now: number): boolean {
  return last === undefined || now >= (last.busyUntil ?? last.at + ASK_AGAIN_AFTER_ERROR_MS);
}

/** The same detach has been refused with the same code so often that an operator has to look. */
export function detachHopeless(asked: Progress): string | undefined {
  const detach = asked.detach;
  if (detach?.error === undefined || detach.busyUntil !== undefined) return undefined;
  return detach.count >= REPEATS ? detach.error : undefined;
}

/** Fencing is not tried for longer than this, however busy EC2 is: the move must settle. */
const FENCE_PATIENCE_MS = 60_000;

/** Why fencing is given up: the same refusal three times, or a minute without success. Undefined: it is not. */
export function fenceGivenUp(fence: Progress["fence"], now: number): string | undefined {
  if (fence?.error === undefined) return undefined;
  const refused = fence.busyUntil === undefined && fence.count >= REPEATS;
  return refused || now - fence.first >= FENCE_PATIENCE_MS ? fence.error : undefined;
}

export const ATTACHING_LIMIT_MS = 60_000;

/** An attach that has not ended in so long never will, whoever asked for it: the interface is in use nowhere. */
export function isStuckAttaching(seen: AttachedSeen, now: number): boolean {
  return seen.state === "attaching" && now - seen.attachedAt >= ATTACHING_LIMIT_MS;
}
