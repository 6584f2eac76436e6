/** What a drill came to, measured against the group's objective. */
import type { Drill, Group, Observation } from "../core/model.ts";
import { whereabouts } from "../core/whereabouts.ts";
import { times } from "../core/words.ts";
import type { Answer, Outcome, Report } from "../report.ts";
import { durations } from "../status/moves.ts";

export interface DrillAnswer extends Answer {
  readonly drill: string;
  readonly alarm: string;
  /** Seconds of each phase since the one before; detection: from the alarm's setting to the look that it started. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Null: the interface did not come into use. */
  readonly alarmToInUseSeconds: number | null;
  readonly objectiveSeconds: number;
  readonly objective: "met" | "missed" | null;
}

type Measured = Pick<
  DrillAnswer,
  "phases" | "phaseSeconds" | "alarmToInUseSeconds" | "objectiveSeconds" | "objective"
>;

/** The report of a drill; one that has not ended is in progress. `interfaces`: where they are now. */
export function drillReport(
  group: Group,
  drill: Drill,
  interfaces: Observation["interfaces"],
): Report & DrillAnswer {
  const { id, alarm, from, end } = drill;
  const measured = measureDrill(group, drill);
  const { alarmToInUseSeconds: seconds, objectiveSeconds, objective } = measured;
  const verdict =
    seconds === null || objective === null
      ? ""
      : ` ${seconds} s from the alarm to the interface in use: the objective of ${objectiveSeconds} s is ${objective}.`;
  const message =
    end === undefined
      ? "The drill has not ended, and this invocation must: ask status in a moment."
      : `${end.message}${verdict}`;
  return {
    group: group.name,
    outcome: outcomeOf(drill),
    because: end?.because ?? "in-progress",
    message,
    from,
    ...(end?.to === undefined ? {} : { to: end.to }),
    ...(end?.epoch === undefined ? {} : { epoch: end.epoch }),
    interfaces: whereabouts({ interfaces }),
    drill: id,
    alarm,
    ...measured,
    evidence: [],
    notify: end !== undefined && end.outcome !== "moved",
  };
}

function outcomeOf({ end }: Drill): Outcome {
  if (end === undefined) return "in-progress";
  return end.outcome === "superseded" ? "failed" : end.outcome;
}

/** The phases of a drill. What a move calls detected is here the moment before the alarm was set. */
export function measureDrill({ policy }: Group, { end }: Drill): Measured {
  const { phases = {} } = end ?? {};
  const { phaseSeconds, detectedToInUseSeconds } = durations(phases);
  const { decided, ...others } = phaseSeconds;
  const { detected, ...reached } = times(phases);
  const objectiveSeconds = policy.rtoSeconds;
  const objective = (seconds: number) => (seconds <= objectiveSeconds ? "met" : "missed");
  return {
    phases: detected === undefined ? reached : { alarmSet: detected, ...reached },
    phaseSeconds: decided === undefined ? others : { detection: decided, ...others },
    alarmToInUseSeconds: detectedToInUseSeconds,
    objectiveSeconds,
    objective: detectedToInUseSeconds === null ? null : objective(detectedToInUseSeconds),
  };
}
