/**
 * The calls that change EC2: each is sent once, and throws `Failure` when it did not succeed, or may not have.
 *
 * EC2 has no client token for these, so a second attempt could undo or meet the first one. Nobody tries again here
 * (the SDK's own retries are off, see `world.ts`): the world is looked at, and the next step follows from that.
 */
import {
  AttachNetworkInterfaceCommand,
  DetachNetworkInterfaceCommand,
  ModifyNetworkInterfaceAttributeCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Step } from "./errors.ts";
import { Failure, failureOf } from "./errors.ts";
import type { World } from "./world.ts";

/** EC2 takes up to some seconds to answer an attach. */
const CHANGE_TIMEOUT_MS = 5000;

export interface Attach {
  readonly eni: string;
  readonly instance: string;
  readonly deviceIndex: number;
}

/**
 * Detaches one attachment, by the id that was observed. With `force` a running guest is not asked: its device index
 * may be unusable for another interface until it is stopped and started (DetachNetworkInterface documentation).
 */
export async function detach(
  world: World,
  attachmentId: string,
  how: { readonly force: boolean },
): Promise<void> {
  const command = new DetachNetworkInterfaceCommand({ AttachmentId: attachmentId, Force: how.force });
  await change("detach", () => world.ec2.send(command, options(world)));
}

/** Attaches an interface that is on nothing; answers the id of the new attachment. */
export async function attach(world: World, wanted: Attach): Promise<string> {
  const command = new AttachNetworkInterfaceCommand(attachInput(wanted));
  const answer = await change("attach", () => world.ec2.send(command, options(world)));
  if (answer.AttachmentId !== undefined) return answer.AttachmentId;
  const what = "attach was accepted, but EC2 named no attachment";
  throw new Failure("look-again", "no-answer", "attach", what, { busy: true });
}

/** Sees to it that the interface outlives its holder. A property of the attachment: each new one needs it again. */
export async function keepOnTermination(world: World, eni: string, attachmentId: string): Promise<void> {
  const command = new ModifyNetworkInterfaceAttributeCommand(keepInput(eni, attachmentId));
  await change("modify", () => world.ec2.send(command, options(world)));
}

/**
 * Gives an interface these security groups in place of those it has. Connections that EC2 tracks already are not cut by
 * it: they go on under the old rules until they end or idle out (EC2 documentation, connection tracking).
 */
export async function setSecurityGroups(world: World, eni: string, groups: readonly string[]): Promise<void> {
  const command = new ModifyNetworkInterfaceAttributeCommand(groupsInput(eni, groups));
  await change("modify", () => world.ec2.send(command, options(world)));
}

/**
 * Stops an instance. `force` does not wait for the guest: Force alone still tries a graceful shutdown first, only
 * SkipOsShutdown does not (StopInstances documentation).
 */
export async function stopInstance(
  world: World,
  instance: string,
  how: { readonly force: boolean },
): Promise<void> {
  const command = new StopInstancesCommand(stopInput(instance, how.force));
  await change("stop", () => world.ec2.send(command, options(world)));
}

/** Asks whether the attachment could be detached, and changes nothing. */
export async function mayDetach(world: World, attachmentId: string): Promise<"allowed" | Failure> {
  const command = new DetachNetworkInterfaceCommand({ AttachmentId: attachmentId, DryRun: true });
  return await rehearse(() => world.ec2.send(command, options(world)));
}

/** Asks whether the interface could be attached so, and changes nothing. */
export async function mayAttach(world: World, wanted: Attach): Promise<"allowed" | Failure> {
  const command = new AttachNetworkInterfaceCommand({ ...attachInput(wanted), DryRun: true });
  return await rehearse(() => world.ec2.send(command, options(world)));
}

/** Asks whether the interface could be made to outlive its holder, and changes nothing. */
export async function mayKeepOnTermination(
  world: World,
  eni: string,
  attachmentId: string,
): Promise<"allowed" | Failure> {
  const command = new ModifyNetworkInterfaceAttributeCommand({
    ...keepInput(eni, attachmentId),
    DryRun: true,
  });
  return await rehearse(() => world.ec2.send(command, options(world)));
}

/** Asks whether the interface could be given this security group in place of those it has, and changes nothing. */
export async function mayIsolate(
  world: World,
  eni: string,
  securityGroup: string,
): Promise<"allowed" | Failure> {
  const command = new ModifyNetworkInterfaceAttributeCommand({
    ...groupsInput(eni, [securityGroup]),
    DryRun: true,
  });
  return await rehearse(() => world.ec2.send(command, options(world)));
}

/** Asks whether the instance could be stopped, and changes nothing. */
export async function mayStop(world: World, instance: string): Promise<"allowed" | Failure> {
  const command = new StopInstancesCommand({ ...stopInput(instance, true), DryRun: true });
  return await rehearse(() => world.ec2.send(command, options(world)));
}

/**
 * The card is said explicitly: on types with several cards EC2 has answered "already has an interface attached at
 * device index" falsely where it was left out.
 */
function attachInput({ eni, instance, deviceIndex }: Attach) {
  return {
    NetworkInterfaceId: eni,
    InstanceId: instance,
    DeviceIndex: deviceIndex,
    NetworkCardIndex: 0,
  };
}

function keepInput(eni: string, attachmentId: string) {
  const attachment = { AttachmentId: attachmentId, DeleteOnTermination: false };
  return { NetworkInterfaceId: eni, Attachment: attachment };
}

function groupsInput(eni: string, groups: readonly string[]) {
  return { NetworkInterfaceId: eni, Groups: [...groups] };
}

function stopInput(instance: string, force: boolean) {
  return { InstanceIds: [instance], Force: force, SkipOsShutdown: force };
}

function options(world: World) {
  return { abortSignal: world.signal, requestTimeout: CHANGE_TIMEOUT_MS };
}

async function change<T>(step: Step, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw failureOf(error, step);
  }
}

/** EC2 answers a rehearsal that would succeed with an error of its own. */
async function rehearse(send: () => Promise<unknown>): Promise<"allowed" | Failure> {
  try {
    await send();
    return "allowed";
  } catch (error) {
    if (error instanceof Error && error.name === "DryRunOperation") return "allowed";
    return failureOf(error, "dry-run");
  }
}
