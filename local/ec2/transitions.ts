/** What happens by itself: everything that is due, in the order of time. */
import { completeAttach } from "./attach.ts";
import { runChecks } from "./checks.ts";
import { completeDetach, release } from "./detach.ts";
import { beginReboot, completeState, endReboot, expire, reboot, scheduledStop, stop } from "./lifecycle.ts";
import type { Moment, Region, Transition } from "./region.ts";
import { endEvents, openEvent } from "./scheduled.ts";

/** Carries out all that is due at `now`, each thing at its own time. */
export function advance(region: Region, now: number): void {
  for (let next = region.agenda.take(now); next !== undefined; next = region.agenda.take(now)) {
    apply(region, next.what, next.due);
  }
}

function apply(region: Region, what: Transition, now: number): void {
  switch (what.kind) {
    case "attached":
      completeAttach(region, what.interface, what.attachment, now);
      break;
    case "detached":
      completeDetach(region, what.interface, what.attachment, what.asked, now);
      break;
    case "released":
      if (region.attachments.get(what.attachment) === what.interface) release(region, what.interface, now);
      break;
    case "state":
      completeState(region, what.instance, what.to, what.asked, { now, cause: what.cause });
      break;
    case "reboot":
      beginReboot(region, what.instance, what.asked, { now, cause: what.cause });
      break;
    case "rebooted":
      endReboot(region, what.instance, what.asked, { now, cause: what.cause });
      break;
    case "checks":
      runChecks(region, what.instance, now);
      break;
    case "scheduled":
      carryOut(region, what.instance, what.event, { now, cause: what.cause });
      break;
    case "expire-instance":
      expire(region, what.id, now);
      break;
    case "forget-instance":
      region.instances.forget(what.id);
      break;
    case "forget-interface":
      region.interfaces.forget(what.id);
      break;
  }
}

/** A scheduled event at its time. One that is retired stops where its root is a volume, as all of these are. */
function carryOut(region: Region, instance: string, id: string, moment: Moment): void {
  const event = openEvent(region, instance, id);
  if (event === undefined) return;
  if (region.instances.current(instance)?.state !== "running" || event.code === "system-maintenance") {
    endEvents(region, instance, moment.now, (one) => one.id === id);
  } else if (event.code === "instance-reboot" || event.code === "system-reboot") {
    reboot(region, instance, moment);
  } else stop(region, instance, false, moment, scheduledStop);
}
