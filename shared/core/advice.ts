/** What to do, in a line that fits a phone at night; the runbook has more under the same key. */
import type { Decision, HistoryEntry } from "./model.ts";

const SERVED = "The group is served. Nothing to do tonight.";

/** By the word that says why. Plain text: see `plain` in news.ts. */
export const ADVICE: Readonly<Record<HistoryEntry["because"], string>> = {
  // Moves.
  "active-dead": `${SERVED} Bring the old active back, or replace it: the group needs a standby.`,
  "active-failing": `${SERVED} Look at the old active before the group goes back to it.`,
  "active-leaving": `${SERVED} Replace the member that is leaving: the group needs a standby.`,
  operator: "Nothing, if this was planned. Else ask who moved it: the history says by whom.",
  drill: "Nothing: this was a rehearsal. Compare the phases with the objective.",
  failback: "Nothing: the preferred member has been healthy for long enough.",
  repair: "Find out who detached the interface: CloudTrail, DetachNetworkInterface.",
  unite: "Find out who attached the interfaces apart: CloudTrail, AttachNetworkInterface.",
  resume: `${SERVED} See in the log why the invocation that began the move did not end it.`,
  "target-lost": "See which member has the group now, and repair the one that did not take it.",
  "last-resort": "Act now: no member was well, and the group is on the least bad one. Repair a member.",
  "found-moved": "Nothing, if somebody meant it. Else see CloudTrail for who moved it.",
  // Holds.
  healthy: "Nothing.",
  "already-there": "Nothing.",
  paused: "The group is not well, and paused: resume it, or move it with force.",
  unconfirmed: "See why the active can't be read. If it is down, move the group with force.",
  "alarm-not-cleared": "The alarm did not clear after the last move: the instances may not be the cause.",
  "no-eligible-standby":
    "Act now: the active fails and no member can take the group. Repair a standby; status says why each can't.",
  cooldown: "The active fails within the cooldown of the last move. If it must move now, say to.",
  budget: "The group has moved too often. Find the cause, then acknowledge with budget.",
  surge: "Many groups fail on alarms at once: look at the alarms and what they share first.",
  "in-progress": "Wait, and ask status in a moment.",
  "just-moved": "Wait for the cooldown, or name the member with to.",
  "detach-stuck": "The guest does not let go of the interface. Move the group with force.",
  "interface-missing":
    "Act now: the interface does not exist. Create it again, or take it out of failover.yml.",
  "held-by-stranger": "Detach the interface from the instance that is no member, or add it as one.",
  "fence-unconfirmed": "Act now: the failed active was not seen stopped. Stop it by hand, or move with to.",
  "world-changed": "Make a new plan.",
  "newer-record":
    "Act now: the table was written by a newer version, and this one moves nothing. Deploy the newer one.",
  "drill-refused": "Choose another time, or mend what the message names.",
  // What is neither.
  doctor: "Ask the doctor for the command that mends it.",
  "operator-needed": "Act now: AWS refuses, and that will not mend itself. The message names the code.",
};

export const UNDER_WAY = "Wait: the end of the move is told too.";
export const OBSERVING = "Nothing was moved. If it should have been, move it yourself, or set mode: act.";
export const GIVEN_UP = "Nothing: no interface was touched.";
export const DRILL_FAILED =
  "Nobody is down. Mend what the message names before something fails, and drill again.";
export const NOT_SERVING =
  "Act now: look at the guest of the member that has the group. Is the interface up, and the service on it?";

/** What to do about what a look would come to now: a move is not made yet, and a pause is meant where all is well. */
export function adviceOn(decision: Decision, mode: "act" | "observe"): string {
  if (decision.kind !== "hold")
    return mode === "observe" ? OBSERVING : "Wait for the next look, a minute at most, and ask again.";
  if (decision.because === "paused" && !decision.notify)
    return "Nothing, while the pause is meant. Resume ends it.";
  return ADVICE[decision.because];
}
