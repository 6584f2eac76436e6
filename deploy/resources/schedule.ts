/** The schedule of drills: one rule where the configuration asks for it, none where it does not. */
import type { Config } from "../../shared/config.ts";
import { attribute, type Place } from "./template.ts";

/** A Serverless `eventBridge` event on a schedule. */
export interface ScheduleEvent {
  readonly eventBridge: {
    readonly name: string;
    readonly description: string;
    readonly schedule: string;
    readonly retryPolicy: { readonly maximumEventAge: number; readonly maximumRetryAttempts: number };
    readonly deadLetterQueueArn: unknown;
  };
}

/** A drill that could not be started in a quarter of an hour is left out: its window may have closed. */
const RETRY = { maximumEventAge: 900, maximumRetryAttempts: 4 };

/** The rule that wakes `drill`, as `events:` of that function. */
export function drillSchedule({ drills }: Config, { stack }: Place): ScheduleEvent[] {
  if (drills.schedule === undefined) return [];
  return [
    {
      eventBridge: {
        name: `${stack}-drill`,
        description: "Drills, one group after another",
        schedule: drills.schedule.at,
        retryPolicy: RETRY,
        deadLetterQueueArn: attribute("DeadLetterQueue", "Arn"),
      },
    },
  ];
}
