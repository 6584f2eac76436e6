import * as v from "valibot";

/** What a rule with a schedule, or EventBridge Scheduler, sends where it is given no input. */
export const ScheduledEvent = v.object({
  source: v.picklist(["aws.events", "aws.scheduler"]),
  "detail-type": v.literal("Scheduled Event"),
});
