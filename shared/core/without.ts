/**
 * Without the table: what may be done while nobody can say what the record holds. EC2 still says who holds what, and
 * an attachment that is named can be detached once only; so nothing here can make two holders.
 */
import type { Diagnosis, Intent, MemberDiagnosis, Observation } from "./model.ts";
import type { Step } from "./steps.ts";

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
