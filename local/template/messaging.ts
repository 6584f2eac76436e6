/** AWS::SQS::Queue, AWS::SNS::Topic and ::Subscription, and AWS::Events::Rule. */
import { readTarget, type WireTarget } from "../events/events.ts";
import { Queue } from "../messages/queues.ts";
import { Topic } from "../messages/topics.ts";
import { ofKind, propertiesOf, type Site } from "./site.ts";
import type { Resource } from "./template.ts";

interface SubscriptionProperties {
  readonly TopicArn: string;
  readonly Protocol: string;
  readonly Endpoint?: string;
}

interface InlineSubscription {
  readonly Protocol: string;
  readonly Endpoint: string;
}

interface RuleProperties {
  readonly Description?: string;
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Targets?: readonly TemplateTarget[];
}

/** In a template an input transformer's map and everything else has the API's names, and Input may be left out. */
type TemplateTarget = WireTarget;

export function installQueues(resources: readonly Resource[], { sqs, where }: Site): void {
  for (const { name, properties } of ofKind(resources, "AWS::SQS::Queue")) {
    const { VisibilityTimeout } = properties as { VisibilityTimeout?: number };
    sqs.queues.set(name, new Queue(name, where, VisibilityTimeout));
  }
}

export function installTopics(resources: readonly Resource[], { topics, destinations }: Site): void {
  for (const { name, arn, properties } of ofKind(resources, "AWS::SNS::Topic")) {
    const topic = new Topic(name, arn, destinations);
    const { Subscription = [] } = properties as { Subscription?: readonly InlineSubscription[] };
    for (const { Protocol, Endpoint } of Subscription) {
      topic.subscriptions.push({ protocol: Protocol, endpoint: Endpoint });
    }
    topics.set(arn, topic);
  }
  for (const subscription of ofKind(resources, "AWS::SNS::Subscription")) {
    const { TopicArn, Protocol, Endpoint = "" } = propertiesOf<SubscriptionProperties>(subscription);
    topics.get(TopicArn)?.subscriptions.push({ protocol: Protocol, endpoint: Endpoint });
  }
}

/** Puts every rule with its targets. Answers what EventBridge would refuse. */
export function installRules(resources: readonly Resource[], { bus }: Site): string[] {
  return ofKind(resources, "AWS::Events::Rule").flatMap((resource) => {
    const {
      Description,
      EventBusName = "default",
      EventPattern,
      ScheduleExpression,
      State,
      Targets = [],
    } = propertiesOf<RuleProperties>(resource);
    if (EventBusName !== "default") return [`${resource.logicalId}: only the default event bus is emulated`];
    try {
      bus.putRule({
        name: resource.name,
        ...(Description === undefined ? {} : { description: Description }),
        ...(EventPattern === undefined ? {} : { eventPattern: JSON.stringify(EventPattern) }),
        ...(ScheduleExpression === undefined ? {} : { scheduleExpression: ScheduleExpression }),
        ...(State === undefined ? {} : { state: State }),
      });
      bus.putTargets(resource.name, Targets.map(readTarget));
      return [];
    } catch (error) {
      return [`${resource.logicalId}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
