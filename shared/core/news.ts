/**
 * What is told outside of a move, a refusal or a finding: the event on the bus, out of the history entry that it goes
 * with. So an event can't be lost apart from its entry, and says the same however often it is sent.
 */
import { ADVICE, DRILL_FAILED, GIVEN_UP, NOT_SERVING, OBSERVING, UNDER_WAY } from "./advice.ts";
import type { FoundEntry } from "./finding.ts";
import type { HistoryEntry, Phases, Whereabouts } from "./model.ts";
import { inWords, iso, times } from "./words.ts";

/** `source` of every event. */
export const SOURCE = "eni-failover";
/** Of `detail`. It grows when a field goes or changes its meaning, not when one is added. */
export const DETAIL_SCHEMA = 1;

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

/** What an event says. The texts have no character that an input transformer would have to escape. */
export interface Detail {
  readonly schema: typeof DETAIL_SCHEMA;
  /** The same for every delivery of the same event: drop what was seen before. */
  readonly id: string;
  readonly group: string;
  /** The word of the closed set, or the name of the doctor's check: the key of the runbook. */
  readonly because: string;
  /** ISO time. */
  readonly at: string;
  /** Whether people are told, and not only programs. */
  readonly notify: boolean;
  /** What happened, in at most 160 characters: all that a phone shows. */
  readonly headline: string;
  readonly message: string;
  /** Who has the interfaces now, in words. */
  readonly now: string;
  /** What to do. */
  readonly advice: string;
  /** The section of the runbook that has more. */
  readonly runbook: string;
  // Absent: it is not known, or there is none.
  /** What the events about the same move have in common. */
  readonly move?: string;
  readonly from?: string;
  readonly to?: string;
  readonly epoch: number;
  readonly by?: string;
  readonly reason?: string;
  /** Interface → instance; null: on nothing. An interface that could not be read is not there. */
  readonly interfaces?: Whereabouts;
  /** When each phase was reached, ISO times. */
  readonly phases?: Readonly<Record<string, string>>;
  readonly evidence?: readonly string[];
  /** Of the doctor's. */
  readonly finding?: FoundEntry;
}

/** An event as it goes to the bus. */
export interface News {
  readonly type: DetailType;
  readonly at: number;
  readonly detail: Detail;
}

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
const TELLING: Readonly<Partial<Record<Kind, Telling>>> = {
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
    headline: ({ because, to, phases }) => `moved to ${to} (${because})${took(phases)}`,
  },
  "failed-move": {
    type: "Move Failed",
    people: true,
    // A move that comes to its end where it began has another target behind it, which its message names.
    headline: ({ because, from, to }) =>
      from !== undefined && from === to
        ? `the move FAILED, back on ${to} (${because})`
        : `the move to ${to} FAILED (${because})`,
  },
  refusal: {
    type: "Move Refused",
    // Who asked has the answer.
    people: ({ by }) => by === undefined,
    headline: ({ because, by }) =>
      by === undefined ? `DOES NOT MOVE (${because})` : `${by} was refused (${because})`,
  },
  planned: {
    type: "Move Planned",
    people: true,
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

/** The event that goes with an entry of the history, under its key in the outbox; undefined: there is none. */
export function newsOf(group: string, key: string, entry: HistoryEntry): News | undefined {
  const telling = TELLING[entry.kind];
  if (telling === undefined) return undefined;
  const { at, because, message, move, from, to, epoch, by, reason, interfaces, phases, evidence, finding } =
    entry;
  const detail: Detail = {
    schema: DETAIL_SCHEMA,
    id: idOf(group, key, entry),
    group,
    because: finding?.check ?? because,
    at: iso(at),
    notify: typeof telling.people === "boolean" ? telling.people : telling.people(entry),
    headline: headlineOf(`${group}: ${telling.headline(entry)}`),
    message: plain(message),
    now: whoHasIt(interfaces),
    advice: telling.advice ?? mending(finding) ?? ADVICE[because],
    runbook: telling.runbook ?? finding?.check ?? because,
    ...present({ move, from, to }),
    epoch,
    ...present({ by, reason, interfaces }),
    ...(phases === undefined ? {} : { phases: times(phases) }),
    ...(evidence === undefined ? {} : { evidence: evidence.map(inWords) }),
    ...present({ finding }),
  };
  return { type: telling.type, at, detail };
}

/** A command that a message can carry as it is; one with quotes in it would not be the same. */
function mending(finding: FoundEntry | undefined): string | undefined {
  const mend = finding?.mend;
  return mend === undefined || plain(mend) !== mend ? undefined : mend;
}

/** One move ends once, whoever records it; what does not move may be told of more than once. */
function idOf(group: string, key: string, { kind, move }: HistoryEntry): string {
  return move === undefined || kind === "refusal" ? `${group}/${key}` : `${group}/${move}/${kind}`;
}

const HEADLINE = 160;

/** A first line that fits a phone. */
function headlineOf(text: string): string {
  const line = plain(text);
  return line.length <= HEADLINE ? line : `${line.slice(0, HEADLINE - 1)}…`;
}

/** Without what an input transformer would have to escape: EventBridge does not, and the message would not arrive. */
function plain(text: string): string {
  return text
    .replace(/"/g, "'")
    .replace(/[<>]/g, (sign) => (sign === "<" ? "(" : ")"))
    .replace(/\\/g, "/")
    .replace(/\s+/g, " ")
    .trim();
}

function took({ detected, inUse }: Phases = {}): string {
  if (detected === undefined || inUse === undefined) return "";
  return `, in use ${Math.round((inUse - detected) / 100) / 10} s after it was detected`;
}

function whoHasIt(interfaces: Whereabouts = {}): string {
  const held = Object.entries(interfaces);
  if (held.length === 0) return "Ask status who has it now.";
  return `Now: ${held.map(([eni, instance]) => `${eni} on ${instance ?? "NOTHING"}`).join(", ")}.`;
}

function present<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
