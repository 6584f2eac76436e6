/**
 * The states of an instance: pending → running → stopping → stopped → pending …, and shutting-down → terminated from
 * anywhere. Every change is journaled, and is a state-change notification for the event bus.
 */

import { resumeAttaching } from "./attach.ts";
import { beginFailing, endFailing, initializing } from "./checks.ts";
import { release, resumeDetaching } from "./detach.ts";
import type { Instance, InstanceState } from "./entities.ts";
import { removeInterface } from "./interfaces.ts";
import type { Moment, Region } from "./region.ts";
import { endEvents, isDue } from "./scheduled.ts";
import { draw } from "./timings.ts";

/** Sets the state now. Answers the journal's entry. */
function enter(
  region: Region,
  id: string,
  state: InstanceState,
  moment: Moment,
  change: Partial<Instance> = {},
): string | undefined {
  const instance = region.instances.current(id);
  if (instance === undefined) return undefined;
  region.instances.put(id, { ...instance, state, ...change }, moment.now);
  const journal = region.journal("instance-state", id, moment, { state, before: instance.state });
  region.stateChanges.push({
    at: moment.now,
    instance: id,
    state,
    ...(journal === undefined ? {} : { journal }),
  });
  return journal ?? moment.cause;
}

/** Plans the next change of state; one that was planned before is off. */
function plan(
  region: Region,
  id: string,
  to: InstanceState,
  wait: number,
  moment: Moment,
  cause: string | undefined,
) {
  const condition = region.conditions.get(id);
  if (condition === undefined) return;
  condition.asked += 1;
  region.agenda.plan(moment.now + wait, { kind: "state", instance: id, to, asked: condition.asked, cause });
}

type Reason = NonNullable<Instance["reason"]>;

const userShutdown: Reason = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
};

/** Why EC2 itself stops an instance. */
export const scheduledStop: Reason = {
  code: "Server.ScheduledStop",
  message: "Server.ScheduledStop: Stopped due to a scheduled retirement",
};

/** A new instance, or one being started: `pending` now, `running` in a while. Only a start makes a new launch time. */
export function launch(region: Region, id: string, moment: Moment): void {
  const change = { launchedAt: moment.now, reason: undefined, reasonAt: undefined };
  const cause = enter(region, id, "pending", moment, change);
  plan(region, id, "running", draw(region.random, region.timings.launch), moment, cause);
}

/** `stopping` now, `stopped` in a while: a hung guest does not shut down when asked, and must be forced. */
export function stop(
  region: Region,
  id: string,
  force: boolean,
  moment: Moment,
  reason: Reason = userShutdown,
): void {
  const instance = region.instances.current(id);
  if (instance === undefined) return;
  const hung = region.conditions.get(id)?.hung === true;
  const { timings } = region;
  const spread = force ? timings.stopForced : hung ? timings.stopHung : timings.stop;
  let cause = moment.cause;
  if (instance.state !== "stopping") {
    cause = enter(region, id, "stopping", moment, { reason, reasonAt: moment.now, checks: {} });
  }
  plan(region, id, "stopped", draw(region.random, spread), moment, cause);
}

export function terminate(region: Region, id: string, moment: Moment): void {
  const change = { reason: userShutdown, reasonAt: moment.now, checks: {} };
  const cause = enter(region, id, "shutting-down", moment, change);
  plan(region, id, "terminated", draw(region.random, region.timings.terminate), moment, cause);
}

/** A planned change of state, at the time it is due. */
export function completeState(
  region: Region,
  id: string,
  to: InstanceState,
  asked: number,
  moment: Moment,
): void {
  if (region.conditions.get(id)?.asked !== asked) return;
  if (to === "running") run(region, id, moment);
  else if (to === "stopped") halt(region, id, moment);
  else if (to === "terminated") end(region, id, moment);
}

/** A start is a new launch, as a rule on another host: nothing that was wrong with the old one is left, nor announced. */
function run(region: Region, id: string, moment: Moment): void {
  const instance = region.instances.current(id);
  const condition = region.conditions.get(id);
  if (instance === undefined || condition === undefined) return;
  condition.burned = [];
  enter(region, id, "running", moment, { checks: initializing(region, instance, condition, moment.now) });
  endEvents(region, id, moment.now, () => true);
  resumeAttaching(region, instance, moment.now);
}

