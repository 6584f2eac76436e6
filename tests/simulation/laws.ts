/**
 * What must always hold (design section 7): one small named function each, over what really happened.
 *
 * Reads may be two seconds behind, an answer may take four, a clock be off by two, and a look that confirms may be 10 s
 * old when it is acted on: so "under 10 s" is checked with that much room.
 */
import type { Group, State } from "../../shared/core/model.ts";
import type { Claim } from "./claims.ts";
import { isOperators } from "./ending.ts";
import { onlyTheFencedAreDressed, onlyTheFencedIsStopped, stoppedFirst } from "./fences.ts";
import type { TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";

export type Call = Extract<TraceEvent, { kind: "call" }>;
export type Write = Extract<TraceEvent, { kind: "write" }>;

const FRESH_MS = 30_000;
/** Reads that are 10 s old are read again; what rests on newer ones may take its time to arrive. */
const READ_LATELY_MS = 25_000;
const SKEW_MS = 4_000;

/** What a law may ask beside the event itself. */
export interface Seen {
  readonly group: Group;
  readonly truth: Truth;
  /** When budgeted moves of the group settled. */
  readonly spent: readonly number[];
  /** The record as the table has it. */
  readonly state: State | undefined;
  /** The table has given this invocation no answer in the last seconds: it may be acting without. */
  readonly tableAway: boolean;
  /** A read of launch times has failed for this invocation lately: it can't know of a restart. */
  readonly detailsUnread: boolean;
  /** EC2 has accepted an attach for this intent before: it has begun. */
  readonly attached: boolean;
  /** Detaches that EC2 has accepted for this intent before. */
  readonly detaches: number;
  /** The failure of this member that has already cost it the group, if it was not brought back since. */
  readonly leftIn: (instance: string) => number | undefined;
}

/** A claim that makes a new intent: why may this move begin? */
type OnClaim = (claim: Claim, write: Write, seen: Seen) => boolean;
type OnWrite = (write: Write, mine: Claim | undefined, seen: Seen) => boolean;
type OnCall = (call: Call, mine: Claim | undefined, seen: Seen) => boolean;

const pausedNeverMoves: OnClaim = ({ intent }, { before, at }) => {
  const pause = before?.pause;
  const on = pause !== undefined && (pause.until === undefined || pause.until > at + SKEW_MS);
  return !on || !intent.automatic || intent.force;
};

const evidenceIsFresh: OnClaim = ({ intent }, { at }, { truth, group }) => {
  const unplanned = ["active-failing", "active-dead", "last-resort"].includes(intent.because);
  const from = instanceOf(group, intent.from);
  return !unplanned || from === undefined || truth.sinceBad(from, at) <= FRESH_MS;
};

const leavingWasAnnounced: OnClaim = ({ intent }, { at }, { truth, group }) => {
  if (intent.because !== "active-leaving") return true;
  const soon = group.policy.leaveBeforeSeconds * 1000 + FRESH_MS;
  return truth.endsWithin(instanceOf(group, intent.from) ?? "", soon, at);
};

const failbackIsDue: OnClaim = ({ intent }, { at, before }, { truth, group }) => {
  if (intent.because !== "failback") return true;
  const { failback, failbackAfterSeconds } = group.policy;
  const since = before?.preferredHealthySince ?? at;
  const [preferred] = group.members;
  const well = preferred !== undefined && truth.sinceGood(preferred.instance, at) <= FRESH_MS;
  const last = before?.moves.findLast(({ because }) => because !== "repair" && because !== "unite");
  const byHand = last?.because === "operator" || last?.because === "found-moved";
  const late = at - since >= failbackAfterSeconds * 1000 - SKEW_MS;
  return failback === "auto" && intent.to === preferred?.name && well && late && !byHand;
};

const holdsSomething: OnClaim = ({ intent }, { at }, { group, truth }) => {
  const from = instanceOf(group, intent.from);
  return from === undefined || truth.sinceHeld(from, at) <= FRESH_MS;
};

const repairsWhatIsBroken: OnClaim = ({ intent }, { at }, { truth, group }) =>
  !["repair", "unite"].includes(intent.because) || truth.sinceApart(group.name, at) <= FRESH_MS;

const observedIsNotClaimed: OnClaim = (_, __, { group }) => group.policy.mode === "act";

const budgetHolds: OnClaim = ({ intent }, { at, before }, { group, spent }) => {
  const { moves, seconds } = group.policy.budget;
  const from = Math.max(at - seconds * 1000 + SKEW_MS, before?.budgetRefilledAt ?? 0);
  const used = spent.filter((settled) => settled > from).length;
  return !["active-failing", "failback"].includes(intent.because) || used < moves;
};

const goesElsewhere: OnClaim = ({ intent }) => intent.from !== intent.to;

/** It was begun and has not ended, nobody has paused since, and it takes the group off whom it names. */
const drillsAreAsked: OnClaim = ({ intent }, { before, at }) => {
  if (intent.drill === undefined) return intent.because !== "drill";
  const drill = before?.drill;
  const pause = before?.pause;
  const on = pause !== undefined && (pause.until === undefined || pause.until > at + SKEW_MS);
  const open = drill?.id === intent.drill && drill.end === undefined && at < drill.until + SKEW_MS;
  return open && drill.from === intent.from && !intent.force && !intent.budgeted && !on;
};

export const ON_CLAIM: Readonly<Record<string, OnClaim>> = {
  "no automatic move begins while paused": pausedNeverMoves,
  "no move off a member without fresh evidence against it": evidenceIsFresh,
  "nobody is left for an end that was not announced": leavingWasAnnounced,
  "no failback before its time, or against an operator": failbackIsDue,
  "nobody is moved off a member that holds nothing": holdsSomething,
  "nothing is repaired that is not broken": repairsWhatIsBroken,
  "a group in observe mode is never claimed": observedIsNotClaimed,
  "no more moves off a failing active, and failbacks, than the budget": budgetHolds,
  "a move goes from one member to another": goesElsewhere,
  "a drill moves what it was begun for, and nothing while paused": drillsAreAsked,
};

const versionCounts: OnWrite = ({ before, after }) => after.version === (before?.version ?? 0) + 1;

const epochsGrow: OnWrite = ({ before, after }) => {
  const old = before?.epoch ?? 0;
  return after.epoch === old || after.epoch === old + 1;
};

const leaseIsRespected: OnWrite = ({ before, after, at, by }) => {
  const claimed = after.epoch > (before?.epoch ?? 0);
  const held = before?.lease !== undefined && before.lease.until > at + SKEW_MS;
  // A holder may have given up, and claims again within the same invocation.
  return !claimed || !held || before.lease?.holder.startsWith(`${by}.`) === true;
};

const lostHoldersAreSilent: OnWrite = ({ before, after, at }, mine) => {
  const touched =
    before?.intent?.id !== after.intent?.id ||
    before?.intent?.to !== after.intent?.to ||
    (before?.moves.length ?? 0) !== after.moves.length;
  if (!touched || after.epoch !== (before?.epoch ?? 0)) return true;
  if (mine !== undefined && before?.lease?.holder === mine.holder && before.epoch === mine.epoch) return true;
  const unheld = before?.lease === undefined || before.lease.until <= at + SKEW_MS;
  return unheld && after.intent === undefined;
};

const onlyBegunAreResumed: OnWrite = ({ before, after }) => {
  // What is claimed again under a new epoch must have been there: an intent never changes hands unseen.
  const again = after.epoch > (before?.epoch ?? 0) && after.intent?.id === before?.intent?.id;
  return !again || after.intent?.to === before?.intent?.to;
};

const movesAreTold: OnWrite = ({ before, after }) => {
  const last = after.moves.at(-1);
  if (last === undefined || last.id === before?.moves.at(-1)?.id) return true;
  return Object.keys(after.outbox).some((key) => before?.outbox[key] === undefined);
};

const drillsEndOnce: OnWrite = ({ before, after }) => {
  const [old, drill] = [before?.drill, after.drill];
  if (old === undefined || drill === undefined || old.id === drill.id) {
    return old?.end === undefined || drill?.end?.at === old.end.at;
  }
  return old.end !== undefined || old.until <= drill.since + SKEW_MS;
};

/** What was done to an earlier launch has ended with it: nobody is told that it keeps a member out. */
const restartsAreSeen: OnWrite = ({ before, after, at }, _, { group, truth, detailsUnread }) => {
  if (detailsUnread) return true;
  // The end of a move repeats what was so when it was decided.
  const told = Object.entries(after.outbox).filter(
    ([key, { kind }]) => before?.outbox[key] === undefined && kind === "refusal",
  );
  const said = told.map(([, { message }]) => message).join(" ");
  return !group.members.some((member) => {
    const keptOut = new RegExp(`${member.name} is (quarantined|index-burned)`).test(said);
    return keptOut && truth.isWhole(member.instance, at) && !isOperators(member, after, truth, at);
  });
};

export const ON_WRITE: Readonly<Record<string, OnWrite>> = {
  "the version grows by one": versionCounts,
  "an epoch is claimed once, and epochs only grow": epochsGrow,
  "nobody claims under another's lease": leaseIsRespected,
  "no write by a holder that lost its claim": lostHoldersAreSilent,
  "an intent changes hands as it is": onlyBegunAreResumed,
  "no move without a history item": movesAreTold,
  "nobody is told that a member is kept out by what a restart has ended": restartsAreSeen,
  "a drill has one end, and the next begins after it": drillsEndOnce,
};

const observedIsNotTouched: OnCall = (_, __, { group }) => group.policy.mode === "act";

const stepsAreClaimed: OnCall = (call, mine, seen) =>
  !isStep(call) || (mine !== undefined && mine.epoch === seen.state?.epoch) || harmless(call, seen);

/** Without the table: what is on nothing is attached, and what the dead hold is detached. */
function harmless(call: Call, { tableAway, truth }: Seen): boolean {
  // It may have been started since it was read.
  const stopped = (instance: string): boolean => truth.sinceStopped(instance, call.at) <= READ_LATELY_MS;
  const { holder } = call;
  const ofNobody = holder === undefined || !truth.lives(holder, call.at) || stopped(holder);
  return tableAway && (call.operation === "AttachNetworkInterface" || ofNobody);
}

const stepsAreForOneGroup: OnCall = ({ operation, input }, mine, { group, tableAway }) => {
  if (operation !== "AttachNetworkInterface") return true;
  // With the table away a holder goes on to a target that the record does not name yet.
  const to = instanceOf(group, mine?.intent.to);
  const anyMember = tableAway && group.members.some(({ instance }) => instance === input.InstanceId);
  return (
    (to === input.InstanceId || anyMember) &&
    group.interfaces.some(({ eni }) => eni === input.NetworkInterfaceId)
  );
};

const indexIsAllowed: OnCall = ({ operation, input }, _, { group }) => {
  if (operation !== "AttachNetworkInterface") return true;
  const eni = String(input.NetworkInterfaceId);
  const member = group.members.find(({ instance }) => instance === input.InstanceId);
  const own = group.interfaces.find((one) => one.eni === eni)?.deviceIndexes;
  const allowed = member?.deviceIndexes[eni] ?? own ?? [];
  return allowed.includes(Number(input.DeviceIndex));
};

const detachesAreNamed: OnCall = (call, mine, seen) =>
  call.operation !== "DetachNetworkInterface" ||
  harmless(call, seen) ||
  Object.values(mine?.intent.sources ?? {}).includes(String(call.input.AttachmentId));

const standbyWasSeenWell: OnCall = (call, mine, { truth, group, detaches, attached }) => {
  if (attached) return true;
  if (!isAcceptedDetach(call) || detaches > 0 || call.holder === undefined || mine === undefined) return true;
  // What is coming off already is on nothing in a moment, whatever is done.
  if (call.was === "detaching") return true;
  if (mine.intent.force || mine.intent.because === "target-lost" || !truth.lives(call.holder, call.at))
    return true;
  // An interface is on nothing and nobody is well: what a failing member holds goes where the rest can go.
  if (mine.intent.because === "last-resort") return truth.sinceBad(call.holder, call.at) <= FRESH_MS;
  const target = instanceOf(group, mine.intent.to);
  return target !== undefined && truth.sinceGood(target, call.at) <= FRESH_MS;
};

/** The standby was read as well just before, whatever happened to the holder in between. */
const standbyWasReadLately: OnCall = (call, mine, { truth, group, detaches }) => {
  if (!isAcceptedDetach(call) || detaches > 0 || call.was === "detaching" || mine === undefined) return true;
  if (mine.intent.force) return true;
  const target = instanceOf(group, mine.intent.to);
  return target === undefined || truth.sinceRead(call.by, target, call.at) <= READ_LATELY_MS;
};

/** A move that was claimed and never began is not carried out once its reason has gone. */
const reasonIsFresh: OnCall = (call, mine, { truth, group, detaches }) => {
  if (!isAcceptedDetach(call) || detaches > 0 || mine === undefined) return true;
  const from = instanceOf(group, mine.intent.from);
  const unplanned = ["active-failing", "active-dead"].includes(mine.intent.because);
  if (!unplanned || from === undefined || call.holder !== from) return true;
  // A mute that came after the claim ends no move; and there may be another reason by now.
  const muted = truth.sinceMuted(from, call.at) <= FRESH_MS;
  const leaving = truth.endsWithin(from, group.policy.leaveBeforeSeconds * 1000 + FRESH_MS, call.at);
  return muted || leaving || truth.sinceBad(from, call.at) <= FRESH_MS;
};

const oneFailureOneMove: OnCall = (call, mine, { group, truth, detaches, leftIn }) => {
  // A holder that has lost its claim may ask once more for what is coming off already.
  if (call.was === "detaching") return true;
  if (!isAcceptedDetach(call) || detaches > 0 || mine === undefined) return true;
  const from = instanceOf(group, mine.intent.from);
  const unplanned = ["active-failing", "active-dead"].includes(mine.intent.because);
  return !unplanned || from === undefined || leftIn(from) !== truth.failure(from);
};

const healthyIsNotForced: OnCall = (call, mine, { truth, group, state }) => {
  if (!isAcceptedDetach(call) || call.input.Force !== true || call.holder === undefined) return true;
  const forces = group.policy.detach === "force" && mine?.intent.drill === undefined;
  if (mine?.intent.force === true || forces) return true;
  // Attaching for a minute and more: it is in use nowhere, and nobody loses it.
  if (call.was === "attaching" || call.lately === "attaching") return true;
  const holder = group.members.find((member) => member.instance === call.holder)?.name ?? "";
  const leaving =
    state?.leaving[holder] !== undefined || truth.endsWithin(call.holder, 2 * FRESH_MS, call.at);
  const putThere = mine?.intent.tried.includes(holder) === true;
  // What was coming off when its alarm was muted comes off: a mute holds up no move that has begun.
  if (call.was === "detaching" && truth.sinceMuted(call.holder, call.at) <= FRESH_MS) return true;
  return leaving || putThere || truth.sinceBad(call.holder, call.at) <= FRESH_MS;
};

export const ON_CALL: Readonly<Record<string, OnCall>> = {
  "a group in observe mode is never touched": observedIsNotTouched,
  "no step without a claim, or after losing it": stepsAreClaimed,
  "an attach takes an interface of the group to a member of it": stepsAreForOneGroup,
  "an attach takes an allowed device index": indexIsAllowed,
  "no detach of an attachment that the claim does not name": detachesAreNamed,
  "a living active is only left for a member that was seen well": standbyWasSeenWell,
  "nothing is detached for a standby that was not read lately": standbyWasReadLately,
  "nobody is left for a failure that is over": reasonIsFresh,
  "one failure of one member takes the group off it at most once": oneFailureOneMove,
  "a healthy member is never force-detached unless somebody said so": healthyIsNotForced,
  "only the fenced member is isolated, and given back what it bore": onlyTheFencedAreDressed,
  "only the fenced member is stopped": onlyTheFencedIsStopped,
  "where the stop comes first, nothing is detached before it is seen": stoppedFirst,
};

function isStep(call: Call): boolean {
  return call.operation === "DetachNetworkInterface" || call.operation === "AttachNetworkInterface";
}

export function isAcceptedDetach(call: Call): boolean {
  return call.operation === "DetachNetworkInterface" && call.error === undefined;
}

export function isAcceptedAttach(call: Call): boolean {
  return call.operation === "AttachNetworkInterface" && call.error === undefined;
}

export function instanceOf(group: Group, name: string | undefined): string | undefined {
  return group.members.find((member) => member.name === name)?.instance;
}
