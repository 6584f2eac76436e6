/** Follows a run and notes every law that is broken, by name. */
import type { Group, HistoryEntry, PastMove } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { Claims } from "./claims.ts";
import { ON_CALL, ON_CLAIM, ON_END, ON_WRITE } from "./laws.ts";
import { Past } from "./past.ts";
import {
  type Call,
  type End,
  instanceOf,
  isAcceptedAttach,
  isAcceptedDetach,
  type Seen,
  type Write,
} from "./seen.ts";
import { Stranded } from "./stranded.ts";
import { drawSurge } from "./swarm.ts";
import { Tellings } from "./telling.ts";
import type { TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";

/** So long after the table was silent a holder may still act on that. */
const UNANSWERED_MS = 40_000;
/** A look may stand still for a minute between what it has read and its end. */
const LOOKS_MS = 90_000;
/** So long after such a read failed, what it would have told is not known. */
const UNREAD_MS = 60_000;

export class Checker {
  readonly violations: string[] = [];
  moves = 0;
  readonly #groups: readonly Group[];
  readonly #surge: Seen["surge"];
  readonly #truth: Truth;
  readonly #claims = new Claims();
  readonly #stranded: Stranded;
  readonly #past = new Past();
  readonly #tellings = new Tellings();
  readonly #entries = new Map<string, Map<string, HistoryEntry>>();
  /** Accepted detaches, by intent. */
  readonly #detaches = new Map<string, number>();
  /** The intents that an accepted attach has begun. */
  readonly #attached = new Set<string>();
  /** When the table last gave an invocation no answer. */
  readonly #unanswered = new Map<string, number>();
  /** When a read of launch times or of what a type takes last failed for an invocation, and when any read of EC2 or CloudWatch. */
  readonly #detailsUnread = new Map<string, number>();
  readonly #readsFailed = new Map<string, number>();
  /** What each invocation was started for. */
  readonly #started = new Map<string, { readonly what: string; readonly at: number }>();
  /** When a detach was first asked for, by attachment, and by invocation where it may not have arrived. */
  readonly #askedAt = new Map<string, number>();
  /** Attaches that were not accepted, by `intent instance`. */
  readonly #refused = new Set<string>();
  /** Intents for which EC2 has accepted a stop. */
  readonly #stopped = new Set<string>();
  /** The failure that has cost an instance its group. */
  readonly #left = new Map<string, number>();

  constructor(groups: readonly Group[], truth: Truth) {
    this.#groups = groups;
    this.#truth = truth;
    this.#stranded = new Stranded(truth);
    const { groups: most, share, seconds } = drawSurge(groups);
    this.#surge = { limit: Math.ceil(Math.max(most, share * groups.length)), seconds };
  }

  see(event: TraceEvent): void {
    if (event.kind === "start") this.#started.set(event.by, event);
    if (event.kind === "fault") this.#fault(event);
    // It is noted just before it happens: what was true until then, somebody may have read.
    if (event.kind === "breakage") this.#truth.look(event.at);
    if (event.kind === "write") this.#write(event);
    else if (event.kind === "call") this.#call(event);
    else if (event.kind === "end") this.#end(event);
    else if (event.kind === "fault" && (event.operation === "Get" || event.operation === "Update"))
      this.#unanswered.set(event.by, event.at);
    else if (event.kind === "fault" && /^DescribeInstance(s|Types)$/.test(event.operation))
      this.#detailsUnread.set(event.by, event.at);
    else if (event.kind === "fault" && event.operation === "ListAlarmMuteRules")
      this.#truth.mutesWereUnread(event.at);
    // What somebody put back by hand may fail, and be left, a second time.
    else if (event.kind === "breakage" && event.what.startsWith("hand-move")) this.#left.clear();
  }

  #fault({ operation, by, at }: Extract<TraceEvent, { kind: "fault" }>): void {
    if (operation.startsWith("Describe")) this.#readsFailed.set(by, at);
    if (operation === "DetachNetworkInterface") this.#asked(by, at);
  }

  #asked(key: string, at: number): void {
    if (!this.#askedAt.has(key)) this.#askedAt.set(key, at);
  }

  #end(event: End): void {
    this.#truth.look(event.at);
    for (const [name, holds] of Object.entries(ON_END)) {
      if (!holds(event, { ...this.#seen(event.group, undefined), ...this.#knownTo(event) }))
        this.#broken(name, event.at, event.group);
    }
    const [preferred] = this.#group(event.group).members;
    if (event.outcome !== "held" || preferred === undefined) return;
    this.#past.looked(event.group, this.#truth.failingFor(preferred.instance, event.at) > LOOKS_MS, event.at);
  }

  /** Looks at where every interface is. */
  tick(now: number): void {
    this.#truth.look(now);
    for (const group of this.#groups) {
      if (this.#stranded.look(group, this.#claims.state(group.name), now))
        this.#broken("interfaces are not left apart, or on nothing, while a member is well", now, group.name);
    }
  }

  /** Every entry that the outbox of a group ever had, by key: each owes a history item, an event, or both. */
  entries(group: string): ReadonlyMap<string, HistoryEntry> {
    return this.#entries.get(group) ?? new Map();
  }

  #write(event: Write): void {
    this.#truth.look(event.at);
    const entries = this.#entries.get(event.group) ?? new Map<string, HistoryEntry>();
    this.#entries.set(event.group, entries);
    for (const [key, entry] of Object.entries(event.after.outbox)) entries.set(key, entry);
    const mine = this.#claims.of(event.by, event.group);
    for (const [name, holds] of Object.entries(ON_WRITE)) {
      if (!holds(event, mine, { ...this.#seen(event.group, mine), ...this.#knownTo(event) }))
        this.#broken(name, event.at, event.group);
    }
    const wrong = this.#tellings.see(event);
    if (wrong !== undefined) this.#broken(wrong, event.at, event.group);
    this.#past.see(event);
    const claim = this.#claims.follow(event);
    if (claim !== undefined && claim.intent.id !== event.before?.intent?.id) {
      for (const [name, holds] of Object.entries(ON_CLAIM)) {
        if (!holds(claim, event, { ...this.#seen(event.group, claim), ...this.#knownTo(event) }))
          this.#broken(name, event.at, event.group);
      }
      this.#noteAlarms(claim, event);
      this.#past.claimed(claim);
    }
    this.#burnt(event);
    const last = event.after.moves.at(-1);
    if (last !== undefined && last.id !== event.before?.moves.at(-1)?.id) this.#settled(event, last);
  }

  /** Where the table gave no answer, it was not noted for the others. */
  #noteAlarms({ intent }: Claim, { group, by, at }: Write): void {
    const from = instanceOf(this.#group(group), intent.from);
    const noted = this.#knownTo({ by, at }).tableAway !== true;
    if (intent.because !== "active-failing" || from === undefined || !noted) return;
    if (!this.#truth.witnesses.seenByEc2(from, at - UNREAD_MS)) this.#past.onAlarms(group, at);
  }

  /** What a forced detach may burn is written down before it is asked: who is killed in between leaves it so. */
  #burnt({ group, before, after, at }: Write): void {
    const known = before?.intent?.burns.length ?? 0;
    for (const { member } of after.intent?.burns.slice(known) ?? []) {
      const instance = instanceOf(this.#group(group), member);
      if (instance !== undefined) this.#truth.forcedOff(instance, at);
    }
  }

  #settled(event: Write, move: PastMove): void {
    this.moves += 1;
    // A move that was made without the table is written down later.
    this.#past.settled(event.group, move);
    // Brought there by an operator, or for want of a better one, although it fails: it may be left again.
    const asFailing =
      event.before?.intent?.lastResort === true ||
      !move.automatic ||
      !["active-failing", "active-dead", "failback"].includes(move.because);
    const to = instanceOf(this.#group(event.group), move.to);
    if (to !== undefined && (asFailing || move.failed === true)) this.#left.delete(to);
  }

  #call(event: Call): void {
    this.#truth.look(event.at);
    if (event.group === undefined) {
      this.#broken("no call on what no group names", event.at, String(event.operation));
      return;
    }
    const mine = this.#claims.of(event.by, event.group);
    const seen = { ...this.#seen(event.group, mine), ...this.#knownTo(event) };
    for (const [name, holds] of Object.entries(ON_CALL)) {
      if (!holds(event, mine, seen)) this.#broken(name, event.at, event.group);
    }
    if (event.operation === "DetachNetworkInterface") this.#asked(event.by, event.at);
    if (isAcceptedDetach(event)) this.#asked(String(event.input.AttachmentId), event.at);
    this.#noteOf(event, mine?.intent.id);
    if (isAcceptedDetach(event) && event.input.Force === true && event.holder !== undefined)
      this.#truth.forcedOff(event.holder, event.at);
    const back = instanceOf(seen.group, mine?.intent.from);
    // Put back where it came from; with the table away nobody may have written that down, or have had a claim.
    const to = event.input.InstanceId;
    if (isAcceptedAttach(event) && (mine === undefined || to === back)) this.#left.delete(String(to));
    if (mine !== undefined && isAcceptedAttach(event)) this.#attached.add(mine.intent.id);
    if (mine === undefined || !isAcceptedDetach(event)) return;
    this.#detaches.set(mine.intent.id, seen.detaches + 1);
    const from = instanceOf(seen.group, mine.intent.from);
    if (from !== undefined) this.#left.set(from, this.#truth.failure(from));
  }

  #noteOf({ operation, input, error }: Call, intent: string | undefined): void {
    if (operation === "StopInstances" && error === undefined && intent !== undefined)
      this.#stopped.add(intent);
    if (operation === "AttachNetworkInterface" && error !== undefined)
      this.#refused.add(`${intent} ${String(input.InstanceId)}`);
  }

  /** What the invocation behind the event can't know, and what it was started for. */
  #knownTo({ by, at, ...event }: Call | Write | Pick<TraceEvent, "by" | "at">): Partial<Seen> {
    const id = "input" in event ? String(event.input.AttachmentId) : "";
    const asked = [by, id].flatMap((key) => this.#askedAt.get(key) ?? []);
    return {
      tableAway: at - (this.#unanswered.get(by) ?? 0) <= UNANSWERED_MS,
      detailsUnread: at - (this.#detailsUnread.get(by) ?? 0) <= UNREAD_MS,
      readsFailed: at - (this.#readsFailed.get(by) ?? 0) <= UNREAD_MS,
      started: this.#started.get(by)?.what ?? "",
      startedAt: this.#started.get(by)?.at ?? at,
      askedAt: asked.length === 0 ? undefined : Math.min(...asked),
      attachFailed: (instance) => {
        const intent = "before" in event ? event.before?.intent?.id : undefined;
        return this.#refused.has(`${intent} ${instance}`);
      },
    };
  }

  #seen(name: string, mine: Claim | undefined): Seen {
    return {
      group: this.#group(name),
      truth: this.#truth,
      past: this.#past,
      surge: this.#surge,
      started: "",
      startedAt: Number.NEGATIVE_INFINITY,
      readsFailed: false,
      attachFailed: () => false,
      stopped: this.#stopped.has(mine?.intent.id ?? ""),
      askedAt: undefined,
      state: this.#claims.state(name),
      tableAway: false,
      detailsUnread: false,
      attached: this.#attached.has(mine?.intent.id ?? ""),
      detaches: this.#detaches.get(mine?.intent.id ?? "") ?? 0,
      leftIn: (instance) => this.#left.get(instance),
    };
  }

  #group(name: string): Group {
    const group = this.#groups.find((one) => one.name === name);
    if (group === undefined) throw new Error(`There is no group ${name}`);
    return group;
  }

  #broken(law: string, at: number, what: string): void {
    this.violations.push(`${new Date(at).toISOString().slice(11, 23)} ${what}: ${law}`);
  }
}
