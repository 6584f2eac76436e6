/** What the doctor finds: a closed set of checks, each of which comes with what it means and the command that mends it. */

/** Every check. The docs have a line for each; a test keeps them together. */
export const CHECKS = [
  "interface-missing",
  "interface-primary",
  "interface-managed",
  "interface-zone",
  "interface-with-stranger",
  "interface-on-nothing",
  "interface-delete-on-termination",
  "member-missing",
  "member-stopped",
  "member-unwell",
  "member-zone",
  "member-no-slot",
  "member-index-taken",
  "member-index-burned",
  "member-quarantined",
  "member-isolated",
  "member-never-held",
  "member-unmatched",
  "alarm-missing",
  "alarm-actions-disabled",
  "alarm-muted",
  "alarm-without-data",
  "alarm-unmatched",
  "alarm-composite-denied",
  "permission-denied",
  "permission-unproven",
  "fence-group-missing",
  "probe-unheard",
  "probe-unanswered",
  "record-unread",
  "record-newer",
  "paused",
  "budget-spent",
  "observing",
  "table-no-recovery",
  "table-no-expiry",
  "sweep-unscheduled",
  "time-limit",
  "unread",
] as const;

export type Check = (typeof CHECKS)[number];

/** `error` stops a failover, `warning` makes it worse or later, `info` is as it was asked for. */
export type Severity = "error" | "warning" | "info";

/** What one look at one subject found wrong. */
export interface Problem {
  readonly check: Check;
  readonly severity: Severity;
  /** The interface, member, alarm, call, function or table that it is about. */
  readonly subject: string;
  /** One sentence for a person. */
  readonly means: string;
  /** The command that mends it; CAPITALS stand for what only its reader knows. */
  readonly mend: string;
}

export interface Finding extends Problem {
  /** Null: it is about the controller itself. */
  readonly group: string | null;
}

/** What is remembered of a finding from one day to the next. */
export interface Found {
  readonly check: string;
  readonly severity: Severity;
  readonly subject: string;
}

/** What a history entry about a finding says beside its message. */
export interface FoundEntry extends Found {
  readonly change: "new" | "gone";
  /** Of one that is new. */
  readonly mend?: string;
}

/** One finding that is new, or gone, since the doctor last looked. */
export type FindingChange =
  | { readonly change: "new"; readonly group: string; readonly finding: Finding }
  | { readonly change: "gone"; readonly group: string; readonly finding: Found };

/** The finding that a problem of this group, or of the controller, is. */
export function findingOf(group: string | null, { check, severity, subject, means, mend }: Problem): Finding {
  return { check, severity, group, subject, means, mend };
}

/** Worst first; of one severity in the order in which they were found. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  const weight = { error: 0, warning: 1, info: 2 } as const;
  return [...findings].sort((left, right) => weight[left.severity] - weight[right.severity]);
}

/** What mends whatever the deployed stack lacks, or the configuration says wrongly. */
export const DEPLOY = "npx sls deploy";

/** A command of the controller's own, as an operator types it. */
export function invoke(name: string, input: object): string {
  return `npx sls invoke -f ${name} -d '${JSON.stringify(input)}'`;
}

/** A name as an argument of a command: an alarm may be called as it likes. */
export function argument(name: string): string {
  return /^[\w.:/-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** What was to be read, and was not: never silence. */
export function unread(
  call: string,
  what: string,
  why: string,
  severity: Extract<Severity, "error" | "warning"> = "warning",
): Problem {
  return {
    check: "unread",
    severity,
    subject: call,
    means: `${what} could not be read (${why}): nobody knows whether that is sound.`,
    mend: DEPLOY,
  };
}
