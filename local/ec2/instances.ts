/** The calls that start, stop, reboot and end instances. All ids of a call are checked before anything changes. */
import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { stateView } from "./describe-instances.ts";
import type { Instance, InstanceState } from "./entities.ts";
import { idKinds, notFound } from "./ids.ts";
import { launch, reboot, stop, terminate } from "./lifecycle.ts";
import { combination, endDryRun, requiredIds } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";

/** The instances named in a call; every one that does not exist is named in the error. */
function named(region: Region, ids: readonly string[] | undefined): Instance[] {
  const wanted = requiredIds(idKinds.instance, ids, "InstanceId");
  const missing = wanted.filter((id) => region.instances.current(id) === undefined);
  if (missing.length > 0) throw notFound(idKinds.instance, ...missing);
  return wanted.map((id) => region.instance(id));
}

function checkStates(instances: readonly Instance[], allowed: readonly InstanceState[], verb: string): void {
  for (const { id, state } of instances) {
    if (allowed.includes(state)) continue;
    const message = `The instance '${id}' is not in a state from which it can be ${verb}.`;
    throw new AwsError("IncorrectInstanceState", message);
  }
}

function stateChanges(region: Region, before: readonly Instance[]): InstanceStateChange[] {
  return before.map(({ id, state }) => ({
    CurrentState: stateView(region.instances.current(id)?.state ?? state),
    InstanceId: id,
    PreviousState: stateView(state),
  }));
}

export function stopInstances(
  region: Region,
  input: StopInstancesRequest,
  moment: Moment,
): StopInstancesResult {
  const before = named(region, input.InstanceIds);
  if (input.Hibernate === true) {
    throw new AwsError(
      "UnsupportedHibernationConfiguration",
      "The instances are not configured for hibernation.",
    );
  }
  for (const { id, state } of before) {
    if (state !== "pending") continue;
    const message = `Instance '${id}' cannot be stopped as it has never reached the 'running' state.`;
    throw new AwsError("IncorrectInstanceState", message);
  }
  checkStates(before, ["running", "stopping", "stopped"], "stopped");
  endDryRun(input);
  const force = input.Force === true || input.SkipOsShutdown === true;
  for (const { id, state } of before) {
    // A second stop changes nothing, but Force hurries the first one.
    if (state === "running" || (state === "stopping" && force)) stop(region, id, force, moment);
  }
  return { StoppingInstances: stateChanges(region, before) };
}

export function startInstances(
  region: Region,
  input: StartInstancesRequest,
  moment: Moment,
): StartInstancesResult {
  const before = named(region, input.InstanceIds);
  checkStates(before, ["pending", "running", "stopped"], "started");
  endDryRun(input);
  for (const { id, state } of before) {
    if (state === "stopped") launch(region, id, moment);
  }
  return { StartingInstances: stateChanges(region, before) };
}

export function terminateInstances(
  region: Region,
  input: TerminateInstancesRequest,
  moment: Moment,
): TerminateInstancesResult {
  const before = named(region, input.InstanceIds);
  endDryRun(input);
  for (const { id, state } of before) {
    if (state !== "shutting-down" && state !== "terminated") terminate(region, id, moment);
  }
  return { TerminatingInstances: stateChanges(region, before) };
}

export function rebootInstances(
  region: Region,
  input: RebootInstancesRequest,
  moment: Moment,
): Record<string, never> {
  const before = named(region, input.InstanceIds);
  checkStates(before, ["running"], "rebooted");
  endDryRun(input);
  for (const { id } of before) reboot(region, id, moment);
  return {};
}

/** What a range of instances asks for. Throws what EC2 answers to one that makes no sense. */
export function countOf(minimum: number, maximum: number): number {
  if (!Number.isInteger(minimum) || !Number.isInteger(maximum) || minimum < 1) {
    throw new AwsError("InvalidParameterValue", `Value (${minimum}) for parameter minCount is invalid.`);
  }
  if (minimum > maximum) throw combination("The parameter minCount is greater than the parameter maxCount");
  return maximum;
}
