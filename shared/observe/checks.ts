/** The status checks of one instance, out of DescribeInstanceStatus. */
import type { InstanceStatus } from "@aws-sdk/client-ec2";
import type { Check, CheckName } from "../core/model.ts";

/** System, instance and EBS checks tell since when in their details, the application check (new in 2026) itself. */
interface Summary {
  readonly Status?: string | undefined;
  readonly ImpairedSince?: Date | undefined;
  readonly Details?: readonly { readonly ImpairedSince?: Date | undefined }[] | undefined;
}

const CHECKS: readonly CheckName[] = ["system", "instance", "ebs", "application"];

const STATUSES: ReadonlyMap<string, Check["status"]> = new Map([
  ["ok", "ok"],
  ["impaired", "impaired"],
  ["initializing", "initializing"],
  ["insufficient-data", "insufficient-data"],
  ["not-applicable", "not-applicable"],
  // DescribeApplicationStatus knows this word: an operator has silenced the check, so it is no evidence.
  ["suppressed", "not-applicable"],
]);

/**
 * The checks that EC2 answered; one it does not have for this instance is absent. The performance status is left
 * out: a slow member still serves.
 */
export function checksOf(found: InstanceStatus): Partial<Record<CheckName, Check>> {
  const summaries: Record<CheckName, Summary | undefined> = {
    system: found.SystemStatus,
    instance: found.InstanceStatus,
    ebs: found.AttachedEbsStatus,
    application: found.ApplicationStatus,
  };
  const checks: Partial<Record<CheckName, Check>> = {};
  for (const name of CHECKS) {
    const check = checkOf(summaries[name]);
    if (check !== undefined) checks[name] = check;
  }
  return checks;
}

function checkOf(summary: Summary | undefined): Check | undefined {
  if (summary?.Status === undefined) return undefined;
  // A word that nobody knows yet says neither healthy nor failing.
  const status = STATUSES.get(summary.Status) ?? "insufficient-data";
  if (status !== "impaired") return { status };
  const starts = [summary.ImpairedSince, ...(summary.Details ?? []).map((one) => one.ImpairedSince)]
    .filter((one) => one !== undefined)
    .map((one) => one.getTime());
  return starts.length === 0 ? { status } : { status, impairedSince: Math.min(...starts) };
}
