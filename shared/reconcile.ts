/**
 * The one loop: look → observe → diagnose → decide → hold, or claim and carry out.
 *
 * Level-triggered: it looks at how things are, so a lost, late, repeated or forged event does at most what a fresh
 * read confirms. The quiet path writes nothing.
 */
import { tellHoldAside } from "./aside.ts";
import { carry } from "./carry.ts";
import { Claim } from "./claim.ts";
import { isEligible } from "./core/candidates.ts";
import { isOld, unwrittenBurns } from "./core/carrying.ts";
import type { Situation } from "./core/decide.ts";
import { decide } from "./core/decide.ts";
import { afterHold, handsOff, mayBeMuted, restsOn, upkeepDue } from "./core/holding.ts";
import type {
  Decision,
  Group,
  HistoryEntry,
  Hold,
  Intent,
  Move,
  Observation,
  Request,
  State,
} from "./core/model.ts";
import { sentenceOf, wouldDoObserving } from "./core/moving.ts";
import { claim, intentOf, tellPlanned } from "./core/record.ts";
import { situationOf } from "./core/situation.ts";
import { SCHEMA } from "./core/state.ts";
import { nextSteps } from "./core/steps.ts";
import { wakes } from "./core/telling.ts";
import { whereabouts } from "./core/whereabouts.ts";
import { keepOnTermination } from "./execute.ts";
import { together } from "./observe/together.ts";
import { observe } from "./observe.ts";
import { addedBy, deliverOutbox, tellAhead } from "./outbox.ts";
import { asPlanned } from "./plan/id.ts";
import { planOf } from "./plan.ts";
import type { Report } from "./report.ts";
import { heldReport, plannedReport } from "./report.ts";
import { readState, writeState } from "./store.ts";
import { foreseeSurge, heedSurge, mayBeSurge, type SurgeRule } from "./surge.ts";
import type { Away } from "./without-table.ts";
import { actWithoutTable, recordLate } from "./without-table.ts";
import type { World } from "./world.ts";

/** Why somebody looks at a group. Never evidence. */
export interface Look {
  /** For the log: an event id, `sweep`, or who asked. */
  readonly trigger: string;
  readonly request?: Request;
  /** What only a move needs is read at once, and not in a second round once the first has shown that it is needed. */
  readonly moveLikely?: boolean;
  /** Say what would be done, and do nothing. */
  readonly plan?: boolean;
  /** Carry out this plan and no other. */
  readonly planId?: string;
  readonly historyDays: number;
  /** The id of the drill whose alarm started this look. */
  readonly drill?: string | undefined;
  /** Absent where no other groups could ever make a surge. */
  readonly surge?: SurgeRule | undefined;
}

/** So often a lost claim, or a world that changed, is looked at again within one invocation. */
const ROUNDS = 5;

/** Looks at one group and does what has to be done. Throws `Failure` when it could not find out. */
export async function reconcile(group: Group, look: Look, world: World): Promise<Report> {
  let last: Observation | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const seen = await situate(group, look, world);
    if ("record" in seen) {
      const ended = await actWithoutTable(group, look, seen, world);
      if (ended !== undefined) return ended;
      continue;
    }
    const { situation, decision: decided } = seen;
    const { planId } = look;
    const decision = planId === undefined ? decided : asPlanned(situation, decided, planId);
    last = situation.observation;
    const { because } = decision;
    world.log("debug", "decided", { group: group.name, round, because, message: sentenceOf(decision) });
    if (decision.kind === "hold") return await held(situation, decision, look, world);
    if (look.plan === true) {
      const plan = await planOf(situation, decision, world);
      return plannedReport(group.name, decision, situation.observation, { plan });
    }
    if (group.policy.mode === "observe") return await planned(situation, decision, look, world);
    // Lambda froze this environment between its first read and now: somebody else may have moved the group since.
    if (isOld(situation.observation, world.clock.now())) continue;
    const ended = await act(situation, decision, look, world);
    // What an operator asks for comes after the move that was under way, if that has ended.
    const over = ended?.outcome === "moved" || ended?.outcome === "failed";
    if (ended !== undefined && !(over && decision.kind === "finish" && look.request !== undefined))
      return ended;
  }
  const hold: Hold = {
    kind: "hold",
    because: "in-progress",
    message:
      "The group keeps changing while it is being looked at; the next sweep takes it up. Ask status in a moment.",
    notify: false,
  };
  return heldReport(group.name, hold, last);
}

interface Decided {
  readonly situation: Situation;
  readonly decision: Decision;
}

/** A decision, and everything that it rests on. Details are read only when it would be a move, or is likely to be one. */
async function situate(group: Group, look: Look, world: World): Promise<Decided | Away> {
  const wanted = look.request !== undefined || look.moveLikely === true;
  const [record, observation] = await together([
    readState(world, group.name),
    observe(world, group, { details: wanted }),
  ]);
  if (record.read === "away") return { record, observation };
  const state = look.plan === true ? record.state : await recordLate(group, record.state, world);
  if (state.schema <= SCHEMA) world.memory.toldAside.delete(group.name);
  const situation = situationOf(group, state, observation, world.clock.now(), look);
  const decision = decide(situation);
  if (observation.detailed) return await heed({ situation, decision }, look, world);
  if (decision.kind === "hold" && !mayBeMuted(decision, observation)) return { situation, decision };
  const fresh = await observe(world, group, { details: true });
  const detailed = situationOf(group, state, fresh, world.clock.now(), look);
  return await heed({ situation: detailed, decision: decide(detailed) }, look, world);
}

