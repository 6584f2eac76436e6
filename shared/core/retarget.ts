/** Where a begun move goes when its target is lost: on to the next candidate, back to the old active, or nowhere. */
import { bestEligible, isEligible, lastResort, memberOf } from "./candidates.ts";
import type { Diagnosis, Group, Intent, MemberDiagnosis, Observation, State } from "./model.ts";

/**
 * The intent with its next target; undefined when no member is left. All interfaces follow together, and a target is
 * tried once per intent. The old active takes them back unless it is dead: failing, it beats an interface on nothing.
 */
export function retarget(
  group: Group,
  state: State,
  intent: Intent,
  seen: { readonly observation: Observation; readonly diagnosis: Diagnosis },
  why: string,
): Intent | undefined {
  const tried = [...intent.tried, intent.to];
  const next = nextTarget(state, intent, seen.diagnosis, tried);
  if (next === undefined) return undefined;
  return {
    ...intent,
    because: "target-lost",
    cause: intent.cause ?? intent.because,
    why: `${intent.why}; then ${why}, so ${next.member === intent.from ? "back" : "on"} to ${next.member}`,
    to: next.member,
    tried,
    lastResort: !isEligible(next),
    sources: sourcesFor(group, intent, seen.observation, tried),
  };
}

function nextTarget(
  state: State,
  intent: Intent,
  diagnosis: Diagnosis,
  tried: readonly string[],
): MemberDiagnosis | undefined {
  const from = memberOf(diagnosis, intent.from);
  const except = from === undefined ? tried : [...tried, from.member];
  const eligible = bestEligible(diagnosis, except);
  if (eligible !== undefined) return eligible;
  if (from !== undefined && from.health !== "dead" && !tried.includes(from.member)) return from;
  return lastResort(diagnosis, state, tried);
}

/**
 * What may be detached on the way there: what the intent named, and what this very intent put on targets since. What it
 * named stays named, wherever it is seen: a read may be behind, and a detach that was asked for can't be called back.
 */
function sourcesFor(
  group: Group,
  intent: Intent,
  observation: Observation,
  tried: readonly string[],
): Record<string, string> {
  const targets = new Set(
    group.members.filter((member) => tried.includes(member.name)).map((member) => member.instance),
  );
  const sources: Record<string, string> = { ...intent.sources };
  for (const { eni } of group.interfaces) {
    const seen = observation.interfaces[eni];
    if (seen === undefined || !("attachmentId" in seen)) continue;
    if (seen.instance !== undefined && targets.has(seen.instance)) sources[eni] = seen.attachmentId;
  }
  return sources;
}
