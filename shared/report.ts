/**
 * What one look at a group came to: the answer of every function, the wide log line and the base of what operators
 * are told.
 */
import type {
  Because,
  Decision,
  Hold,
  Intent,
  Observation,
  Override,
  Phases,
  Whereabouts,
} from "./core/model.ts";
import { wouldDecide } from "./core/moving.ts";
import type { ServedNews } from "./core/verdict.ts";
import { whereabouts } from "./core/whereabouts.ts";
import { inWords, times } from "./core/words.ts";
import type { Plan } from "./plan.ts";

export type Outcome =
  | "moved"
  | "held"
  | "already-there"
  | "planned"
  | "in-progress"
  | "failed"
  /** A move that was reported before is verified: the address answers where the group is now, or does not. */
  | "serving"
  | "moved-not-serving";

export interface Report {
  readonly group: string;
  readonly outcome: Outcome;
  readonly because: Because;
  /** One sentence for a person. */
  readonly message: string;
  readonly from?: string;
  readonly to?: string;
  readonly epoch?: number;
  readonly interfaces: Whereabouts;
  /** When each phase was reached, ISO times. */
  readonly phases: Readonly<Record<string, string>>;
  readonly evidence: readonly string[];
  /** The exact input of `failover` that would override the rule that holds. */
  readonly override?: Override & { readonly group: string };
  /** Of a move that was only asked about: its steps, proof that they are allowed, and the id to carry it out by. */
  readonly plan?: Plan;
  /** Of a drill: its id. */
  readonly drill?: string;
  /** Somebody wants to know, and has not been told yet: true once a change, not at every look that finds the same. */
  readonly notify: boolean;
  /** So many members could take the group, as far as a look has read that does not move. For the metrics. */
  readonly standbys?: number;
}

/** The report of a hold. */
export function heldReport(group: string, hold: Hold, observation: Observation | undefined): Report {
  const outcome: Outcome =
    hold.because === "already-there" || hold.because === "in-progress" ? hold.because : "held";
  return {
    group,
    outcome,
    because: hold.because,
    message: hold.message,
    interfaces: whereabouts(observation),
    phases: {},
    evidence: [],
    ...(hold.override === undefined ? {} : { override: { group, ...hold.override } }),
    notify: hold.notify,
  };
}

/** The report of a move that would be made, but is not: a plan, or a group in observe mode, for which it may be news. */
export function plannedReport(
  group: string,
  decision: Exclude<Decision, Hold>,
  observation: Observation,
  { plan, notify = false }: { readonly plan?: Plan; readonly notify?: boolean },
): Report {
  const { from, to } = decision.kind === "move" ? decision : decision.intent;
  const { evidence } = decision.kind === "move" ? decision : decision.intent;
  return {
    group,
    outcome: "planned",
    because: decision.because,
    message: wouldDecide(decision),
    ...(from === undefined ? {} : { from }),
    to,
    interfaces: whereabouts(observation),
    phases: {},
    evidence: evidence.map(inWords),
    ...(plan === undefined ? {} : { plan }),
    notify,
  };
}

/** The report of a move that has ended. */
export function endedReport(
  group: string,
  ending: {
    readonly outcome: "moved" | "failed";
    readonly because: Because;
    readonly message: string;
    /** People know that it fails so. */
    readonly again: boolean;
  },
  move: { readonly intent: Intent; readonly epoch: number; readonly phases: Phases },
  observation: Observation,
): Report {
  const { intent } = move;
  const { outcome, because, message, again } = ending;
  return {
    group,
    outcome,
    because,
    message,
    ...(intent.from === undefined ? {} : { from: intent.from }),
    to: intent.to,
    epoch: move.epoch,
    interfaces: whereabouts(observation),
    phases: times(move.phases),
    evidence: intent.evidence.map(inWords),
    notify: !again,
  };
}

/** The report of what came of a move: whether the address serves. */
export function servedReport(
  group: string,
  { outcome, because, message, move, phases, notify }: ServedNews,
): Report {
  return {
    group,
    outcome,
    because,
    message,
    ...(move.from === undefined ? {} : { from: move.from }),
    to: move.to,
    interfaces: {},
    phases: times(phases),
    evidence: [],
    notify,
  };
}

/** A move that an operator asked for and did not get: an error, so that scripts notice. */
export class Refused extends Error {
  readonly report: Report;

  constructor(report: Report) {
    const override =
      report.override === undefined ? "" : ` To override it, ask for ${JSON.stringify(report.override)}.`;
    super(`${report.group}: ${report.outcome} (${report.because}). ${report.message}${override}`);
    this.name = report.outcome === "failed" ? "Failed" : "Refused";
    this.report = report;
  }
}

/** What a function answers: the report without what only log, metrics and notification need. */
export type Answer = Omit<Report, "notify" | "standbys">;

export function answerOf(report: Report): Answer {
  const { notify: _notify, standbys: _standbys, ...answer } = report;
  return answer;
}
