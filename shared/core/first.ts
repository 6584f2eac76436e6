/**
 * Rules 1 to 4: what comes before any question of health. A record we may not touch, a claim of somebody else, reads
 * that failed, a move that has begun, interfaces that are not ours to move, and a pause.
 */
import { memberOf } from "./candidates.ts";
import type { Situation } from "./decide.ts";
import type { Decision, Group, Hold, HoldBecause, Intent, InterfaceSeen, Pause, State } from "./model.ts";
import { mayLeave } from "./progress.ts";
import { SCHEMA } from "./state.ts";
import type { Scene } from "./steps.ts";
import { firstUnread } from "./unread.ts";
import { ago, clock } from "./words.ts";

export function newerRecord({ state }: Situation): Hold | undefined {
  if (state.schema <= SCHEMA) return undefined;
  return hold("newer-record", newerRecordText(state.schema), true);
}

/** Why a record of a newer schema is not touched, for a person. */
export function newerRecordText(schema: number): string {
  return `The record was written by a newer version (schema ${schema}, this one knows ${SCHEMA}): deploy that version, or restore the record.`;
}

export function foreignLease({ state, now }: Situation): Hold | undefined {
  if (state.lease === undefined || state.lease.until <= now) return undefined;
  const seconds = Math.ceil((state.lease.until - now) / 1000);
  return hold(
    "in-progress",
    `Another invocation is at work on this group; its lease runs ${seconds} s more. Ask status in a moment.`,
    false,
  );
}

export function unreadInterface({ group, observation, state, now }: Situation): Hold | undefined {
  const unread = firstUnread(group, observation.interfaces);
  if (unread === undefined) return undefined;
  return unconfirmed(state, now, `Interface ${unread.eni} could not be read: ${unread.error}.`);
}

/** An intent that has begun is finished; an operator's force is for it too. */
export function begunIntent({ state, observation, group, request, now }: Situation): Decision | undefined {
  const intent = state.intent;
  if (intent === undefined || !hasBegun(group, intent, observation.interfaces)) return undefined;
  return {
    kind: "finish",
    because: "resume",
    message: `Finishing the move to ${intent.to} that began ${ago(now - intent.since)} ago (${intent.because}).`,
    intent: request?.force === true ? { ...intent, force: true } : intent,
  };
}

/**
 * An intent has begun when an interface is detached, detaching, or has come to the target: then it must be finished.
 * What was on the target before (interfaces that are brought together) has not come there under this intent. One that has
 * lost a target had begun: what is on that target, or on its way there for ever, it has brought there itself.
 */
export function hasBegun(
  group: Group,
  intent: Intent,
  interfaces: Readonly<Record<string, InterfaceSeen>>,
): boolean {
  if (intent.tried.length > 0) return true;
  const target = group.members.find((member) => member.name === intent.to);
  return group.interfaces.some(({ eni }) => {
    const seen = interfaces[eni];
    if (seen === undefined || seen.state === "missing" || seen.state === "unread") return false;
    // What left the target by itself, or by another hand, was not this move's to begin with.
    if (seen.state === "available") return intent.there?.[eni] === undefined;
    if (seen.state === "detaching") return seen.attachmentId === intent.sources[eni];
    if (target === undefined || seen.instance !== target.instance) return false;
    if (intent.sources[eni] !== undefined) return seen.attachmentId !== intent.sources[eni];
    return intent.there?.[eni] !== seen.attachmentId && seen.attachedAt >= intent.since - ATTACHED_BEFORE_MS;
  });
}

/**
 * The intent, to a target that it had given up where everything has come to that one after all: an attach that takes longer
 * than anybody waits may still end. Nothing is taken off a member for a target that is no better; but what was asked off it a
 * moment ago is not there to stay.
 */
export function whereItCame(
  intent: Intent,
  { group, observation: { interfaces }, diagnosis, asked, now }: Omit<Scene, "state" | "intent">,
): Intent {
  if (group.interfaces.some(({ eni }) => mayLeave(asked[eni] ?? {}, now))) return intent;
  const came = diagnosis.members.find(({ member, instance, health }) => {
    const well = health !== "dead" && health !== "failing";
    if (!well || member === intent.from || !intent.tried.includes(member)) return false;
    return group.interfaces.every(({ eni }) => {
      const seen = interfaces[eni];
      return seen?.state === "attached" && seen.instance === instance;
    });
  });
  return came === undefined ? intent : { ...intent, to: came.member };
}

/** A read that was behind at the claim may not have shown it; EC2 tells times in whole seconds, by a clock of its own. */
const ATTACHED_BEFORE_MS = 5_000;

export function notOurs({ group, diagnosis }: Situation): Hold | undefined {
  for (const { eni } of group.interfaces) {
    const holder = diagnosis.holders[eni];
    if (holder?.kind === "missing") {
      return hold(
        "interface-missing",
        `Interface ${eni} does not exist (any more): create it again, or take it out of the configuration.`,
        true,
      );
    }
    if (holder?.kind === "stranger") {
      return hold(
        "held-by-stranger",
        `Interface ${eni} is attached to ${holder.instance}, which is not a member of the group: detach it there, or add that instance.`,
        true,
      );
    }
  }
  return undefined;
}

/** The pause that stands; one that has run out is none, though the record still shows it. */
export function pauseInForce({ pause }: Pick<State, "pause">, now: number): Pause | undefined {
  return pause?.until !== undefined && pause.until <= now ? undefined : pause;
}

export function paused({ state, diagnosis, request, now }: Situation): Hold | undefined {
  const pause = pauseInForce(state, now);
  if (pause === undefined || request?.force === true) return undefined;
  const active = memberOf(diagnosis, diagnosis.active);
  const worrying = active === undefined || active.health !== "healthy";
  const until = pause.until === undefined ? "until resumed" : `until ${clock(pause.until, now)}`;
  const reason = pause.reason === undefined ? "" : ` (${pause.reason})`;
  return {
    ...hold("paused", `Paused by ${pause.by} ${until}${reason}.`, worrying),
    override: { ...(request?.to === undefined ? {} : { to: request.to }), force: true },
  };
}

export function hold(because: HoldBecause, message: string, notify: boolean): Hold {
  return { kind: "hold", because, message, notify };
}

/** After this long an unconfirmed group is told to the operator. */
const UNCONFIRMED_NOTIFY_MS = 180_000;

/** The hold of a group that nobody can be sure about. Worth a notification once it has lasted, by the record. */
export function unconfirmed(state: State, now: number, message: string): Hold {
  const since = state.told?.because === "unconfirmed" ? state.told.since : now;
  return hold("unconfirmed", message, now - since >= UNCONFIRMED_NOTIFY_MS);
}
