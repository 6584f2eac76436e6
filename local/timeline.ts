/** The timeline of a demonstration: what follows from one breakage in the embedded cloud, and who holds the interfaces. */
import pc from "picocolors";
import type { Cloud } from "./cloud.ts";
import type { JournalEntry } from "./journal.ts";
import { line, say, silences, type Told, told } from "./told.ts";

const LOOK_MS = 50;

/** Prints the journal as it grows, from now on: AWS time, wall time, who, and what. */
export class Timeline {
  readonly #cloud: Cloud;
  readonly #speed: number;
  readonly #started: number;
  readonly #interfaces: readonly string[];
  readonly #unsubscribe: () => void;
  readonly #looking: NodeJS.Timeout;
  /** The first breakage and everything that followed from it: the rest of what goes on is noise here. */
  readonly #followed = new Set<string>();
  readonly #held = new Map<string, string>();
  /** When detection ended: what comes after runs at AWS's own speed. */
  #detected: number | undefined;

  constructor(cloud: Cloud, speed: number, interfaces: readonly string[]) {
    this.#cloud = cloud;
    this.#speed = speed;
    this.#started = cloud.now();
    this.#interfaces = interfaces;
    for (const eni of interfaces) this.#held.set(eni, this.#whereabouts(eni));
    say(pc.dim("  AWS time      wall  who            what"));
    // A turn later: by then a call's entry says what was asked.
    this.#unsubscribe = cloud.journal.subscribe((entry) => setImmediate(() => this.#tell(entry)));
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Prints what is left to tell, and no more. */
  async stop(): Promise<void> {
    this.#look();
    this.#unsubscribe();
    clearInterval(this.#looking);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** From the start to the alarm, milliseconds of AWS time; undefined when there was none. */
  get detection(): number | undefined {
    return this.#detected === undefined ? undefined : (this.#detected - this.#started) * this.#speed;
  }

  #tell(entry: JournalEntry): void {
    const { id, cause, kind, detail, at } = entry;
    // What a prober sees follows from the breakage too, but not by anything that the journal could name.
    const follows =
      kind === "breakage"
        ? this.#followed.size === 0
        : this.#followed.has(cause ?? "") || silences(entry).length > 0;
    if (!follows) return;
    this.#followed.add(id);
    const words = told(entry);
    if (words === undefined) return;
    if (kind === "alarm" && detail.to === "ALARM") this.#detected ??= at;
    this.#say(at, words);
  }

  /** The journal tells what was asked of EC2, not when it came about. */
  #look(): void {
    for (const eni of this.#interfaces) {
      const now = this.#whereabouts(eni);
      if (now === this.#held.get(eni)) continue;
      this.#held.set(eni, now);
      const tone = now.startsWith("in use") ? pc.green : pc.yellow;
      this.#say(this.#cloud.now(), { who: "EC2", what: `${eni} ${now}`, tone });
    }
  }

  #whereabouts(eni: string): string {
    const holder = this.#cloud.ec2.attachmentTruth(eni, this.#cloud.now());
    if (holder === undefined) return "is gone";
    if (holder === null) return "on nothing";
    const { status, instanceId } = holder;
    if (status === "detaching") return `leaving ${instanceId}`;
    return status === "attached" ? `in use on ${instanceId}` : `arriving on ${instanceId}`;
  }

  #say(at: number, what: Told): void {
    const wall = at - this.#started;
    const detection = (this.#detected ?? at) - this.#started;
    const aws = detection * this.#speed + (wall - detection);
    say(line(`${seconds(aws).padStart(10)}${seconds(wall).padStart(10)}  `, what));
  }
}

/** A duration as `12.3 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
