/** Laws about drills: begun by somebody, for one move of its own, and ended once. */
import { type OnClaim, type OnWrite, SKEW_MS } from "./seen.ts";

/** It was begun and has not ended, nobody has paused since, and it takes the group off whom it names. */
export const drillsAreAsked: OnClaim = ({ intent }, { before, at }) => {
  if (intent.drill === undefined) return intent.because !== "drill";
  const drill = before?.drill;
  const pause = before?.pause;
  const on = pause !== undefined && (pause.until === undefined || pause.until > at + SKEW_MS);
  const open = drill?.id === intent.drill && drill.end === undefined && at < drill.until + SKEW_MS;
  return open && drill.from === intent.from && !intent.force && !intent.budgeted && !on;
};

export const drillsEndOnce: OnWrite = ({ before, after }) => {
  const [old, drill] = [before?.drill, after.drill];
  if (old === undefined || drill === undefined || old.id === drill.id) {
    return old?.end === undefined || drill?.end?.at === old.end.at;
  }
  return old.end !== undefined || old.until <= drill.since + SKEW_MS;
};
