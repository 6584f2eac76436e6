/**
 * What people are told, as the outbox really had it: once a change, and not again within half an hour for what comes back,
 * unless it lasts.
 */
import type { HistoryEntry } from "../../shared/core/model.ts";
import type { TraceEvent } from "./trace.ts";

type Write = Extract<TraceEvent, { kind: "write" }>;

const SOON_MS = 30 * 60_000;
/** Three minutes, less what a look may take from its clock to its write. */
const LASTS_MS = 100_000;

interface Group {
  /** What the record says of the group, and since when. */
  because: string | undefined;
  since: number;
  /** When each reason was last told, and when it last woke somebody. */
  readonly told: Map<string, number>;
  readonly woke: Map<string, number>;
}

export class Tellings {
  readonly #groups = new Map<string, Group>();

  /** Answers why people should not have been told what this write tells; undefined: they should. */
  see(event: Write): string | undefined {
    const { group: name, before, after, at } = event;
    const never = Number.NEGATIVE_INFINITY;
    const group = this.#groups.get(name) ?? {
      because: undefined,
      since: never,
      told: new Map(),
      woke: new Map(),
    };
    this.#groups.set(name, group);
    // What is told with the end of a move is told of that move.
    const settled = before?.moves.at(-1)?.id !== after.moves.at(-1)?.id;
    if (settled || before?.told?.because !== after.told?.because) {
      group.because = after.told?.because;
      group.since = at;
    }
    const fresh = Object.entries(after.outbox).filter(([key]) => before?.outbox[key] === undefined);
    const wrong = fresh.flatMap(([, entry]) => (settled ? [] : (this.#hear(group, entry, at) ?? [])));
    return wrong[0];
  }

  #hear(group: Group, { kind, because, by, again = false }: HistoryEntry, at: number): string | undefined {
    // An operator's refusal is an answer to whoever asked.
    if ((kind !== "refusal" && kind !== "planned") || by !== undefined) return undefined;
    const lately = at - (group.told.get(because) ?? Number.NEGATIVE_INFINITY) < SOON_MS;
    const held = group.because === because ? at - group.since : 0;
    const already =
      group.because === because && (group.woke.get(because) ?? Number.NEGATIVE_INFINITY) >= group.since;
    group.told.set(because, at);
    if (again) return undefined;
    group.woke.set(because, at);
    if (held > 0 && already) return "people are told once a change";
    return lately && held < LASTS_MS
      ? "what comes back wakes nobody for half an hour, unless it lasts"
      : undefined;
  }
}
