/** What happens by itself: everything that is due, in the order of time. */
import { completeAttach } from "./attach.ts";
import { runChecks } from "./checks.ts";
import { completeDetach, release } from "./detach.ts";
import { beginReboot, completeState, endReboot, expire } from "./lifecycle.ts";
import type { Region, Transition } from "./region.ts";

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
