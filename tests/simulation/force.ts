/** Laws about what is detached, and how: a guest that answers is asked first, and what a stranger holds stops the rest. */
import type { Claim } from "./claims.ts";
import { type Call, FRESH_MS, isAcceptedDetach, type OnCall, type Seen } from "./seen.ts";

/** An answer may take four seconds, and the grace counts from before the first call. */
const ON_ITS_WAY_MS = 5_000;

/** A failing member that answers has its grace to let go, before it is forced. */
export function graceIsGiven(call: Call, mine: Claim | undefined, { group, truth, askedAt }: Seen): boolean {
  const { holder, at } = call;
  if (!isAcceptedDetach(call) || call.input.Force !== true || holder === undefined) return true;
  const said = mine?.intent.force === true || group.policy.detach === "force";
  const ends = !truth.lives(holder, at) || truth.endsWithin(holder, 2 * FRESH_MS, at);
  const holderName = group.members.find(({ instance }) => instance === holder)?.name ?? "";
  // It may have been seen attaching for ever there, where this very move has brought it.
  const passedOver = mine?.intent.tried.includes(holderName) === true;
  const stuck = passedOver || call.was === "attaching" || call.lately === "attaching";
  const unreachable = truth.witnesses.isUnreachable(holder, at - FRESH_MS);
  if (said || ends || stuck || unreachable) return true;
  // Somebody else has asked for it.
  if (askedAt === undefined) return call.was === "detaching";
  return at - askedAt >= group.policy.graceSeconds * 1000 - ON_ITS_WAY_MS;
}

/** While a stranger has one of the interfaces, no move of the others begins. */
export function strangersStopTheRest(
  call: Call,
  _: Claim | undefined,
  { group, truth, detaches, attached }: Seen,
): boolean {
  if (!isAcceptedDetach(call) || detaches > 0 || attached || call.was === "detaching") return true;
  if (truth.holders(group, call.at).includes(undefined)) return true;
  return truth.strangerFor(group, call.at) <= FRESH_MS;
}

export const healthyIsNotForced: OnCall = (call, mine, { truth, group, state, askedAt = call.at }) => {
  if (!isAcceptedDetach(call) || call.input.Force !== true || call.holder === undefined) return true;
  const forces = group.policy.detach === "force" && mine?.intent.drill === undefined;
  if (mine?.intent.force === true || forces) return true;
  // Attaching for a minute and more: it is in use nowhere, and nobody loses it.
  if (call.was === "attaching" || call.lately === "attaching") return true;
  const holder = group.members.find((member) => member.instance === call.holder)?.name ?? "";
  const leaving =
    state?.leaving[holder] !== undefined || truth.endsWithin(call.holder, 2 * FRESH_MS, call.at);
  const putThere = mine?.intent.tried.includes(holder) === true;
  // What was coming off, or had been asked off, when its alarm was muted comes off: a mute holds up no move that has begun.
  if ((call.was === "detaching" || askedAt < call.at) && truth.sinceMuted(call.holder, call.at) <= FRESH_MS)
    return true;
  return leaving || putThere || truth.sinceBad(call.holder, call.at) <= FRESH_MS;
};
