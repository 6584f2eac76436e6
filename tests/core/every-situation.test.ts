/**
 * Every situation of a small world, and the laws that each decision in it has to keep. Members are two or three,
 * interfaces one or two; every health, every place of every interface, every limit, request, pause and intent.
 */
import { expect, it } from "vitest";
import { impossible, isEligible, memberOf } from "../../shared/core/candidates.ts";
import { decide, type Situation } from "../../shared/core/decide.ts";
import { diagnose } from "../../shared/core/diagnose.ts";
import { hasBegun } from "../../shared/core/first.ts";
import { budgetLeft, cooldownUntil } from "../../shared/core/limits.ts";
import type { Decision, Diagnosis, Health, Intent, Request, State } from "../../shared/core/model.ts";
import { sentenceOf } from "../../shared/core/moving.ts";
import { product } from "./product.ts";
import {
  askedIntent,
  groupOf,
  HOUR,
  intentTo,
  type MemberName,
  MINUTE,
  NOW,
  type Place,
  pastMove,
  seen,
  stateOf,
} from "./scene.ts";

// ---------------------------------------------------------------- the small world

const HEALTHS: readonly Health[] = ["healthy", "unknown", "failing", "dead"];
const PAUSES: readonly Partial<State>[] = [{}, { pause: { by: "anna", since: NOW - HOUR } }];
const LIMITS: readonly Partial<State>[] = [
  {},
  { moves: [pastMove(MINUTE)] },
  { moves: [40, 30, 20].map((ago) => pastMove(ago * MINUTE)) },
];
const INTENTS: readonly Partial<State>[] = [{}, { intent: intentTo("m2") }, { intent: askedIntent("m2") }];
const EXTRAS: readonly Partial<State>[] = [
  {},
  { quarantine: { m2: { why: "operator", since: NOW - HOUR } } },
  { leaving: { m1: { why: "spot notice", at: NOW + 2 * MINUTE } } },
  // Under way, and its alarm's event is what started the look.
  { drill: { id: "d1", alarm: "app-1", from: "m1", by: "anna", since: NOW, until: NOW + MINUTE } },
];
const OTHER_PLACES: readonly Place[] = ["nothing", "stranger", "missing", "unread", "detaching from m1"];

const namesOf = (members: number): MemberName[] => (["m1", "m2", "m3"] as const).slice(0, members);

function requestsFor(members: number): readonly (Request | undefined)[] {
  const tos = [undefined, ...namesOf(members)];
  const asked = tos.flatMap((to) =>
    [false, true].map((force) => ({ by: "anna", force, ...(to === undefined ? {} : { to }) })),
  );
  return [undefined, ...asked];
}

interface Size {
  readonly members: number;
  readonly interfaces: number;
  readonly extras: readonly Partial<State>[];
  readonly places: readonly Place[];
}

const SIZES: readonly Size[] = [
  { members: 2, interfaces: 1, extras: EXTRAS, places: OTHER_PLACES },
  { members: 2, interfaces: 2, extras: EXTRAS.slice(0, 2), places: OTHER_PLACES },
  { members: 3, interfaces: 1, extras: EXTRAS.slice(0, 2), places: OTHER_PLACES },
  // Enough to be apart in every way; what can't be read or is not ours is the same for three members as for two.
  { members: 3, interfaces: 2, extras: EXTRAS.slice(0, 1), places: ["nothing"] },
];

/** Every situation of one size. What is seen is diagnosed once for all the records that it goes with. */
function* situationsOf(size: Size): Generator<Situation> {
  const group = groupOf(size);
  const names = namesOf(size.members);
  const where: Place[] = [...names, ...size.places];
  const records = [...product([PAUSES, LIMITS, INTENTS])].map(
    (parts): Partial<State> => Object.assign({}, ...parts),
  );
  const requests = requestsFor(size.members);
  for (const healths of product(names.map(() => HEALTHS))) {
    for (const places of product(group.interfaces.map(() => where))) {
      const observation = seen(group, {
        members: Object.fromEntries(names.map((name, n) => [name, healths[n] ?? "healthy"])),
        interfaces: Object.fromEntries(group.interfaces.map(({ eni }, n) => [eni, places[n] ?? "nothing"])),
      });
      for (const extra of size.extras) {
        const diagnosis = diagnose(group, observation, stateOf(extra));
        for (const record of records) {
          const state = stateOf({ ...record, ...extra });
          for (const request of requests)
            yield {
              group,
              state,
              observation,
              diagnosis,
              now: NOW,
              ...(extra.drill === undefined ? {} : { drill: extra.drill.id }),
              ...(request === undefined ? {} : { request }),
            };
        }
      }
    }
  }
}

