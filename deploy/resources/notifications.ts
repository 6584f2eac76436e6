/**
 * How people are told: a topic, fed by a rule that makes a readable text of an event, and by the controller's own alarms.
 *
 * EventBridge can't give a message to SNS a subject: every email is called "AWS Notification Message", and the first line of
 * the text is what a phone shows. Each line of a template is a JSON string, and arrives in its quotes.
 */
import { createHash } from "node:crypto";
import type { Config } from "../../shared/config.ts";
import { SOURCE } from "../../shared/core/news.ts";
import { arn, attribute, distinct, type Place, type Resource, type Resources } from "./template.ts";

/** Delivery is tried for an hour: a message that is older tells nobody what to do now. */
const RETRY = { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 60 };

export const TOPIC = { Ref: "NotificationTopic" };

/** The topic, who may publish to it, who listens, and the rule. */
export function notifications(config: Config, place: Place): Resources {
  const { emails, encryptionKey } = config.notifications;
  return {
    NotificationTopic: {
      Type: "AWS::SNS::Topic",
      Properties: {
        TopicName: `${place.stack}-notifications`,
        ...(encryptionKey === undefined ? {} : { KmsMasterKeyId: encryptionKey }),
      },
    },
    NotificationTopicPolicy: policy(place),
    NotificationRule: rule(config, place),
    ...Object.fromEntries(distinct(emails).map((email) => [idOf(email), subscription(email)])),
  };
}

/**
 * EventBridge publishes for its rules without saying for which: with a condition it would be refused. Source: EventBridge
 * user guide, "Troubleshooting" (no Condition blocks in topic policies). CloudWatch names the alarm.
 */
function policy({ stack }: Place): Resource {
  const publish = { Action: "sns:Publish", Resource: TOPIC };
  return {
    Type: "AWS::SNS::TopicPolicy",
    Properties: {
      Topics: [TOPIC],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Sid: "Rules", Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, ...publish },
          {
            Sid: "AlarmsOfThisStack",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            ...publish,
            Condition: {
              ArnLike: { "aws:SourceArn": arn("cloudwatch", `alarm:${stack}-controller-*`) },
            },
          },
          {
            Sid: "EncryptedInTransit",
            Effect: "Deny",
            Principal: "*",
            ...publish,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    },
  };
}

/** What a person is told. Every path is one that every event has. */
const PATHS = {
  headline: "$.detail.headline",
  message: "$.detail.message",
  now: "$.detail.now",
  advice: "$.detail.advice",
  runbook: "$.detail.runbook",
  at: "$.detail.at",
  account: "$.account",
  region: "$.region",
};

function rule({ notifications: { runbook } }: Config, { stack }: Place): Resource {
  const lines = [
    "<headline>",
    "<message>",
    "<now>",
    "What to do: <advice>",
    `Runbook: ${runbook}#<runbook>`,
    `Status: aws lambda invoke --function-name ${stack}-status --region <region> /dev/stdout`,
    `${stack}, account <account>, <region>, <at>`,
  ];
  return {
    Type: "AWS::Events::Rule",
    Properties: {
      Name: `${stack}-notify`,
      Description: "What people are told of",
      EventPattern: { source: [SOURCE], detail: { stack: [stack], notify: [true] } },
      State: "ENABLED",
      Targets: [
        {
          Id: "people",
          Arn: TOPIC,
          InputTransformer: {
            InputPathsMap: PATHS,
            InputTemplate: lines.map((line) => JSON.stringify(line)).join("\n"),
          },
          RetryPolicy: RETRY,
          DeadLetterConfig: { Arn: attribute("DeadLetterQueue", "Arn") },
        },
      ],
    },
  };
}

function subscription(email: string): Resource {
  return {
    Type: "AWS::SNS::Subscription",
    Properties: { TopicArn: TOPIC, Protocol: "email", Endpoint: email },
  };
}

/** Follows from the address alone: a list in another order must not make everybody confirm again. */
function idOf(email: string): string {
  return `NotificationEmail${createHash("sha256").update(email).digest("hex").slice(0, 8)}`;
}
