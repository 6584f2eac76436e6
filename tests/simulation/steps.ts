/** Laws about single calls: under a claim, on what the group and the claim name. */
import { type Call, instanceOf, isStep, type OnCall, READ_LATELY_MS, type Seen } from "./seen.ts";

export const stepsAreClaimed: OnCall = (call, mine, seen) =>
  !isStep(call) || (mine !== undefined && mine.epoch === seen.state?.epoch) || harmless(call, seen);

/** Without the table: what is on nothing is attached, and what the dead hold is detached. */
function harmless(call: Call, { tableAway, truth }: Seen): boolean {
  // It may have been started since it was read.
  const stopped = (instance: string): boolean => truth.sinceStopped(instance, call.at) <= READ_LATELY_MS;
  const { holder } = call;
  const ofNobody = holder === undefined || !truth.lives(holder, call.at) || stopped(holder);
  return tableAway && (call.operation === "AttachNetworkInterface" || ofNobody);
}

export const stepsAreForOneGroup: OnCall = ({ operation, input }, mine, { group, tableAway }) => {
  if (operation !== "AttachNetworkInterface") return true;
  // With the table away a holder goes on to a target that the record does not name yet.
  const to = instanceOf(group, mine?.intent.to);
  const anyMember = tableAway && group.members.some(({ instance }) => instance === input.InstanceId);
  return (
    (to === input.InstanceId || anyMember) &&
    group.interfaces.some(({ eni }) => eni === input.NetworkInterfaceId)
  );
};

export const indexIsAllowed: OnCall = ({ operation, input }, _, { group }) => {
  if (operation !== "AttachNetworkInterface") return true;
  const eni = String(input.NetworkInterfaceId);
  const member = group.members.find(({ instance }) => instance === input.InstanceId);
  const own = group.interfaces.find((one) => one.eni === eni)?.deviceIndexes;
  const allowed = member?.deviceIndexes[eni] ?? own ?? [];
  return allowed.includes(Number(input.DeviceIndex));
};

export const detachesAreNamed: OnCall = (call, mine, seen) =>
  call.operation !== "DetachNetworkInterface" ||
  harmless(call, seen) ||
  Object.values(mine?.intent.sources ?? {}).includes(String(call.input.AttachmentId));
