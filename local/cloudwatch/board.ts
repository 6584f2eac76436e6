/**
 * The board of alarms: what exists, what state it is in, and the one way to change a state. Every transition is
 * journaled, kept in the history, turned into an event, and told to the composite alarms that watch the alarm.
 */
import type { AlarmHistoryItem } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import type { Journal } from "../journal.ts";
import type { Alarm, State, Suppressed } from "./alarm.ts";
import { compositeReason, compositeState, suppression } from "./composite.ts";
import type { StateValue } from "./evaluation.ts";
import { type AlarmEvent, configurationChange, stateChange } from "./events.ts";
import { type MuteRule, muteWindow, type Window } from "./mute.ts";
import { alarmsOf } from "./rule.ts";

/** A state to go to, and the journal entry that it follows from. */
export interface Change {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData?: string | undefined;
  readonly at: number;
  readonly cause: string | undefined;
}

const HISTORY_KEPT = 5_000;
/** Composite alarms may watch each other; a ring of them must not turn for ever. */
const DEEPEST = 20;

export class Board {
  readonly alarms = new Map<string, Alarm>();
  readonly mutes = new Map<string, MuteRule>();
  readonly history: AlarmHistoryItem[] = [];
  readonly #journal: Journal | undefined;
  readonly #speed: number;
  #events: AlarmEvent[] = [];
  #transitions = 0;

  constructor(journal: Journal | undefined, speed: number) {
    this.#journal = journal;
    this.#speed = speed;
  }

  /** How often an alarm has come or gone, or has changed its state. */
  get transitions(): number {
    return this.#transitions;
  }

  /** The events since the last drain, in order. */
  drainEvents(): AlarmEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The alarm of that name; throws ResourceNotFound (404). */
  alarm(name: string): Alarm {
    const alarm = this.alarms.get(name);
    if (alarm === undefined) throw new AwsError("ResourceNotFound", `Alarm ${name} does not exist`, 404);
    return alarm;
  }

  /** Puts a new or changed alarm on the board. A new composite alarm is evaluated at once. */
  put(alarm: Alarm, now: number, cause: string | undefined): void {
    const operation = this.alarms.has(alarm.name) ? "update" : "create";
    this.alarms.set(alarm.name, alarm);
    this.#transitions += 1;
    this.#events.push(configurationChange(alarm, operation, now, cause));
    this.#remember(alarm, "ConfigurationUpdate", `Alarm "${alarm.name}" ${operation}d`, now, {});
    if (alarm.kind !== "composite") return;
    const value = compositeState(alarm, this.alarms);
    if (operation === "update" && value === alarm.state.value) return;
    this.change(alarm, { value, ...compositeReason(alarm, this.alarms, undefined, value), at: now, cause });
  }

  /** Takes alarms off the board: all of them or, when one does not exist, none. */
  delete(names: readonly string[], now: number, cause: string | undefined): void {
    for (const alarm of names.map((name) => this.alarm(name))) {
      this.alarms.delete(alarm.name);
      this.#transitions += 1;
      this.#events.push(configurationChange(alarm, "delete", now, cause));
      this.#remember(alarm, "ConfigurationUpdate", `Alarm "${alarm.name}" deleted`, now, {});
    }
  }

  /** Goes to a state. Only a transition is told; the same state again changes nothing but its reason. */
  change(alarm: Alarm, change: Change, depth = 0): void {
    const previous = alarm.state;
    const { value, reason, reasonData, at } = change;
    const transitionedAt = value === previous.value ? previous.transitionedAt : at;
    const said = reasonData === undefined ? { reason } : { reason, reasonData };
    const clearedAt = previous.value === "ALARM" && value !== "ALARM" ? at : previous.clearedAt;
    const cleared = clearedAt === undefined ? {} : { clearedAt };
    alarm.state = { value, ...said, updatedAt: at, transitionedAt, ...cleared };
    if (value === previous.value) return;
    this.#transitions += 1;
    const entry = this.#journal?.add({
      kind: "alarm",
      cause: change.cause,
      at,
      subject: alarm.name,
      detail: { from: previous.value, to: value, reason },
    });
    if (entry !== undefined) alarm.journal = entry;
    this.#tell(alarm, previous, at);
    if (depth < DEEPEST) this.#settleComposites(alarm, depth);
  }

  /** Whether, and by what, the alarm's actions are suppressed at `now`. */
  suppressed(alarm: Alarm, now: number): Suppressed | undefined {
    return suppression(alarm, this.alarms, now, this.#speed);
  }

  #tell(alarm: Alarm, previous: State, at: number): void {
    const suppressed = this.suppressed(alarm, at);
    this.#events.push(stateChange(alarm, previous, { suppressed, mute: this.#mutedBy(alarm.name, at) }));
    const summary = `Alarm updated from ${previous.value} to ${alarm.state.value}`;
    this.#remember(alarm, "StateUpdate", summary, at, {
      version: "1.0",
      oldState: { stateValue: previous.value, stateReason: previous.reason },
      newState: { stateValue: alarm.state.value, stateReason: alarm.state.reason },
    });
  }

  #settleComposites(child: Alarm, depth: number): void {
    for (const alarm of this.alarms.values()) {
      if (alarm.kind !== "composite" || !alarmsOf(alarm.rule).includes(child.name)) continue;
      const value = compositeState(alarm, this.alarms);
      if (value === alarm.state.value) continue;
      const said = compositeReason(alarm, this.alarms, child, value);
      this.change(alarm, { value, ...said, at: child.state.transitionedAt, cause: child.journal }, depth + 1);
    }
  }

  #mutedBy(alarm: string, now: number): { arn: string; window: Window } | undefined {
    for (const rule of this.mutes.values()) {
      if (rule.input.MuteTargets?.AlarmNames?.includes(alarm) !== true) continue;
      const window = muteWindow(rule, now);
      if (window !== undefined) return { arn: rule.arn, window };
    }
    return undefined;
  }

  #remember(
    alarm: Alarm,
    type: "ConfigurationUpdate" | "StateUpdate",
    summary: string,
    at: number,
    data: Readonly<Record<string, unknown>>,
  ): void {
    this.history.push({
      AlarmName: alarm.name,
      AlarmType: alarm.kind === "metric" ? "MetricAlarm" : "CompositeAlarm",
      Timestamp: new Date(at),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: JSON.stringify(data),
    });
    if (this.history.length > HISTORY_KEPT) this.history.shift();
  }
}
