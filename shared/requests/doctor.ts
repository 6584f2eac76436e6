/** The input of `doctor`: `{group?}` by hand, `{group, daily: true}` by the sweep. */
import * as v from "valibot";
import { BadRequest } from "../bad-request.ts";
import { must } from "../check.ts";
import type { Config } from "../config.ts";
import type { Group } from "../core/model.ts";
import { Flag, GroupName, groupNamed, groupsOrAll, read } from "./read.ts";

/** The groups to look at; or the one of which only changes are told, and what was found is kept. */
export type DoctorRequest = { readonly groups: readonly Group[] } | { readonly daily: Group };

const DoctorInput = v.pipe(
  v.strictObject({ group: v.exactOptional(GroupName), daily: v.exactOptional(Flag) }),
  must("a map, or nothing", { remedy: 'write for example {"group": "nat-a"}' }),
);

/** Reads the input of `doctor`: `{group?, daily?}` or nothing. Throws `BadRequest`. */
export function parseDoctorRequest(input: unknown, config: Config): DoctorRequest {
  const what = "doctor can't be asked for this";
  const { group, daily } = read(DoctorInput, input ?? {}, what, config);
  if (daily !== true) return { groups: groupsOrAll(config, group) };
  if (group !== undefined) return { daily: groupNamed(config, group) };
  const message = "the daily look is at one group — name it";
  throw new BadRequest(what, [{ path: "group", message }]);
}
