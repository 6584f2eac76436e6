/** The inputs of the operators' functions, checked: every wrong field is named, with the allowed values. */
import * as v from "valibot";
import { BadRequest, refuseText, requestProblem } from "./bad-request.ts";
import { check, type Finding, must, type Path, wrongWord } from "./check.ts";
import type { Config } from "./config.ts";
import type { Group } from "./core/model.ts";

export interface FailoverRequest extends Asked {
  /** The name of a member. */
  readonly to?: string;
  readonly force: boolean;
  readonly plan: boolean;
}

/** Who asks, and why. Lambda does not say who invokes it, so `by` is what the input says, else `operator`. */
interface Asked {
  readonly group: Group;
  readonly by: string;
  readonly reason?: string;
}

export interface PauseRequest extends Asked {
  /** How long, from now; undefined: until resumed. */
  readonly seconds?: number;
}

export interface AcknowledgeRequest extends Asked {
  /** The name of the member whose quarantine is lifted. */
  readonly member?: string;
  /** Refill the budget. */
  readonly budget: boolean;
}

export interface StatusRequest {
  /** The one that was named, else all. */
  readonly groups: readonly Group[];
  /** How many of the last history items of each group: 0 where none were asked for. */
  readonly history: number;
}

/** Who asks, where nobody says. */
const OPERATOR = "operator";

const Name = (what: string, example: string) => v.pipe(v.string(), must(what, { example }));
const GroupName = Name("the name of a group", "nat-a");
const Flag = v.pipe(v.boolean(), must("true or false", { example: true }));

const MemberName = Name("a member: its name or instance id", "i-0123456789abcdef0");
const Text = (most: number, example: string) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(most),
    must(`a text of 1 to ${most} characters`, { example }),
  );

/** Who asks, and why: of every command. */
const asking = {
  reason: v.exactOptional(Text(500, "kernel upgrade")),
  by: v.exactOptional(Text(100, "anna")),
};

const FailoverInput = v.pipe(
  v.strictObject({
    group: GroupName,
    to: v.exactOptional(MemberName),
    force: v.exactOptional(Flag),
    plan: v.exactOptional(Flag),
    ...asking,
  }),
  must("a map with group", { remedy: 'write for example {"group": "nat-a"}' }),
);

/** The longest pause with an end: thirty days. */
const LONGEST_PAUSE_SECONDS = 2_592_000;

const PauseInput = v.pipe(
  v.strictObject({
    group: GroupName,
    seconds: v.exactOptional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(LONGEST_PAUSE_SECONDS),
        must(`a whole number of seconds from 1 to ${LONGEST_PAUSE_SECONDS}`, { example: 3600 }),
      ),
    ),
    ...asking,
  }),
  must("a map with group", { remedy: 'write for example {"group": "nat-a", "seconds": 3600}' }),
);

const ResumeInput = v.pipe(
  v.strictObject({ group: GroupName, ...asking }),
  must("a map with group", { remedy: 'write for example {"group": "nat-a"}' }),
);

const AcknowledgeInput = v.pipe(
  v.strictObject({
    group: GroupName,
    member: v.exactOptional(MemberName),
    budget: v.exactOptional(Flag),
    ...asking,
  }),
  must("a map with group, and with member or budget", {
    remedy: 'write for example {"group": "nat-a", "budget": true}',
  }),
);

const StatusInput = v.pipe(
  v.strictObject({
    group: v.exactOptional(GroupName),
    history: v.exactOptional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.maxValue(100),
        must("a whole number from 0 to 100", { example: 10 }),
      ),
    ),
  }),
  must("a map, or nothing", { remedy: 'write for example {"group": "nat-a"}' }),
);

const SweepInput = v.pipe(
  v.strictObject({ group: v.exactOptional(GroupName) }),
  must("a map, a scheduled event, or nothing", { remedy: 'write for example {"group": "nat-a"}' }),
);

/** Reads the input of `failover`: `{group, to?, force?, plan?, reason?, by?}`. Throws `BadRequest`. */
export function parseFailoverRequest(input: unknown, config: Config): FailoverRequest {
  const what = "failover can't be asked for this";
  const { group: name, to, ...rest } = read(FailoverInput, input, what, config);
  const group = groupNamed(config, name);
  const member = to === undefined ? undefined : memberNamed(group, to);
  const named = member === undefined ? {} : { to: member };
  return { by: OPERATOR, force: false, plan: false, ...rest, group, ...named };
}

