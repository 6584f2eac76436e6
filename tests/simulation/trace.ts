/**
 * What really happened in a run: calls as the model carried them out, writes as the table took them, breakages. The
 * invariants read this, never what the controller thinks.
 */
import type { Intent, State } from "../../shared/core/model.ts";

interface Base {
  readonly at: number;
  /** The invocation, or `world`. */
  readonly by: string;
}

type AttachmentStatus = "attaching" | "attached" | "detaching" | "detached";

export type TraceEvent =
  | (Base & {
      readonly kind: "call";
      readonly operation: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** The error code; undefined when EC2 accepted it. */
      readonly error: string | undefined;
      readonly group: string | undefined;
      /** Of a detach: the instance that held the attachment, undefined when nobody did. */
      readonly holder: string | undefined;
      /** Of a detach: how the attachment was before. */
      readonly was: AttachmentStatus | undefined;
      /** And how reads that lag behind may still have shown it. */
      readonly lately: AttachmentStatus | undefined;
    })
  | (Base & {
      readonly kind: "write";
      readonly group: string;
      readonly before: State | undefined;
      readonly after: State;
    })
  /** A write of the record that the table did not take, and on what it was conditional. */
  | (Base & { readonly kind: "refused"; readonly group: string; readonly condition: string })
  | (Base & {
      readonly kind: "history";
      readonly group: string;
      readonly key: string;
      readonly entry: string;
    })
  | (Base & { readonly kind: "breakage"; readonly what: string; readonly instance: string | undefined })
  | (Base & { readonly kind: "fault"; readonly what: string; readonly operation: string })
  | (Base & { readonly kind: "start"; readonly what: string })
  | (Base & {
      readonly kind: "end";
      readonly outcome: string;
      readonly because: string;
      readonly group: string;
      readonly message: string;
    })
  | (Base & { readonly kind: "threw"; readonly error: string });

export class Trace {
  readonly events: TraceEvent[] = [];
  #watcher: (event: TraceEvent) => void = () => undefined;

  /** Calls `watcher` with every event from now on. */
  watch(watcher: (event: TraceEvent) => void): void {
    this.#watcher = watcher;
  }

  add(event: TraceEvent): void {
    this.events.push(event);
    this.#watcher(event);
  }
}

/** FNV-1a over every line: the same seed gives the same hash, or the run was not deterministic. */
export function hashOf(events: readonly TraceEvent[]): string {
  let hash = 0x811c9dc5;
  for (const event of events) {
    const text = `${event.at}|${event.by}|${event.kind}|${describe(event)}`;
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
    }
  }
  return hash.toString(16).padStart(8, "0");
}

/** One line for a person. */
export function describe(event: TraceEvent): string {
  switch (event.kind) {
    case "call":
      return `${event.operation} ${compact(event.input)}${event.error === undefined ? "" : ` → ${event.error}`}`;
    case "write":
      return `${event.group} v${event.after.version} e${event.after.epoch} ${difference(event.before, event.after)}`;
    case "history":
      return `${event.group} ${event.key} ${event.entry}`;
    case "refused":
      return `${event.group} not taken: ${event.condition}`;
    case "breakage":
      return event.what;
    case "fault":
      return `${event.what} ${event.operation}`;
    case "start":
      return event.what;
    case "end":
      return `${event.group} ${event.outcome} ${event.because}: ${event.message}`;
    case "threw":
      return event.error;
  }
}

function compact(input: Readonly<Record<string, unknown>>): string {
  return Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" ");
}

function difference(before: State | undefined, after: State): string {
  const said: string[] = [];
  const intent = (one: Intent | undefined): string =>
    one === undefined ? "none" : `${one.because}→${one.to} ${JSON.stringify(one.sources)}`;
  if (intent(before?.intent) !== intent(after.intent)) said.push(`intent ${intent(after.intent)}`);
  if (before?.lease?.holder !== after.lease?.holder) said.push(`lease ${after.lease?.holder ?? "none"}`);
  if ((before?.moves.length ?? 0) !== after.moves.length) said.push(`moves ${after.moves.length}`);
  if (before?.told?.because !== after.told?.because) said.push(`told ${after.told?.because ?? "nothing"}`);
  if (before?.pause?.since !== after.pause?.since)
    said.push(after.pause === undefined ? "resumed" : "paused");
  return said.join(", ");
}
