/** The journal of a running cloud, a line an entry, for somebody who watches it. */
import pc from "picocolors";
import type { JournalEntry } from "../journal.ts";

/** Calls that only read would drown the rest. */
const READS = /:(Describe|Get|List|Query|BatchGet)/;

/** The entry in words, or undefined for one that is not worth a line. */
export function inWords(entry: JournalEntry): string | undefined {
  const words = told(entry);
  if (words === undefined) return undefined;
  const time = new Date(entry.at).toISOString().slice(11, 23);
  return `${pc.dim(time)}  ${words}`;
}

function told({ kind, subject, detail }: JournalEntry): string | undefined {
  switch (kind) {
    case "breakage":
      return pc.red(`${subject}: ${text(detail.breakage ?? detail.effect)}`);
    case "instance-state":
      return pc.yellow(`${subject}: ${text(detail.before)} → ${text(detail.state)}`);
    case "status-check":
      return pc.yellow(
        `${subject}: ${text(detail.check)} check ${text(detail.before)} → ${text(detail.status)}`,
      );
    case "metric":
      return undefined;
    case "alarm":
      return pc.yellow(`alarm ${subject} ${text(detail.from)} → ${text(detail.to)}`);
    case "event":
      return pc.dim(`event ${subject} (${text(detail.source)})`);
    case "rule":
      return `rule ${subject}`;
    case "invocation":
      return pc.cyan(`${subject} starts`);
    case "invocation-end":
      return pc.cyan(`${subject} ends after ${text(detail.durationMs)} ms: ${outcome(detail)}`);
    case "call":
      return call(subject, detail);
  }
}

/** A call's entry is written when it arrives, and filled in as it is answered: `code` is there if that was at once. */
function call(subject: string, detail: JournalEntry["detail"]): string | undefined {
  const refused = detail.code !== undefined && detail.code !== "ok";
  if (READS.test(subject) && !refused) return undefined;
  const input = detail.input as Record<string, unknown> | undefined;
  const about = ["AttachmentId", "NetworkInterfaceId", "InstanceId", "TableName", "AlarmName"]
    .map((name) => input?.[name])
    .filter((value) => typeof value === "string");
  const words = `  ${[subject, ...about].join(" ")}`;
  return refused ? `${words} ${pc.red(`→ ${text(detail.code)}`)}` : words;
}

function outcome({ error, answer }: JournalEntry["detail"]): string {
  const failure = error as { errorType?: string; errorMessage?: string } | undefined;
  if (failure !== undefined) return pc.red(`${failure.errorType}: ${failure.errorMessage}`);
  const { message, reports } = (answer ?? {}) as {
    message?: string;
    reports?: readonly { message?: string }[];
  };
  const said = reports?.flatMap((report) => (report.message === undefined ? [] : [report.message])) ?? [];
  return said.length > 0 ? said.join(" ") : (message ?? "ok");
}

const text = (value: unknown) => String(value ?? "");
