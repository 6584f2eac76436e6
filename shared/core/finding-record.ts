/** What the record and the policy hold against an automatic move. */
import type { Examined } from "./examined.ts";
import { DEPLOY, invoke, type Problem } from "./finding.ts";
import { newerRecordText, pauseInForce } from "./first.ts";
import { budgetLeft } from "./limits.ts";
import { SCHEMA } from "./state.ts";
import { iso } from "./words.ts";

export function recordProblems({ situation, record, table }: Examined): readonly Problem[] {
  const { group, state, now } = situation;
  const { name: subject } = group;
  const observing = group.policy.mode === "observe" ? [observes(subject)] : [];
  if (record.read === "no") {
    const means = `The record of ${subject} could not be read: ${record.error} Without it a group only leaves a member that is dead beyond doubt.`;
    const key = JSON.stringify({ pk: { S: `GROUP#${subject}` }, sk: { S: "STATE" } });
    const mend = `aws dynamodb get-item --table-name ${table} --key '${key}'`;
    return [{ check: "record-unread", severity: "error", subject, means, mend }, ...observing];
  }
  if (state.schema > SCHEMA) {
    const means = newerRecordText(state.schema);
    return [{ check: "record-newer", severity: "error", subject, means, mend: DEPLOY }, ...observing];
  }
  const pause = pauseInForce(state, now);
  const budget = budgetLeft(state, group.policy, now);
  const found = [...observing];
  if (pause !== undefined) {
    const until = pause.until === undefined ? "until somebody resumes it" : `until ${iso(pause.until)}`;
    const means = `${subject} is paused by ${pause.by} since ${iso(pause.since)}, ${until}: no automatic move begins.`;
    const severity = pause.until === undefined ? "error" : "warning";
    found.push({ check: "paused", severity, subject, means, mend: invoke("resume", { group: subject }) });
  }
  if (budget.left === 0) {
    const means = `${subject} has used up its ${budget.of} automatic moves: it does not leave an active that is failing and not dead.`;
    const mend = invoke("acknowledge", { group: subject, budget: true });
    found.push({ check: "budget-spent", severity: "warning", subject, means, mend });
  }
  return found;
}

function observes(subject: string): Problem {
  const means = `${subject} is in mode observe: it decides and tells, and moves nothing. Set mode: act in failover.yml and deploy.`;
  return { check: "observing", severity: "info", subject, means, mend: DEPLOY };
}
