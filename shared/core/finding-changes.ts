/** What the doctor remembers of a group from one day to the next, so that it tells only what has changed. */
import { withEntry } from "./entry.ts";
import type { Finding, FindingChange, Found } from "./finding.ts";
import type { HistoryEntry, State } from "./state.ts";

/** So often each group is looked at. */
const EVERY_MS = 86_400_000;

/** Whether the doctor has not looked at the group for a day. Not while a move is in hand: it has enough to do. */
export function examinationDue({ examined, intent, lease }: State, now: number): boolean {
  if (intent !== undefined || (lease !== undefined && lease.until > now)) return false;
  return now - (examined?.at ?? 0) >= EVERY_MS;
}

/** The record after a look, with a history entry for each finding that is new or gone. */
export function withFindings(
  state: State,
  group: string,
  findings: readonly Finding[],
  now: number,
): { readonly state: State; readonly changes: readonly FindingChange[]; readonly message: string } {
  const before = state.examined?.found ?? [];
  const changes = changesOf(group, before, findings);
  const examined = { at: now, found: foundAfter(before, changes) };
  const told = changes.reduce(
    (next: State, change, index) =>
      withEntry(next, `v${state.version}.${index + 1}`, entryOf(change, state, now)),
    { ...state, examined },
  );
  return { state: told, changes, message: changesText(changes) };
}

function entryOf(change: FindingChange, { epoch }: State, at: number): Omit<HistoryEntry, "sequence"> {
  const { check, severity, subject } = change.finding;
  const isNew = change.change === "new";
  const message = isNew ? change.finding.means : `${check} (${subject}) is gone.`;
  const mend = isNew ? { mend: change.finding.mend } : {};
  const finding = { change: change.change, check, severity, subject, ...mend };
  return { at, kind: "finding", because: "doctor", message, epoch, finding };
}

function changesText(changes: readonly FindingChange[]): string {
  const of = (change: FindingChange["change"]) => changes.filter((one) => one.change === change).length;
  return `The doctor finds ${of("new")} new, and ${of("gone")} gone.`;
}

/**
 * What has changed since the last look at a group. While something could not be read nothing is gone: a finding that was
 * not looked for is still there.
 */
function changesOf(
  group: string,
  before: readonly Found[],
  findings: readonly Finding[],
): readonly FindingChange[] {
  const blind = findings.some(({ check }) => check === "unread" || check === "record-unread");
  const appeared = findings.filter((finding) => !before.some((old) => isSame(old, finding)));
  const gone = blind ? [] : before.filter((old) => !findings.some((finding) => isSame(old, finding)));
  return [
    ...appeared.map((finding) => ({ change: "new", group, finding }) as const),
    ...gone.map((finding) => ({ change: "gone", group, finding }) as const),
  ];
}

/** What is remembered after a look: what it found, and what was known before and is not known to be gone. */
function foundAfter(before: readonly Found[], changes: readonly FindingChange[]): readonly Found[] {
  // What is new was not there before, so it is none of these.
  const kept = before.filter((old) => !changes.some(({ finding }) => isSame(finding, old)));
  const appeared = changes.flatMap(({ change, finding }) => (change === "new" ? [finding] : []));
  return [...kept, ...appeared].map(({ check, severity, subject }) => ({ check, severity, subject }));
}

function isSame(left: Found, right: Found): boolean {
  return left.check === right.check && left.subject === right.subject;
}