function halt(region: Region, id: string, moment: Moment): void {
  const condition = region.conditions.get(id);
  if (condition !== undefined) {
    condition.hung = false;
    condition.rebooting = false;
    condition.failing.clear();
    condition.unsaid.clear();
  }
  enter(region, id, "stopped", moment);
  endEvents(region, id, moment.now, (event) => isDue(event, moment.now));
  resumeDetaching(region, id, moment.now);
}

/** Interfaces that shall not outlive the instance go with it; the others are free a little later. */
function end(region: Region, id: string, moment: Moment): void {
  enter(region, id, "terminated", moment);
  for (const interfaceId of region.instances.current(id)?.interfaces ?? []) {
    const attachment = region.interfaces.current(interfaceId)?.attachment;
    if (attachment === undefined) continue;
    if (attachment.deleteOnTermination) {
      removeInterface(region, interfaceId, moment.now);
    } else {
      const wait = draw(region.random, region.timings.release);
      const what = { kind: "released", interface: interfaceId, attachment: attachment.id } as const;
      region.agenda.plan(moment.now + wait, what);
    }
  }
  region.agenda.plan(moment.now + region.timings.terminatedVisibleMilliseconds, {
    kind: "expire-instance",
    id,
  });
}

/** A reboot: the guest is away for a while, the state stays `running`. A hung guest is rebooted hard, much later. */
export function reboot(region: Region, id: string, moment: Moment): void {
  const condition = region.conditions.get(id);
  if (condition === undefined) return;
  condition.asked += 1;
  const wait = condition.hung ? region.timings.hardRebootMilliseconds : 0;
  const planned = { kind: "reboot", instance: id, asked: condition.asked, cause: moment.cause } as const;
  region.agenda.plan(moment.now + wait, planned);
}

/**
 * The guest goes down. The first run of the checks that falls into the reboot reports it. Whoever reboots an instance
 * before EC2 does has cancelled that. Documented.
 */
export function beginReboot(region: Region, id: string, asked: number, moment: Moment): void {
  const condition = region.conditions.get(id);
  if (condition?.asked !== asked || region.instances.current(id)?.state !== "running") return;
  condition.rebooting = true;
  endEvents(region, id, moment.now, (event) => event.code === "instance-reboot" && !isDue(event, moment.now));
  beginFailing(region, id, "instance", moment, 1);
  const due = moment.now + region.timings.rebootPeriods * region.checkPeriod;
  region.agenda.plan(due, { kind: "rebooted", instance: id, asked, cause: moment.cause });
}

/** The guest is back, whatever had hung it. */
export function endReboot(region: Region, id: string, asked: number, moment: Moment): void {
  const condition = region.conditions.get(id);
  if (condition?.asked !== asked || !condition.rebooting) return;
  condition.rebooting = false;
  const hung = condition.hung;
  condition.hung = false;
  endEvents(region, id, moment.now, (event) => isDue(event, moment.now));
  endFailing(region, id, ["instance", "application"], moment);
  if (hung) resumeDetaching(region, id, moment.now);
}

/** Whether EC2 has forgotten a terminated instance. */
export function expire(region: Region, id: string, now: number): void {
  if (region.instances.current(id)?.state !== "terminated") return;
  removeInstance(region, id, now);
}

/** The instance is gone at once, as if it had never been; its interfaces are free. */
export function removeInstance(region: Region, id: string, now: number): void {
  for (const interfaceId of region.instances.current(id)?.interfaces ?? []) {
    const attachment = region.interfaces.current(interfaceId)?.attachment;
    if (attachment?.deleteOnTermination === true) removeInterface(region, interfaceId, now);
    else release(region, interfaceId, now);
  }
  region.instances.remove(id, now);
  region.conditions.delete(id);
  region.agenda.plan(now + region.maxLag, { kind: "forget-instance", id });
}
