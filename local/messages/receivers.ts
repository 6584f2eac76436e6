/** How messages arrive at functions, queues, topics and the bus: each asks first whether the sender may. */
import { AwsError } from "../aws-error.ts";
import type { Bus } from "../events/bus.ts";
import type { Permissions } from "../iam/permissions.ts";
import type { Journal } from "../journal.ts";
import type { Asynchronous } from "../lambda/asynchronous.ts";
import { DeliveryError, type Destinations, type Sender } from "./destinations.ts";
import type { Sqs } from "./sqs.ts";
import type { Topic } from "./topics.ts";

export interface Receiving {
  readonly permissions: Permissions;
  readonly asynchronous: Asynchronous;
  readonly sqs: Sqs;
  /** By ARN. */
  readonly topics: ReadonlyMap<string, Topic>;
  readonly bus: Bus;
  readonly journal: Journal;
}

/** Registers functions, queues, topics and the bus with `destinations`. */
export function receivers(destinations: Destinations, receiving: Receiving): void {
  const { permissions, asynchronous, sqs, topics, bus, journal } = receiving;
  destinations.register("lambda", (arn, sender, { body, cause }) => {
    admit(permissions, sender, "lambda:InvokeFunction", arn);
    try {
      asynchronous.accept(arn, body, cause);
    } catch (error) {
      throw error instanceof AwsError ? new DeliveryError("NO_RESOURCE", error.message) : error;
    }
  });
  destinations.register("sqs", (arn, sender, { body, attributes }) => {
    const queue = sqs.queues.get(arn.split(":")[5] ?? "");
    if (queue === undefined) throw new DeliveryError("NO_RESOURCE", `there is no queue ${arn}`);
    admit(permissions, sender, "sqs:SendMessage", arn);
    queue.send(body, attributes);
  });
  destinations.register("sns", (arn, sender, message) => {
    const topic = topics.get(arn);
    if (topic === undefined) throw new DeliveryError("NO_RESOURCE", `there is no topic ${arn}`);
    admit(permissions, sender, "sns:Publish", arn);
    const { body, subject, cause } = message;
    const detail = { message: body, ...(subject === undefined ? {} : { title: subject }) };
    journal.add({ kind: "message", cause, at: Date.now(), subject: topic.name, detail });
    topic.publish(message);
  });
  destinations.register("events", (arn, sender, { body, cause }) => {
    if (!arn.endsWith(":event-bus/default")) throw new DeliveryError("NO_RESOURCE", `there is no bus ${arn}`);
    admit(permissions, sender, "events:PutEvents", arn);
    bus.emit(invocationResult(arn, JSON.parse(body)), cause);
  });
}

/**
 * The event that Lambda makes of an invocation's record for a bus. It is the only sender of events to a destination.
 * Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations".
 */
function invocationResult(bus: string, record: { readonly requestContext: InvocationContext }) {
  const { condition, functionArn } = record.requestContext;
  return {
    source: "lambda",
    detailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
    detail: { ...record },
    resources: [bus, functionArn],
  };
}

interface InvocationContext {
  readonly condition: string;
  readonly functionArn: string;
}

function admit(permissions: Permissions, sender: Sender, action: string, resource: string): void {
  const access = { action, resource, keys: {} };
  const verdict =
    sender.kind === "role"
      ? permissions.ofRole(sender.role, access)
      : permissions.ofService(sender.service, sender.sourceArn, access);
  if (!verdict.allowed) throw new DeliveryError("NO_PERMISSIONS", verdict.why);
}
