/**
 * Attach: nothing → attaching → attached. The attachment id is made anew by each attach, and DeleteOnTermination is off.
 * An attach at a burned device index stays `attaching` (or is refused, see behaviour.ts).
 */
import type { AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { checkFree, indexTaken, isBurned, wrongState } from "./attachment.ts";
import type { Condition } from "./condition.ts";
import type { Attachment, Instance, Interface } from "./entities.ts";
import { idKinds } from "./ids.ts";
import { knownType } from "./instance-types.ts";
import { combination, endDryRun, required, requiredId, wholeNumber } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";
import { draw } from "./timings.ts";

export function attachNetworkInterface(
  region: Region,
  input: AttachNetworkInterfaceRequest,
  moment: Moment,
): AttachNetworkInterfaceResult {
  const interfaceId = requiredId(idKinds.interface, input.NetworkInterfaceId, "networkInterfaceId");
  const instanceId = requiredId(idKinds.instance, input.InstanceId, "instanceId");
  const deviceIndex = wholeNumber(required(input.DeviceIndex, "deviceIndex"), "deviceIndex");
  const cardIndex = wholeNumber(input.NetworkCardIndex ?? 0, "networkCardIndex");
  const of = region.interface(interfaceId);
  const instance = region.instance(instanceId);
  checkFree(region, of, moment.now);
  checkPlace(region, of, instance);
  if (
    region.behaviour.multiCardBug &&
    input.NetworkCardIndex === undefined &&
    knownType(instance.type).cards > 1
  ) {
    throw indexTaken(instance.id, deviceIndex);
  }
  checkSlot(region, instance, deviceIndex, cardIndex);
  endDryRun(input);
  const condition = region.conditions.get(instance.id);
  if (condition !== undefined) {
    refuse(condition);
    if (region.behaviour.burnedIndex === "refused" && isBurned(condition, of.id, deviceIndex, cardIndex)) {
      throw indexTaken(instance.id, deviceIndex);
    }
  }
  const attachment = place(
    region,
    of,
    instance,
    { deviceIndex, cardIndex, deleteOnTermination: false },
    moment.now,
  );
  planAttached(region, of.id, attachment, condition, moment.now);
  return { AttachmentId: attachment.id, NetworkCardIndex: cardIndex };
}

function checkPlace(region: Region, of: Interface, instance: Instance): void {
  if (instance.state !== "running" && instance.state !== "stopped") throw wrongState(region, instance);
  if (of.zone !== instance.zone) {
    throw combination(
      "You may not attach a network interface to an instance if they are not in the same availability zone",
    );
  }
}

/** Throws where the index is taken or the instance type takes no more. */
function checkSlot(region: Region, instance: Instance, deviceIndex: number, cardIndex: number): void {
  const type = knownType(instance.type);
  if (cardIndex >= type.cards) {
    throw new AwsError(
      "InvalidParameterValue",
      `Network card index ${cardIndex} exceeds the limit for ${type.name}`,
    );
  }
  let onCard = 0;
  for (const id of instance.interfaces) {
    const attachment = region.interfaces.current(id)?.attachment;
    if (attachment?.cardIndex !== cardIndex) continue;
    if (attachment.deviceIndex === deviceIndex) throw indexTaken(instance.id, deviceIndex);
    onCard += 1;
  }
  if (onCard >= type.interfacesPerCard) {
    throw new AwsError(
      "AttachmentLimitExceeded",
      `Interface count ${onCard + 1} exceeds the limit for ${type.name}`,
    );
  }
}

/** A refusal that breakage has put on the instance. */
function refuse(condition: Condition): void {
  const { refusal } = condition;
  if (refusal === undefined || refusal.left <= 0) return;
  refusal.left -= 1;
  throw new AwsError(refusal.code, refusal.message, refusal.status);
}

/** Puts the interface on the instance, `attaching`. */
export function place(
  region: Region,
  of: Interface,
  instance: Instance,
  at: Pick<Attachment, "deviceIndex" | "cardIndex" | "deleteOnTermination"> & { readonly id?: string },
  now: number,
): Attachment {
  const attachment: Attachment = {
    id: at.id ?? region.newId("eni-attach-"),
    instanceId: instance.id,
    ownerId: region.account,
    deviceIndex: at.deviceIndex,
    cardIndex: at.cardIndex,
    deleteOnTermination: at.deleteOnTermination,
    status: "attaching",
    attachedAt: now,
    forced: false,
    asked: 0,
  };
  region.interfaces.put(of.id, { ...of, attachment }, now);
  region.instances.put(instance.id, { ...instance, interfaces: [...instance.interfaces, of.id] }, now);
  region.attachments.set(attachment.id, of.id);
  return attachment;
}

/** Plans the end of `attaching`, unless the index is burned: then it never ends by itself. */
function planAttached(
  region: Region,
  interfaceId: string,
  attachment: Attachment,
  condition: Condition | undefined,
  now: number,
): void {
  if (
    condition !== undefined &&
    isBurned(condition, interfaceId, attachment.deviceIndex, attachment.cardIndex)
  )
    return;
  const slow = condition?.slow;
  let wait = draw(region.random, region.timings.attach);
  if (slow !== undefined && slow.left > 0) {
    slow.left -= 1;
    wait = slow.milliseconds;
  }
  if (!Number.isFinite(wait)) return;
  region.agenda.plan(now + wait, { kind: "attached", interface: interfaceId, attachment: attachment.id });
}

/** Whatever is still `attaching` on an instance that was started anew goes on: its indexes are no longer burned. */
export function resumeAttaching(region: Region, instance: Instance, now: number): void {
  for (const id of instance.interfaces) {
    const attachment = region.interfaces.current(id)?.attachment;
    if (attachment?.status === "attaching") planAttached(region, id, attachment, undefined, now);
  }
}

/** The end of `attaching`. */
export function completeAttach(region: Region, interfaceId: string, attachmentId: string, now: number): void {
  const of = region.interfaces.current(interfaceId);
  if (of?.attachment?.id !== attachmentId || of.attachment.status !== "attaching") return;
  region.interfaces.put(interfaceId, { ...of, attachment: { ...of.attachment, status: "attached" } }, now);
}
