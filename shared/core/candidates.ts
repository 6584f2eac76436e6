/** Which member takes the group: the best eligible one, or, when nothing else is left, the least bad. */
import type { Diagnosis, Ineligible, MemberDiagnosis, Override, State } from "./model.ts";

export function memberOf(diagnosis: Diagnosis, name: string | undefined): MemberDiagnosis | undefined {
  return diagnosis.members.find((member) => member.member === name);
}

/** May begin to take the group. */
export function isEligible(member: MemberDiagnosis): boolean {
  return member.reasons.length === 0;
}

/** The best eligible member outside `except`: not leaving before leaving, then list order. */
export function bestEligible(
  diagnosis: Diagnosis,
  except: readonly string[] = [],
): MemberDiagnosis | undefined {
  const eligible = diagnosis.members.filter(
    (member) => isEligible(member) && !except.includes(member.member),
  );
  return eligible.find((member) => member.leaving === undefined) ?? eligible[0];
}

/** Why nobody else takes the group: of each member that is not active, the first reason. */
export function whyNobody({ active, members }: Diagnosis): string {
  const others = members.filter(({ member }) => member !== active);
  return others.map(({ member, reasons }) => `${member} is ${reasons[0]}`).join(", ");
}

/** What even `force` can't change: EC2 would refuse, or the member could not serve. */
const IMPOSSIBLE: ReadonlySet<Ineligible> = new Set([
  "active",
  "dead",
  "not-running",
  "wrong-zone",
  "index-taken",
  "no-slot",
]);

/** The first reason against a member that no operator can override. */
export function impossible(member: MemberDiagnosis): Ineligible | undefined {
  return member.reasons.find((reason) => IMPOSSIBLE.has(reason));
}

/** The best member an operator may force the group on: eligible ones first, then those with the fewest reasons. */
export function bestForced(diagnosis: Diagnosis): MemberDiagnosis | undefined {
  const possible = diagnosis.members.filter((member) => impossible(member) === undefined);
  // Stable: list order decides between equals.
  const leastWrong = possible.sort((left, right) => left.reasons.length - right.reasons.length)[0];
  return bestEligible(diagnosis) ?? leastWrong;
}

/** The override of a hold that wants an eligible standby: the member that force would choose. None: nothing would help. */
export function forcing(diagnosis: Diagnosis): { readonly override?: Override } {
  const best = bestForced(diagnosis);
  return best === undefined ? {} : { override: { to: best.member, force: true } };
}

/**
 * When the active is dead or an interface is on nothing and nobody is eligible: running but unknown, then a burned
 * index, then running but failing. Quarantine holds, unless a burned index is all that it stands for.
 */
export function lastResort(
  diagnosis: Diagnosis,
  state: State,
  except: readonly string[] = [],
): MemberDiagnosis | undefined {
  const weight = (member: MemberDiagnosis): number =>
    Math.max(
      0,
      ...member.reasons.map((reason) => {
        if (reason === "unknown") return 1;
        if (reason === "index-burned") return 2;
        if (reason === "quarantined" && state.quarantine[member.member]?.why === "forced-detach") return 2;
        return reason === "failing" ? 3 : Number.POSITIVE_INFINITY;
      }),
    );
  const possible = diagnosis.members.filter(
    (member) => !except.includes(member.member) && Number.isFinite(weight(member)),
  );
  // Array.prototype.sort is stable: list order decides between equals.
  return possible.sort((left, right) => weight(left) - weight(right))[0];
}
