/**
 * What a move would do, step by step, and what that rests on: facet by facet, so that a plan that no longer holds can
 * say what has changed.
 */
import { memberOf } from "./candidates.ts";
import type { Situation } from "./decide.ts";
import { pauseInForce } from "./first.ts";
import type {
  Decision,
  Group,
  Health,
  Hold,
  Holder,
  Ineligible,
  Intent,
  InterfaceSeen,
  MemberDiagnosis,
  Observation,
  Request,
} from "./model.ts";
import { intentOf } from "./record.ts";
import type { MoveStep } from "./steps.ts";
import { nextSteps } from "./steps.ts";

/** A move of two phases, each perhaps in several goes; more rounds than this say that it would not end. */
const ROUNDS = 10;

/**
 * The steps of a move if everything goes as it should: each is taken to have happened before the next is derived. A
 * graceful detach that outlasts its grace may be forced in the end; that is no step of the plan.
 */
export function plannedSteps(situation: Situation, decision: Exclude<Decision, Hold>): readonly MoveStep[] {
  const { group, state, diagnosis, now } = situation;
  // Fencing comes beside the move, and only where no operator asked for it: it is no step of a plan.
  const { fence: _, ...intent } = intentFor(situation, decision);
  const steps: MoveStep[] = [];
  let observation = situation.observation;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = nextSteps({ group, state, intent, observation, diagnosis, asked: {}, now });
    if (next.kind !== "go") break;
    const due = next.steps.filter((step) => step.do === "detach" || step.do === "attach");
    steps.push(...due);
    observation = afterwards(observation, due);
  }
  return steps;
}

function intentFor(situation: Situation, decision: Exclude<Decision, Hold>): Intent {
  if (decision.kind === "finish") return decision.intent;
  return intentOf(decision, situation.group, situation.observation, "plan", situation.now);
}

/** What would be seen once the steps, and whatever was under way before them, have come to their end. */
function afterwards(observation: Observation, steps: readonly MoveStep[]): Observation {
  const interfaces = Object.entries(observation.interfaces).map(([eni, seen]): [string, InterfaceSeen] => {
    const step = steps.find((one) => one.eni === eni);
    if (!("zone" in seen)) return [eni, seen];
    if (step?.do === "attach") return [eni, attachedBy(step, seen.zone, observation.at)];
    if (step?.do === "detach" || seen.state === "detaching") {
      return [eni, { state: "available", zone: seen.zone }];
    }
    return [eni, seen.state === "attaching" ? { ...seen, state: "attached" } : seen];
  });
  return { ...observation, interfaces: Object.fromEntries(interfaces) };
}

function attachedBy(step: Extract<MoveStep, { do: "attach" }>, zone: string, at: number): InterfaceSeen {
  const { instance, deviceIndex } = step;
  return {
    state: "attached",
    zone,
    attachmentId: "plan",
    instance,
    deviceIndex,
    attachedAt: at,
    deleteOnTermination: false,
  };
}

/** One thing that a plan rests on. */
export interface Facet {
  /** What it is, as the beginning of a sentence. */
  readonly name: string;
  /** How it is. */
  readonly value: string;
  /** How else it might have been, where that can be listed: so a digest can be put back into words. */
  readonly mightBe: readonly string[];
  /** It follows from the steps: where there are none, others say why. */
  readonly ofSteps?: true;
}

/** The first facet: what the operator asked for. It has a name of its own, since a plan is carried out as asked. */
export function askedFacet(asked: Pick<Request, "to" | "force">, group: Group): Facet {
  const names = [undefined, ...group.members.map(({ name }) => name)];
  const mightBe = names.flatMap((to) => [askedText({ to, force: false }), askedText({ to, force: true })]);
  return { name: "what was asked", value: askedText(asked), mightBe };
}

function askedText({ to, force }: { readonly to?: string | undefined; readonly force: boolean }): string {
  return `${to ?? ""}${force ? "!" : ""}`;
}

/** What a request was, from the words of its facet. */
export function askedOf(value: string): Pick<Request, "to" | "force"> {
  const force = value.endsWith("!");
  const to = force ? value.slice(0, -1) : value;
  return { force, ...(to === "" ? {} : { to }) };
}

