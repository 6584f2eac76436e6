/** The chain of a failover in the journal, from the breakage to the attach: how far it went, and what was missing. */
import type { JournalEntry, JournalKind } from "./journal.ts";

interface Link {
  readonly kind: JournalKind;
  readonly name: string;
  /** Which entries of the kind are this link; left out: all. */
  readonly is?: (entry: JournalEntry) => boolean;
  /** Why it may be missing, when the link before it is there. */
  readonly missing: string;
}

const LINKS: readonly Link[] = [
  {
    kind: "status-check",
    name: "status check impaired",
    is: ({ detail }) => detail.status === "impaired",
    missing: "no status check of it has become impaired yet",
  },
  {
    kind: "alarm",
    name: "alarm",
    is: ({ detail }) => detail.to === "ALARM",
    missing:
      "no alarm went to ALARM: does the template have one on its status checks, and was there time for it?",
  },
  { kind: "event", name: "event", missing: "the alarm's event did not reach the bus" },
  {
    kind: "rule",
    name: "rule",
    missing: "no rule of the template takes the alarm's event",
  },
  {
    kind: "invocation",
    name: "invocation",
    missing: "the rule invoked no function: does it have a target, and may it invoke that?",
  },
  {
    kind: "call",
    name: "detach",
    is: ({ subject }) => subject === "ec2:DetachNetworkInterface",
    missing: "the function did not ask EC2 to detach the interface",
  },
  {
    kind: "call",
    name: "attach",
    is: ({ subject }) => subject === "ec2:AttachNetworkInterface",
    missing: "the function did not ask EC2 to attach the interface to the standby",
  },
  {
    kind: "invocation-end",
    name: "end of the move",
    missing: "the move has not ended",
  },
];

/** The ids of everything that followed from the entry `id`, and itself. */
function following(entries: readonly JournalEntry[], id: string): Set<string> {
  const found = new Set([id]);
  for (const entry of entries) if (entry.cause !== undefined && found.has(entry.cause)) found.add(entry.id);
  return found;
}

/** How far the chain from the breakage `id` went, in a sentence that names the first link that is missing. */
export function howFar(entries: readonly JournalEntry[], id: string): string {
  const ids = following(entries, id);
  const followed = entries.filter((entry) => ids.has(entry.id));
  const reached = ["breakage"];
  for (const { kind, name, is = () => true, missing } of LINKS) {
    const found = followed.some((entry) => entry.kind === kind && is(entry));
    if (!found) return `${missing} (${reached.join(" → ")} → no ${name}).`;
    reached.push(name);
  }
  return `the function ended, but the interface is not in use on a standby (${reached.join(" → ")}).`;
}
