/** What must always hold (design section 7): one small named function each, over what really happened, by concept in a file. */
import { drillsAreAsked, drillsEndOnce } from "./drills.ts";
import {
  evidenceIsFresh,
  failbackIsDue,
  holdsSomething,
  leavingWasAnnounced,
  oneFailureOneMove,
  reasonIsFresh,
  repairsLeaveTheWell,
  repairsWhatIsBroken,
  standbyWasReadLately,
  standbyWasSeenWell,
} from "./evidence.ts";
import { leftIsFenced, onlyTheFencedAreDressed, onlyTheFencedIsStopped, stoppedFirst } from "./fences.ts";
import { graceIsGiven, healthyIsNotForced, strangersStopTheRest } from "./force.ts";
import { roomIsThere } from "./indexes.ts";
import {
  budgetHolds,
  cooldownHolds,
  failbackWaitsAnew,
  flappingIsNotChosen,
  holdsAreTrue,
  isolatedIsNotChosen,
  quarantineHolds,
  repeatsDoNotToggle,
  surgeHolds,
  theBestIsChosen,
  witnessesAgree,
} from "./limits.ts";
import { plansAreKept, plansDoNothing, plansWriteNothing } from "./plans.ts";
import { newerIsNotClaimed, newerIsNotTouched, newerIsNotWritten } from "./rollout.ts";
import { type OnCall, type OnClaim, type OnEnd, type OnWrite, SKEW_MS } from "./seen.ts";
import { detachesAreNamed, indexIsAllowed, stepsAreClaimed, stepsAreForOneGroup } from "./steps.ts";
import { aTargetIsLeftForAReason, aTargetIsTriedOnce, movesAreRemembered } from "./targets.ts";
import {
  epochsGrow,
  leaseIsRespected,
  lostHoldersAreSilent,
  movesAreTold,
  onlyBegunAreResumed,
  restartsAreSeen,
  versionCounts,
} from "./written.ts";

const pausedNeverMoves: OnClaim = ({ intent }, { before, at }) => {
  const pause = before?.pause;
  const on = pause !== undefined && (pause.until === undefined || pause.until > at + SKEW_MS);
  return !on || !intent.automatic || intent.force;
};

const observedIsNotClaimed: OnClaim = (_, __, { group }) => group.policy.mode === "act";

const goesElsewhere: OnClaim = ({ intent }) => intent.from !== intent.to;

export const ON_CLAIM: Readonly<Record<string, OnClaim>> = {
  "no automatic move begins while paused": pausedNeverMoves,
  "no move off a member without fresh evidence against it": evidenceIsFresh,
  "nobody is left for an end that was not announced": leavingWasAnnounced,
  "no failback before its time, or against an operator": failbackIsDue,
  "nobody is moved off a member that holds nothing": holdsSomething,
  "nothing is repaired that is not broken": repairsWhatIsBroken,
  "a repair leaves what one member holds where it is, unless something is against that": repairsLeaveTheWell,
  "a group in observe mode is never claimed": observedIsNotClaimed,
  "no more moves off a failing active, and failbacks, than the budget": budgetHolds,
  "a move goes from one member to another": goesElsewhere,
  "a drill moves what it was begun for, and nothing while paused": drillsAreAsked,
  "no failing active is left, and no failback made, within the cooldown": cooldownHolds,
  "an operator's repeated command does not move the group back": repeatsDoNotToggle,
  "a failing active is left on the word of as many witnesses as the policy asks for": witnessesAgree,
  "a member that failovers have left twice is not chosen until it is acknowledged": flappingIsNotChosen,
  "no automatic move chooses a member in quarantine": quarantineHolds,
  "no automatic move brings the group to an isolated member": isolatedIsNotChosen,
  "a move goes to the best member there is": theBestIsChosen,
  "the wait before a failback begins anew when the preferred member fails again": failbackWaitsAnew,
  "no more groups move on alarms alone than the surge rule lets": surgeHolds,
  "what a newer version has written is not claimed": newerIsNotClaimed,
  "a plan is carried out as it was made, or not at all": plansAreKept,
  "no move goes to a member whose device indexes others hold": roomIsThere,
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
  "a target is tried once": aTargetIsTriedOnce,
  "a move that has arrived is remembered": movesAreRemembered,
  "a target is only given up for a reason": aTargetIsLeftForAReason,
  "a failover fences whom it leaves, or says that it has not": leftIsFenced,
  "what a newer version has written is not written": newerIsNotWritten,
  "a plan writes nothing": plansWriteNothing,
};

export const ON_END: Readonly<Record<string, OnEnd>> = {
  "nobody is held by a limit that is not reached": holdsAreTrue,
};

const observedIsNotTouched: OnCall = (_, __, { group }) => group.policy.mode === "act";

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
  "a failing member that answers has its grace": graceIsGiven,
  "no move begins while a stranger has an interface of the group": strangersStopTheRest,
  "a group whose record a newer version has is not touched": newerIsNotTouched,
  "a plan does nothing": plansDoNothing,
};
