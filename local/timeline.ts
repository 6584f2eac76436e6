/** The timeline of a demonstration: what happened in the embedded cloud, for a person to read. */
import pc from "picocolors";
import type { Cloud } from "./cloud.ts";
import type { JournalEntry } from "./journal.ts";

export function say(line: string): void {
  console.log(line);
}

/** Calls that only read would drown the rest. */
const QUIET = /:(Describe|Get|List|Query)/;

/** Prints the journal as it grows: AWS time, wall time, what, and about whom. */
export class Timeline {
  readonly #stop: () => void;
  readonly #started: number;
  readonly #speed: number;
  /** When detection ended: what comes after runs at AWS's own speed. */
  #detected: number | undefined;

  constructor(cloud: Cloud, speed: number) {
    this.#started = cloud.now();
    this.#speed = speed;
    say(pc.dim("  AWS time      wall   what"));
    this.#stop = cloud.journal.subscribe((entry) => this.#tell(entry));
  }

  stop(): void {
    this.#stop();
  }

  #tell(entry: JournalEntry): void {
    const words = inWords(entry);
    if (words === undefined) return;
    if (entry.kind === "alarm" && entry.detail.to === "ALARM") this.#detected ??= entry.at;
    const wall = entry.at - this.#started;
    const detection = (this.#detected ?? entry.at) - this.#started;
    const aws = detection * this.#speed + (wall - detection);
    say(`${seconds(aws).padStart(10)}${seconds(wall).padStart(10)}   ${words}`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function inWords({ kind, subject, detail }: JournalEntry): string | undefined {
  if (kind === "breakage")
    return pc.red(`${subject} ${String(detail.breakage ?? "breaks")}s: it answers nothing any more`);
  if (kind === "status-check") return pc.yellow(`status check of ${subject}: ${compact(detail)}`);
  if (kind === "metric") return `metric ${subject} ${compact(detail)}`;
  if (kind === "alarm") return pc.yellow(`alarm ${subject} ${compact(detail)}`);
  if (kind === "event") return `event on the bus: ${subject}`;
  if (kind === "rule") return `rule ${subject}`;
  if (kind === "invocation") return pc.cyan(`Lambda ${subject} starts`);
  if (kind === "invocation-end") return pc.cyan(`Lambda ${subject} ends: ${String(detail.outcome ?? "")}`);
  if (kind === "call" && !QUIET.test(subject))
    return `  ${subject} ${compact(detail.input as object | undefined)}`;
  return undefined;
}

function compact(detail: object | undefined): string {
  const text = Object.entries(detail ?? {})
    .filter(
      ([, value]) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
    )
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
  return text.length > 110 ? `${text.slice(0, 109)}…` : text;
}
