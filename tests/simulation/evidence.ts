/** Laws about what a move rests on: fresh evidence, a standby that was seen well, one move for one failure. */
import {
  FRESH_MS,
  instanceOf,
  isAcceptedDetach,
  type OnCall,
  type OnClaim,
  READ_LATELY_MS,
  SKEW_MS,
} from "./seen.ts";

export const evidenceIsFresh: OnClaim = ({ intent }, { at }, { truth, group }) => {
  const unplanned = ["active-failing", "active-dead", "last-resort"].includes(intent.because);
  const from = instanceOf(group, intent.from);
  return !unplanned || from === undefined || truth.sinceBad(from, at) <= FRESH_MS;
};

export const leavingWasAnnounced: OnClaim = ({ intent }, { at }, { truth, group }) => {
  if (intent.because !== "active-leaving") return true;
  const soon = group.policy.leaveBeforeSeconds * 1000 + FRESH_MS;
  return truth.endsWithin(instanceOf(group, intent.from) ?? "", soon, at);
};

export const failbackIsDue: OnClaim = ({ intent }, { at, before }, { truth, group }) => {
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

export const holdsSomething: OnClaim = ({ intent }, { at }, { group, truth }) => {
  const from = instanceOf(group, intent.from);
  return from === undefined || truth.sinceHeld(from, at) <= FRESH_MS;
};

export const repairsWhatIsBroken: OnClaim = ({ intent }, { at }, { truth, group }) =>
  !["repair", "unite"].includes(intent.because) || truth.sinceApart(group.name, at) <= FRESH_MS;

/** What one member holds alone stays there, and the rest comes to it, unless there is something against that member. */
export const repairsLeaveTheWell: OnClaim = ({ intent }, { at }, { group, truth, state, detailsUnread }) => {
  const from = instanceOf(group, intent.from);
  if (intent.because !== "repair" || intent.by !== "controller" || from === undefined) return true;
  const alone = truth.holders(group, at).every((holder) => holder === undefined || holder === from);
  const leaves = truth.endsWithin(from, group.policy.leaveBeforeSeconds * 1000 + FRESH_MS, at);
  const bad = truth.sinceBad(from, at) <= FRESH_MS || leaves;
  const full = detailsUnread || !truth.hasRoom(from) || !truth.isWhole(from, at);
  return !alone || bad || full || state?.isolated[intent.from ?? ""] !== undefined;
};

export const standbyWasSeenWell: OnCall = (call, mine, { truth, group, detaches, attached }) => {
  if (attached) return true;
  if (!isAcceptedDetach(call) || detaches > 0 || call.holder === undefined || mine === undefined) return true;
  // What is coming off already is on nothing in a moment, whatever is done; what is still attaching is in use nowhere.
  if (call.was === "detaching" || call.was === "attaching" || call.lately === "attaching") return true;
  if (mine.intent.force || mine.intent.because === "target-lost" || !truth.lives(call.holder, call.at))
    return true;
  // An interface is on nothing and nobody is well: what a failing member holds goes where the rest can go.
  if (mine.intent.because === "last-resort") return truth.sinceBad(call.holder, call.at) <= FRESH_MS;
  const target = instanceOf(group, mine.intent.to);
  if (target === undefined) return false;
  return truth.sinceGood(target, call.at) <= FRESH_MS || truth.isBroughtTo(group, mine.intent, call.at);
};

/** The standby was read as well just before, whatever happened to the holder in between. */
export const standbyWasReadLately: OnCall = (call, mine, { truth, group, detaches }) => {
  if (!isAcceptedDetach(call) || detaches > 0 || call.was === "detaching" || mine === undefined) return true;
  // What has been attaching for too long is in use nowhere.
  if (call.was === "attaching" || call.lately === "attaching") return true;
  // What has lost its target goes on to whom it can, be it to one that nobody can read.
  if (mine.intent.force || mine.intent.because === "target-lost") return true;
  const target = instanceOf(group, mine.intent.to);
  return target === undefined || truth.sinceRead(call.by, target, call.at) <= READ_LATELY_MS;
};

/** A move that was claimed and never began is not carried out once its reason has gone. */
export const reasonIsFresh: OnCall = (call, mine, { truth, group, detaches }) => {
  // Somebody has asked for it before, be it without the table.
  if (call.was === "detaching") return true;
  if (!isAcceptedDetach(call) || detaches > 0 || mine === undefined) return true;
  const from = instanceOf(group, mine.intent.from);
  const unplanned = ["active-failing", "active-dead"].includes(mine.intent.because);
  if (!unplanned || from === undefined || call.holder !== from) return true;
  // A mute that came after the claim ends no move; and there may be another reason by now.
  const muted = truth.sinceMuted(from, call.at) <= FRESH_MS;
  const leaving = truth.endsWithin(from, group.policy.leaveBeforeSeconds * 1000 + FRESH_MS, call.at);
  const brought = truth.isBroughtTo(group, mine.intent, call.at);
  return muted || leaving || brought || truth.sinceBad(from, call.at) <= FRESH_MS;
};

export const oneFailureOneMove: OnCall = (call, mine, { group, truth, detaches, leftIn }) => {
  // A holder that has lost its claim may ask once more for what is coming off already.
  if (call.was === "detaching") return true;
  if (!isAcceptedDetach(call) || detaches > 0 || mine === undefined) return true;
  const from = instanceOf(group, mine.intent.from);
  const unplanned = ["active-failing", "active-dead"].includes(mine.intent.because);
  return !unplanned || from === undefined || leftIn(from) !== truth.failure(from);
};
