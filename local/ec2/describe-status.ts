/** DescribeInstanceStatus: state, status checks and scheduled events. */
import type {
  ApplicationStatusSummary,
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  InstanceStatus,
  InstanceStatusSummary,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { stateCodes, stateView } from "./describe-instances.ts";
import type { CheckResult, Instance, ScheduledEvent } from "./entities.ts";
import type { FilterTable } from "./filters.ts";
import { idKinds } from "./ids.ts";
import { type Listing, page } from "./listing.ts";
import type { Moment, Region } from "./region.ts";
import { descriptionOf } from "./scheduled.ts";
import { inWholeSeconds } from "./times.ts";

const mostIds = 100;

function isoTime(time: number | undefined): string {
  return time === undefined ? "" : inWholeSeconds(time).toISOString();
}

function reachability(
  result: CheckResult | undefined,
): "passed" | "failed" | "initializing" | "insufficient-data" | undefined {
  if (result === undefined) return undefined;
  if (result.status === "initializing" || result.status === "insufficient-data") return result.status;
  return result.status === "ok" ? "passed" : "failed";
}

const filters: FilterTable<Instance> = {
  tags: (of) => of.tags,
  readers: {
    "application-status.status": (of) => of.checks.application?.status ?? "not-applicable",
    "attached-ebs-status.status": (of) => of.checks.ebs?.status ?? "not-applicable",
    "availability-zone": (of) => of.zone,
    "event.code": (of) => of.scheduled.map((event) => event.code),
    "event.description": (of) => of.scheduled.map(descriptionOf),
    "event.instance-event-id": (of) => of.scheduled.map((event) => event.id),
    "event.not-after": (of) => of.scheduled.map((event) => isoTime(event.notAfter)),
    "event.not-before": (of) => of.scheduled.map((event) => isoTime(event.notBefore)),
    "instance-id": (of) => of.id,
    "instance-state-code": (of) => String(stateCodes[of.state]),
    "instance-state-name": (of) => of.state,
    "instance-status.reachability": (of) => reachability(of.checks.instance),
    "instance-status.status": (of) => of.checks.instance?.status ?? "not-applicable",
    "system-status.reachability": (of) => reachability(of.checks.system),
    "system-status.status": (of) => of.checks.system?.status ?? "not-applicable",
  },
};

function listingOf(row: (of: Instance) => Instance | undefined): Listing<Instance, Instance> {
  return {
    table: (region) => region.instances,
    kind: idKinds.instance,
    idsName: "instancesSet",
    idFilter: "instance-id",
    filters,
    row: (_region, of) => row(of),
  };
}

const all = listingOf((of) => of);
const running = listingOf((of) => (of.state === "running" ? of : undefined));

export function describeInstanceStatus(
  region: Region,
  input: DescribeInstanceStatusRequest,
  { now }: Moment,
): DescribeInstanceStatusResult {
  if ((input.InstanceIds?.length ?? 0) > mostIds) {
    throw new AwsError(
      "InvalidParameterValue",
      `The maximum number of instance IDs that can be specified is ${mostIds}`,
    );
  }
  const listing = input.IncludeAllInstances === true ? all : running;
  const { rows, nextToken } = page(region, listing, { ...input, ids: input.InstanceIds }, now);
  return { InstanceStatuses: rows.map(statusView), NextToken: nextToken };
}

function statusView(of: Instance): InstanceStatus {
  return {
    AvailabilityZone: of.zone,
    Events: of.scheduled.map(eventView),
    InstanceId: of.id,
    InstanceState: stateView(of.state),
    InstanceStatus: summary(of.checks.instance),
    SystemStatus: summary(of.checks.system),
    AttachedEbsStatus: summary(of.checks.ebs),
    ApplicationStatus: applicationSummary(of.checks.application),
  };
}

/** Details are there only where the check applies. */
function summary(result: CheckResult | undefined): InstanceStatusSummary {
  if (result === undefined) return { Status: "not-applicable" };
  const Status = reachability(result);
  const since = result.status === "impaired" ? { ImpairedSince: inWholeSeconds(result.since) } : {};
  return { Status: result.status, Details: [{ Name: "reachability", Status, ...since }] };
}

function applicationSummary(result: CheckResult | undefined): ApplicationStatusSummary {
  if (result === undefined) return { Status: "not-applicable" };
  if (result.status !== "impaired") return { Status: result.status };
  return { Status: "impaired", ImpairedSince: inWholeSeconds(result.since) };
}

function eventView(event: ScheduledEvent): NonNullable<InstanceStatus["Events"]>[number] {
  return {
    InstanceEventId: event.id,
    Code: event.code,
    Description: descriptionOf(event),
    ...(event.notAfter === undefined ? {} : { NotAfter: inWholeSeconds(event.notAfter) }),
    NotBefore: inWholeSeconds(event.notBefore),
  };
}
