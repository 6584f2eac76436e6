/** The pure parts of carrying a move out: what is asked again, what is remembered, and how its end is told. */
import { decide } from "./decide.ts";
import type { Fencing } from "./fencing.ts";
import type { Because, Burn, Decision, Group, Hold, Intent, Observation, State } from "./model.ts";
import { moved } from "./moving.ts";
import { situationOf } from "./situation.ts";
import type { Step } from "./steps.ts";
import { ago } from "./words.ts";

/** What would be decided now, had the move not been claimed: a move that has not begun must still be right. */
export function decideAgain(
  group: Group,
  state: State,
  intent: Intent,
  observation: Observation,
  now: number,
): Decision {
  const { lease: _lease, intent: _intent, ...rest } = state;
  const { to, force, by, automatic, drill } = intent;
  const asked = drill === undefined && !automatic ? { request: { to, force, by } } : { drill };
  return decide(situationOf(group, rest, observation, now, asked));
}

/**
 * What the last look has to be, for steps to rest on it: fresh before anything is detached or stopped; and, before
 * somebody who fails is forced, one that has asked whether the alarms that say so are muted.
 */
type SightNeeded = "any" | "fresh" | "with-mutes";

export function sightNeeded(steps: readonly Step[], intent: Intent): SightNeeded {
  const forced = steps.some((step) => step.do === "detach" && step.force);
  if (forced && !intent.force) return "with-mutes";
  return steps.some((step) => step.do === "detach" || step.do === "stop") ? "fresh" : "any";
}

/** No alarm in ALARM may be muted without anybody having asked. */
export function mutesAreKnown({ alarms }: Pick<Observation, "alarms">): boolean {
  return Object.values(alarms).every(
    ({ state, suppressed, muted }) => state !== "ALARM" || suppressed || muted !== undefined,
  );
}

/** The burns of these steps that do not stand in the intent yet. */
export function unwrittenBurns(intent: Intent, steps: readonly Step[]): readonly Burn[] {
  return steps.flatMap((step) => {
    if (step.do !== "detach" || step.burn === undefined) return [];
    const { member, deviceIndex } = step.burn;
    const known = intent.burns.some((old) => old.member === member && old.deviceIndex === deviceIndex);
    return known ? [] : [step.burn];
  });
}

/**
 * A newer look, with what an older one knew in detail where the newer did not ask. So an alarm that was muted when the
 * move began accuses nobody until it ends.
 */
export function keepDetails(old: Observation, fresh: Observation): Observation {
  const members = Object.fromEntries(
    Object.entries(fresh.members).map(([name, seen]) => {
      const known = seen.details ?? old.members[name]?.details;
      return [name, known === undefined ? seen : { ...seen, details: known }];
    }),
  );
  const alarms = Object.fromEntries(
    Object.entries(fresh.alarms).map(([name, seen]) => {
      const muted = seen.muted ?? old.alarms[name]?.muted;
      return [name, muted === undefined ? seen : { ...seen, muted }];
    }),
  );
  const worn = fresh.worn ?? old.worn;
  return {
    ...fresh,
    members,
    alarms,
    detailed: fresh.detailed || old.detailed,
    ...(worn === undefined ? {} : { worn }),
  };
}

/** Every interface is seen to have left the attachment that the intent names. */
export function isOff(group: Group, intent: Intent, seen: Observation["interfaces"]): boolean {
  return group.interfaces.every(({ eni }) => {
    const one = seen[eni];
    if (one === undefined || one.state === "unread") return false;
    return !("attachmentId" in one) || one.attachmentId !== intent.sources[eni];
  });
}

/** Every interface is attached to the target. */
export function isThere(group: Group, intent: Intent, seen: Observation["interfaces"]): boolean {
  const target = group.members.find((member) => member.name === intent.to);
  return group.interfaces.every(({ eni }) => {
    const one = seen[eni];
    return one?.state === "attached" && one.instance === target?.instance;
  });
}

/** How a move ended. */
export interface Ended {
  readonly outcome: "moved" | "failed";
  readonly because: Because;
  readonly message: string;
  /** Why the old active could not be fenced: the move stands, and an operator has to fence it. */
  readonly unfenced?: string;
}

/** How a move ends whose interfaces are all on the target: moved, or put back on the member it came from. */
export function arrival(
  group: Group,
  intent: Intent,
  resumed: boolean,
  fence: Exclude<Fencing, { kind: "go" }>,
): Ended {
  const count = group.interfaces.length;
  if (intent.to === intent.from) {
    const back = `${count === 1 ? "The interface is" : "The interfaces are"} back on ${intent.to}`;
    return { outcome: "failed", because: "target-lost", message: `${back}: ${intent.why}.` };
  }
  const because = resumed && intent.because !== "target-lost" ? "resume" : intent.because;
  const inUse = moved(intent, count);
  if (fence.kind === "done") return { outcome: "moved", because, message: `${inUse} ${fence.told}` };
  if (fence.kind === "none") return { outcome: "moved", because, message: inUse };
  const unfenced = `${intent.from} is not fenced: ${fence.why}. Fence it by hand.`;
  return { outcome: "moved", because, message: `${inUse} ${unfenced}`, unfenced };
}

const EVIDENCE_LASTS_MS = 10_000;

/** Whether what was read is too old for a claim or a first detach to rest on it: then it is read again. */
export function isOld({ at }: Pick<Observation, "at">, now: number): boolean {
  return now - at >= EVIDENCE_LASTS_MS;
}

/** An intent that old is told to the operator, though every sweep tries it on. */
const INTENT_IS_OLD_MS = 600_000;

/** What is told when nobody stays with a move that has not ended: the intent stands, and the next sweep tries it on. */
export function leftHold(intent: Intent, waiting: string, stuck: boolean, now: number): Hold {
  const since = `The move to ${intent.to} began ${ago(now - intent.since)} ago`;
  if (stuck) {
    const message = `${since}, and ${waiting}: an interface is not forced off a member that is not failing, nor where the group says detach: graceful. Every sweep tries it on.`;
    return { kind: "hold", because: "detach-stuck", message, notify: true, override: { force: true } };
  }
  if (now - intent.since >= INTENT_IS_OLD_MS) {
    const message = `${since} and has not ended: ${waiting}. Every sweep tries it on; see what keeps it from ending.`;
    return { kind: "hold", because: "operator-needed", message, notify: true };
  }
  const message = `${since} and takes longer than this invocation may; the next sweep finishes it. Ask status in a moment.`;
  return { kind: "hold", because: "in-progress", message, notify: false };
}
