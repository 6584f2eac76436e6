/** Proof, by EC2's own DryRun, that the role may do what a move needs. Nothing is changed. */
import type { Group, Member } from "./core/model.ts";
import type { Permission } from "./core/permission.ts";
import { caughtFailure, type Failure, isPermission } from "./errors.ts";
import { type Attach, mayAttach, mayDetach, mayIsolate, mayKeepOnTermination, mayStop } from "./execute.ts";
import { readWorn } from "./observe/interfaces.ts";
import { together } from "./observe/together.ts";
import type { World } from "./world.ts";

export async function detachPermission(world: World, attachmentId: string): Promise<Permission> {
  return verdictOf("DetachNetworkInterface", attachmentId, await mayDetach(world, attachmentId));
}

export async function attachPermission(world: World, wanted: Attach): Promise<Permission> {
  const on = `${wanted.eni} to ${wanted.instance}`;
  return verdictOf("AttachNetworkInterface", on, await mayAttach(world, wanted));
}

/** Of upkeep: that an attached interface outlives its holder. */
export async function keepPermission(world: World, eni: string, attachmentId: string): Promise<Permission> {
  return verdictOf(MODIFY, eni, await mayKeepOnTermination(world, eni, attachmentId));
}

/** Of the group's fence, on one member: none where the group has none. */
export async function fencePermissions(
  world: World,
  { interfaces, policy: { fence } }: Group,
  { instance }: Member,
): Promise<readonly Permission[]> {
  if (fence.kind === "none") return [];
  if (fence.kind === "stop") return [verdictOf("StopInstances", instance, await mayStop(world, instance))];
  const spared = new Set([...interfaces.map(({ eni }) => eni), ...(fence.except ?? [])]);
  const isolate = async (eni: string) =>
    verdictOf(MODIFY, `the security groups of ${eni}`, await mayIsolate(world, eni, fence.securityGroup));
  try {
    const others = Object.keys(await readWorn(world, instance)).filter((eni) => !spared.has(eni));
    return await together(others.map(isolate));
  } catch (caught) {
    return [verdictOf(MODIFY, `the security groups of ${instance}`, caughtFailure(caught))];
  }
}

const MODIFY = "ModifyNetworkInterfaceAttribute";

function verdictOf(call: string, on: string, answer: "allowed" | Failure): Permission {
  if (answer === "allowed") return { call, on, verdict: "allowed" };
  const { code, busy } = answer;
  const verdict = isPermission(code) ? "denied" : "unproven";
  return { call, on, verdict, code, ...(busy ? { unanswered: true } : {}) };
}