// ---------------------------------------------------------------- what the laws speak of

const activeOf = ({ diagnosis }: Situation) => memberOf(diagnosis, diagnosis.active);
const holdersOf = ({ diagnosis }: Situation) => Object.values(diagnosis.holders).map((one) => one.kind);
const isPaused = ({ state }: Situation): boolean => state.pause !== undefined;
const isBegun = ({ group, state, observation }: Situation): boolean =>
  state.intent !== undefined && hasBegun(group, state.intent, observation.interfaces);
const standingRequest = (intent: Intent | undefined): boolean => intent !== undefined && !intent.automatic;
/** An operator asked, now or in an intent that has not begun. */
const isAsked = ({ request, state }: Situation): boolean =>
  request !== undefined || standingRequest(state.intent);
const isForced = ({ request }: Situation): boolean => request?.force === true;
/** Every interface can be seen and is the group's to move, nobody is at work, and no pause is in the way. */
const isFree = (situation: Situation): boolean =>
  holdersOf(situation).every((kind) => kind === "member" || kind === "nothing") &&
  !isBegun(situation) &&
  (!isPaused(situation) || isForced(situation));
const someEligible = (diagnosis: Diagnosis): boolean => diagnosis.members.some(isEligible);
const isLimited = ({ group, state, now }: Situation): boolean =>
  cooldownUntil(state, group.policy, now) !== undefined || budgetLeft(state, group.policy, now).left === 0;

// ---------------------------------------------------------------- the laws

type Law = (situation: Situation, decision: Decision) => boolean;

const pausedBeginsNothing: Law = (situation, decision) =>
  decision.kind !== "move" || !isPaused(situation) || isForced(situation);

const unknownIsNoReason: Law = (situation, decision) => {
  const active = activeOf(situation);
  if (active?.health !== "unknown" || active.leaving !== undefined || isAsked(situation)) return true;
  return decision.kind !== "move";
};

const aLivingActiveIsLeftForAnEligibleMemberOnly: Law = (situation, decision) => {
  const active = activeOf(situation);
  if (decision.kind !== "move" || active === undefined || active.health === "dead") return true;
  const target = memberOf(situation.diagnosis, decision.to);
  if (target === undefined) return false;
  return isEligible(target) || (decision.force && impossible(target) === undefined);
};

const aMoveGoesElsewhere: Law = (situation, decision) =>
  decision.kind !== "move" || (decision.from !== decision.to && decision.to !== situation.diagnosis.active);

const theLoserIsWhoHolds: Law = (situation, decision) => {
  if (decision.kind !== "move") return true;
  const holds = Object.values(situation.diagnosis.holders).flatMap((one) =>
    one.kind === "member" && one.member !== decision.to ? [one.member] : [],
  );
  return decision.from === undefined ? holds.length === 0 : holds.includes(decision.from);
};

const nobodyImpossibleIsChosen: Law = (situation, decision) => {
  if (decision.kind !== "move") return true;
  const target = memberOf(situation.diagnosis, decision.to);
  return target !== undefined && target.health !== "dead" && impossible(target) === undefined;
};

const nobodyInQuarantineIsChosen: Law = (situation, decision) => {
  if (decision.kind !== "move" || decision.force) return true;
  const target = memberOf(situation.diagnosis, decision.to);
  if (target?.reasons.includes("quarantined") !== true) return true;
  // What it holds it may keep: bringing the rest to it takes nothing off anybody who lives.
  const holders = Object.values(situation.diagnosis.holders).flatMap((one) =>
    one.kind === "member" && memberOf(situation.diagnosis, one.member)?.health !== "dead" ? [one.member] : [],
  );
  return holders.length > 0 && holders.every((one) => one === decision.to);
};

