/** The alarms that the stack makes on EC2's checks of each member: which are asked for, and what they are called. */

/** Failing in `periods` of the last `of` minutes. */
export interface StatusAlarm {
  /** Whether there are any. */
  readonly enabled: boolean;
  readonly periods: number;
  readonly of: number;
  /** One more on the check of the attached EBS volumes, which instances on Nitro have. */
  readonly attachedEbs: boolean;
  /** One more on the application check, where one is set up in EC2. */
  readonly application: boolean;
}

export const DEFAULT_STATUS_ALARM: StatusAlarm = {
  enabled: true,
  periods: 2,
  of: 2,
  attachedEbs: false,
  application: false,
};

/** `status` speaks of EC2's own checks of the system and the instance. */
export type Check = "status" | "ebs" | "application";

/** The checks that have an alarm on each member. */
export function alarmedChecks({ enabled, attachedEbs, application }: StatusAlarm): Check[] {
  if (!enabled) return [];
  return [
    "status",
    ...(attachedEbs ? ["ebs" as const] : []),
    ...(application ? ["application" as const] : []),
  ];
}

/** The name of the alarm on a check of a member. */
export const checkAlarm = (stack: string, group: string, instance: string, check: Check): string =>
  `${stack}-${group}-${instance}-${check}`;
