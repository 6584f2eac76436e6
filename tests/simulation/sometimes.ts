/**
 * What must happen sometimes: a simulation in which nothing happens is green too. Each mark is one small function over
 * an event of the trace; a batch counts in how many seeds each was reached, and says which were not.
 */
import type { Because } from "../../shared/core/model.ts";
import type { TraceEvent } from "./trace.ts";

type Mark = (event: TraceEvent, killed: ReadonlySet<string>) => boolean;

const MARKS: Readonly<Record<string, Mark>> = {
  forced: (event) =>
    event.kind === "call" && event.operation === "DetachNetworkInterface" && event.input.Force === true,
  "rolled back": (event) => event.kind === "write" && isRolledBack(event.after.intent),
  "stale writer refused": (event) => event.kind === "refused" && event.condition.includes("#lease"),
  "lost the race for a claim": (event) => event.kind === "refused" && !event.condition.includes("#lease"),
  "resumed after a kill": (event, killed) =>
    event.kind === "write" &&
    event.after.epoch > (event.before?.epoch ?? 0) &&
    event.after.intent?.id === event.before?.intent?.id &&
    killed.has(event.before?.lease?.holder.split(".")[0] ?? ""),
  abandoned: (event) => told(event, "superseded") || told(event, "recovered"),
  "found moved": (event) => told(event, "found-moved"),
  refused: (event) => told(event, "refusal"),
  quarantined: (event) => event.kind === "write" && Object.keys(event.after.quarantine).length > 0,
  "burned index": (event) => event.kind === "write" && event.after.burned.length > 0,
  isolated: (event) => event.kind === "write" && Object.keys(event.after.isolated).length > 0,
  released: (event) =>
    event.kind === "write" &&
    Object.keys(event.before?.isolated ?? {}).length > Object.keys(event.after.isolated).length,
  "stopped as a fence": (event) =>
    event.kind === "call" && event.operation === "StopInstances" && event.error === undefined,
  "a drill held": (event) => drillEnded(event, "held"),
  "a drill lapsed": (event) => drillEnded(event, "failed"),
  "a drill overtaken": (event) => drillEnded(event, "superseded"),
  "an invocation threw": (event) => event.kind === "threw",
  "killed before a call": (event) => event.kind === "fault" && event.what === "killed before",
  "killed after a call": (event) => event.kind === "fault" && event.what === "killed after",
  "answer lost": (event) => event.kind === "fault" && event.what === "answer lost",
  "request lost": (event) => event.kind === "fault" && event.what === "request lost",
  "table away": (event) => event.kind === "fault" && event.what === "table away",
  "moved without the table": (event) =>
    event.kind === "end" && event.outcome === "moved" && event.message.includes("The table did not answer"),
  "heard of a silence": (event) =>
    event.kind === "write" &&
    Object.values(event.after.probed?.members ?? {}).some(({ says }) => says === "silent"),
  "moved on a verdict": (event) =>
    event.kind === "end" && event.outcome === "moved" && event.message.includes("probe silent"),
  "DeleteOnTermination switched off": (event) =>
    event.kind === "call" &&
    event.operation === "ModifyNetworkInterfaceAttribute" &&
    event.input.Attachment !== undefined &&
    event.error === undefined,
  "an alarm muted": (event) => event.kind === "breakage" && event.what.startsWith("mute "),
  "blind to something": (event) => event.kind === "fault" && event.what === "blind",
  "an alarm suppressed": (event) =>
    event.kind === "breakage" && event.what.startsWith("suppress ") && event.what.endsWith(" true"),
  "an index that others hold": (event) => event.kind === "end" && /index-taken|no-slot/.test(event.message),
  "not heard by the bus": (event) => event.kind === "fault" && event.operation === "PutEvents",
  frozen: (event) => event.kind === "fault" && event.what === "frozen",
};

/** Reasons that a run of the simulation can come to; the others are for the tests named beside them. */
const REASONS: readonly Because[] = [
  "active-dead",
  "active-failing",
  "active-leaving",
  "operator",
  "drill",
  "failback",
  "repair",
  "unite",
  "resume",
  "target-lost",
  "last-resort",
  "healthy",
  "already-there",
  "paused",
  "unconfirmed",
  "alarm-not-cleared",
  "no-eligible-standby",
  "cooldown",
  "budget",
  "in-progress",
  "just-moved",
  "detach-stuck",
  "held-by-stranger",
  "interface-missing",
  "surge",
  "operator-needed",
  "fence-unconfirmed",
  "newer-record",
  "world-changed",
];

/** What a batch of five thousand seeds must reach, or it proves nothing. */
export const EXPECTED: readonly string[] = [
  ...Object.keys(MARKS),
  ...REASONS,
  "moved",
  "held",
  "failed",
  "planned",
  "serving",
  "moved-not-serving",
];

/** Follows a run. */
export class Reached {
  readonly marks = new Set<string>();
  readonly #killed = new Set<string>();

  see(event: TraceEvent): void {
    if (event.kind === "fault" && event.what.startsWith("killed")) this.#killed.add(event.by);
    if (event.kind === "end") this.marks.add(event.outcome).add(event.because);
    if (event.kind === "write" && event.after.intent !== undefined)
      this.marks.add(event.after.intent.because);
    for (const [name, holds] of Object.entries(MARKS)) {
      if (!this.marks.has(name) && holds(event, this.#killed)) this.marks.add(name);
    }
  }
}

function drillEnded(event: TraceEvent, outcome: string): boolean {
  return event.kind === "write" && event.after.drill?.end?.outcome === outcome;
}

function isRolledBack(intent: { to: string; from?: string } | undefined): boolean {
  return intent !== undefined && intent.to === intent.from;
}

function told(event: TraceEvent, kind: string): boolean {
  return event.kind === "history" && event.entry === kind;
}
