/**
 * Breaking things while they run. Each breakage is one entry of the journal; what follows from it (state changes, status
 * checks) names it as the cause. Breakage changes what is true; EC2 shows it when its own machinery has noticed.
 */
import { beginFailing, endFailing, loseCheck } from "./checks.ts";
import type { Condition } from "./condition.ts";
import { resumeDetaching, setDetaching } from "./detach.ts";
import { type CheckName, checkNames } from "./entities.ts";
import { idKinds, isId, notFound } from "./ids.ts";
import { removeInterface } from "./interfaces.ts";
import { beginReboot, launch, removeInstance, stop, terminate } from "./lifecycle.ts";
import type { Moment, Region } from "./region.ts";
import { type Announced, endEvents, schedule } from "./scheduled.ts";

export type Breakage =
  /** The guest answers nothing any more; EC2 shows `running` until its second check from now. */
  | { readonly kind: "hang"; readonly instance: string }
  /** All that is wrong with the instance is well again: hang, failing checks, refused and slow attaches. */
  | { readonly kind: "heal"; readonly instance: string }
  /** One status check begins to fail. `application` sets the check up where the instance had none. */
  | { readonly kind: "impair"; readonly instance: string; readonly check: CheckName }
  /** EC2 has no data of one status check until the instance is healed: `insufficient-data`. */
  | { readonly kind: "lose-check"; readonly instance: string; readonly check: CheckName }
  | { readonly kind: "stop"; readonly instance: string; readonly force?: boolean }
  | { readonly kind: "start" | "terminate"; readonly instance: string }
  /** EC2's automatic recovery: the same instance is rebooted on another host, and its system check passes again. */
  | { readonly kind: "auto-recover"; readonly instance: string }
  /** Detaches of the interface, also one under way, take so long; without `milliseconds` until they are forced. */
  | {
      readonly kind: "stick-detach";
      readonly interface: string;
      readonly milliseconds?: number;
      /** How many detaches; default all. */
      readonly times?: number;
      /** Forced detaches are held up too. */
      readonly evenForced?: boolean;
    }
  | { readonly kind: "unstick-detach"; readonly interface: string }
  /** Attaches to the instance answer this error, so many times (default for ever). */
  | {
      readonly kind: "refuse-attach";
      readonly instance: string;
      readonly code: string;
      readonly message?: string;
      readonly status?: number;
      readonly times?: number;
    }
  /** Attaches to the instance stay `attaching` so long; `Infinity` for ever. */
  | {
      readonly kind: "slow-attach";
      readonly instance: string;
      readonly milliseconds: number;
      readonly times?: number;
    }
  /** An event that DescribeInstanceStatus shows, and that EC2 carries out at its time. Times in epoch milliseconds. */
  | ({ readonly kind: "schedule-event" } & Announced)
  /** EC2 cancels what it has scheduled. */
  | { readonly kind: "clear-events"; readonly instance: string }
  /** The instance or interface is gone at once. */
  | { readonly kind: "remove"; readonly id: string };

/** Breaks something. Answers the journal's entry. Throws NotFound for what does not exist. */
export function breakIt(region: Region, breakage: Breakage, at: Moment): string | undefined {
  const subject = subjectOf(breakage);
  if (isId(idKinds.interface, subject)) region.interface(subject);
  else region.instance(subject);
  const { kind: breakageKind, ...rest } = breakage;
  const journal = region.journal("breakage", subject, at, { breakage: breakageKind, ...rest });
  const moment = { now: at.now, cause: journal ?? at.cause };
  if (breakage.kind === "remove") remove(region, breakage.id, at.now);
  else if ("interface" in breakage) breakInterface(region, breakage, moment);
  else breakInstance(region, breakage, conditionOf(region, breakage.instance), moment);
  return journal;
}

function subjectOf(breakage: Breakage): string {
  if ("instance" in breakage) return breakage.instance;
  return "interface" in breakage ? breakage.interface : breakage.id;
}

function conditionOf(region: Region, instance: string): Condition {
  const condition = region.conditions.get(instance);
  if (condition === undefined) throw notFound(idKinds.instance, instance);
  return condition;
}

function remove(region: Region, id: string, now: number): void {
  if (isId(idKinds.instance, id)) removeInstance(region, id, now);
  else removeInterface(region, id, now);
}

function breakInterface(
  region: Region,
  breakage: Extract<Breakage, { interface: string }>,
  { now }: Moment,
): void {
  const { interface: id } = breakage;
  if (breakage.kind === "unstick-detach") region.stuck.delete(id);
  else {
    const { milliseconds = Number.POSITIVE_INFINITY, times = Number.POSITIVE_INFINITY } = breakage;
    region.stuck.set(id, { milliseconds, left: times, evenForced: breakage.evenForced === true });
  }
  const attachment = region.interface(id).attachment;
  if (attachment?.status === "detaching") setDetaching(region, id, attachment.forced, now);
}

function breakInstance(
  region: Region,
  breakage: Extract<Breakage, { instance: string }>,
  condition: Condition,
  moment: Moment,
): void {
  const { instance } = breakage;
  switch (breakage.kind) {
    case "hang":
      condition.hung = true;
      beginFailing(region, instance, "instance", moment);
      if (condition.applicationCheck) beginFailing(region, instance, "application", moment);
      break;
    case "heal":
      heal(region, instance, condition, moment);
      break;
    case "impair":
      if (breakage.check === "application") condition.applicationCheck = true;
      beginFailing(region, instance, breakage.check, moment);
      break;
    case "lose-check":
      loseCheck(region, instance, breakage.check, moment.now);
      break;
    case "stop":
    case "start":
    case "terminate":
    case "auto-recover":
      changeState(region, breakage, condition, moment);
      break;
    case "refuse-attach":
    case "slow-attach":
      hinderAttach(breakage, condition);
      break;
    case "schedule-event":
      schedule(region, breakage, moment);
      break;
    case "clear-events":
      endEvents(region, instance, moment.now, () => true);
  }
}

/** As far as the instance is in a state for it; otherwise nothing happens. */
function changeState(
  region: Region,
  breakage: Extract<Breakage, { kind: "stop" | "start" | "terminate" | "auto-recover" }>,
  condition: Condition,
  moment: Moment,
): void {
  const { instance, kind } = breakage;
  const { state } = region.instance(instance);
  const ended = state === "shutting-down" || state === "terminated";
  if (kind === "start" && state === "stopped") launch(region, instance, moment);
  if (kind === "stop" && !ended && state !== "stopped")
    stop(region, instance, breakage.force === true, moment);
  if (kind === "terminate" && !ended) terminate(region, instance, moment);
  if (kind === "auto-recover" && state === "running") {
    endFailing(region, instance, ["system", "ebs"], moment);
    condition.asked += 1;
    beginReboot(region, instance, condition.asked, moment);
  }
}

function heal(region: Region, instance: string, condition: Condition, moment: Moment): void {
  const { hung } = condition;
  condition.hung = false;
  condition.refusal = undefined;
  condition.slow = undefined;
  endFailing(region, instance, checkNames, moment);
  if (hung) resumeDetaching(region, instance, moment.now);
}

function hinderAttach(
  breakage: Extract<Breakage, { kind: "refuse-attach" | "slow-attach" }>,
  condition: Condition,
): void {
  const left = breakage.times ?? Number.POSITIVE_INFINITY;
  if (breakage.kind === "slow-attach") {
    condition.slow = { milliseconds: breakage.milliseconds, left };
    return;
  }
  const { code, message = "The attach was refused.", status = 400 } = breakage;
  condition.refusal = { code, message, status, left };
}
