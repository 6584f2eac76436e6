/**
 * The id of a plan: by it that very plan is carried out, or refused when the world is no longer the same.
 *
 * It is a digest of each facet that the plan rests on, side by side: nothing is stored, and it still tells what has
 * changed. It protects against changes, not against forgery: whoever may ask for a plan may as well ask for the move.
 */
import { createHash } from "node:crypto";
import type { Situation } from "../core/decide.ts";
import type { Decision, Group, Request } from "../core/model.ts";
import { askedFacet, askedOf, type Facet, facetsOf } from "../core/plan.ts";

const PREFIX = "p1.";
/** Thirty bits a facet: a change goes unseen once in a thousand million. */
const DIGEST_LENGTH = 5;

/** The id of the plan that this decision is. */
export function planIdOf(situation: Situation, decision: Decision): string {
  const facets = facetsOf(situation, decision);
  return PREFIX + facets.map(({ name, value }) => digest(situation.group, name, value)).join("");
}

function digest(group: Group, name: string, value: string): string {
  const whole = createHash("sha256").update(`${group.name}\n${name}\n${value}`).digest("base64url");
  return whole.slice(0, DIGEST_LENGTH);
}

/** What was asked for when the plan was made; undefined: it is no plan of this group with its present members. */
export function askedIn(planId: string, group: Group): Pick<Request, "to" | "force"> | undefined {
  const { name, mightBe } = askedFacet({ force: false }, group);
  const [first] = digestsOf(planId);
  const value = mightBe.find((one) => digest(group, name, one) === first);
  return planId.startsWith(PREFIX) && value !== undefined ? askedOf(value) : undefined;
}

function digestsOf(planId: string): readonly string[] {
  return planId.slice(PREFIX.length).match(new RegExp(`.{1,${DIGEST_LENGTH}}`, "g")) ?? [];
}

/**
 * The decision, if it is the one of the plan; else the hold that says what has changed since. That the move is in
 * progress, or nothing is to do, is said as ever.
 */
export function asPlanned(situation: Situation, decision: Decision, planId: string): Decision {
  if (["in-progress", "already-there", "newer-record"].includes(decision.because)) return decision;
  const changes = changesSince(planId, situation, decision);
  if (changes.length === 0) return decision;
  const now =
    decision.kind === "hold"
      ? ` A failover would be held now (${decision.because}): ${decision.message}`
      : "";
  return {
    kind: "hold",
    because: "world-changed",
    message: `The plan no longer holds: ${changes.join("; ")}.${now} Ask for a new plan.`,
    notify: false,
  };
}

function changesSince(planId: string, situation: Situation, decision: Decision): readonly string[] {
  const { group } = situation;
  const facets = facetsOf(situation, decision);
  const digests = digestsOf(planId);
  if (digests.length !== facets.length) return ["the configuration of the group is another"];
  const changed = facets.filter(({ name, value }, at) => digest(group, name, value) !== digests[at]);
  const causes = changed.filter(({ ofSteps }) => ofSteps !== true);
  // A decision that holds has no steps to compare: what led to it is told.
  const telling = decision.kind === "hold" && causes.length > 0 ? causes : changed;
  return telling.map((facet) => changeText(group, facet, digests[facets.indexOf(facet)] ?? ""));
}

function changeText(group: Group, { name, value, mightBe }: Facet, planned: string): string {
  if (name === "the configuration of the group") return `${name} is another`;
  const was = mightBe.find((one) => digest(group, name, one) === planned);
  return `${name} was ${was ?? "another"} and is ${value} now`;
}