/** Everything a plan rests on, in an order that follows from the group alone. */
export function facetsOf(situation: Situation, decision: Decision): readonly Facet[] {
  const { group, diagnosis, request } = situation;
  const members = group.members.map(({ name }) => name);
  const to = decision.kind === "move" ? decision.to : "nobody";
  return [
    askedFacet(request ?? { force: false }, group),
    { name: "the configuration of the group", value: JSON.stringify(group), mightBe: [] },
    ...recordFacets(situation),
    { name: "the target", value: to, mightBe: ["nobody", ...members], ofSteps: true },
    ...group.members.flatMap(({ name }) => memberFacets(name, memberOf(diagnosis, name))),
    ...interfaceFacets(situation, decision),
  ];
}

/** Of the record: the epoch grows with every claim. The version is left out, since entries come and go under it. */
function recordFacets({ state, now }: Situation): readonly Facet[] {
  const pause = pauseInForce(state, now);
  const { epoch, intent } = state;
  const before = Array.from({ length: Math.min(epoch, 20) }, (_, back) => String(epoch - 1 - back));
  return [
    { name: "the epoch", value: String(epoch), mightBe: before },
    {
      name: "the pause",
      value: pause === undefined ? "none" : `by ${pause.by}, ${pause.until ?? "until resumed"}`,
      mightBe: ["none"],
    },
    {
      name: "the move in hand",
      value: intent === undefined ? "none" : `to ${intent.to} (${intent.id})`,
      mightBe: ["none"],
    },
  ];
}

const HEALTHS: readonly Health[] = ["healthy", "unknown", "failing", "dead"];
/** Every word of the set: one that is added is a type error until it stands here. */
const REASONS = Object.keys({
  active: true,
  dead: true,
  failing: true,
  unknown: true,
  "not-running": true,
  unread: true,
  "wrong-zone": true,
  quarantined: true,
  isolated: true,
  "index-taken": true,
  "index-burned": true,
  "no-slot": true,
} satisfies Record<Ineligible, true>);

function memberFacets(name: string, member: MemberDiagnosis | undefined): readonly Facet[] {
  const leaving = member?.leaving === undefined ? "" : ", leaving";
  return [
    {
      name: `the health of ${name}`,
      value: `${member?.health ?? "unknown"}${leaving}`,
      mightBe: HEALTHS.flatMap((health) => [health, `${health}, leaving`]),
    },
    {
      name: `the eligibility of ${name}`,
      value: member?.reasons[0] ?? "eligible",
      mightBe: ["eligible", ...REASONS],
    },
  ];
}

function interfaceFacets(situation: Situation, decision: Decision): readonly Facet[] {
  const { group, diagnosis, observation } = situation;
  const steps = decision.kind === "hold" ? [] : plannedSteps(situation, decision);
  const places = ["on nothing", "missing", "unread", ...group.members.map(({ name }) => `on ${name}`)];
  return group.interfaces.flatMap(({ eni }) => {
    const seen = observation.interfaces[eni];
    const detach = steps.find((step) => step.do === "detach" && step.eni === eni);
    const attach = steps.find((step) => step.do === "attach" && step.eni === eni);
    const how = detach?.do === "detach" && detach.force ? "by force" : "gracefully";
    return [
      { name: eni, value: placeText(diagnosis.holders[eni]), mightBe: places },
      {
        name: `the attachment of ${eni}`,
        value: seen !== undefined && "attachmentId" in seen ? `${seen.attachmentId}, ${seen.state}` : "none",
        mightBe: ["none"],
      },
      {
        name: `the detach of ${eni}`,
        value: detach === undefined ? "none" : how,
        mightBe: ["none", "gracefully", "by force"],
        ofSteps: true,
      },
      {
        name: `the device index of ${eni} on the target`,
        value: attach?.do === "attach" ? String(attach.deviceIndex) : "none",
        mightBe: ["none", ...Array.from({ length: 32 }, (_, index) => String(index))],
        ofSteps: true,
      },
    ];
  });
}

function placeText(holder: Holder | undefined): string {
  if (holder?.kind === "member") return `on ${holder.member}`;
  if (holder?.kind === "stranger") return `on ${holder.instance}, which is no member`;
  return holder?.kind === "nothing" ? "on nothing" : (holder?.kind ?? "missing");
}
