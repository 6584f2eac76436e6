/** The pure parts of carrying a move out: what is asked again, what is remembered, and how its end is told. */
import { decide } from "./decide.ts";
import { diagnose } from "./diagnose.ts";
import type { Burn, Decision, Group, Hold, Intent, MoveBecause, Observation, State } from "./model.ts";
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
  const { to, force, by, automatic } = intent;
  const diagnosis = diagnose(group, observation, rest);
  const request = automatic ? {} : { request: { to, force, by } };
  return decide({ group, state: rest, observation, diagnosis, now, ...request });
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

/** A newer look, with what an older one knew in detail where the newer did not ask. */
export function keepDetails(old: Observation, fresh: Observation): Observation {
  const members = Object.fromEntries(
    Object.entries(fresh.members).map(([name, seen]) => {
      const known = seen.details ?? old.members[name]?.details;
      return [name, known === undefined ? seen : { ...seen, details: known }];
    }),
  );
  return { ...fresh, members, detailed: fresh.detailed || old.detailed };
}

/** Every interface has left the attachment that the intent names. */
export function isOff(group: Group, intent: Intent, seen: Observation["interfaces"]): boolean {
  return group.interfaces.every(({ eni }) => {
    const one = seen[eni];
    return one !== undefined && (!("attachmentId" in one) || one.attachmentId !== intent.sources[eni]);
  });
}

/** How a move ends whose interfaces are all on the target: moved, or put back on the member it came from. */
export function arrival(
  group: Group,
  intent: Intent,
  resumed: boolean,
): { outcome: "moved" | "failed"; because: MoveBecause; message: string } {
  const what = group.interfaces.length === 1 ? "The interface is" : "The interfaces are";
  if (intent.to === intent.from) {
    return {
      outcome: "failed",
      because: "target-lost",
      message: `${what} back on ${intent.to}: ${intent.message}`,
    };
  }
  const because = resumed && intent.because !== "target-lost" ? "resume" : intent.because;
  return { outcome: "moved", because, message: `${what} in use on ${intent.to}. ${intent.message}` };
}

/** An intent that old is told to the operator, though every sweep tries it on. */
const INTENT_IS_OLD_MS = 600_000;

/** What is told when nobody stays with a move that has not ended: the intent stands, and the next sweep tries it on. */
export function leftHold(intent: Intent, waiting: string, stuck: boolean, now: number): Hold {
  const since = `The move to ${intent.to} began ${ago(now - intent.since)} ago`;
  if (stuck) {
    const message = `${since}, and ${waiting}: the detach may not be forced off a member that is not failing. Every sweep tries it on.`;
    return { kind: "hold", because: "detach-stuck", message, notify: true, override: { force: true } };
  }
  if (now - intent.since >= INTENT_IS_OLD_MS) {
    const message = `${since} and has not ended: ${waiting}. Every sweep tries it on; see what keeps it from ending.`;
    return { kind: "hold", because: "operator-needed", message, notify: true };
  }
  const message = `${since} and takes longer than this invocation may; the next sweep finishes it. Ask status in a moment.`;
  return { kind: "hold", because: "in-progress", message, notify: false };
}
