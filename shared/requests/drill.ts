/** The input of `drill`. */
import * as v from "valibot";
import { BadRequest } from "../bad-request.ts";
import { must } from "../check.ts";
import type { Config } from "../config.ts";
import { type Asked, asking, Flag, GroupName, groupNamed, Name, OPERATOR, read } from "./read.ts";
import { ScheduledEvent } from "./scheduled.ts";

export interface DrillRequest extends Asked {
  /** The name of the alarm that is set; undefined: the first of the active's that would tell of a failure. */
  readonly alarm?: string;
  /** Switch the group back afterwards. */
  readonly andBack: boolean;
  /** Say what it would do, and do nothing. */
  readonly plan: boolean;
}

const DrillInput = v.pipe(
  v.strictObject({
    group: GroupName,
    alarm: v.exactOptional(Name("the name of an alarm of the group", "nat-a-no-traffic")),
    andBack: v.exactOptional(Flag),
    plan: v.exactOptional(Flag),
    ...asking,
  }),
  must("a map with group", { remedy: 'write for example {"group": "nat-a"}' }),
);

const WHAT = "drill can't be asked for this";

/**
 * Reads the input of `drill`: `{group, alarm?, andBack?, plan?, reason?, by?}`, or an event of its schedule: then all that
 * is drilled on schedule. Throws `BadRequest`.
 */
export function parseDrillRequest(input: unknown, config: Config): DrillRequest | readonly DrillRequest[] {
  if (v.is(ScheduledEvent, input)) return scheduled(config);
  const { group, ...rest } = read(DrillInput, input, WHAT, config);
  return { by: OPERATOR, andBack: false, plan: false, ...rest, group: groupNamed(config, group) };
}

function scheduled(config: Config): readonly DrillRequest[] {
  const { schedule } = config.drills;
  if (schedule === undefined) {
    const message = "the configuration has no schedule for drills — write drills.schedule, or name a group";
    throw new BadRequest(WHAT, [{ path: "", message }]);
  }
  const { groups, andBack } = schedule;
  return groups.map((name) => ({ group: groupNamed(config, name), by: "schedule", andBack, plan: false }));
}
