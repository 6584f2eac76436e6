/** The events that CloudWatch sends to EventBridge, in the shapes of its guide's samples. */
import type { Alarm, Query, State, Suppressed } from "./alarm.ts";
import type { Window } from "./mute.ts";
import { stamp } from "./reason.ts";

/** An event of CloudWatch, without the envelope that the bus puts around it. */
export interface AlarmEvent {
  readonly detailType: "CloudWatch Alarm State Change" | "CloudWatch Alarm Configuration Change";
  /** Epoch milliseconds. */
  readonly at: number;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** The journal entry that the event follows from. */
  readonly journal?: string;
}

/** A transition from `previous` to the state that the alarm is in now. */
export function stateChange(
  alarm: Alarm,
  previous: State,
  how: { suppressed: Suppressed | undefined; mute: { arn: string; window: Window } | undefined },
): AlarmEvent {
  const { suppressed, mute } = how;
  const suppression =
    suppressed === undefined
      ? {}
      : { actionsSuppressedBy: suppressed.by, actionsSuppressedReason: suppressed.reason };
  const muted =
    mute === undefined
      ? {}
      : {
          muteDetail: {
            mutedByArn: mute.arn,
            muteWindowStart: stamp(mute.window.start),
            muteWindowEnd: stamp(mute.window.end),
          },
        };
  return {
    detailType: "CloudWatch Alarm State Change",
    at: alarm.state.transitionedAt,
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      state: { ...suppression, ...shownState(alarm.state) },
      previousState: shownState(previous),
      configuration: configuration(alarm),
      ...muted,
    },
    ...(alarm.journal === undefined ? {} : { journal: alarm.journal }),
  };
}

/** An alarm was created, updated or deleted. */
export function configurationChange(
  alarm: Alarm,
  operation: "create" | "update" | "delete",
  now: number,
  journal: string | undefined,
): AlarmEvent {
  return {
    detailType: "CloudWatch Alarm Configuration Change",
    at: now,
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      operation,
      state: { value: alarm.state.value, timestamp: stamp(alarm.state.updatedAt) },
      configuration: { ...configuration(alarm), actionsEnabled: alarm.actionsEnabled, timestamp: stamp(now) },
    },
    ...(journal === undefined ? {} : { journal }),
  };
}

function shownState(state: State): Record<string, unknown> {
  return {
    value: state.value,
    reason: state.reason,
    ...(state.reasonData === undefined ? {} : { reasonData: state.reasonData }),
    timestamp: stamp(state.transitionedAt),
  };
}

function configuration(alarm: Alarm): Record<string, unknown> {
  const description =
    alarm.input.AlarmDescription === undefined ? {} : { description: alarm.input.AlarmDescription };
  if (alarm.kind === "metric") return { ...description, metrics: alarm.queries.map(shownQuery) };
  const { input } = alarm;
  return {
    ...description,
    alarmRule: input.AlarmRule,
    ...(input.ActionsSuppressor === undefined
      ? {}
      : {
          actionsSuppressor: input.ActionsSuppressor,
          actionsSuppressorWaitPeriod: input.ActionsSuppressorWaitPeriod,
          actionsSuppressorExtensionPeriod: input.ActionsSuppressorExtensionPeriod,
        }),
  };
}

function shownQuery(query: Query): Record<string, unknown> {
  const label = query.label === undefined ? {} : { label: query.label };
  if (query.metric === undefined) {
    return { expression: query.expression?.text, id: query.id, ...label, returnData: query.returnData };
  }
  const { name, period, stat } = query.metric;
  const metric = { dimensions: name.dimensions, name: name.name, namespace: name.namespace };
  return { id: query.id, metricStat: { metric, period, stat }, ...label, returnData: query.returnData };
}
