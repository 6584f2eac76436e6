/** Follows a run and notes every law that is broken, by name. */
import type { Group, HistoryEntry, PastMove } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { Claims } from "./claims.ts";
import { isOperators, mayWaitForOperator } from "./ending.ts";
import type { Call, Seen, Write } from "./laws.ts";
import { instanceOf, isAcceptedAttach, isAcceptedDetach, ON_CALL, ON_CLAIM, ON_WRITE } from "./laws.ts";
import type { TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";
import { isTogether } from "./truth.ts";

/** An interface that could be somewhere is not left on nothing for longer, even under faults. */
const STRANDED_MS = 15 * 60_000;
/** So long after the table was silent a holder may still act on that. */
const UNANSWERED_MS = 40_000;
/** So long after such a read failed, what it would have told is not known. */
const UNREAD_MS = 60_000;

export class Checker {
  readonly violations: string[] = [];
  moves = 0;
  readonly #groups: readonly Group[];
  readonly #truth: Truth;
  readonly #claims = new Claims();
  readonly #apartSince = new Map<string, number>();
  readonly #spent = new Map<string, number[]>();
  readonly #entries = new Map<string, Map<string, HistoryEntry>>();
  /** Accepted detaches, by intent. */
  readonly #detaches = new Map<string, number>();
  /** The intents that an accepted attach has begun. */
  readonly #attached = new Set<string>();
  /** When the table last gave an invocation no answer. */
  readonly #unanswered = new Map<string, number>();
  /** When a read of launch times last failed for an invocation. */
  readonly #detailsUnread = new Map<string, number>();
  /** The failure that has cost an instance its group. */
  readonly #left = new Map<string, number>();

  constructor(groups: readonly Group[], truth: Truth) {
    this.#groups = groups;
    this.#truth = truth;
  }

  see(event: TraceEvent): void {
    if (event.kind === "write") this.#write(event);
    else if (event.kind === "call") this.#call(event);
    else if (event.kind === "fault" && (event.operation === "Get" || event.operation === "Update"))
      this.#unanswered.set(event.by, event.at);
    else if (event.kind === "fault" && event.operation === "DescribeInstances")
      this.#detailsUnread.set(event.by, event.at);
    else if (event.kind === "fault" && event.operation === "ListAlarmMuteRules")
      this.#truth.mutesWereUnread(event.at);
    // What somebody put back by hand may fail, and be left, a second time.
    else if (event.kind === "breakage" && event.what.startsWith("hand-move")) this.#left.clear();
  }

  /** Looks at where every interface is. */
  tick(now: number): void {
    this.#truth.look(now);
    for (const group of this.#groups) this.#stranded(group, now);
  }

  #stranded(group: Group, now: number): void {
    const holders = this.#truth.holders(group, now);
    const strange = holders.some(
      (holder) => holder !== undefined && !group.members.some((member) => member.instance === holder),
    );
    const some = group.members.some(
      (member) =>
        this.#truth.sinceGood(member.instance, now) === 0 &&
        !isOperators(member, this.#claims.state(group.name), this.#truth, now),
    );
    const waits = mayWaitForOperator(group, this.#claims.state(group.name)) && holders.includes(undefined);
    const excused =
      strange ||
      waits ||
      !some ||
      this.#truth.isAnyGone(group, now) ||
      group.policy.mode === "observe" ||
      this.#isPaused(group.name, now);
    if (isTogether(holders) || excused) {
      this.#apartSince.delete(group.name);
      return;
    }
    const since = this.#apartSince.get(group.name) ?? now;
    this.#apartSince.set(group.name, since);
    if (now - since > STRANDED_MS) {
      this.#broken("interfaces are not left apart, or on nothing, while a member is well", now, group.name);
      this.#apartSince.set(group.name, now);
    }
  }

  #isPaused(group: string, now: number): boolean {
    const pause = this.#claims.state(group)?.pause;
    return pause !== undefined && (pause.until === undefined || pause.until > now);
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
    const detailsUnread = event.at - (this.#detailsUnread.get(event.by) ?? 0) <= UNREAD_MS;
    for (const [name, holds] of Object.entries(ON_WRITE)) {
      if (!holds(event, mine, { ...this.#seen(event.group, mine), detailsUnread }))
        this.#broken(name, event.at, event.group);
    }
    const claim = this.#claims.follow(event);
    if (claim !== undefined && claim.intent.id !== event.before?.intent?.id) {
      for (const [name, holds] of Object.entries(ON_CLAIM)) {
        if (!holds(claim, event, this.#seen(event.group, claim))) this.#broken(name, event.at, event.group);
      }
    }
    this.#burnt(event);
    const last = event.after.moves.at(-1);
    if (last !== undefined && last.id !== event.before?.moves.at(-1)?.id) this.#settled(event, last);
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
    if (move.budgeted) this.#spent.set(event.group, [...(this.#spent.get(event.group) ?? []), move.at]);
    // Brought there by an operator, or for want of a better one, although it fails: it may be left again.
    const asFailing =
      !move.automatic || !["active-failing", "active-dead", "failback"].includes(move.because);
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
    const tableAway = event.at - (this.#unanswered.get(event.by) ?? 0) <= UNANSWERED_MS;
    const seen = { ...this.#seen(event.group, mine), tableAway };
    for (const [name, holds] of Object.entries(ON_CALL)) {
      if (!holds(event, mine, seen)) this.#broken(name, event.at, event.group);
    }
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

  #seen(name: string, mine: Claim | undefined): Seen {
    return {
      group: this.#group(name),
      truth: this.#truth,
      spent: this.#spent.get(name) ?? [],
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
