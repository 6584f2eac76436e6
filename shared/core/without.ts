/**
 * Without the table: what may be done while nobody can say what the record holds. EC2 still says who holds what, and
 * an attachment that is named can be detached once only; so nothing here can make two holders.
 */
import { isEligible, memberOf } from "./candidates.ts";
import { decide } from "./decide.ts";
import { foreignLease } from "./first.ts";
import type {
  Diagnosis,
  Group,
  Intent,
  MemberDiagnosis,
  Move,
  Observation,
  RecordCopy,
  Request,
  State,
} from "./model.ts";
import { emptyState } from "./record.ts";
import { situationOf } from "./situation.ts";
import type { Step } from "./steps.ts";

/** What a look without the table rests on. */
export interface Blind {
  readonly group: Group;
  readonly observation: Observation;
  /** The record as this environment last read it. */
  readonly copy: RecordCopy | undefined;
  readonly request: Request | undefined;
  readonly now: number;
}

/** A copy of the record says something for so long. */
const COPY_LASTS_MS = 5 * 60_000;

/** What is known of the record; the claim in it is nobody's any more. */
export function knownState({ copy, now }: Pick<Blind, "copy" | "now">): State {
  if (copy === undefined || now - copy.at >= COPY_LASTS_MS) return emptyState();
  const { lease: _lease, intent: _intent, ...rest } = copy.state;
  return rest;
}

/**
 * The move that a look makes without the table; else why it makes none. Only what is beyond doubt without the record is
 * moved, and only to an eligible member: what is held by members that have ended, or have stopped while a copy of the
 * record says that nobody paused the group and nobody is at work on it; and what is on nothing, where the same is known.
 */
export function decideWithout(blind: Blind): Move | string {
  const { group, observation, copy, request, now } = blind;
  const known = copy !== undefined && now - copy.at < COPY_LASTS_MS;
  const state = knownState(blind);
  const situation = situationOf(group, state, observation, now, { request });
  const { diagnosis } = situation;
  const leased = known ? foreignLease({ ...situation, state: copy.state }) : undefined;
  if (leased !== undefined) return leased.message;
  const decision = decide(situation);
  if (decision.kind !== "move") return decision.message;
  const target = memberOf(diagnosis, decision.to);
  if (target === undefined || !isEligible(target)) return `${decision.to} is not eligible`;
  const holders = diagnosis.members.filter(
    (member) => member !== target && holdsAny(group, observation, member.instance),
  );
  const doubtful = holders.find((member) => !member.ended && !(known && isPast(member, observation)));
  if (doubtful !== undefined) return `${doubtful.member} may serve still, or again`;
  const certain = known || diagnosis.members.some((member) => member.ended);
  return certain ? decision : "nobody can say why an interface is attached to nothing";
}

function holdsAny(group: Group, { interfaces }: Observation, instance: string): boolean {
  return group.interfaces.some(({ eni }) => {
    const seen = interfaces[eni];
    return seen !== undefined && "instance" in seen && seen.instance === instance;
  });
}

/** What a holder knows that can't write its claim. */
interface Unwritten {
  /** The intent as the table has it, as far as this holder knows. */
  readonly written: Intent | undefined;
  /** The lease may have run out: then somebody else may be at work, and only the dead are detached. */
  readonly alone: boolean;
  readonly observation: Observation;
  readonly diagnosis: Diagnosis;
}

/**
 * Those of the steps that may be taken while the record can't be written: to attach what is on nothing harms nobody, and
 * is refused where somebody was quicker. What is detached has to stand in the intent that was written.
 */
export function permitted(steps: readonly Step[], unwritten: Unwritten): readonly Step[] {
  const { written, alone, observation, diagnosis } = unwritten;
  return steps.filter((step) => {
    if (step.do === "attach") return true;
    // Fencing takes what only the record could give back.
    if (step.do !== "detach") return false;
    if (written?.sources[step.eni] !== step.attachmentId) return false;
    if (!alone) return true;
    const seen = observation.interfaces[step.eni];
    const instance = seen !== undefined && "instance" in seen ? seen.instance : undefined;
    const holder = diagnosis.members.find((member) => member.instance === instance);
    return holder !== undefined && isPast(holder, observation);
  });
}

/** It serves nobody and will not, unless somebody starts it again. */
function isPast(member: MemberDiagnosis, observation: Observation): boolean {
  if (member.ended) return true;
  const seen = observation.members[member.member]?.instance;
  return seen?.read === "ok" && seen.state === "stopped";
}
