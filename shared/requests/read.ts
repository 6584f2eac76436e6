/** What the inputs of all commands have in common: their fields, and names that must be those of the configuration. */
import * as v from "valibot";
import { BadRequest, refuseText, requestProblem } from "../bad-request.ts";
import { check, type Finding, must, type Path, wrongWord } from "../check.ts";
import type { Config } from "../config.ts";
import type { Group } from "../core/model.ts";

/** Who asks, and why. Lambda does not say who invokes it, so `by` is what the input says, else `operator`. */
export interface Asked {
  readonly group: Group;
  readonly by: string;
  readonly reason?: string;
}

/** Who asks, where nobody says. */
export const OPERATOR = "operator";

export const Name = (what: string, example: string) => v.pipe(v.string(), must(what, { example }));
export const GroupName = Name("the name of a group", "nat-a");
export const Flag = v.pipe(v.boolean(), must("true or false", { example: true }));

export const MemberName = Name("a member: its name or instance id", "i-0123456789abcdef0");
const Text = (most: number, example: string) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(most),
    must(`a text of 1 to ${most} characters`, { example }),
  );

/** Who asks, and why: of every command. */
export const asking = {
  reason: v.exactOptional(Text(500, "kernel upgrade")),
  by: v.exactOptional(Text(100, "anna")),
};

/** `input` as the schema has it, with a group and a member that there are. */
export function read<S extends v.GenericSchema>(
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
export function memberNamed(group: Group | undefined, called: string): string | undefined {
  return group?.members.find(({ name, instance }) => name === called || instance === called)?.name;
}

/** The group of a name that was checked. */
export function groupNamed(config: Config, name: string): Group {
  const group = config.groups[name];
  if (group === undefined) throw new Error(`the group ${name} was checked to be there, and is not`);
  return group;
}

export function groupsOrAll(config: Config, name: string | undefined): readonly Group[] {
  return name === undefined ? Object.values(config.groups) : [groupNamed(config, name)];
}
