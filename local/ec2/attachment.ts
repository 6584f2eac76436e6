/** What attach and detach share: EC2's refusals, and burned device indexes. */
import { AwsError } from "../aws-error.ts";
import type { Condition } from "./condition.ts";
import type { Instance, Interface } from "./entities.ts";
import type { Region } from "./region.ts";

/** Throws where the interface is attached or was until just now, or is another service's. */
export function checkFree(region: Region, of: Interface, now: number): void {
  if (of.requesterManaged) throw notManaged();
  if (isFree(of, now)) return;
  throw new AwsError(region.behaviour.inUseCode, `Interface: [${of.id}] in use.`);
}

/** Whether EC2 lets it be attached, or deleted. */
export function isFree({ attachment, settlesAt = 0 }: Interface, now: number): boolean {
  return attachment === undefined && now >= settlesAt;
}

/** The interface belongs to another AWS service. */
export function notManaged(): AwsError {
  return new AwsError("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.");
}

/** The analogue of AttachVolume's answer: the code of AttachNetworkInterface itself is not documented. */
export function wrongState(region: Region, instance: Instance): AwsError {
  return new AwsError(
    region.behaviour.wrongStateCode,
    `Instance '${instance.id}' is not 'running' or 'stopped'.`,
  );
}

/** EC2's answer to an index in use. */
export function indexTaken(instanceId: string, deviceIndex: number): AwsError {
  return new AwsError(
    "InvalidParameterValue",
    `Instance '${instanceId}' already has an interface attached at device index '${deviceIndex}'.`,
  );
}

/** Whether `interfaceId` cannot use the index, since another interface was forced off it in this launch. */
export function isBurned(
  condition: Condition,
  interfaceId: string,
  deviceIndex: number,
  cardIndex: number,
): boolean {
  return condition.burned.some(
    (burned) =>
      burned.deviceIndex === deviceIndex && burned.cardIndex === cardIndex && burned.by !== interfaceId,
  );
}
