/**
 * Drills: a rehearsal through the real alarm path.
 *
 * A drill stands in the record, and its id in the reason that its alarm is set with: so the alarm's event is known for
 * the drill's own, and nothing else begins its move. What the alarm shows meanwhile is no evidence. It goes the way of a
 * failover, by the same rules, and whatever would hold that holds it; but its active is healthy, and never forced.
 */
import { withEntry } from "./entry.ts";
import type { AlarmSeen, Because, Drill, DrillEnd, Evidence, Intent, Move, Phases, State } from "./model.ts";
import { clock } from "./words.ts";

/** An alarm's event takes seconds to come. What comes later finds a drill that has lapsed, and does nothing. */
const DRILL_LASTS_MS = 120_000;

const MARK = /^Drill (?<id>\S+) of group /;

/** The reason that the alarm of a drill is set with. CloudWatch repeats it in the alarm's event. */
export function drillReason(group: string, { id, by }: Pick<Drill, "id" | "by">): string {
  return `Drill ${id} of group ${group}, asked for by ${by}: nothing has failed`;
}

/** The id of the drill by which an alarm came to its state; undefined: it was no drill. */
export function drillIn(reason: string | undefined): string | undefined {
  return MARK.exec(reason ?? "")?.groups?.id;
}

/** The drill that is under way: it has not ended, and its alarm's event may still come. */
export function openDrill({ drill }: Pick<State, "drill">, now: number): Drill | undefined {
  return drill?.end === undefined && drill !== undefined && now < drill.until ? drill : undefined;
}

/** Writes down that a drill begins, just before its alarm is set. */
export function beginDrill(
  state: State,
  asked: Omit<Drill, "since" | "until" | "end">,
  now: number,
): State & { readonly drill: Drill } {
  const drill = { ...asked, since: now, until: now + DRILL_LASTS_MS };
  const message = `A drill begins: alarm ${drill.alarm} is about to be set to ALARM, and its event counts until ${clock(drill.until, now)}.`;
  return { ...withDrillEntry({ ...state, drill }, `v${state.version}`, { at: now, message }), drill };
}

/** The move of a failover, as the drill's own: asked for by an operator, so that it uses up no budget. */
export function drillMove(drill: Drill, failover: Move): Move {
  const { id, by, reason, alarm, since } = drill;
  const set: Evidence = {
    source: `alarm:${alarm}`,
    witness: `alarm:${alarm}`,
    says: "failing",
    detail: "set to ALARM by a drill",
    since,
  };
  return {
    ...failover,
    because: "drill",
    why: `a drill, as ${by} asked${reason === undefined ? "" : ` (${reason})`}`,
    automatic: false,
    budgeted: false,
    by,
    ...(reason === undefined ? {} : { reason }),
    evidence: [set],
    drill: id,
  };
}

/**
 * What is left of the evidence of an alarm in ALARM: nothing while the drill that set it is fresh, nor of a composite
 * alarm over it. Still in ALARM after that, nobody knows whether it would be without the drill: then it says unknown.
 */
export function withoutDrill(
  evidence: Evidence,
  alarm: AlarmSeen,
  drill: Drill | undefined,
  at: number,
): Evidence | undefined {
  const fresh = drill !== undefined && at < drill.until;
  const overIt = fresh && alarm.rule !== undefined && names(alarm.rule, drill.alarm);
  if (overIt || (fresh && alarm.drill === drill.id)) return undefined;
  if (alarm.drill === undefined) return evidence;
  return { ...evidence, says: "unknown", detail: "still in ALARM, to which a drill has set it" };
}

/** Whether the rule of a composite alarm names this one: by itself, in quotes or by its ARN, and not as a part of a longer name. */
function names(rule: string, alarm: string): boolean {
  const parts = rule.split(alarm);
  return parts.some((before, index) => {
    const after = parts[index + 1];
    return after !== undefined && /[("':\s]$/.test(before) && /^[)"'\s]/.test(after);
  });
}

/** The end of the drill, if it has none yet: in the record, and in the history under the key of `sequence`. */
export function endDrill(state: State, end: DrillEnd, sequence: string): State {
  const { drill } = state;
  if (drill === undefined || drill.end !== undefined) return state;
  const { at, to } = end;
  const message = `The drill has ended (${end.outcome}): ${end.message}`;
  const kind = end.outcome === "failed" ? "failed-drill" : "drill";
  const entry = { kind, at, message, ...(to === undefined ? {} : { to }) } as const;
  return withDrillEntry({ ...state, drill: { ...drill, end } }, sequence, entry);
}

/** Ends the drill with the move that has settled: its own, or another that came first. */
export function drillAfterMove(
  state: State,
  intent: Intent,
  ending: {
    readonly kind: "moved" | "failed";
    readonly because: Because;
    readonly message: string;
    readonly phases: Phases;
  },
  now: number,
): State {
  const { kind, because, message, phases } = ending;
  const move = { at: now, to: intent.to, epoch: state.epoch };
  const own = intent.drill === state.drill?.id;
  const end: DrillEnd = own
    ? { ...move, outcome: kind, because, message, phases }
    : {
        ...move,
        outcome: "superseded",
        because: intent.because,
        message: `Another move came first. ${message}`,
      };
  return endDrill(state, end, `e${state.epoch}.4`);
}

/** Ends a drill that has lapsed: its alarm was set, and nobody came. While a move is in hand, its holder ends the drill. */
export function lapseDrill(state: State, now: number): State {
  const { drill, intent } = state;
  if (drill === undefined || now < drill.until || intent !== undefined) return state;
  const seconds = (drill.until - drill.since) / 1000;
  const message = `No look of onHealthEvent came of ${drill.alarm} within ${seconds} s. The missing link is the rule of EventBridge that names the alarm, or onHealthEvent itself: see the rule's invocations, the function's log and the dead-letter queue.`;
  return endDrill(state, { at: now, outcome: "failed", because: "drill", message }, `v${state.version}.3`);
}

function withDrillEntry(
  state: State,
  sequence: string,
  entry: {
    readonly at: number;
    readonly message: string;
    readonly to?: string;
    readonly kind?: "failed-drill" | "drill";
  },
): State {
  const { drill, epoch } = state;
  if (drill === undefined) return state;
  const { by, reason, from } = drill;
  const said = { by, from, ...(reason === undefined ? {} : { reason }) };
  return withEntry(state, sequence, { kind: "drill", because: "drill", epoch, ...said, ...entry });
}