/** A move on alarms or probes alone is weighed against what the other groups did lately. */
async function heed(decided: Decided, { surge, plan }: Look, world: World): Promise<Decided> {
  const { situation, decision } = decided;
  if (surge === undefined || !mayBeSurge(situation, decision)) return decided;
  if (plan === true || situation.group.policy.mode === "observe")
    return await foreseeSurge(situation, surge, world);
  return await heedSurge(situation, decision, surge, world);
}

/** Claims the group and carries the decision out; undefined: look again. */
async function act(
  situation: Situation,
  decision: Exclude<Decision, Hold>,
  look: Look,
  world: World,
): Promise<Report | undefined> {
  const { group, state, observation } = situation;
  const holder = world.nonce();
  const now = world.clock.now();
  const intent =
    decision.kind === "finish" ? decision.intent : newIntent(situation, decision, world.nonce(), now);
  const result = await writeState(world, group.name, state, claim(state, intent, holder, now), {
    kind: "version",
    version: state.version,
  });
  if (!result.written) return undefined;
  const resumed = decision.kind === "finish";
  const claimed = new Claim(world, group, result.state, holder);
  const { epoch } = claimed;
  // In this order: the first detach is asked for before anybody is told that it will be.
  const carrying = carry({ group, observation, claim: claimed, resumed }, world);
  const [carried] = await together([carrying, tellAhead(world, group.name, result.state, epoch)]);
  const ours = (_: string, entry: HistoryEntry) => entry.sequence.startsWith(`e${epoch}.`);
  await deliverOutbox(world, group.name, carried.state, { historyDays: look.historyDays, ours });
  return carried.report;
}

/** The intent, with the indexes that its first steps would burn: so the claim's one write covers them. */
function newIntent(situation: Situation, move: Move, id: string, now: number): Intent {
  const { group, state, observation, diagnosis } = situation;
  const intent = intentOf(move, group, observation, id, now);
  const next = nextSteps({ group, state, intent, observation, diagnosis, asked: {}, now });
  const steps = next.kind === "go" ? next.steps : [];
  return { ...intent, burns: unwrittenBurns(intent, steps) };
}

/** Ends a look that does not move: upkeep, what is told, what is remembered. */
async function held(situation: Situation, hold: Hold, look: Look, world: World): Promise<Report> {
  const { group, state, observation } = situation;
  if (look.plan !== true && group.policy.mode === "act") await upkeep(situation, world);
  if (handsOff(hold)) {
    const aside = { group: group.name, hold, epoch: state.epoch, more: restsOn(situation) };
    const news = look.plan !== true && (await tellHoldAside(world, aside));
    return heldReport(group.name, { ...hold, notify: news }, observation);
  }
  const after = afterHold(situation, hold);
  const written = look.plan !== true && (await remember(group, state, after, look, world));
  const news = written && wakes(state, after);
  const standbys = situation.diagnosis.members.filter(isEligible).length;
  return { ...heldReport(group.name, { ...hold, notify: hold.notify && news }, observation), standbys };
}

/** In observe mode the decision is told, once a change, and nothing is claimed. */
async function planned(
  { group, state, observation, now }: Situation,
  decision: Exclude<Decision, Hold>,
  look: Look,
  world: World,
): Promise<Report> {
  const after = tellPlanned(state, decision, now, whereabouts(observation));
  const written = await remember(group, state, after, look, world);
  const news = written && wakes(state, after);
  const message = wouldDoObserving(decision);
  return { ...plannedReport(group.name, decision, observation, { notify: news }), message };
}

/** Writes what changed, if anything did. False: the race is lost, which is harmless, since the next look says it again. */
async function remember(
  group: Group,
  before: State,
  after: State,
  look: Look,
  world: World,
): Promise<boolean> {
  const result = await writeState(world, group.name, before, after, {
    kind: "version",
    version: before.version,
  });
  const state = result.written ? result.state : before;
  const { historyDays } = look;
  await deliverOutbox(world, group.name, state, { historyDays, ours: addedBy(before, after) });
  return result.written;
}

/** DeleteOnTermination on a floating interface would delete the address with its holder: it is switched off. */
async function upkeep(situation: Situation, world: World): Promise<void> {
  const group = situation.group.name;
  await Promise.all(
    upkeepDue(situation).map(async ({ eni, seen }) => {
      try {
        await keepOnTermination(world, eni, seen.attachmentId);
        world.log("info", "DeleteOnTermination switched off", { group, eni });
      } catch (error) {
        // It must not stand in the way of a look; the next one tries again.
        world.log("warn", "DeleteOnTermination could not be switched off", { group, eni, error });
      }
    }),
  );
}
