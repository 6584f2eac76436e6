/** An alarm in DescribeAlarms' shape. */
import type {
  CompositeAlarm as CompositeShape,
  MetricAlarm as MetricShape,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from "@aws-sdk/client-cloudwatch";
import type { Alarm, Suppressed } from "./alarm.ts";

export function describe(alarm: Alarm, suppressed: Suppressed | undefined): MetricShape & CompositeShape {
  const { state } = alarm;
  // Members that may be absent are added last: spreads in so large a literal cost more than the rest.
  const shape: MetricShape & CompositeShape = {
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    ...untagged(alarm),
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    StateValue: state.value,
    StateReason: state.reason,
    StateUpdatedTimestamp: new Date(state.updatedAt),
    StateTransitionedTimestamp: new Date(state.transitionedAt),
  };
  if (state.reasonData !== undefined) shape.StateReasonData = state.reasonData;
  if (suppressed !== undefined) {
    shape.ActionsSuppressedBy = suppressed.by;
    shape.ActionsSuppressedReason = suppressed.reason;
  }
  return shape;
}

/** What an alarm was made from, without its tags, and with the lists that DescribeAlarms always shows. */
function untagged(alarm: Alarm): Omit<PutMetricAlarmInput & PutCompositeAlarmInput, "Tags"> {
  const known = inputs.get(alarm.input);
  if (known !== undefined) return known;
  const { Tags: _tags, ...input } = alarm.input as PutMetricAlarmInput & PutCompositeAlarmInput;
  const lists = input.Metrics === undefined ? { Dimensions: [], Metrics: [] } : { Metrics: [] };
  const made = alarm.kind === "metric" ? { ...lists, ...input } : input;
  inputs.set(alarm.input, made);
  return made;
}

const inputs = new WeakMap<object, Omit<PutMetricAlarmInput & PutCompositeAlarmInput, "Tags">>();
