/**
 * What is told outside of a move, a refusal or a finding: the event on the bus, out of the history entry that it goes
 * with. So an event can't be lost apart from its entry, and says the same however often it is sent.
 */
import { ADVICE } from "./advice.ts";
import type { FoundEntry } from "./finding.ts";
import { type DetailType, TELLING } from "./headline.ts";
import type { HistoryEntry, Whereabouts } from "./model.ts";
import { inWords, iso, times } from "./words.ts";

/** `source` of every event. */
export const SOURCE = "eni-failover";
/** Of `detail`. It grows when a field goes or changes its meaning, not when one is added. */
export const DETAIL_SCHEMA = 1;

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

/**
 * One move ends once on one member, whoever records it (told without the table, it may yet go on to another). What does
 * not move may be told of more than once.
 */
function idOf(group: string, key: string, { kind, move, to }: HistoryEntry): string {
  return move === undefined || kind === "refusal" ? `${group}/${key}` : `${group}/${move}/${kind}/${to}`;
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

function whoHasIt(interfaces: Whereabouts = {}): string {
  const held = Object.entries(interfaces);
  if (held.length === 0) return "Ask status who has it now.";
  return `Now: ${held.map(([eni, instance]) => `${eni} on ${instance ?? "NOTHING"}`).join(", ")}.`;
}

function present<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
