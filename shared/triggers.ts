/**
 * Events of EventBridge, read strictly by source and detail-type. Events are hints: they say where to look, and what is
 * found there decides. So an event that nobody reads is named and ignored, and only a broken one is refused.
 */
import * as v from "valibot";
import { readInput } from "./bad-request.ts";
import { must } from "./check.ts";
import type { Config } from "./config.ts";
import { alarmChange } from "./triggers/alarm.ts";
import { lifecycleAction, rebalance, spotNotice, stateChange } from "./triggers/instance.ts";
import { probeVerdict } from "./triggers/probe.ts";
import { type Envelope, epoch, ignored, type Reader, Timestamp, type Trigger } from "./triggers/trigger.ts";

export type { Trigger } from "./triggers/trigger.ts";

const NOT_AN_EVENT = "not an event of EventBridge";

/** AWS's own sample of an instance state change has no `version`, so none is asked for. */
const Event = v.pipe(
  v.object({
    id: v.pipe(
      v.string(),
      v.minLength(1),
      must("the id of the event", { example: "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92" }),
    ),
    source: v.pipe(v.string(), must("the source of the event", { example: "aws.ec2" })),
    "detail-type": v.pipe(
      v.string(),
      must("the kind of the event", { example: "CloudWatch Alarm State Change" }),
    ),
    time: Timestamp,
  }),
  must("an event of EventBridge", { remedy: "an alarm's own Lambda action is another payload: use a rule" }),
);

const READERS: ReadonlyMap<string, Reader> = new Map([
  ["aws.cloudwatch: CloudWatch Alarm State Change", alarmChange],
  ["aws.ec2: EC2 Instance State-change Notification", stateChange],
  ["aws.ec2: EC2 Spot Instance Interruption Warning", spotNotice],
  ["aws.ec2: EC2 Instance Rebalance Recommendation", rebalance],
  ["aws.autoscaling: EC2 Instance-terminate Lifecycle Action", lifecycleAction],
  ["aws.health: AWS Health Event", healthEvent],
  ["lambda: Lambda Function Invocation Result - Success", probeVerdict],
]);

/**
 * What an event says and which groups it concerns. Throws `BadRequest` for what is no event, and for one that lacks
 * what its kind must have.
 */
export function parseEvent(event: unknown, config: Config): Trigger {
  const { id, source, "detail-type": type, time } = readInput(Event, event, NOT_AN_EVENT);
  const envelope = { id, source, type, at: epoch(time) };
  const reader = READERS.get(`${source}: ${type}`) ?? unknownEvent;
  return reader(event, envelope, config);
}

/** Names an event of AWS Health. What is scheduled for an instance is read from EC2 itself, with its status. */
function healthEvent(_: unknown, envelope: Envelope): Trigger {
  return ignored(
    envelope,
    envelope.type,
    "AWS Health event: scheduled events are read from EC2 itself, so it is ignored",
  );
}

function unknownEvent(_: unknown, envelope: Envelope): Trigger {
  return ignored(
    envelope,
    envelope.type,
    `"${envelope.type}" from ${envelope.source} is no event that is looked into`,
  );
}
