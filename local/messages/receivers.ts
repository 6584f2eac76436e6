/** How messages arrive at functions, queues and topics: each asks first whether the sender may. */
import { AwsError } from "../aws-error.ts";
import type { Permissions } from "../iam/permissions.ts";
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
}

/** Registers functions, queues and topics with `destinations`. */
export function receivers(destinations: Destinations, receiving: Receiving): void {
  const { permissions, asynchronous, sqs, topics } = receiving;
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
    topic.publish(message);
  });
}

function admit(permissions: Permissions, sender: Sender, action: string, resource: string): void {
  const access = { action, resource, keys: {} };
  const verdict =
    sender.kind === "role"
      ? permissions.ofRole(sender.role, access)
      : permissions.ofService(sender.service, sender.sourceArn, access);
  if (!verdict.allowed) throw new DeliveryError("NO_PERMISSIONS", verdict.why);
}
