/** An entry of the journal in a line, for somebody who watches: who did it, and what. */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import type { Probed } from "../shared/core/model.ts";
import type { JournalEntry } from "./journal.ts";

/** So wide is a line at most, so that it fits beside a window. */
const WIDTH = 110;
const WHO = 15;

/** Calls that only read would drown the rest. */
const READS = /:(Describe|Get|List|Query|BatchGet)/;

export interface Told {
  /** A service, or a function by its short name. */
  readonly who: string;
  readonly what: string;
  readonly tone?: (text: string) => string;
}

/** Prints a line as it stands. */
export function say(line: string): void {
  console.log(line);
}

/** `when`, then who and what, wrapped to the width and aligned. */
export function line(when: string, { who, what, tone = (text) => text }: Told): string {
  const margin = stripVTControlCharacters(when).length;
  const [first = "", ...rest] = wrapped(what, WIDTH - margin - WHO);
  const indent = " ".repeat(margin + WHO);
  return [`${when}${who.padEnd(WHO)}${tone(first)}`, ...rest.map((part) => `${indent}${tone(part)}`)].join(
    "\n",
  );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (longer.length > width && current !== "") {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return [...lines, current];
}

/** What the entry tells, or undefined for one that is not worth a line. */
export function told(entry: JournalEntry): Told | undefined {
  const { kind, subject, detail } = entry;
  switch (kind) {
    case "breakage":
      return { who: "you", what: `break ${text(detail.breakage ?? detail.effect)} ${subject}`, tone: pc.red };
    case "instance-state":
      return {
        who: "EC2",
        what: `${subject} ${text(detail.before)} → ${text(detail.state)}`,
        tone: pc.yellow,
      };
    case "status-check": {
      const what = `${subject} ${text(detail.check)} check ${text(detail.before)} → ${text(detail.status)}`;
      return { who: "EC2", what, tone: pc.yellow };
    }
    case "alarm": {
      if (detail.from === "INSUFFICIENT_DATA" && detail.to === "OK") return undefined;
      const what = `${subject} ${text(detail.from)} → ${text(detail.to)}`;
      return { who: "CloudWatch", what, tone: detail.to === "ALARM" ? pc.yellow : pc.dim };
    }
    case "rule":
      return { who: "EventBridge", what: `rule ${subject}` };
    case "message": {
      // An alarm that has just been made and is fine is no news to somebody who watches.
      if (isFirstOk(text(detail.message))) return undefined;
      const [first = ""] = text(detail.title ?? detail.message).split("\n");
      return { who: "SNS", what: `${shortName(subject)}: ${first}`, tone: pc.magenta };
    }
    case "invocation":
      return { who: shortName(subject), what: "starts", tone: pc.cyan };
    case "invocation-end": {
      const silent = silences(entry);
      if (silent.length === 0) return ended(subject, detail);
      return { who: shortName(subject), what: `silent: ${silent.join(", ")}`, tone: pc.yellow };
    }
    case "call":
      return call(subject, detail);
    // The alarm and the rule tell of them.
    case "metric":
    case "event":
      return undefined;
  }
}

const isFirstOk = (message: string) =>
  message.includes('"NewStateValue":"OK"') && message.includes('"OldStateValue":"INSUFFICIENT_DATA"');

const SERVICES: Readonly<Record<string, string>> = {
  ec2: "EC2",
  cloudwatch: "CloudWatch",
  dynamodb: "DynamoDB",
  lambda: "Lambda",
  events: "EventBridge",
};

/** A call's entry is written when it arrives, and filled in as it is answered: `code` is there if that was at once. */
function call(subject: string, { code, input }: JournalEntry["detail"]): Told | undefined {
  const refused = code !== undefined && code !== "ok";
  if (READS.test(subject) && !refused) return undefined;
  const [service = "", operation = ""] = subject.split(":");
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  // A rehearsal is refused by EC2 even where it would succeed.
  const dry = given.DryRun === true;
  const name = dry ? `${operation} (dry run)` : operation;
  const words = [name, ...about(given), ...(refused ? ["→", text(code)] : [])].join(" ");
  const tone = dry ? pc.dim : pc.red;
  return { who: SERVICES[service] ?? service, what: words, ...(refused ? { tone } : {}) };
}

/** What a call is about: the ids that it names, or the item that it writes. */
function about(input: Readonly<Record<string, unknown>>): string[] {
  const ids = ["AttachmentId", "NetworkInterfaceId", "InstanceId", "AlarmName"].flatMap((name) => {
    return typeof input[name] === "string" ? [input[name]] : [];
  });
  const force = input.Force === true ? ["by force"] : [];
  const item = (input.Key ?? input.Item) as { pk?: { S?: string }; sk?: { S?: string } } | undefined;
  const key = [item?.pk?.S, item?.sk?.S].filter((part) => part !== undefined);
  return [...ids, ...force, ...(key.length > 0 ? key : table(input))];
}

const table = ({ TableName }: Readonly<Record<string, unknown>>) =>
  typeof TableName === "string" ? [TableName] : [];

interface Said {
  readonly message?: string;
  readonly outcome?: string;
  readonly because?: string;
}

function ended(subject: string, { durationMs, error, answer }: JournalEntry["detail"]): Told {
  const who = shortName(subject);
  const after = `after ${text(durationMs)} ms`;
  const failure = error as { errorType?: string; errorMessage?: string } | undefined;
  if (failure !== undefined) {
    const what = `fails ${after}: ${failure.errorType}: ${failure.errorMessage}`;
    return { who, what, tone: pc.red };
  }
  const whole = (answer ?? {}) as Said & { reports?: readonly Said[] };
  const said = (whole.reports ?? []).map(inWords).filter((words) => words !== "");
  const words = said.length > 0 ? said.join(" ") : inWords(whole);
  return { who, what: `ends ${after}${words === "" ? "" : `: ${words}`}`, tone: pc.cyan };
}

function inWords({ outcome, because, message = "" }: Said): string {
  return outcome === undefined ? message : `${outcome} (${because}). ${message}`;
}

/** Without the stack's name: `eni-failover-dev-sweep` → `sweep`. */
const shortName = (name: string) => name.split("-").at(-1) ?? name;

const text = (value: unknown) => String(value ?? "");

/** The addresses that a prober tells to be silent, if the entry is the end of one's run. */
export function silences({ kind, detail }: JournalEntry): string[] {
  const { verdicts = {} } = (kind === "invocation-end" ? (detail.answer ?? {}) : {}) as {
    readonly verdicts?: Readonly<Record<string, Probed>>;
  };
  return Object.values(verdicts).flatMap(({ floating, members }) =>
    Object.entries({ ...(floating === undefined ? {} : { "the floating address": floating }), ...members })
      .filter(([, { says }]) => says === "silent")
      .map(([address]) => address),
  );
}
