/**
 * Rule 5: an interface is on nothing, or the interfaces are on different members, and no intent says why.
 *
 * An interface on nothing is the worst state there is, so neither budget nor cooldown nor the kind of trigger
 * matters. What a healthy member holds is only taken from it when the interfaces could not come together otherwise.
 */
import {
  bestEligible,
  bestForced,
  forcing,
  impossible,
  isEligible,
  lastResort,
  memberOf,
  whyNobody,
} from "./candidates.ts";
import type { Situation } from "./decide.ts";
import type { Decision, Ineligible, MemberDiagnosis, Move, MoveBecause, Request } from "./model.ts";

/** Nobody can say that it fails: what it holds stays, and EC2 says whether it takes the rest. */
const UNCERTAIN: ReadonlySet<Ineligible> = new Set(["unknown", "unread"]);

/** Brings the interfaces together; undefined when one member holds them all. */
export function scattered(situation: Situation): Decision | undefined {
  const { diagnosis, state, request } = situation;
  if (diagnosis.active !== undefined) return undefined;
  const counts = holdings(situation);
  const onNothing = Object.values(diagnosis.holders).some((holder) => holder.kind === "nothing");
  const asked = memberOf(diagnosis, request?.to);
  if (asked !== undefined && mayTake(asked, request)) return together(situation, asked, onNothing, counts);
  const most = holderOfMost(situation, counts);
  if (most !== undefined) return together(situation, most, onNothing, counts);
  const best = bestEligible(diagnosis);
  if (best !== undefined) return together(situation, best, onNothing, counts);
  const losersDead = [...counts.keys()].every((name) => memberOf(diagnosis, name)?.health === "dead");
  const last =
    onNothing || losersDead ? lastResort(diagnosis, state, besideTheLiving(situation, counts)) : undefined;
  if (last !== undefined) return together(situation, last, onNothing, counts, "last-resort");
  const forced = request?.force === true ? bestForced(diagnosis) : undefined;
  if (forced !== undefined) return together(situation, forced, onNothing, counts);
  return {
    kind: "hold",
    because: "no-eligible-standby",
    message: `The interfaces are ${onNothing ? "not all attached" : "on different members"}, and nobody can take them: ${whyNobody(diagnosis)}.`,
    notify: true,
    ...forcing(diagnosis),
  };
}

/**
 * A last resort takes nothing off a member that lives and is not failing: where one holds some, it alone may be it, and
 * where two do, nobody.
 */
function besideTheLiving({ diagnosis }: Situation, counts: ReadonlyMap<string, number>): readonly string[] {
  const members = diagnosis.members.map(({ member }) => member);
  const [only, ...others] = diagnosis.members.filter(
    ({ member, health }) => counts.has(member) && (health === "healthy" || health === "unknown"),
  );
  if (only === undefined) return [];
  return others.length > 0 ? members : members.filter((member) => member !== only.member);
}

function mayTake(asked: MemberDiagnosis, request: Request | undefined): boolean {
  return isEligible(asked) || (request?.force === true && impossible(asked) === undefined);
}

function holdings({ diagnosis }: Situation): Map<string, number> {
  const counts = new Map<string, number>();
  for (const holder of Object.values(diagnosis.holders)) {
    if (holder.kind === "member") counts.set(holder.member, (counts.get(holder.member) ?? 0) + 1);
  }
  return counts;
}

/**
 * The living member that holds most, if it may keep what it holds: not failing, with room for the rest, and known to
 * be well if what others hold would be detached for its sake. The dead have nothing to lose.
 */
function holderOfMost(
  situation: Situation,
  counts: ReadonlyMap<string, number>,
): MemberDiagnosis | undefined {
  const { diagnosis } = situation;
  const holders = diagnosis.members.filter((member) => counts.has(member.member) && member.health !== "dead");
  const most = holders.sort(
    (left, right) => (counts.get(right.member) ?? 0) - (counts.get(left.member) ?? 0),
  )[0];
  if (most === undefined || most.leaving !== undefined) return undefined;
  if (isEligible(most)) return most;
  const harmless = most.reasons.every(
    (reason) => reason === "quarantined" || (UNCERTAIN.has(reason) && counts.size === 1),
  );
  return harmless && holders.length === 1 ? most : undefined;
}

function together(
  { request, diagnosis }: Situation,
  target: MemberDiagnosis,
  onNothing: boolean,
  counts: ReadonlyMap<string, number>,
  cause?: MoveBecause,
): Move {
  const because = cause ?? (onNothing ? "repair" : "unite");
  const loser = [...counts.keys()].find((name) => name !== target.member);
  const why = onNothing ? "an interface was attached to nothing" : "the interfaces were on different members";
  return {
    kind: "move",
    because,
    why,
    to: target.member,
    ...(loser === undefined ? {} : { from: loser }),
    force: request?.force ?? false,
    automatic: true,
    budgeted: false,
    by: request?.by ?? "controller",
    evidence: memberOf(diagnosis, loser)?.evidence ?? [],
  };
}
