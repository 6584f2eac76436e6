/**
 * EventBridge's API over the bus: PutEvents, and the rules. Only the default bus.
 * Source: Amazon EventBridge API reference.
 */
import { AwsError } from "../aws-error.ts";
import type { Access } from "../service.ts";
import type { Bus } from "./bus.ts";
import { parsePattern } from "./pattern.ts";
import type { Rule, Target } from "./rule.ts";

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  readonly EventBusName?: string;
  /** Seconds since the epoch, or ISO 8601. */
  readonly Time?: number | string;
}

/** The members of all inputs that are understood, in one shape: EventBridge's operations share their names. */
interface Input {
  readonly Name?: string;
  readonly Rule?: string;
  readonly NamePrefix?: string;
  readonly Description?: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Event?: string;
  readonly Entries?: readonly Entry[];
  readonly Targets?: readonly WireTarget[];
  readonly Ids?: readonly string[];
  readonly TargetArn?: string;
  readonly EventBusName?: string;
}

/** A target as the API, and a template, writes it. */
export interface WireTarget {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly RetryPolicy?: {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

export class Events {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Carries out one operation of the call with journal entry `cause`. Throws AwsError. */
  call(operation: string, input: unknown, cause: string | undefined): unknown {
    const run = OPERATIONS.get(operation);
    if (run === undefined) throw new AwsError("UnknownOperationException", `${operation} is not emulated`);
    const given = (input ?? {}) as Input;
    onDefaultBus(given.EventBusName);
    return run(this.#bus, given, cause);
  }

  access(operation: string, input: unknown): Access[] {
    const { Name, Rule, Entries = [] } = (input ?? {}) as Input;
    const arn = this.#bus.arn(Name ?? Rule ?? "");
    if (operation === "PutEvents") {
      const resource = arn.replace(/:rule\/.*/, ":event-bus/default");
      const keys = (entry: Entry) => ({
        "events:source": [entry.Source ?? ""],
        "events:detail-type": [entry.DetailType ?? ""],
        "events:eventbusinvocation": ["false"],
      });
      return Entries.map((entry) => ({ action: "events:PutEvents", resource, keys: keys(entry) }));
    }
    const named = (Name ?? Rule) !== undefined && operation !== "TestEventPattern";
    return [{ action: `events:${operation}`, resource: named ? arn : "*", keys: {} }];
  }
}

type Operation = (bus: Bus, input: Input, cause: string | undefined) => unknown;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["PutEvents", (bus, { Entries }, cause) => putEvents(bus, Entries, cause)],
  ["PutRule", (bus, input) => ({ RuleArn: bus.putRule(ruleInput(input)) })],
  ["DescribeRule", (bus, input) => shownRule(bus.rule(nameOf(input)))],
  [
    "ListRules",
    (bus, { NamePrefix = "" }) => ({
      Rules: bus
        .rules()
        .filter(({ name }) => name.startsWith(NamePrefix))
        .map(shownRule),
    }),
  ],
  [
    "ListRuleNamesByTarget",
    (bus, { TargetArn }) => ({
      RuleNames: bus
        .rules()
        .filter(({ targets }) => targets.some(({ arn }) => arn === TargetArn))
        .map(({ name }) => name),
    }),
  ],
  ["ListTargetsByRule", (bus, input) => ({ Targets: bus.rule(nameOf(input)).targets.map(shownTarget) })],
  [
    "PutTargets",
    (bus, input) => {
      bus.putTargets(nameOf(input), (input.Targets ?? []).map(readTarget));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  ],
  [
    "RemoveTargets",
    (bus, input) => {
      bus.removeTargets(nameOf(input), input.Ids ?? []);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  ],
  ["EnableRule", (bus, input) => bus.setState(nameOf(input), "ENABLED")],
  ["DisableRule", (bus, input) => bus.setState(nameOf(input), "DISABLED")],
  ["DeleteRule", (bus, input) => bus.deleteRule(nameOf(input))],
  [
    "TestEventPattern",
    (_, { EventPattern = "", Event = "" }) => ({ Result: parsePattern(EventPattern)(json(Event)) }),
  ],
]);

/** Each entry stands for itself: a bad one is told in its place, and does not keep the others back. */
function putEvents(bus: Bus, entries: readonly Entry[] = [], cause: string | undefined): unknown {
  if (entries.length < 1 || entries.length > 10) {
    const why = "Member must have length less than or equal to 10 and greater than or equal to 1";
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: ${why}`,
    );
  }
  const answers = entries.map((entry) => {
    const problem = problemOf(entry);
    if (problem !== undefined) return problem;
    const { Source: source = "", DetailType: detailType = "", Resources: resources = [], Time } = entry;
    const at = typeof Time === "number" ? Time * 1000 : Time === undefined ? Date.now() : Date.parse(Time);
    const detail = json(entry.Detail ?? "{}") as Record<string, unknown>;
    return { EventId: bus.emit({ source, detailType, detail, resources, at }, cause) };
  });
  return { FailedEntryCount: answers.filter((answer) => "ErrorCode" in answer).length, Entries: answers };
}

function problemOf(entry: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  const invalid = (ErrorMessage: string) => ({ ErrorCode: "InvalidArgument", ErrorMessage });
  for (const name of ["Source", "DetailType", "Detail"] as const) {
    if (!entry[name])
      return invalid(`Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (entry.Source?.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  onDefaultBus(entry.EventBusName);
  const detail = json(entry.Detail ?? "");
  return typeof detail === "object" && detail !== null && !Array.isArray(detail)
    ? undefined
    : { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
}

function onDefaultBus(name: string | undefined): void {
  if (name === undefined || name === "default" || name.endsWith(":event-bus/default")) return;
  throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
}

const nameOf = ({ Name, Rule }: Input) => Name ?? Rule ?? "";

function ruleInput({ Name = "", Description, EventPattern, ScheduleExpression, State }: Input) {
  return {
    name: Name,
    ...(Description === undefined ? {} : { description: Description }),
    ...(EventPattern === undefined ? {} : { eventPattern: EventPattern }),
    ...(ScheduleExpression === undefined ? {} : { scheduleExpression: ScheduleExpression }),
    ...(State === undefined ? {} : { state: State }),
  };
}

/** A target out of its wire form, which is the template's form too. */
export function readTarget(target: WireTarget): Target {
  const { InputTransformer: transformer, RetryPolicy: retry, DeadLetterConfig: dead } = target;
  return {
    id: target.Id,
    arn: target.Arn,
    ...(target.Input === undefined ? {} : { input: target.Input }),
    ...(target.InputPath === undefined ? {} : { inputPath: target.InputPath }),
    ...(transformer === undefined
      ? {}
      : {
          inputTransformer: { paths: transformer.InputPathsMap ?? {}, template: transformer.InputTemplate },
        }),
    ...(retry === undefined
      ? {}
      : {
          retryPolicy: {
            ...(retry.MaximumRetryAttempts === undefined
              ? {}
              : { maximumRetryAttempts: retry.MaximumRetryAttempts }),
            ...(retry.MaximumEventAgeInSeconds === undefined
              ? {}
              : { maximumEventAgeSeconds: retry.MaximumEventAgeInSeconds }),
          },
        }),
    ...(dead?.Arn === undefined ? {} : { deadLetter: dead.Arn }),
  };
}

function shownRule({ name, arn, state, description, eventPattern, scheduleExpression }: Rule) {
  return {
    Name: name,
    Arn: arn,
    State: state,
    Description: description,
    EventPattern: eventPattern,
    ScheduleExpression: scheduleExpression,
    EventBusName: "default",
  };
}

function shownTarget({ id, arn, input, inputPath, deadLetter }: Target) {
  return {
    Id: id,
    Arn: arn,
    Input: input,
    InputPath: inputPath,
    DeadLetterConfig: deadLetter === undefined ? undefined : { Arn: deadLetter },
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
