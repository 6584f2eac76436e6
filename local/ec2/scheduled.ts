/**
 * Scheduled events: announced, carried out by EC2 at their time (transitions.ts), and described for days after they are
 * over, in words that only their description has: "If the event has been completed, this description starts with the
 * following text: [Completed]" (InstanceStatusEvent).
 */
import type { EventCode, ScheduledEvent } from "./entities.ts";
import type { Moment, Region } from "./region.ts";

export interface Announced {
  readonly instance: string;
  readonly code: EventCode;
  readonly notBefore: number;
  readonly notAfter?: number;
  readonly description?: string;
}

/** Announces an event, and plans it. */
export function schedule(region: Region, announced: Announced, { now, cause }: Moment): void {
  const { instance, code, notBefore, notAfter } = announced;
  const of = region.instance(instance);
  const description = announced.description ?? `The instance is scheduled for ${code}`;
  const event = { id: region.newId("instance-event-"), code, description, notBefore, notAfter };
  region.instances.put(of.id, { ...of, scheduled: [...of.scheduled, event] }, now);
  region.agenda.plan(Math.max(now, notBefore), { kind: "scheduled", instance, event: event.id, cause });
}

/** The event, while it is to come or going on. */
export function openEvent(region: Region, instance: string, id: string): ScheduledEvent | undefined {
  const scheduled = region.instances.current(instance)?.scheduled;
  return scheduled?.find((event) => event.id === id && event.over === undefined);
}

/** Those events are over: completed if their time has come, else cancelled. */
export function endEvents(
  region: Region,
  instance: string,
  now: number,
  which: (event: ScheduledEvent) => boolean,
): void {
  const of = region.instances.current(instance);
  if (of === undefined) return;
  const ends = (event: ScheduledEvent): boolean => event.over === undefined && which(event);
  if (!of.scheduled.some(ends)) return;
  const scheduled = of.scheduled.map((event): ScheduledEvent => {
    return ends(event) ? { ...event, over: isDue(event, now) ? "Completed" : "Canceled" } : event;
  });
  region.instances.put(instance, { ...of, scheduled }, now);
}

export function isDue({ notBefore }: ScheduledEvent, now: number): boolean {
  return notBefore <= now;
}

/** How EC2 describes it. */
export function descriptionOf({ description, over }: ScheduledEvent): string {
  return over === undefined ? description : `[${over}] ${description}`;
}
