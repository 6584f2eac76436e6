/** What becomes of a drill in a look that does not move. */
import type { Situation } from "./decide.ts";
import { endDrill, lapseDrill, openDrill } from "./drill.ts";
import type { DrillEnd, Hold, State } from "./model.ts";
import { ifActiveFailed } from "./readiness.ts";

/** Ends the drill that this look was to carry out, with what held it, or one that has lapsed; `next` is the state so far. */
export function drillAfterHold(next: State, situation: Situation, hold: Hold): State {
  const { now, drill: heard } = situation;
  const drill = openDrill(next, now);
  if (drill === undefined) return lapseDrill(next, now);
  if (drill.id !== heard) return next;
  return endDrill(next, endOf(situation, drill.from, hold, now), `v${next.version}.3`);
}

/** A look that holds because all is well says nothing of what a failover would have met. */
function endOf(situation: Situation, from: string, hold: Hold, at: number): DrillEnd {
  const { because, message } = hold;
  const held = { at, outcome: "held", because, message } as const;
  if (because !== "healthy") return held;
  const { active } = situation.diagnosis;
  if (active !== from) return { ...held, message: `${from} is no longer active. ${message}` };
  const failover = ifActiveFailed(situation);
  if (failover?.kind === "hold") return { ...held, because: failover.because, message: failover.message };
  return { ...held, because: "no-eligible-standby", message: "The standby is about to leave." };
}
