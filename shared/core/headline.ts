/** What an entry of the history is on the bus: its detail type, its first line, and whether people are told. */
import { DRILL_FAILED, GIVEN_UP, NOT_SERVING, OBSERVING, UNDER_WAY } from "./advice.ts";
import type { HistoryEntry } from "./model.ts";

/** A closed set: `docs/events.md` has a line for each. */
export type DetailType =
  | "Move Started"
  | "Move Finished"
  | "Move Failed"
  | "Move Refused"
  | "Move Planned"
  | "Move Dropped"
  | "Move Found"
  | "Move Serving"
  | "Move Not Serving"
  | "Drill Failed"
  | "Doctor Finding";

type Kind = HistoryEntry["kind"];

interface Telling {
  readonly type: DetailType;
  /** Whether people are told. */
  readonly people: boolean | ((entry: HistoryEntry) => boolean);
  readonly headline: (entry: HistoryEntry) => string;
  /** In place of the advice on `because`. */
  readonly advice?: string;
  /** In place of the runbook's section on `because`. */
  readonly runbook?: string;
}

/** The sections of the runbook that are about an event and not about a `because`; a test keeps them there. */
export const runbookSections = (): readonly string[] =>
  Object.values(TELLING).flatMap(({ runbook }) => runbook ?? []);

/** Kinds that are missing are no news: they stand in the history alone. */
export const TELLING: Readonly<Partial<Record<Kind, Telling>>> = {
  started: {
    type: "Move Started",
    people: false,
    headline: ({ because, to, from }) =>
      `moving ${from === undefined ? "" : `from ${from} `}to ${to} (${because})`,
    advice: UNDER_WAY,
  },
  move: {
    type: "Move Finished",
    people: true,
    headline: (entry) => `moved to ${entry.to} (${entry.because})${took(entry)}`,
  },
  "failed-move": {
    type: "Move Failed",
    people: ({ again }) => again !== true,
    // A move that comes to its end where it began has another target behind it, which its message names.
    headline: ({ because, from, to }) => {
      if (from !== to) return `the move to ${to} FAILED (${because})`;
      return `the move FAILED${because === "target-lost" ? `, back on ${to}` : ""} (${because})`;
    },
  },
  refusal: {
    type: "Move Refused",
    // Who asked has the answer; what flaps wakes nobody twice.
    people: ({ by, again }) => by === undefined && again !== true,
    headline: ({ because, by }) =>
      by === undefined ? `DOES NOT MOVE (${because})` : `${by} was refused (${because})`,
  },
  planned: {
    type: "Move Planned",
    people: ({ again }) => again !== true,
    headline: ({ because, to }) => `would move to ${to} (${because}), but only observes`,
    advice: OBSERVING,
    runbook: "move-planned",
  },
  recovered: {
    type: "Move Dropped",
    people: false,
    headline: ({ to }) => `the move to ${to} was given up before it began: the active is well again`,
    advice: GIVEN_UP,
  },
  superseded: {
    type: "Move Dropped",
    people: false,
    headline: ({ to }) => `the move to ${to} was given up before it began`,
    advice: GIVEN_UP,
  },
  serving: {
    type: "Move Serving",
    // Good news is only news after bad.
    people: ({ late }) => late === true,
    headline: ({ to }) => `the address answers on ${to}`,
    advice: "Nothing.",
  },
  "moved-not-serving": {
    type: "Move Not Serving",
    people: true,
    headline: ({ to }) => `moved to ${to}, but the address DOES NOT ANSWER there`,
    advice: NOT_SERVING,
    runbook: "move-not-serving",
  },
  "failed-drill": {
    type: "Drill Failed",
    people: true,
    headline: ({ from }) => `the drill FAILED: a failure of ${from} might go unseen, or not be survived`,
    advice: DRILL_FAILED,
    runbook: "drill-failed",
  },
  finding: {
    type: "Doctor Finding",
    people: ({ finding }) => finding?.change === "new" && finding.severity === "error",
    headline: ({ finding }) => {
      const what = `${finding?.check} (${finding?.subject})`;
      return finding?.change === "gone" ? `gone is ${what}` : `the doctor finds ${what}`;
    },
  },
  "found-moved": {
    type: "Move Found",
    people: true,
    headline: ({ from, to }) => `found on ${to}: somebody else moved it off ${from}`,
  },
};

/** Moves before which nothing had failed. */
const PLANNED: ReadonlySet<HistoryEntry["because"]> = new Set([
  "operator",
  "drill",
  "failback",
  "active-leaving",
]);

/** What was claimed for another reason, and does not say for which. */
const CARRIED_ON: ReadonlySet<HistoryEntry["because"]> = new Set(["resume", "target-lost"]);

function took({ because, phases = {}, evidence = [] }: HistoryEntry): string {
  const { detected, inUse } = phases;
  if (detected === undefined || inUse === undefined) return "";
  const seconds = `${Math.round((inUse - detected) / 100) / 10} s`;
  const failed = evidence.some(({ says }) => says === "failing" || says === "dead");
  const planned = PLANNED.has(because) || (CARRIED_ON.has(because) && !failed);
  return planned ? `, in use after ${seconds}` : `, in use ${seconds} after it was detected`;
}
