/** What has happened to the groups of a run, for laws that ask how often and how lately: moves that settled, and why they began. */
import type { Group, PastMove } from "../../shared/core/model.ts";
import { SCHEMA } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { SKEW_MS, type Write } from "./seen.ts";

/** A move as it was claimed, whatever the record says of it. */
export interface Settled {
  readonly at: number;
  /** What it was claimed for: a target that was lost on the way changes nothing of that. */
  readonly because: PastMove["because"];
  readonly from: string | undefined;
  readonly to: string;
  readonly failed: boolean;
  /** It was claimed for what was on nothing, or apart, and so counts for no budget. */
  readonly repairs: boolean;
}

/** What counts for the budget: automatic moves off a member that is not well, and failbacks. */
const BUDGETED: ReadonlySet<string> = new Set([
  "active-failing",
  "active-dead",
  "active-leaving",
  "failback",
]);
const FAILOVERS: ReadonlySet<string> = new Set(["active-failing", "active-dead"]);
/** To put together what was apart is no move, be it on a last resort, and a drill leaves the cooldown as it is. */
const NO_COOLDOWN: ReadonlySet<string> = new Set(["repair", "unite", "drill"]);

const SOON_MS = 30 * 60_000;

export class Past {
  readonly #moves = new Map<string, Settled[]>();
  /** Why each intent was claimed first. */
  readonly #claimed = new Map<string, PastMove["because"]>();
  /** When an operator last acknowledged a member of a group, by `group member`. */
  readonly #acknowledged = new Map<string, number>();
  readonly #resumed = new Map<string, number>();
  /** How many looks running found the preferred member unwell, and when two did. */
  readonly #unwell = new Map<string, { times: number; at: number }>();
  /** Claims to leave a failing active that EC2 itself did not see fail. */
  readonly #onAlarms: { readonly group: string; readonly at: number }[] = [];
  readonly #targets = new Map<string, readonly string[]>();
  /** When a newer version has taken the record of a group over. */
  readonly #taken = new Map<string, number>();

  claimed({ intent }: Claim): void {
    this.#claimed.set(intent.id, intent.because);
  }

  /** A failing active is left on the word of alarms or a prober alone, and that was noted for the other groups. */
  onAlarms(group: string, at: number): void {
    this.#onAlarms.push({ group, at });
  }

  /** How many other groups did so from then on. */
  othersOnAlarms(group: string, from: number): number {
    return new Set(
      this.#onAlarms.filter((one) => one.group !== group && one.at > from).map((one) => one.group),
    ).size;
  }

  /** A look has come to its end, and could see how the preferred member is. */
  looked(group: string, preferredIsUnwell: boolean, at: number): void {
    const last = this.#unwell.get(group) ?? { times: 0, at: Number.NEGATIVE_INFINITY };
    const times = preferredIsUnwell ? last.times + 1 : 0;
    // A single one may have lost the race to write that down.
    this.#unwell.set(group, { times, at: times >= 2 ? at : last.at });
  }

  /** When the preferred member was last seen to be unwell for sure. */
  unwellAt(group: string): number {
    return this.#unwell.get(group)?.at ?? Number.NEGATIVE_INFINITY;
  }

  settled(group: string, { id, at, because, from, to, budgeted, failed = false }: PastMove): void {
    const moves = this.#moves.get(group) ?? [];
    this.#moves.set(group, moves);
    moves.push({ at, because: this.#claimed.get(id) ?? because, from, to, failed, repairs: !budgeted });
  }

  /** What becomes of the record beside moves: who is acknowledged, who is paused no more, where an intent goes. */
  see({ group, before, after, at }: Write): void {
    for (const [member, when] of Object.entries(after.acknowledged)) {
      if (before?.acknowledged[member] !== when) this.#acknowledged.set(`${group} ${member}`, at);
    }
    if (before?.pause !== undefined && after.pause === undefined) this.#resumed.set(group, at);
    if (after.schema > SCHEMA && (before?.schema ?? 0) <= SCHEMA) this.#taken.set(group, at);
    if (after.intent === undefined) return;
    const { id, to } = after.intent;
    this.#targets.set(id, [...this.targets(id).filter((name) => name !== to), to]);
  }

  /** When a newer version last took the record of the group over. */
  takenOverAt(group: string): number {
    return this.#taken.get(group) ?? Number.NEGATIVE_INFINITY;
  }

  /** The members that an intent has named as its target, one after the other. */
  targets(id: string): readonly string[] {
    return this.#targets.get(id) ?? [];
  }

  /** Why an intent was claimed first. */
  reason(id: string): PastMove["because"] | undefined {
    return this.#claimed.get(id);
  }

  /** When the last pause of a group was ended by a person; minus infinity: never. */
  resumedAt(group: string): number {
    return this.#resumed.get(group) ?? Number.NEGATIVE_INFINITY;
  }

  /** When moves settled that count for the budget. */
  spent(group: string): readonly number[] {
    return this.#of(group).flatMap(({ at, because }) => (BUDGETED.has(because) ? [at] : []));
  }

  /** The same, with those that may count: a last resort does off a dead member, and not from nothing. */
  maybeSpent(group: string): readonly number[] {
    return this.#of(group).flatMap(({ at, because }) =>
      BUDGETED.has(because) || because === "last-resort" || because === "target-lost" ? [at] : [],
    );
  }

  /** The newest move after which automatic ones have to wait. */
  lastMove(group: string): Settled | undefined {
    return this.#of(group).findLast(
      ({ because, repairs }) => !NO_COOLDOWN.has(because) && !(because === "last-resort" && repairs),
    );
  }

  /**
   * A member that failovers have taken the group off twice within the window of the budget, or soon after a failback to
   * it, and that no operator has acknowledged since.
   */
  isFlapping({ name, policy }: Group, member: string): boolean {
    const acknowledged = this.#acknowledged.get(`${name} ${member}`) ?? Number.NEGATIVE_INFINITY;
    const moves = this.#of(name).filter(({ at, failed }) => at > acknowledged && !failed);
    const lefts = moves.filter(({ because, from }) => FAILOVERS.has(because) && from === member);
    const windowMs = policy.budget.seconds * 1000 - SKEW_MS;
    return lefts.some(({ at }, index) => {
      const before = lefts[index - 1];
      const twice = before !== undefined && at - before.at < windowMs;
      return (
        twice || moves.some((move) => isFailbackTo(member, move) && move.at < at && at - move.at < SOON_MS)
      );
    });
  }

  #of(group: string): readonly Settled[] {
    return this.#moves.get(group) ?? [];
  }
}

function isFailbackTo(member: string, { because, to }: Settled): boolean {
  return because === "failback" && to === member;
}
