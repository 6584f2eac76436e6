/** Whether a drill may begin, and with which alarm; or the one reason why not, and what to do about it. */
import { memberOf } from "./candidates.ts";
import type { Situation } from "./decide.ts";
import { decide } from "./decide.ts";
import { openDrill } from "./drill.ts";
import { type DrillTimes, drillsBlocked } from "./drill-times.ts";
import { hold } from "./first.ts";
import type { AlarmSeen, Group, Hold, HoldBecause, Observation } from "./model.ts";
import { wouldDecide } from "./moving.ts";
import { ifActiveFailed } from "./readiness.ts";
import { clock } from "./words.ts";

export interface Rehearsal {
  readonly kind: "drill";
  readonly alarm: string;
  readonly from: string;
  /** Who takes the group, as far as can be said now. */
  readonly to: string;
}

/** `wanted`: the alarm that was asked for; else the first of the active's that would tell of a failure. */
export function mayDrill(
  situation: Situation,
  times: DrillTimes,
  wanted: string | undefined,
): Rehearsal | Hold {
  const { diagnosis, group } = situation;
  const standing = allIsWell(situation) ?? inHand(situation) ?? repeated(situation);
  if (standing !== undefined) return standing;
  const failover = ifActiveFailed(situation);
  if (failover?.kind !== "move" || failover.from === undefined) {
    const because = failover?.kind === "hold" ? failover.because : "in-progress";
    return refused(because, failover === undefined ? "Nobody is active." : wouldDecide(failover));
  }
  const { from, to } = failover;
  if (memberOf(diagnosis, to)?.leaving !== undefined)
    return refused("no-eligible-standby", `${to}, which would take the group, is about to leave.`);
  if (group.policy.mode === "observe")
    return refused("drill-refused", "The group only observes: a drill needs mode: act.");
  const blocked = drillsBlocked(times, situation.now);
  if (blocked !== undefined) return refused("drill-refused", blocked);
  const alarm = alarmFor(group, from, situation.observation, wanted);
  return typeof alarm === "string" ? { kind: "drill", alarm, from, to } : alarm;
}

/** The alarms that speak about this member while it is active: the one on its status checks first. */
export function alarmsAbout(group: Group, member: string | undefined): readonly string[] {
  const { statusAlarm, alarms = [] } = group.members.find(({ name }) => name === member) ?? {};
  return [...(statusAlarm === undefined ? [] : [statusAlarm]), ...alarms, ...group.alarms];
}

/** What a look comes to has to be: healthy. Everything else comes before a rehearsal. */
function allIsWell(situation: Situation): Hold | undefined {
  const decision = decide(situation);
  if (decision.because === "healthy") return undefined;
  if (decision.kind === "hold") return refused(decision.because, decision.message);
  return refused("in-progress", `The next look has something else to do first. ${wouldDecide(decision)}`);
}

function inHand({ state, now }: Situation): Hold | undefined {
  const { intent } = state;
  if (intent !== undefined)
    return refused(
      "in-progress",
      `A move to ${intent.to} (${intent.because}) is in hand: ask when it has ended.`,
    );
  const open = openDrill(state, now);
  if (open === undefined) return undefined;
  return refused(
    "in-progress",
    `A drill by ${open.by} is under way; it ends by ${clock(open.until, now)}: ask again then.`,
  );
}

/** A repeated command must not move the group to and fro. */
function repeated({ group, state, now }: Situation): Hold | undefined {
  const at = state.drill?.end?.outcome === "moved" ? state.drill.end.at : undefined;
  const until = (at ?? 0) + group.policy.cooldownSeconds * 1000;
  if (at === undefined || now >= until) return undefined;
  return refused("just-moved", `The last drill ended at ${clock(at, now)}: wait until ${clock(until, now)}.`);
}

function alarmFor(
  group: Group,
  active: string,
  seen: Observation,
  wanted: string | undefined,
): string | Hold {
  const about = alarmsAbout(group, active);
  if (about.length === 0) {
    const text = `No alarm speaks about ${active}: name one in the configuration, or switch statusAlarm on.`;
    return refused("drill-refused", text);
  }
  if (wanted !== undefined && !about.includes(wanted)) {
    const other = group.members.find(({ name }) =>
      alarmsAbout({ ...group, alarms: [] }, name).includes(wanted),
    );
    const why =
      other === undefined ? "is no alarm of this group" : `is about ${other.name}, which is not active`;
    return refused("drill-refused", `"${wanted}" ${why}: name ${inWords(about)}.`);
  }
  const asked = wanted === undefined ? about : [wanted];
  const fit = asked.find((name) => unfit(seen.alarms[name]) === undefined);
  if (fit !== undefined) return fit;
  if (seen.alarmsUnread !== undefined)
    return refused("unconfirmed", `The alarms could not be read (${seen.alarmsUnread}): ask again.`);
  const reasons = asked.map((name) => `"${name}" ${unfit(seen.alarms[name])}`);
  return refused("drill-refused", `No alarm would carry a drill: ${reasons.join("; ")}.`);
}

/** Why a failure would not come through by this alarm, or not be told from the drill. */
function unfit(alarm: AlarmSeen | undefined): string | undefined {
  if (alarm === undefined) return "does not exist: deploy the stack, or create it";
  if (alarm.rule !== undefined)
    return "is a composite alarm, which CloudWatch may not take back: use one that it is made of";
  if (alarm.muted === true) return "is muted: it would tell of no failure either";
  if (alarm.state === "INSUFFICIENT_DATA") return "has no data: it would tell of no failure either";
  return alarm.state === "ALARM" ? "is in ALARM already" : undefined;
}

function refused(because: HoldBecause, message: string): Hold {
  return hold(because, message, false);
}

function inWords(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(" or ");
}
