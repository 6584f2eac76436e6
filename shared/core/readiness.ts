/** What a failover would meet if the active failed at this moment. */
import { memberOf } from "./candidates.ts";
import type { Situation } from "./decide.ts";
import { decide } from "./decide.ts";
import { EC2_CHECKS } from "./health.ts";
import type { Decision, Evidence, PastMove, State } from "./model.ts";

/**
 * The decision on the same situation, had EC2's checks just found that the active fails: a move, with its target, or the
 * hold that would be in the way. Undefined while nobody is active.
 */
export function ifActiveFailed(situation: Situation): Decision | undefined {
  const { diagnosis, now } = situation;
  const active = memberOf(diagnosis, diagnosis.active);
  if (active === undefined) return undefined;
  const supposed: Evidence = {
    source: "instance-check",
    witness: EC2_CHECKS,
    says: "failing",
    detail: "supposed to fail",
    since: now,
  };
  const members = diagnosis.members.map((member) =>
    member === active ? { ...member, health: "failing" as const, evidence: [supposed] } : member,
  );
  const { request: _, ...rest } = situation;
  return decide({ ...rest, supposed: true, diagnosis: { ...diagnosis, members } });
}

/** The newest move, as far back as the record remembers, that brought the group to this member, or took it off: it held it. */
export function lastProven(state: State, member: string): PastMove | undefined {
  return state.moves.findLast((move) => move.from === member || (move.to === member && move.failed !== true));
}
