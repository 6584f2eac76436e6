/**
 * Status checks. Each instance's checks run once a period; what fails is reported by the second run after it began to
 * fail, what is well again by the first. Runs that would change nothing are not on the agenda.
 */

import type { Condition } from "./condition.ts";
import { type CheckName, type CheckResult, checkNames, type Instance } from "./entities.ts";
import { knownType } from "./instance-types.ts";
import type { Moment, Region } from "./region.ts";

/** The first run of the instance's checks after `now`, epoch milliseconds. */
function nextRun(region: Region, condition: Condition, now: number): number {
  const period = region.checkPeriod;
  return condition.phase + (Math.floor((now - condition.phase) / period) + 1) * period;
}

function planRun(region: Region, instance: string, due: number): void {
  region.agenda.plan(due, { kind: "checks", instance });
}

/** From now on the check would fail. `runs`: which run from now is the first to report it. */
export function beginFailing(region: Region, id: string, check: CheckName, moment: Moment, runs = 2): void {
  const condition = region.conditions.get(id);
  if (condition === undefined || condition.failing.has(check)) return;
  const reportAt = nextRun(region, condition, moment.now) + (runs - 1) * region.checkPeriod;
  condition.failing.set(check, { reportAt, cause: moment.cause });
  planRun(region, id, reportAt);
}

/** From the next run on EC2 has no data of the check: it says nothing, and neither do the metrics that it makes. */
export function loseCheck(region: Region, id: string, check: CheckName, now: number): void {
  const condition = region.conditions.get(id);
  if (condition === undefined) return;
  condition.unsaid.add(check);
  planRun(region, id, nextRun(region, condition, now));
}

/** From now on the checks would pass again. */
export function endFailing(region: Region, id: string, checks: readonly CheckName[], moment: Moment): void {
  const condition = region.conditions.get(id);
  if (condition === undefined) return;
  for (const check of checks) {
    condition.failing.delete(check);
    condition.unsaid.delete(check);
  }
  condition.healedBy = moment.cause;
  planRun(region, id, nextRun(region, condition, moment.now));
}

/** The checks that an instance has: attached EBS only on Nitro, application only where one was set up. */
function checksOf(instance: Instance, condition: Condition): CheckName[] {
  return checkNames.filter((name) => {
    if (name === "ebs") return knownType(instance.type).nitro;
    return name !== "application" || condition.applicationCheck;
  });
}

/** What a running instance shows until its checks have something to say. Plans the run that does. */
export function initializing(
  region: Region,
  instance: Instance,
  condition: Condition,
  now: number,
): Instance["checks"] {
  condition.initializedAt = now + region.timings.initializingPeriods * region.checkPeriod;
  planRun(region, instance.id, condition.initializedAt);
  return allAre(checksOf(instance, condition), "initializing");
}

/** Checks that have passed. */
export function passing(instance: Instance, condition: Condition): Instance["checks"] {
  return allAre(checksOf(instance, condition), "ok");
}

function allAre(names: readonly CheckName[], status: "ok" | "initializing"): Instance["checks"] {
  const checks: Partial<Record<CheckName, CheckResult>> = {};
  for (const name of names) checks[name] = { status };
  return checks;
}

/** One run of an instance's checks, at the time it is due. */
export function runChecks(region: Region, id: string, now: number): void {
  const instance = region.instances.current(id);
  const condition = region.conditions.get(id);
  if (instance === undefined || condition === undefined || instance.state !== "running") return;
  if (now < condition.initializedAt) return;
  const checks: Partial<Record<CheckName, CheckResult>> = {};
  let changed = false;
  for (const name of checksOf(instance, condition)) {
    const before = instance.checks[name];
    const after = resultOf(instance, condition, name, now);
    checks[name] = after;
    if (after.status === before?.status) continue;
    changed = true;
    journalChange(region, instance, condition, name, after, now);
  }
  if (changed) region.instances.put(id, { ...instance, checks }, now);
}

/** "For an instance that was launched and impaired", ImpairedSince "is the time when the instance was launched". */
function resultOf(
  { checks, launchedAt }: Instance,
  condition: Condition,
  name: CheckName,
  now: number,
): CheckResult {
  if (condition.unsaid.has(name)) return { status: "insufficient-data" };
  const before = checks[name];
  const failing = condition.failing.get(name);
  if (failing !== undefined && now >= failing.reportAt) {
    if (before?.status === "impaired") return before;
    return { status: "impaired", since: before?.status === "initializing" ? launchedAt : now };
  }
  // Failing, but not for long enough to be reported: the result stays.
  if (failing !== undefined && before !== undefined && before.status !== "initializing") return before;
  return { status: "ok" };
}

function journalChange(
  region: Region,
  instance: Instance,
  condition: Condition,
  check: CheckName,
  result: CheckResult,
  now: number,
): void {
  const cause = condition.failing.get(check)?.cause ?? condition.healedBy;
  const detail = { check, status: result.status, before: instance.checks[check]?.status };
  condition.lastCheck =
    region.journal("status-check", instance.id, { now, cause }, detail) ?? condition.lastCheck;
}

/** The status metrics of AWS/EC2 as they are now: 1 failed, 0 passed. */
export interface StatusMetrics {
  readonly values: {
    readonly StatusCheckFailed: number;
    readonly StatusCheckFailed_System: number;
    readonly StatusCheckFailed_Instance: number;
    /** Only of Nitro instances. */
    readonly StatusCheckFailed_AttachedEBS?: number;
    /** Only where an application check was set up. */
    readonly StatusCheckFailed_Application?: number;
  };
  /** The journal's entry of the last change of a check: the cause of what the metrics make happen. */
  readonly journal: string | undefined;
}

/** Whether the instance emits metrics: it runs, and its checks say something. */
export function emitsMetrics(instance: Instance | undefined): instance is Instance {
  const { system, instance: guest } = instance?.checks ?? {};
  if (instance?.state !== "running" || system === undefined || guest === undefined) return false;
  return hasResult(system) && hasResult(guest);
}

function hasResult(result: CheckResult | undefined): boolean {
  return result?.status === "ok" || result?.status === "impaired";
}

/** Undefined for an instance that emits no metrics. */
export function metricsOf(region: Region, id: string): StatusMetrics | undefined {
  const instance = region.instances.current(id);
  if (!emitsMetrics(instance)) return undefined;
  const { system, instance: guest, ebs, application } = instance.checks;
  const failed = (result: CheckResult | undefined): number => (result?.status === "impaired" ? 1 : 0);
  // StatusCheckFailed speaks of EC2's own checks; the application's has a metric of its own.
  const any = Math.max(failed(system), failed(guest), failed(ebs));
  return {
    values: {
      StatusCheckFailed: any,
      StatusCheckFailed_System: failed(system),
      StatusCheckFailed_Instance: failed(guest),
      ...(!hasResult(ebs) ? {} : { StatusCheckFailed_AttachedEBS: failed(ebs) }),
      ...(!hasResult(application) ? {} : { StatusCheckFailed_Application: failed(application) }),
    },
    journal: region.conditions.get(id)?.lastCheck,
  };
}
