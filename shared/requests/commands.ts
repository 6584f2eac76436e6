/** The inputs of the commands that move nothing: `pause`, `resume`, `acknowledge`, `release`. */
import * as v from "valibot";
import { BadRequest } from "../bad-request.ts";
import { must } from "../check.ts";
import type { Config } from "../config.ts";
import {
  type Asked,
  asking,
  Flag,
  GroupName,
  groupNamed,
  MemberName,
  memberNamed,
  OPERATOR,
  read,
} from "./read.ts";

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

export interface ReleaseRequest extends Asked {
  /** The name of the isolated member. */
  readonly member: string;
  /** Though it is not healthy. */
  readonly force: boolean;
}

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

const ReleaseInput = v.pipe(
  v.strictObject({ group: GroupName, member: MemberName, force: v.exactOptional(Flag), ...asking }),
  must("a map with group and member", {
    remedy: 'write for example {"group": "nat-a", "member": "i-0123456789abcdef0"}',
  }),
);

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

/** Reads the input of `release`: `{group, member, force?, reason?, by?}`. Throws `BadRequest`. */
export function parseReleaseRequest(input: unknown, config: Config): ReleaseRequest {
  const what = "release can't be asked for this";
  const { group: name, member: called, ...rest } = read(ReleaseInput, input, what, config);
  const group = groupNamed(config, name);
  return { by: OPERATOR, force: false, ...rest, group, member: memberNamed(group, called) ?? called };
}