/** Reads the input of `pause`: `{group, seconds?, reason?, by?}`. Throws `BadRequest`. */
export function parsePauseRequest(input: unknown, config: Config): PauseRequest {
  const { group, ...rest } = read(PauseInput, input, "pause can't be asked for this", config);
  return { by: OPERATOR, ...rest, group: groupNamed(config, group) };
}

/** Reads the input of `resume`: `{group, reason?, by?}`. Throws `BadRequest`. */
export function parseResumeRequest(input: unknown, config: Config): Asked {
  const { group, ...rest } = read(ResumeInput, input, "resume can't be asked for this", config);
  return { by: OPERATOR, ...rest, group: groupNamed(config, group) };
}

/** Reads the input of `acknowledge`: `{group, member?, budget?, reason?, by?}`. Throws `BadRequest`. */
export function parseAcknowledgeRequest(input: unknown, config: Config): AcknowledgeRequest {
  const what = "acknowledge can't be asked for this";
  const { group: name, member: called, ...rest } = read(AcknowledgeInput, input, what, config);
  const group = groupNamed(config, name);
  const member = called === undefined ? undefined : memberNamed(group, called);
  if (member === undefined && rest.budget !== true) {
    const message =
      'say what is acknowledged — "member" lifts its quarantine, "budget": true refills the budget';
    throw new BadRequest(what, [{ path: "", message }]);
  }
  return { by: OPERATOR, budget: false, ...rest, group, ...(member === undefined ? {} : { member }) };
}

/** Reads the input of `status`: `{group?, history?}` or nothing. Throws `BadRequest`. */
export function parseStatusRequest(input: unknown, config: Config): StatusRequest {
  const { group, history } = read(StatusInput, input ?? {}, "status can't be asked for this", config);
  return { groups: groupsOrAll(config, group), history: history ?? 0 };
}

/**
 * Reads the input of `sweep`: an event of its schedule, `{group}` or nothing. Answers the groups to look at. Throws
 * `BadRequest`.
 */
export function parseSweepRequest(input: unknown, config: Config): readonly Group[] {
  if (v.is(ScheduledEvent, input)) return groupsOrAll(config, undefined);
  const { group } = read(SweepInput, input ?? {}, "sweep can't be asked for this", config);
  return groupsOrAll(config, group);
}

/** What a rule with a schedule, or EventBridge Scheduler, sends where it is given no input. */
const ScheduledEvent = v.object({
  source: v.picklist(["aws.events", "aws.scheduler"]),
  "detail-type": v.literal("Scheduled Event"),
});

/** `input` as the schema has it, with a group and a member that there are. */
function read<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  what: string,
  config: Config,
): v.InferOutput<S> {
  refuseText(input, what);
  const findings = [...check(schema, input), ...nameFindings(input, config)];
  if (findings.length > 0) throw new BadRequest(what, findings.map(requestProblem));
  return v.parse(schema, input);
}

const Named = v.object({ group: v.string(), to: v.optional(v.unknown()), member: v.optional(v.unknown()) });

function nameFindings(input: unknown, config: Config): readonly Finding[] {
  if (!v.is(Named, input)) return [];
  const groups = Object.keys(config.groups);
  if (!groups.includes(input.group)) return [unknownName(["group"], groups, input.group)];
  const group = config.groups[input.group];
  const members = group?.members.flatMap(({ name, instance }) => [...new Set([name, instance])]) ?? [];
  return (["to", "member"] as const).flatMap((field) => {
    const called = input[field];
    if (typeof called !== "string" || memberNamed(group, called) !== undefined) return [];
    return [unknownName([field], members, called)];
  });
}

function unknownName(path: Path, allowed: readonly string[], name: string): Finding {
  return { path, at: "value", ...wrongWord(allowed, name), allowed };
}

/** The name of the member that is called so, by name or by instance id. */
function memberNamed(group: Group | undefined, called: string): string | undefined {
  return group?.members.find(({ name, instance }) => name === called || instance === called)?.name;
}

/** The group of a name that was checked. */
function groupNamed(config: Config, name: string): Group {
  const group = config.groups[name];
  if (group === undefined) throw new Error(`the group ${name} was checked to be there, and is not`);
  return group;
}

function groupsOrAll(config: Config, name: string | undefined): readonly Group[] {
  return name === undefined ? Object.values(config.groups) : [groupNamed(config, name)];
}
