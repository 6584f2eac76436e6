/** The last drill, for a person: what it showed, and how long the way took. */
import { openDrill } from "../core/drill.ts";
import type { Group, State } from "../core/model.ts";
import { iso } from "../core/words.ts";
import { measureDrill } from "../drill/report.ts";

export interface DrillStatus {
  readonly at: string;
  readonly by: string;
  readonly alarm: string;
  readonly from: string;
  /** Null: it did not come to a move, or not yet. */
  readonly to: string | null;
  readonly outcome: "under-way" | "lapsed" | "moved" | "held" | "failed" | "superseded";
  readonly message: string;
  readonly alarmToInUseSeconds: number | null;
  readonly objectiveSeconds: number;
  readonly objective: "met" | "missed" | null;
}

/** Null: there was none, as far as the record remembers. */
export function drillStatus(group: Group, state: State, now: number): DrillStatus | null {
  const { drill, intent } = state;
  if (drill === undefined) return null;
  const { since, by, alarm, from, end } = drill;
  const { alarmToInUseSeconds, objectiveSeconds, objective } = measureDrill(group, drill);
  const goesOn = openDrill(state, now) !== undefined || intent?.drill === drill.id;
  return {
    at: iso(since),
    by,
    alarm,
    from,
    to: end?.to ?? null,
    outcome: end?.outcome ?? (goesOn ? "under-way" : "lapsed"),
    message:
      end?.message ?? (goesOn ? "It has not ended yet." : "Nobody has seen its end; the next sweep does."),
    alarmToInUseSeconds,
    objectiveSeconds,
    objective,
  };
}
