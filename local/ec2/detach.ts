/**
 * Detach: attached → detaching → nothing. A graceful detach needs the guest's answer, so a hung guest keeps the interface
 * `detaching` until it is forced off, healed or ended. A forced detach from a running instance burns the device index
 * for other interfaces until a stop and start.
 */
import type { DetachNetworkInterfaceRequest } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import { isBurned, notManaged, wrongState } from "./attachment.ts";
import type { Condition } from "./condition.ts";
import type { Attachment, Instance, Interface } from "./entities.ts";
import { checkId, idKinds, notFound } from "./ids.ts";
import { endDryRun, required } from "./parameters.ts";
import type { Moment, Region } from "./region.ts";
import { draw } from "./timings.ts";

export function detachNetworkInterface(
  region: Region,
  input: DetachNetworkInterfaceRequest,
  { now }: Moment,
): Record<string, never> {
  const { of, attachment } = attached(region, required(input.AttachmentId, "attachmentId"));
  const force = input.Force === true;
  if (attachment.deviceIndex === 0) {
    throw new AwsError(
      "OperationNotPermitted",
      `The network interface at device index 0 and networkCard index ${attachment.cardIndex} cannot be detached.`,
    );
  }
  const instance = region.instances.current(attachment.instanceId ?? "");
  checkDetachable(region, instance, attachment, force);
  endDryRun(input);
  // Whether asking again restarts what EC2 is at is not documented: here it does nothing to a forced detach that will end.
  const underWay = attachment.status === "detaching" && attachment.forced && (attachment.endsAt ?? 0) > now;
  if (!underWay) setDetaching(region, of.id, attachment.forced || force, now);
  return {};
}

/** The interface is `detaching` from now on; what an earlier detach had planned is off. */
export function setDetaching(region: Region, interfaceId: string, forced: boolean, now: number): void {
  const of = region.interfaces.current(interfaceId);
  if (of?.attachment === undefined) return;
  const asked = of.attachment.asked + 1;
  const { endsAt: _, ...before } = of.attachment;
  const attachment: Attachment = { ...before, status: "detaching", asked, forced };
  region.interfaces.put(interfaceId, { ...of, attachment }, now);
  planDetached(region, interfaceId, now);
}

/** The interface that an attachment id names. Throws what EC2 answers when there is none, or it is not ours. */
export function attached(region: Region, id: string): { of: Interface; attachment: Attachment } {
  if (!id.startsWith("ela-attach-")) checkId(idKinds.attachment, id);
  const of = region.interfaces.current(region.attachments.get(id) ?? "");
  if (of?.attachment === undefined) throw notFound(idKinds.attachment, id);
  if (of.requesterManaged) throw notManaged();
  return { of, attachment: of.attachment };
}

function checkDetachable(
  region: Region,
  instance: Instance | undefined,
  attachment: Attachment,
  force: boolean,
): void {
  const { behaviour } = region;
  if (attachment.status === "detaching" && !force && behaviour.secondDetach === "refused") {
    throw new AwsError("IncorrectState", `The interface attachment '${attachment.id}' is detaching.`);
  }
  if (instance === undefined || instance.state === "running" || instance.state === "stopped") return;
  if (instance.state === "terminated" || behaviour.detachInTransition === "refused")
    throw wrongState(region, instance);
}

/** Plans the end of `detaching`, as the latest detach asked for it; nothing while the guest hangs. */
function planDetached(region: Region, interfaceId: string, now: number): void {
  const of = region.interfaces.current(interfaceId);
  if (of?.attachment === undefined) return;
  const { attachment } = of;
  const stuck = region.stuck.get(interfaceId);
  let wait = draw(region.random, detachSpread(region, attachment));
  if (stuck !== undefined && stuck.left > 0 && (!attachment.forced || stuck.evenForced)) {
    stuck.left -= 1;
    wait = stuck.milliseconds;
  }
  if (!Number.isFinite(wait)) return;
  const { id, asked } = attachment;
  const endsAt = now + wait;
  region.interfaces.put(interfaceId, { ...of, attachment: { ...attachment, endsAt } }, now);
  region.agenda.plan(endsAt, { kind: "detached", interface: interfaceId, attachment: id, asked });
}

function detachSpread(region: Region, { instanceId, forced }: Attachment): Region["timings"]["detach"] {
  if (forced) return region.timings.detachForced;
  const state = region.instances.current(instanceId ?? "")?.state;
  return state === "stopped" ? region.timings.detachStopped : region.timings.detach;
}

/** The end of `detaching`, if the latest detach is the one that ends, and the guest has answered or was not asked. */
export function completeDetach(
  region: Region,
  interfaceId: string,
  attachmentId: string,
  asked: number,
  now: number,
): void {
  const attachment = region.interfaces.current(interfaceId)?.attachment;
  if (attachment?.id !== attachmentId || attachment.asked !== asked) return;
  const instance = region.instances.current(attachment.instanceId ?? "");
  const condition = region.conditions.get(attachment.instanceId ?? "");
  const running = instance?.state === "running";
  if (!attachment.forced && running && condition?.hung === true) return;
  if (attachment.forced && running && condition !== undefined)
    burn(region, condition, interfaceId, attachment);
  release(region, interfaceId, now);
}

function burn(
  region: Region,
  condition: Condition,
  by: string,
  { deviceIndex, cardIndex }: Attachment,
): void {
  // The guest still knows the one that was there: an interface that never got past `attaching` changes nothing.
  if (isBurned(condition, by, deviceIndex, cardIndex)) return;
  const { burnProbability } = region.behaviour;
  if (burnProbability < 1 && region.random() >= burnProbability) return;
  condition.burned = [...condition.burned, { deviceIndex, cardIndex, by }];
}

/** Detaches that waited for a hung guest go on when it answers again, or is no more. */
export function resumeDetaching(region: Region, instanceId: string, now: number): void {
  for (const id of region.instances.current(instanceId)?.interfaces ?? []) {
    const attachment = region.interfaces.current(id)?.attachment;
    if (attachment?.status === "detaching" && !attachment.forced) planDetached(region, id, now);
  }
}

/** Takes the interface off whatever it is on, at once. */
export function release(region: Region, interfaceId: string, now: number): void {
  const of = region.interfaces.current(interfaceId);
  if (of?.attachment === undefined) return;
  const { attachment } = of;
  region.attachments.delete(attachment.id);
  const settlesAt = now + region.behaviour.settle;
  region.interfaces.put(interfaceId, { ...of, attachment: undefined, settlesAt }, now);
  const instance = region.instances.current(attachment.instanceId ?? "");
  if (instance === undefined) return;
  const interfaces = instance.interfaces.filter((id) => id !== interfaceId);
  region.instances.put(instance.id, { ...instance, interfaces }, now);
}
