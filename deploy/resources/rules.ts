/**
 * The rules that wake `onHealthEvent`: exactly the alarms and instances that the configuration names, and of those only
 * the transitions that can mean trouble. An event that is not matched costs nothing and can't start anything.
 *
 * They are written as Serverless' own `eventBridge` events, which become AWS::Events::Rule and AWS::Lambda::Permission.
 */

import { alarmedChecks, checkAlarm } from "../../shared/config/check-alarms.ts";
import type { Config } from "../../shared/config.ts";
import { probersOf } from "../../shared/probers.ts";
import { ALARMS_IN_STACK } from "./nested.ts";
import { attribute, distinct, type Place } from "./template.ts";

type EventPattern = Readonly<Record<string, unknown>>;

/** A Serverless `eventBridge` event. */
export interface RuleEvent {
  readonly eventBridge: {
    readonly name: string;
    readonly description: string;
    readonly pattern: EventPattern;
    readonly inputTransformer?: {
      readonly inputPathsMap: Readonly<Record<string, string>>;
      readonly inputTemplate: string;
    };
    readonly retryPolicy: { readonly maximumEventAge: number; readonly maximumRetryAttempts: number };
    readonly deadLetterQueueArn: unknown;
  };
}

/** EventBridge takes patterns of 2,048 characters. Source: EventBridge quotas, "Event pattern size". */
export const PATTERN_CHARACTERS = 2048;

/**
 * Delivery to Lambda is tried again for five minutes. By then the sweep has looked five times, and an event is a hint
 * and no evidence: there is nothing to save it for.
 */
const RETRY = { maximumEventAge: 300, maximumRetryAttempts: 8 };

/** Every rule of `onHealthEvent`, as `events:` of that function. */
export function healthRules(config: Config, place: Place): RuleEvent[] {
  const instances = instanceIds(config);
  const probers = probersOf(config).map(({ name }) => name);
  return [
    ...rules(place, "alarm", "Alarms of the groups, in ALARM", namesOrPatterns(config, place), alarmPattern),
    ...rules(place, "instance", "Members that stop or end", instances, instancePattern),
    ...rules(place, "spot", "Members that Spot is about to interrupt", instances, spotPattern),
    ...rules(place, "lifecycle", "Members that Auto Scaling terminates", instances, lifecyclePattern),
    ...rules(place, "verdict", "Verdicts of the probers", probers, (names) => answersOf(names, place)),
  ];
}

/** The alarms that are evidence: of members, of groups, and those that the stack makes on the status checks. */
export function alarmNames(config: Config): string[] {
  const names = Object.values(config.groups).flatMap((group) => [
    ...group.members.flatMap(({ alarms, statusAlarm }) => [...(statusAlarm ? [statusAlarm] : []), ...alarms]),
    ...group.alarms,
  ]);
  return distinct(names);
}

/** Those of them that the stack makes, on the checks of every member. */
export function madeAlarms({ groups, statusAlarm }: Config, stack: string): string[] {
  return Object.values(groups).flatMap(({ name, members }) =>
    members.flatMap(({ instance }) =>
      alarmedChecks(statusAlarm).map((check) => checkAlarm(stack, name, instance, check)),
    ),
  );
}

/** The instances that may hold an interface of a group. */
export function instanceIds(config: Config): string[] {
  return distinct(
    Object.values(config.groups).flatMap(({ members }) => members.map(({ instance }) => instance)),
  );
}

/** An alarm by its name, or several by what their names have in common. */
type Alarm = string | { readonly wildcard: string };

/**
 * The alarms, each by its name. In a large configuration those that the stack makes are matched by how it names them:
 * one by one they would take more rules than the policy of a function has room for.
 */
function namesOrPatterns(config: Config, { stack }: Place): Alarm[] {
  const names = alarmNames(config);
  const made = new Set(madeAlarms(config, stack));
  if (made.size <= ALARMS_IN_STACK) return names;
  const patterns = alarmedChecks(config.statusAlarm).map((check) => ({
    wildcard: `${stack}-*-i-*-${check}`,
  }));
  return [...patterns, ...names.filter((name) => !made.has(name))];
}

const alarmPattern = (names: readonly Alarm[]): EventPattern => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  detail: { alarmName: names, state: { value: ["ALARM"] } },
});

const instancePattern = (ids: readonly string[]): EventPattern => ({
  source: ["aws.ec2"],
  "detail-type": ["EC2 Instance State-change Notification"],
  detail: { "instance-id": ids, state: ["stopping", "stopped", "shutting-down", "terminated"] },
});

const spotPattern = (ids: readonly string[]): EventPattern => ({
  source: ["aws.ec2"],
  "detail-type": ["EC2 Spot Instance Interruption Warning"],
  detail: { "instance-id": ids },
});

const lifecyclePattern = (ids: readonly string[]): EventPattern => ({
  source: ["aws.autoscaling"],
  "detail-type": ["EC2 Instance-terminate Lifecycle Action"],
  detail: { EC2InstanceId: ids },
});

/** What these probers answered: a destination names its function with the version, and in whatever account this is. */
export function answersOf(names: readonly string[], { stack }: Place, more: EventPattern = {}): EventPattern {
  const functionArn = names.map((name) => ({ suffix: `:function:${stack}-${name}:$LATEST` }));
  return {
    source: ["lambda"],
    "detail-type": ["Lambda Function Invocation Result - Success"],
    detail: { requestContext: { functionArn }, ...more },
  };
}

/** As many rules of one kind as it takes for every pattern to fit, numbered from 1. */
function rules<Name>(
  place: Place,
  kind: string,
  description: string,
  names: readonly Name[],
  pattern: (names: readonly Name[]) => EventPattern,
): RuleEvent[] {
  const fits = (part: readonly Name[]) => JSON.stringify(pattern(part)).length <= PATTERN_CHARACTERS;
  return split(names, fits).map((part, index) => ({
    eventBridge: {
      name: `${place.stack}-${kind}-${index + 1}`,
      description,
      pattern: pattern(part),
      retryPolicy: RETRY,
      deadLetterQueueArn: attribute("DeadLetterQueue", "Arn"),
    },
  }));
}

/** `names` in order, in the fewest runs that each fit. A name that fits nowhere has a run to itself. */
function split<Name>(names: readonly Name[], fits: (part: readonly Name[]) => boolean): Name[][] {
  const parts: Name[][] = [];
  for (const name of names) {
    const last = parts.at(-1);
    if (last !== undefined && fits([...last, name])) last.push(name);
    else parts.push([name]);
  }
  return parts;
}
