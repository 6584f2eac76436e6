/**
 * What an alarm does when its state changes: a message to each topic that it names for the new state. Other actions (of
 * EC2, Auto Scaling, Lambda) are not carried out.
 * Source: CloudWatch user guide, "Notifying users on alarm changes", and the message that SNS hands on.
 */
import type { DescribeAlarmsOutput } from "@aws-sdk/client-cloudwatch";
import type { CloudWatch } from "../cloudwatch/cloudwatch.ts";
import type { Place } from "../service.ts";
import type { BusEvent } from "../wire/envelope.ts";
import { DeliveryError, type Destinations } from "./destinations.ts";

interface StateChange {
  readonly alarmName: string;
  readonly state: { readonly value: string; readonly reason: string; readonly actionsSuppressedBy?: string };
  readonly previousState: { readonly value: string };
}

const ACTIONS = {
  ALARM: "AlarmActions",
  OK: "OKActions",
  INSUFFICIENT_DATA: "InsufficientDataActions",
} as const;

/** Takes the events of alarms, and sends what they ask for. */
export function alarmActions(
  { cloudwatch, destinations, place }: { cloudwatch: CloudWatch; destinations: Destinations; place: Place },
  onLost: (alarm: string, why: string) => void,
): (event: BusEvent, cause: string | undefined, now: number) => void {
  return (event, cause, now) => {
    if (event["detail-type"] !== "CloudWatch Alarm State Change") return;
    const { alarmName, state, previousState } = event.detail as unknown as StateChange;
    const asked = { AlarmNames: [alarmName], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] };
    const found = cloudwatch.call("DescribeAlarms", asked, now) as DescribeAlarmsOutput;
    const alarm = found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0];
    if (alarm?.ActionsEnabled === false || state.actionsSuppressedBy !== undefined) return;
    const body = JSON.stringify({
      AlarmName: alarmName,
      AlarmDescription: alarm?.AlarmDescription ?? null,
      AWSAccountId: place.account,
      NewStateValue: state.value,
      NewStateReason: state.reason,
      StateChangeTime: event.time,
      Region: place.region,
      AlarmArn: alarm?.AlarmArn,
      OldStateValue: previousState.value,
    });
    const subject = `${state.value}: "${alarmName}" in ${place.region}`;
    const sender = {
      kind: "service",
      service: "cloudwatch.amazonaws.com",
      sourceArn: alarm?.AlarmArn ?? "",
    } as const;
    for (const topic of alarm?.[ACTIONS[state.value as keyof typeof ACTIONS]] ?? []) {
      try {
        destinations.send(topic, sender, { body, subject, cause });
      } catch (error) {
        if (!(error instanceof DeliveryError)) throw error;
        onLost(alarmName, error.message);
      }
    }
  };
}
