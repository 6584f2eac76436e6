/** A move as a sentence, in the tense of whoever tells it: what is being done, what would be, and what was. */
import type { Decision, Intent, Move } from "./model.ts";

type Told = Pick<Move & Intent, "because" | "from" | "to" | "why">;

/** What is being done: `Moving from i-1 to i-2: instance-check impaired for 60 s.` */
export function moving({ because, from, to, why }: Told): string {
  if (isGathering(because)) return `Bringing the interfaces together on ${to}: ${why}.`;
  return `Moving ${from === undefined ? "" : `from ${from} `}to ${to}: ${why}.`;
}

/** What is not done, since it was only asked about, or only observed. */
export function wouldMove({ because, from, to, why }: Told): string {
  if (isGathering(because)) return `The interfaces would be brought together on ${to}: ${why}.`;
  return `The group would move ${from === undefined ? "" : `from ${from} `}to ${to}: ${why}.`;
}

/** What a group does not do, since it only observes. */
export function wouldDoObserving(decision: Decision): string {
  return `Observing only. ${wouldDecide(decision)}`;
}

/** What was done; so many interfaces are in use on the target. */
export function moved({ because, from, to, why }: Told, interfaces: number): string {
  const inUse = `${interfaces === 1 ? "The interface is" : "The interfaces are"} in use on ${to}`;
  const off = from === undefined || isGathering(because) ? "" : `, moved from ${from}`;
  return `${inUse}${off}: ${why}.`;
}

/** What a look comes to, in a sentence. */
export function sentenceOf(decision: Decision): string {
  return decision.kind === "move" ? moving(decision) : decision.message;
}

/** The same, where nothing is done about it now. */
export function wouldDecide(decision: Decision): string {
  if (decision.kind === "finish")
    return `The move to ${decision.intent.to} (${decision.intent.because}) would be finished.`;
  return decision.kind === "move" ? wouldMove(decision) : decision.message;
}

function isGathering(because: Told["because"]): boolean {
  return because === "repair" || because === "unite";
}
