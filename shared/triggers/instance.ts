/**
 * Events about an instance: its state, the notice of a spot interruption, and what is only named.
 *
 * EC2 sends them on a best-effort basis and without an order, so each is only a reason to look.
 * Sources: docs.aws.amazon.com/AWSEC2/latest/UserGuide, monitoring-instance-state-changes.html,
 * spot-instance-termination-notices.html; docs.aws.amazon.com/autoscaling/ec2/userguide,
 * ec2-auto-scaling-event-reference.html
 */
import * as v from "valibot";
import { readInput } from "../bad-request.ts";
import { must } from "../check.ts";
import { InstanceId } from "../config/values.ts";
import { concernsOfInstance, groupsInWords, ignored, type Reader } from "./trigger.ts";

/** The states that take a member out of service. A member that starts is seen by the sweep. */
const ENDING = new Set(["stopping", "stopped", "shutting-down", "terminated"]);

/** The notice comes two minutes before the interruption; half a minute more, since EC2 does not promise the second. */
const SPOT_NOTICE_MS = 150_000;

function detailOf<E extends v.ObjectEntries>(entries: E) {
  const remedy = "give the event as EventBridge sends it";
  return v.object({ detail: v.pipe(v.object(entries), must("the detail of the event", { remedy })) });
}

const StateEvent = detailOf({
  "instance-id": InstanceId,
  state: v.picklist(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]),
});

/** Reads an EC2 Instance State-change Notification. */
export const stateChange: Reader = (event, envelope, config) => {
  const { detail } = readInput(StateEvent, event, "not an instance state change");
  const instance = detail["instance-id"];
  const concerns = concernsOfInstance(instance, config);
  const changed = `${instance} is ${detail.state}`;
  if (concerns.length === 0) return ignored(envelope, instance, `${changed}; it is a member of no group`);
  const groups = groupsInWords(concerns);
  if (!ENDING.has(detail.state))
    return ignored(envelope, instance, `${changed}: nothing to look at in ${groups}`);
  const message = `${changed}: looking at ${groups}`;
  return { id: envelope.id, kind: "instance-state", at: envelope.at, subject: instance, message, concerns };
};

const SpotEvent = detailOf({
  "instance-id": InstanceId,
  "instance-action": v.picklist(["hibernate", "stop", "terminate"]),
});

/** Reads an EC2 Spot Instance Interruption Warning: the one event that carries what no read would show. */
export const spotNotice: Reader = (event, envelope, config) => {
  const { detail } = readInput(SpotEvent, event, "not a spot interruption warning");
  const instance = detail["instance-id"];
  const concerns = concernsOfInstance(instance, config);
  const announced = `spot interruption (${detail["instance-action"]}) of ${instance}`;
  if (concerns.length === 0) return ignored(envelope, instance, `${announced}; it is a member of no group`);
  return {
    id: envelope.id,
    kind: "spot-notice",
    at: envelope.at,
    subject: instance,
    message: `${announced}: looking at ${groupsInWords(concerns)}`,
    concerns,
    leaving: {
      instance,
      why: `spot interruption (${detail["instance-action"]})`,
      at: envelope.at + SPOT_NOTICE_MS,
    },
  };
};

const RebalanceEvent = detailOf({ "instance-id": InstanceId });

/** Names an EC2 Instance Rebalance Recommendation: a risk, with neither a time nor a promise that it comes. */
export const rebalance: Reader = (event, envelope) => {
  const { detail } = readInput(RebalanceEvent, event, "not a rebalance recommendation");
  const instance = detail["instance-id"];
  return ignored(
    envelope,
    instance,
    `rebalance recommendation for ${instance}: it announces no end, so it is ignored`,
  );
};

const LifecycleEvent = detailOf({
  EC2InstanceId: InstanceId,
  AutoScalingGroupName: v.pipe(v.string(), must("the name of the Auto Scaling group", { example: "nat" })),
});

/** Reads an EC2 Instance-terminate Lifecycle Action. It is told of, and EC2's own state change is what is looked at. */
export const lifecycleAction: Reader = (event, envelope, config) => {
  const { detail } = readInput(LifecycleEvent, event, "not a terminating lifecycle action");
  const instance = detail.EC2InstanceId;
  const concerns = concernsOfInstance(instance, config);
  const announced = `Auto Scaling group ${detail.AutoScalingGroupName} is about to terminate ${instance}`;
  if (concerns.length === 0) return ignored(envelope, instance, `${announced}; it is a member of no group`);
  const message = `${announced}, a member of ${groupsInWords(concerns)}: reported only`;
  return {
    id: envelope.id,
    kind: "lifecycle-action",
    at: envelope.at,
    subject: instance,
    message,
    concerns: [],
  };
};
