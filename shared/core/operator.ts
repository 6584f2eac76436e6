/** What an operator asks for (rule 6): a switchover to a named member, or to the best standby. */
import {
  bestEligible,
  bestForced,
  forcing,
  impossible,
  isEligible,
  memberOf,
  whyNobody,
} from "./candidates.ts";
import type { Situation } from "./decide.ts";
import { cooldownUntil } from "./limits.ts";
import type { Decision, Diagnosis, Hold, MemberDiagnosis, Move, Override, Request } from "./model.ts";
import { clock } from "./words.ts";

const NO_OVERRIDE = "No input overrides that; the doctor has the command that mends it.";

/** Decides an operator's request; undefined when nobody asked. */
export function byOperator(situation: Situation): Decision | undefined {
  const { request, diagnosis } = situation;
  if (request === undefined) return undefined;
  if (request.to === undefined) return toBest(situation, request);
  const target = memberOf(diagnosis, request.to);
  if (target === undefined) {
    return refuse("no-eligible-standby", `${request.to} is not a member of this group.`);
  }
  if (target.member === diagnosis.active) {
    return {
      kind: "hold",
      because: "already-there",
      message: `${target.member} is active already.`,
      notify: false,
    };
  }
  if (isEligible(target)) return switchover(situation, request, target);
  const never = impossible(target);
  if (never !== undefined) {
    const text = `${target.member} can't take the group: it is ${never}. ${NO_OVERRIDE}`;
    return refuse("no-eligible-standby", text);
  }
  if (request.force) return switchover(situation, request, target);
  const text = `${target.member} is not eligible: it is ${target.reasons[0]}.`;
  return refuse("no-eligible-standby", text, { to: target.member, force: true });
}

function toBest(situation: Situation, request: Request): Decision {
  const { diagnosis, group, state, now } = situation;
  const best = request.force ? bestForced(diagnosis) : bestEligible(diagnosis);
  // That nobody could take the group comes before the cooldown: to wait for its end would be in vain.
  if (best === undefined) return nobody(diagnosis);
  const cooldown = cooldownUntil(state, group.policy, now);
  if (cooldown === undefined || request.force) return switchover(situation, request, best);
  const text = `The group moved lately, and a repeated command must not move it back: name a member with "to", or wait until ${clock(cooldown, now)}.`;
  return refuse("just-moved", text, { to: best.member });
}

function nobody(diagnosis: Diagnosis): Hold {
  const { override } = forcing(diagnosis);
  const text = `No standby is eligible: ${whyNobody(diagnosis)}.${override === undefined ? ` ${NO_OVERRIDE}` : ""}`;
  return refuse("no-eligible-standby", text, override);
}

/** The move that an operator's request becomes. */
function switchover(
  { diagnosis }: Pick<Situation, "diagnosis">,
  request: Request,
  target: MemberDiagnosis,
): Move {
  const active = memberOf(diagnosis, diagnosis.active);
  const reason = request.reason === undefined ? "" : ` (${request.reason})`;
  return {
    kind: "move",
    because: "operator",
    why: `${request.by} asked${reason}`,
    to: target.member,
    ...(active === undefined ? {} : { from: active.member }),
    force: request.force,
    automatic: false,
    budgeted: false,
    by: request.by,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    evidence: active?.evidence ?? [],
  };
}

function refuse(because: "no-eligible-standby" | "just-moved", message: string, override?: Override): Hold {
  return {
    kind: "hold",
    because,
    message,
    notify: false,
    ...(override === undefined ? {} : { override }),
  };
}
