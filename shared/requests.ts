/** The inputs of the operators' functions, checked: every wrong field is named, with the allowed values. */
import * as v from "valibot";
import { BadRequest } from "./bad-request.ts";
import { must } from "./check.ts";
import type { Config } from "./config.ts";
import type { Group } from "./core/model.ts";
import { askedIn } from "./plan/id.ts";
import {
  type Asked,
  asking,
  Flag,
  GroupName,
  groupNamed,
  groupsOrAll,
  MemberName,
  memberNamed,
  Name,
  OPERATOR,
  read,
} from "./requests/read.ts";
import { ScheduledEvent } from "./requests/scheduled.ts";

export interface FailoverRequest extends Asked {
  /** The name of a member. */
  readonly to?: string;
  readonly force: boolean;
  readonly plan: boolean;
  /** Carry out this plan; `to` and `force` are then what the plan was asked for with. */
  readonly planId?: string;
}

export interface StatusRequest {
  /** The one that was named, else all. */
  readonly groups: readonly Group[];
  /** How many of the last history items of each group: 0 where none were asked for. */
  readonly history: number;
}

const FailoverInput = v.pipe(
  v.strictObject({
    group: GroupName,
    to: v.exactOptional(MemberName),
    force: v.exactOptional(Flag),
    plan: v.exactOptional(Flag),
    planId: v.exactOptional(Name("the planId that a plan answered", "p1.…")),
    ...asking,
  }),
  must("a map with group", { remedy: 'write for example {"group": "nat-a"}' }),
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

const GroupNames = v.pipe(
  v.array(GroupName),
  v.minLength(1),
  must("a list of groups", { example: ["nat-a"] }),
);

const SweepInput = v.pipe(
  v.strictObject({ group: v.exactOptional(GroupName), groups: v.exactOptional(GroupNames) }),
  must("a map, a scheduled event, or nothing", { remedy: 'write for example {"group": "nat-a"}' }),
);

/** Reads the input of `failover`: `{group, to?, force?, plan?, planId?, reason?, by?}`. Throws `BadRequest`. */
export function parseFailoverRequest(input: unknown, config: Config): FailoverRequest {
  const what = "failover can't be asked for this";
  const { group: name, to, ...rest } = read(FailoverInput, input, what, config);
  const group = groupNamed(config, name);
  if (rest.planId !== undefined)
    return { by: OPERATOR, ...rest, group, plan: false, ...planned(group, { ...rest, to }, what) };
  const member = to === undefined ? undefined : memberNamed(group, to);
  const named = member === undefined ? {} : { to: member };
  return { by: OPERATOR, force: false, plan: false, ...rest, group, ...named };
}

/** What the plan was asked for with. It stands in the id: said again, it could only contradict. */
function planned(
  group: Group,
  input: { readonly [Field in "planId" | "to" | "force" | "plan"]?: unknown },
  what: string,
): Pick<FailoverRequest, "to" | "force"> {
  const twice = (["to", "force", "plan"] as const).filter((field) => input[field] !== undefined);
  const asked = askedIn(String(input.planId), group);
  const problems = twice.map((path) => ({ path, message: "can't be said beside planId — leave it out" }));
  if (asked !== undefined && problems.length === 0) return asked;
  const message = `is no plan of ${group.name} with its present members — ask for a new one with "plan": true`;
  throw new BadRequest(what, asked === undefined ? [...problems, { path: "planId", message }] : problems);
}

/** Reads the input of `status`: `{group?, history?}` or nothing. Throws `BadRequest`. */
export function parseStatusRequest(input: unknown, config: Config): StatusRequest {
  const { group, history } = read(StatusInput, input ?? {}, "status can't be asked for this", config);
  return { groups: groupsOrAll(config, group), history: history ?? 0 };
}

/** What a sweep is to look at. */
export interface SweepRequest {
  readonly groups: readonly Group[];
  /** They were named: each is looked at, whatever a reading of all together would show. */
  readonly named: boolean;
}

/**
 * Reads the input of `sweep`: an event of its schedule, `{group}`, `{groups}` or nothing. A group of `groups` that there is no
 * more is left out. Throws `BadRequest`.
 */
export function parseSweepRequest(input: unknown, config: Config): SweepRequest {
  if (v.is(ScheduledEvent, input)) return { groups: groupsOrAll(config, undefined), named: false };
  const { group, groups } = read(SweepInput, input ?? {}, "sweep can't be asked for this", config);
  const several = groups?.flatMap((name) => config.groups[name] ?? []);
  return {
    groups: several ?? groupsOrAll(config, group),
    named: several !== undefined || group !== undefined,
  };
}
