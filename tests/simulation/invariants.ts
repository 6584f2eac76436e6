/**
 * What must always hold, one small named function each, over what really happened; and what must hold in the end.
 *
 * Truth is looked at every five seconds and reads may be two seconds behind, so "within 10 s" is checked with that
 * much room.
 */
import type { Group, State } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { Claims } from "./claims.ts";
import type { TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";

type Call = Extract<TraceEvent, { kind: "call" }>;
type Write = Extract<TraceEvent, { kind: "write" }>;

/** 10 s of evidence, 5 s between looks, 2 s of stale reads, a slow answer and a skewed clock. */
const FRESH_MS = 30_000;
const SKEW_MS = 4_000;
/** An interface that could be somewhere is not left on nothing for longer, even under faults. */
const STRANDED_MS = 15 * 60_000;

export interface Seen {
  readonly group: Group;
  readonly truth: Truth;
  /** When each member last held an interface of the group, by instance. */
  readonly heldAt: ReadonlyMap<string, number>;
  /** When the interfaces were last apart, or one on nothing. */
  readonly apartAt: number;
  /** When budgeted moves of the group settled. */
  readonly spent: readonly number[];
}

/** Laws about a new intent: why may this move begin? */
const ON_CLAIM: Readonly<Record<string, (claim: Claim, write: Write, seen: Seen) => boolean>> = {
  "no automatic move begins while paused": ({ intent }, { before, at }) => {
    const pause = before?.pause;
    const on = pause !== undefined && (pause.until === undefined || pause.until > at + SKEW_MS);
    return !intent.automatic || intent.by === "operator" || !on;
  },
  "no move off a member without fresh evidence against it": ({ intent }, { at }, { truth, group }) => {
    const unplanned = ["active-failing", "active-dead", "last-resort"].includes(intent.because);
    const from = instanceOf(group, intent.from);
    return !unplanned || from === undefined || truth.sinceBad(from, at) <= FRESH_MS;
  },
  "nobody is moved off a member that holds nothing": ({ intent }, { at }, { group, heldAt }) => {
    const from = instanceOf(group, intent.from);
    return from === undefined || at - (heldAt.get(from) ?? 0) <= FRESH_MS;
  },
  "nothing is repaired that is not broken": ({ intent }, { at }, { apartAt }) =>
    !["repair", "unite"].includes(intent.because) || at - apartAt <= FRESH_MS,
  "a group in observe mode is never claimed": (_, __, { group }) => group.policy.mode === "act",
  "no more moves off a failing active, and failbacks, than the budget": ({ intent }, { at }, seen) => {
    const { moves, seconds } = seen.group.policy.budget;
    const spent = seen.spent.filter((settled) => settled > at - seconds * 1000 + SKEW_MS).length;
    return !["active-failing", "failback"].includes(intent.because) || spent < moves;
  },
  "a move goes from one member to another": ({ intent }) => intent.from !== intent.to,
};

/** Laws about every write of the record. */
const ON_WRITE: Readonly<Record<string, (write: Write, mine: Claim | undefined) => boolean>> = {
  "the version grows by one": ({ before, after }) => after.version === (before?.version ?? 0) + 1,
  "an epoch is claimed once, and epochs only grow": ({ before, after }) => {
    const old = before?.epoch ?? 0;
    return after.epoch === old || after.epoch === old + 1;
  },
  "no write by a holder that lost its claim": ({ before, after, at }, mine) => {
    const touched =
      before?.intent?.id !== after.intent?.id ||
      before?.intent?.to !== after.intent?.to ||
      (before?.moves.length ?? 0) !== after.moves.length;
    if (!touched || after.epoch !== (before?.epoch ?? 0)) return true;
    if (mine !== undefined && before?.lease?.holder === mine.holder && before.epoch === mine.epoch)
      return true;
    const unheld = before?.lease === undefined || before.lease.until <= at + SKEW_MS;
    return unheld && after.intent === undefined;
  },
};

/** Laws about every call that changes EC2. */
const ON_CALL: Readonly<
  Record<string, (call: Call, mine: Claim | undefined, seen: Seen, state: State | undefined) => boolean>
> = {
  "a group in observe mode is never touched": (_, __, { group }) => group.policy.mode === "act",
  "no step without a claim, or after losing it": (call, mine, _, state) =>
    !isStep(call) || (mine !== undefined && mine.epoch === state?.epoch),
  "no detach of an attachment that the claim does not name": (call, mine) =>
    call.operation !== "DetachNetworkInterface" ||
    Object.values(mine?.intent.sources ?? {}).includes(String(call.input.AttachmentId)),
  "a living active is only left for a member that was seen well": (call, mine, { truth, group }) => {
    if (!isFirstDetach(call, mine) || call.holder === undefined || mine === undefined) return true;
    if (mine.intent.force || mine.intent.because === "target-lost" || !truth.lives(call.holder, call.at))
      return true;
    const target = instanceOf(group, mine.intent.to);
    return target !== undefined && truth.sinceGood(target, call.at) <= FRESH_MS;
  },
  "a healthy member is never force-detached unless somebody said so": (
    call,
    mine,
    { truth, group },
    state,
  ) => {
    if (call.operation !== "DetachNetworkInterface" || call.input.Force !== true || call.error !== undefined)
      return true;
    if (mine?.intent.force === true || group.policy.detach === "force" || call.holder === undefined)
      return true;
    const holder = group.members.find((member) => member.instance === call.holder)?.name ?? "";
    const leaving = state?.leaving[holder] !== undefined;
    return (
      leaving ||
      mine?.intent.tried.includes(holder) === true ||
      truth.sinceBad(call.holder, call.at) <= FRESH_MS
    );
  },
};

/** Follows a run and notes every law that is broken, by name. */
export class Checker {
  readonly violations: string[] = [];
  moves = 0;
  readonly #groups: readonly Group[];
  readonly #truth: Truth;
  readonly #claims = new Claims();
  readonly #heldAt = new Map<string, number>();
  readonly #apartAt = new Map<string, number>();
  readonly #apartSince = new Map<string, number>();
  readonly #spent = new Map<string, number[]>();
  readonly #keys = new Map<string, Set<string>>();

  constructor(groups: readonly Group[], truth: Truth) {
    this.#groups = groups;
    this.#truth = truth;
  }

  see(event: TraceEvent): void {
    if (event.kind === "write") this.#write(event);
    else if (event.kind === "call") this.#call(event);
  }

  /** Looks at where every interface is. */
  tick(now: number, holderOf: (eni: string) => string | undefined): void {
    for (const group of this.#groups) {
      const holders = group.interfaces.map(({ eni }) => holderOf(eni));
      for (const holder of holders) if (holder !== undefined) this.#heldAt.set(holder, now);
      const together = holders.every((holder) => holder !== undefined && holder === holders[0]);
      if (!together) this.#apartAt.set(group.name, now);
      this.#stranded(group, together, now);
    }
  }

  #stranded(group: Group, together: boolean, now: number): void {
    const some = group.members.some((member) => this.#truth.sinceGood(member.instance, now) === 0);
    if (together || !some || group.policy.mode === "observe" || this.#isPaused(group.name, now)) {
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

  /** Every key that the outbox of a group ever had: each owes a history item. */
  historyKeys(group: string): ReadonlySet<string> {
    return this.#keys.get(group) ?? new Set();
  }

  #write(event: Write): void {
    const keys = this.#keys.get(event.group) ?? new Set<string>();
    this.#keys.set(event.group, keys);
    for (const key of Object.keys(event.after.outbox)) keys.add(key);
    const mine = this.#claims.of(event.by, event.group);
    for (const [name, holds] of Object.entries(ON_WRITE)) {
      if (!holds(event, mine)) this.#broken(name, event.at, event.group);
    }
    const claim = this.#claims.follow(event);
    if (claim !== undefined && claim.intent.id !== event.before?.intent?.id) {
      for (const [name, holds] of Object.entries(ON_CLAIM)) {
        if (!holds(claim, event, this.#seen(event.group))) this.#broken(name, event.at, event.group);
      }
    }
    const last = event.after.moves.at(-1);
    if (last === undefined || last.id === event.before?.moves.at(-1)?.id) return;
    this.moves += 1;
    if (last.budgeted) this.#spent.set(event.group, [...(this.#spent.get(event.group) ?? []), event.at]);
  }

  #call(event: Call): void {
    if (event.group === undefined) {
      this.#broken("no call on what no group names", event.at, String(event.operation));
      return;
    }
    const mine = this.#claims.of(event.by, event.group);
    for (const [name, holds] of Object.entries(ON_CALL)) {
      if (!holds(event, mine, this.#seen(event.group), this.#claims.state(event.group))) {
        this.#broken(name, event.at, event.group);
      }
    }
    if (mine !== undefined && event.operation === "DetachNetworkInterface" && event.error === undefined) {
      mine.detaches += 1;
    }
  }

  #seen(name: string): Seen {
    const group = this.#groups.find((one) => one.name === name);
    if (group === undefined) throw new Error(`There is no group ${name}`);
    return {
      group,
      truth: this.#truth,
      heldAt: this.#heldAt,
      apartAt: this.#apartAt.get(name) ?? Number.NEGATIVE_INFINITY,
      spent: this.#spent.get(name) ?? [],
    };
  }

  #broken(law: string, at: number, what: string): void {
    this.violations.push(`${new Date(at).toISOString().slice(11, 23)} ${what}: ${law}`);
  }
}

function isStep(call: Call): boolean {
  return call.operation === "DetachNetworkInterface" || call.operation === "AttachNetworkInterface";
}

function isFirstDetach(call: Call, mine: Claim | undefined): boolean {
  return call.operation === "DetachNetworkInterface" && call.error === undefined && mine?.detaches === 0;
}

function instanceOf(group: Group, name: string | undefined): string | undefined {
  return group.members.find((member) => member.name === name)?.instance;
}
