/**
 * A look at many groups at once, to find those that need a look of their own.
 *
 * What is read in batches is a trigger and no evidence: it ends the look at a group that would hold quietly, which is
 * nearly always all of them, and nothing is written or changed on the strength of it.
 */
import { tellHoldsAside } from "./aside.ts";
import { isEligible, memberOf } from "./core/candidates.ts";
import { decide, type Situation } from "./core/decide.ts";
import { afterHold, handsOff, restsOn, upkeepDue } from "./core/holding.ts";
import type { Decision, Group, Hold, HoldBecause, RecordRead, State } from "./core/model.ts";
import { emptyState } from "./core/record.ts";
import { situationOf } from "./core/situation.ts";
import { SCHEMA } from "./core/state.ts";
import { Failure } from "./errors.ts";
import { observeFleet } from "./observe/fleet.ts";
import { together } from "./observe/together.ts";
import type { Report } from "./report.ts";
import { heldReport } from "./report.ts";
import { readFleet, readStates } from "./store.ts";
import { mayBeSurge, type SurgeRule, surgeOf } from "./surge.ts";
import type { World } from "./world.ts";

export interface Triage {
  /** Reports of the groups that hold quietly: there is nothing to do, nor to write. */
  readonly quiet: readonly Report[];
  /** The groups that need a look of their own, oldest outage first. */
  readonly due: readonly Group[];
  /** Groups whose record could not be read, while their active is well: there is nothing to be done without it. */
  readonly unrecorded?: Failure;
}

/**
 * Holds that another reading would not change, or that stand until a person or the time does something. The others
 * rest on what is not read in batches: alarms on status checks, mutes, device indexes.
 */
const QUIET: ReadonlySet<HoldBecause> = new Set<HoldBecause>([
  "healthy",
  "paused",
  "in-progress",
  "newer-record",
  "cooldown",
  "budget",
  "surge",
  "alarm-not-cleared",
  "interface-missing",
  "held-by-stranger",
]);

/** Sorts the groups. Throws only what is our own bug. */
export async function triage(groups: readonly Group[], world: World, rule?: SurgeRule): Promise<Triage> {
  const holding: Holding[] = [];
  const due: { group: Group; since: number }[] = [];
  const unrecorded: string[] = [];
  let why = "";
  for (const { record, situation, decision } of await lookAtAll(groups, world, rule)) {
    const { group } = situation;
    if (record.read === "ok" && record.state.schema <= SCHEMA) world.memory.toldAside.delete(group.name);
    if (record.read === "away" && record.broken !== true && decision.because === "healthy") {
      unrecorded.push(group.name);
      why = record.error;
    } else if (record.read === "ok" && decision.kind === "hold" && isQuiet(situation, decision)) {
      holding.push({ situation, hold: decision });
    } else due.push({ group, since: outageSince(situation) });
  }
  const quiet = await reportsOf(holding, world);
  due.sort((left, right) => left.since - right.since);
  const sorted = { quiet, due: due.map(({ group }) => group) };
  if (unrecorded.length === 0) return sorted;
  const which = unrecorded.length === 1 ? unrecorded[0] : `${unrecorded.length} groups`;
  return { ...sorted, unrecorded: new Failure("retry", "TableAway", "record", `${which}: ${why}`) };
}

interface Holding {
  readonly situation: Situation;
  readonly hold: Hold;
}

/** What would be news would be written, and so not quiet; only of a newer record nobody but this environment knows. */
async function reportsOf(holding: readonly Holding[], world: World): Promise<readonly Report[]> {
  const newer = holding.filter(({ hold }) => handsOff(hold));
  const asides = newer.map(({ situation, hold }) => {
    const { group, state } = situation;
    return { group: group.name, hold, epoch: state.epoch, more: restsOn(situation) };
  });
  const news = await tellHoldsAside(world, asides);
  return holding.map(({ situation: { group, observation, diagnosis }, hold }) => ({
    ...heldReport(group.name, { ...hold, notify: news.has(group.name) }, observation),
    standbys: diagnosis.members.filter(isEligible).length,
  }));
}

interface Looked {
  readonly record: RecordRead;
  readonly situation: Situation;
  readonly decision: Decision;
}

/** Reads all groups, and decides about each as its own look would, had it read no more. */
async function lookAtAll(
  groups: readonly Group[],
  world: World,
  rule: SurgeRule | undefined,
): Promise<readonly Looked[]> {
  const names = groups.map((group) => group.name);
  const [observations, records] = await together([observeFleet(world, groups), readStates(world, names)]);
  const looked = groups.flatMap((group): Looked[] => {
    const observation = observations.get(group.name);
    const record = records.get(group.name);
    if (observation === undefined || record === undefined) return [];
    const situation = situationOf(group, stateOf(record), observation, world.clock.now());
    return [{ record, situation, decision: decide(situation) }];
  });
  if (rule === undefined || !looked.some((one) => mayBeSurge(one.situation, one.decision))) return looked;
  const fleet = await readFleet(world);
  return looked.map((one) => {
    if (!mayBeSurge(one.situation, one.decision)) return one;
    const surge = surgeOf(fleet, one.situation.group.name, rule, one.situation.now);
    return { ...one, decision: decide({ ...one.situation, surge }) };
  });
}

function stateOf(record: RecordRead): State {
  return record.read === "ok" ? record.state : emptyState();
}

function isQuiet(situation: Situation, hold: Extract<Decision, { kind: "hold" }>): boolean {
  const { group, state } = situation;
  if (!QUIET.has(hold.because)) return false;
  if (group.policy.mode === "act" && upkeepDue(situation).length > 0) return false;
  return handsOff(hold) || (afterHold(situation, hold) === state && Object.keys(state.outbox).length === 0);
}

/** Since when the group is not as it should be, as far as a batch and the record can tell. */
function outageSince({ state, diagnosis, now }: Situation): number {
  const active = memberOf(diagnosis, diagnosis.active);
  const against = active?.evidence.filter((one) => one.says !== "healthy") ?? [];
  const told = state.told === undefined ? [] : [state.told.since];
  const intent = state.intent === undefined ? [] : [state.intent.since];
  return Math.min(now, ...against.map((one) => one.since), ...told, ...intent);
}