const healthyMeansHealthy: Law = (situation, decision) =>
  decision.because !== "healthy" ||
  (activeOf(situation)?.health === "healthy" && holdersOf(situation).every((kind) => kind === "member"));

const whatIsOnNothingIsAttached: Law = (situation, decision) => {
  if (!isFree(situation) || !holdersOf(situation).includes("nothing")) return true;
  return decision.kind === "move" || !someEligible(situation.diagnosis);
};

const whatIsApartIsUnited: Law = (situation, decision) => {
  if (!isFree(situation) || situation.diagnosis.active !== undefined) return true;
  return decision.kind === "move" || !someEligible(situation.diagnosis);
};

const aDeadActiveIsLeft: Law = (situation, decision) => {
  if (!isFree(situation) || isAsked(situation) || activeOf(situation)?.health !== "dead") return true;
  return decision.kind === "move" || !someEligible(situation.diagnosis);
};

const aFailingActiveIsLeftWithinItsLimits: Law = (situation, decision) => {
  if (!isFree(situation) || isAsked(situation) || activeOf(situation)?.health !== "failing") return true;
  const leaving = activeOf(situation)?.leaving !== undefined;
  const may = someEligible(situation.diagnosis) && (leaving || !isLimited(situation));
  return (decision.kind === "move") === may;
};

const aLeavingActiveIsLeft: Law = (situation, decision) => {
  if (!isFree(situation) || isAsked(situation) || activeOf(situation)?.leaving === undefined) return true;
  return decision.kind === "move" || !someEligible(situation.diagnosis);
};

const whatHasBegunIsFinished: Law = (situation, decision) =>
  !isBegun(situation) || holdersOf(situation).includes("unread") || decision.kind === "finish";

const whatHasNotBegunIsNotFinished: Law = (situation, decision) =>
  decision.kind !== "finish" || isBegun(situation);

const whatIsNotOursIsLeftAlone: Law = (situation, decision) =>
  decision.kind !== "move" || holdersOf(situation).every((kind) => kind === "member" || kind === "nothing");

const whatCannotBeReadIsNotActedOn: Law = (situation, decision) =>
  !holdersOf(situation).includes("unread") || decision.because === "unconfirmed";

const anOperatorGetsWhoWasNamed: Law = (situation, decision) => {
  const to = situation.request?.to;
  if (decision.kind !== "move" || to === undefined || activeOf(situation) === undefined) return true;
  return decision.to === to && decision.because === "operator" && !decision.automatic && !decision.budgeted;
};

const nobodyElseIsAnOperator: Law = (situation, decision) =>
  decision.kind !== "move" || decision.because !== "operator" || isAsked(situation);

const nothingIsForcedUnlessAsked: Law = (situation, decision) =>
  decision.kind !== "move" || !decision.force || isForced(situation);

const aDrillMovesOnlyWhatAFailoverWould: Law = (situation, decision) => {
  if (decision.because !== "drill") return true;
  const active = activeOf(situation);
  const may = situation.state.drill?.from === active?.member && !isPaused(situation) && !isLimited(situation);
  return may && active?.health === "healthy" && decision.kind === "move" && !decision.force;
};

const aDrillMovesWhatAFailoverWould: Law = (situation, decision) => {
  const active = activeOf(situation);
  const due = situation.drill !== undefined && active?.member === "m1" && active.health === "healthy";
  if (!due || !isFree(situation) || isPaused(situation) || isAsked(situation)) return true;
  const may = someEligible(situation.diagnosis) && !isLimited(situation);
  return (decision.because === "drill") === may;
};

const theActiveIsThereAlready: Law = (situation, decision) =>
  decision.because !== "already-there" ||
  situation.request?.to === situation.diagnosis.active ||
  situation.state.intent?.to === situation.diagnosis.active;

