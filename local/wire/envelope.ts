/** Events in the envelope that EventBridge puts around them. */
import { randomUUID } from "node:crypto";
import type { AlarmEvent } from "../cloudwatch/events.ts";

export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** Whole seconds: `2019-10-02T17:04:40Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** An event of CloudWatch. */
export function alarmEvent(place: Place, event: AlarmEvent): BusEvent {
  const { detailType, at, resources, detail } = event;
  return envelope(place, { type: detailType, source: "aws.cloudwatch", at, resources, detail });
}

/** `EC2 Instance State-change Notification`: no previous state, no reason. */
export function instanceStateEvent(
  place: Place,
  change: { readonly at: number; readonly instance: string; readonly state: string },
): BusEvent {
  return envelope(place, {
    type: "EC2 Instance State-change Notification",
    source: "aws.ec2",
    at: change.at,
    resources: [`arn:aws:ec2:${place.region}:${place.account}:instance/${change.instance}`],
    detail: { "instance-id": change.instance, state: change.state },
  });
}

function envelope(
  place: Place,
  event: {
    readonly type: string;
    readonly source: string;
    readonly at: number;
    readonly resources: readonly string[];
    readonly detail: Readonly<Record<string, unknown>>;
  },
): BusEvent {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": event.type,
    source: event.source,
    account: place.account,
    time: `${new Date(event.at).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: event.resources,
    detail: event.detail,
  };
}
