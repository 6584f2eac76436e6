/** The groups of the enumerations: small, with every default unless said otherwise. */
import { mergePolicy } from "../../shared/config/policy.ts";
import type { Group, Policy } from "../../shared/core/model.ts";

const DEFAULTS: Policy = mergePolicy({}, {});

export const FIRST = "i-0a100000000000000";
export const SECOND_MEMBER = "i-0a200000000000000";
export const THIRD = "i-0a300000000000000";
const MEMBERS = [FIRST, SECOND_MEMBER, THIRD];

/** The alarm of the user's own that speaks about a member. */
export function alarmOf(instance: string): string {
  return `app-${instance}`;
}

interface Size {
  readonly interfaces?: number;
  readonly members?: number;
  readonly policy?: Partial<Policy>;
}

/** Two members and one interface, unless said otherwise. A check counts as soon as it fails. */
export function groupOf({ interfaces = 1, members = 2, policy = {} }: Size = {}): Group {
  return {
    name: "nat-a",
    interfaces: Array.from({ length: interfaces }, (_, n) => ({
      eni: `eni-0a${n + 1}00000000000000`,
      deviceIndexes: [n + 1],
    })),
    members: MEMBERS.slice(0, members).map((instance) => ({
      name: instance,
      instance,
      alarms: [alarmOf(instance)],
      deviceIndexes: {},
    })),
    alarms: [],
    policy: { ...DEFAULTS, impairedSeconds: 0, ...policy },
  };
}
