/** Laws about what is written: by whoever holds the claim, in order, and with its entry in the outbox. */
import { isOperators } from "./ending.ts";
import { type OnWrite, SKEW_MS } from "./seen.ts";

export const versionCounts: OnWrite = ({ before, after }) => after.version === (before?.version ?? 0) + 1;

export const epochsGrow: OnWrite = ({ before, after }) => {
  const old = before?.epoch ?? 0;
  return after.epoch === old || after.epoch === old + 1;
};

export const leaseIsRespected: OnWrite = ({ before, after, at, by }) => {
  const claimed = after.epoch > (before?.epoch ?? 0);
  const held = before?.lease !== undefined && before.lease.until > at + SKEW_MS;
  // A holder may have given up, and claims again within the same invocation.
  return !claimed || !held || before.lease?.holder.startsWith(`${by}.`) === true;
};

export const lostHoldersAreSilent: OnWrite = ({ before, after, at }, mine) => {
  const touched =
    before?.intent?.id !== after.intent?.id ||
    before?.intent?.to !== after.intent?.to ||
    (before?.moves.length ?? 0) !== after.moves.length;
  if (!touched || after.epoch !== (before?.epoch ?? 0)) return true;
  if (mine !== undefined && before?.lease?.holder === mine.holder && before.epoch === mine.epoch) return true;
  const unheld = before?.lease === undefined || before.lease.until <= at + SKEW_MS;
  return unheld && after.intent === undefined;
};

export const onlyBegunAreResumed: OnWrite = ({ before, after }) => {
  // What is claimed again under a new epoch must have been there: an intent never changes hands unseen.
  const again = after.epoch > (before?.epoch ?? 0) && after.intent?.id === before?.intent?.id;
  return !again || after.intent?.to === before?.intent?.to;
};

export const movesAreTold: OnWrite = ({ before, after }) => {
  const last = after.moves.at(-1);
  if (last === undefined || last.id === before?.moves.at(-1)?.id) return true;
  return Object.keys(after.outbox).some((key) => before?.outbox[key] === undefined);
};

/** What was done to an earlier launch has ended with it: nobody is told that it keeps a member out. */
export const restartsAreSeen: OnWrite = ({ before, after, at }, _, { group, truth, detailsUnread }) => {
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
