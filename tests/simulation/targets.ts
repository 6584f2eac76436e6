/** Laws about how a move goes on and ends: to another target only where it must, to none a second time, and remembered. */
import type { Claim } from "./claims.ts";
import { instanceOf, READ_BEFORE_MS, type Seen, type Write } from "./seen.ts";

/** A target that was lost is not tried again under the same intent. */
export function aTargetIsTriedOnce(
  { before, after, at }: Write,
  _: Claim | undefined,
  { group, truth, past }: Seen,
): boolean {
  const to = instanceOf(group, after.intent?.to);
  // It was given up too early, and has the group after all.
  const came = truth.holders(group, at).every((holder) => holder === to);
  if (!goesOn(before?.intent, after.intent) || came) return true;
  return !past.targets(after.intent?.id ?? "").includes(after.intent?.to ?? "");
}

/** Only a target that fails, or that EC2 would not have, is given up; one that nobody can say anything of is not. */
export function aTargetIsLeftForAReason(
  { before, after, at }: Write,
  _: Claim | undefined,
  { group, truth, tableAway, attachFailed }: Seen,
): boolean {
  const target = instanceOf(group, before?.intent?.to);
  const next = instanceOf(group, after.intent?.to);
  if (truth.holders(group, at).every((holder) => holder === next)) return true;
  if (!goesOn(before?.intent, after.intent) || target === undefined || tableAway) return true;
  return (
    truth.sinceBad(target, at) <= READ_BEFORE_MS ||
    attachFailed(target) ||
    !truth.hasRoom(target) ||
    truth.isStuckAttaching(group, target, at)
  );
}

/** A move that has brought the group to a target, be it one that it had given up, ends as one: cooldown and budget rest on that. */
export function movesAreRemembered(
  { before, after, at }: Write,
  mine: Claim | undefined,
  { group, truth, past, attached }: Seen,
): boolean {
  const ended = before?.intent;
  if (ended === undefined || after.intent !== undefined || mine?.intent.id !== ended.id || !attached)
    return true;
  const targets = past.targets(ended.id).map((name) => instanceOf(group, name));
  const [first, ...others] = truth.holders(group, at);
  // One that it had given up for good reason, and that somebody brought the group to, is not where it came.
  const back = first !== undefined && truth.sinceBad(first, at) > READ_BEFORE_MS && targets.includes(first);
  const came = back || first === instanceOf(group, ended.to);
  const arrived = first !== undefined && came && others.every((holder) => holder === first);
  return !arrived || after.moves.at(-1)?.id === ended.id;
}

type Named = { readonly id: string; readonly to: string } | undefined;

function goesOn(before: Named, after: Named): boolean {
  return before !== undefined && before.id === after?.id && before.to !== after.to;
}
