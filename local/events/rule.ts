/** A rule of the event bus: what it matches or when it comes due, and what its targets are sent. */
import { AwsError } from "../aws-error.ts";
import { parsePattern } from "./pattern.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** A constant, sent instead of the event. */
  readonly input?: string;
  /** `$.detail`: the part of the event that is sent. */
  readonly inputPath?: string;
  readonly inputTransformer?: {
    readonly paths: Readonly<Record<string, string>>;
    readonly template: string;
  };
  readonly retryPolicy?: { readonly maximumRetryAttempts?: number; readonly maximumEventAgeSeconds?: number };
  readonly deadLetter?: string;
}

export interface RuleInput {
  readonly name: string;
  readonly description?: string;
  /** JSON text. */
  readonly eventPattern?: string;
  readonly scheduleExpression?: string;
  readonly state?: string;
}

export interface Rule extends RuleInput {
  readonly arn: string;
  readonly state: "ENABLED" | "DISABLED";
  /** Undefined where the rule has no pattern. */
  readonly matches: ((event: unknown) => boolean) | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}

/** Checks a rule as PutRule does. Throws ValidationException and InvalidEventPatternException. */
export function makeRule(input: RuleInput, arn: string, targets: readonly Target[], now: number): Rule {
  const { eventPattern, scheduleExpression, state = "ENABLED" } = input;
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(input.name)) throw invalid(`The rule name ${input.name} is not valid.`);
  if (eventPattern === undefined && scheduleExpression === undefined) {
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  return {
    ...input,
    arn,
    state: state === "DISABLED" ? "DISABLED" : "ENABLED",
    matches: eventPattern === undefined ? undefined : parsePattern(eventPattern),
    schedule: scheduleExpression === undefined ? undefined : parseSchedule(scheduleExpression, now),
    targets,
  };
}

const invalid = (message: string) => new AwsError("ValidationException", message);

/** What `target` is sent for `event`, as JSON text. */
export function inputFor(target: Target, event: unknown, rule: Pick<Rule, "name" | "arn">): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(at(event, target.inputPath) ?? null);
  if (target.inputTransformer !== undefined) return transformed(target.inputTransformer, event, rule);
  return JSON.stringify(event);
}

/**
 * An input transformer's template: `<name>` is replaced by the value at its path. Inside quotes a string stands
 * without quotes of its own; elsewhere it is JSON. A path that leads nowhere leaves an empty string inside quotes, and
 * null outside. Source: EventBridge user guide, "Amazon EventBridge input transformation".
 */
function transformed(
  { paths, template }: NonNullable<Target["inputTransformer"]>,
  event: unknown,
  rule: Pick<Rule, "name" | "arn">,
): string {
  const values: Record<string, unknown> = {
    "aws.events.rule-arn": rule.arn,
    "aws.events.rule-name": rule.name,
    "aws.events.event": event,
    "aws.events.event.json": event,
    "aws.events.event.ingestion-time": at(event, "$.time"),
  };
  for (const [name, path] of Object.entries(paths)) values[name] = at(event, path);
  return template.replace(/<([\w.-]+)>/g, (written, name: string, offset: number) => {
    if (!(name in values)) return written;
    const value = values[name];
    const quoted = insideQuotes(template, offset);
    if (!quoted) return JSON.stringify(value ?? null);
    if (value === undefined || value === null) return "";
    const json = JSON.stringify(value);
    return typeof value === "string"
      ? json.slice(1, -1)
      : json.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  });
}

function insideQuotes(template: string, offset: number): boolean {
  const before = template.slice(0, offset).replace(/\\./g, "");
  return (before.split('"').length - 1) % 2 === 1;
}

/** The JSON paths that EventBridge takes: `$.detail.state`, `$.resources[0]`. */
function at(event: unknown, path: string): unknown {
  const steps = path.replace(/^\$\.?/, "").match(/[^.[\]'"]+/g) ?? [];
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    event,
  );
}