const whatIsSaidToOverrideDoes: Law = (situation, decision) => {
  if (decision.kind !== "hold" || decision.override === undefined) return true;
  const again = decide({ ...situation, request: { by: "anna", force: false, ...decision.override } });
  // Under a pause, what comes after it may hold for its own reason.
  return decision.because === "paused" ? again.because !== "paused" : again.kind === "move";
};

const aHoldIsToldUnlessAllIsWell: Law = (situation, decision) => {
  if (decision.kind !== "hold" || isAsked(situation)) return true;
  const quiet = ["healthy", "unconfirmed", "in-progress"].includes(decision.because);
  const well = activeOf(situation)?.health === "healthy";
  return decision.notify === (!quiet && !(decision.because === "paused" && well));
};

const LAWS: Readonly<Record<string, Law>> = {
  pausedBeginsNothing,
  unknownIsNoReason,
  aLivingActiveIsLeftForAnEligibleMemberOnly,
  aMoveGoesElsewhere,
  theLoserIsWhoHolds,
  nobodyImpossibleIsChosen,
  nobodyInQuarantineIsChosen,
  healthyMeansHealthy,
  whatIsOnNothingIsAttached,
  whatIsApartIsUnited,
  aDeadActiveIsLeft,
  aFailingActiveIsLeftWithinItsLimits,
  aLeavingActiveIsLeft,
  whatHasBegunIsFinished,
  whatHasNotBegunIsNotFinished,
  whatIsNotOursIsLeftAlone,
  whatCannotBeReadIsNotActedOn,
  anOperatorGetsWhoWasNamed,
  nobodyElseIsAnOperator,
  nothingIsForcedUnlessAsked,
  aDrillMovesOnlyWhatAFailoverWould,
  aDrillMovesWhatAFailoverWould,
  theActiveIsThereAlready,
  whatIsSaidToOverrideDoes,
  aHoldIsToldUnlessAllIsWell,
};

// ---------------------------------------------------------------- the test

/** A situation in a few words, for whoever has to mend what it broke. */
function inWords({ diagnosis, state, request }: Situation, decision: Decision): string {
  const members = diagnosis.members.map((one) => `${one.member} ${one.health}`).join(", ");
  const holders = Object.values(diagnosis.holders).map((one) => ("member" in one ? one.member : one.kind));
  const { pause, intent, moves, quarantine, leaving } = state;
  const record = {
    ...(pause === undefined ? {} : { paused: true }),
    ...(intent === undefined ? {} : { intent: `${intent.by} → ${intent.to}` }),
    moves: moves.length,
    quarantine: Object.keys(quarantine),
    leaving: Object.keys(leaving),
    request,
  };
  return `${members}; on ${holders.join(", ")}; ${JSON.stringify(record)} → ${decision.because}: ${sentenceOf(decision)}`;
}

const MOST_EXAMPLES = 10;
/** Asking every situation twice would take twice as long. */
const TWICE_EVERY = 1009;

it("every decision in every situation keeps every law", { timeout: 60_000 }, () => {
  const broken: string[] = [];
  const given = new Set<string>();
  const laws = Object.entries(LAWS);
  let count = 0;
  for (const size of SIZES) {
    for (const situation of situationsOf(size)) {
      count += 1;
      const decision = decide(situation);
      given.add(decision.because);
      if (count % TWICE_EVERY === 0) expect(decide(situation)).toEqual(decision);
      for (const [name, holds] of laws) {
        if (!holds(situation, decision) && broken.length < MOST_EXAMPLES)
          broken.push(`${name}: ${inWords(situation, decision)}`);
      }
    }
  }
  console.log(`decide: ${count} situations`);
  expect(broken).toEqual([]);
  // Of what decide can say, the small world lacks only what needs an alarm, a failback, a lease or a newer record.
  expect([...given].toSorted()).toEqual([
    "active-dead",
    "active-failing",
    "active-leaving",
    "already-there",
    "budget",
    "cooldown",
    "drill",
    "healthy",
    "held-by-stranger",
    "interface-missing",
    "just-moved",
    "last-resort",
    "no-eligible-standby",
    "operator",
    "paused",
    "repair",
    "resume",
    "unconfirmed",
    "unite",
  ]);
});
