/**
 * The Lambda of thirty lines that everybody writes: describe, detach by force, the SDK's waiter, attach.
 *
 * The waiter's delays are the SDK's own defaults for NetworkInterfaceAvailable, minDelay 20 s and maxDelay 120 s
 * (@aws-sdk/client-ec2 3.1169.0, waitForNetworkInterfaceAvailable); it looks once before it waits.
 */
import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  waitUntilNetworkInterfaceAvailable,
} from "@aws-sdk/client-ec2";
import type { Peer } from "./peer.ts";

export const sdkWaiters: Peer = async ({ ec2, eni, instance, deviceIndex }) => {
  const NetworkInterfaceIds = [eni];
  const found = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }));
  const attachment = found.NetworkInterfaces?.[0]?.Attachment;
  if (attachment?.InstanceId === instance) return;
  if (attachment?.AttachmentId !== undefined) {
    const { AttachmentId } = attachment;
    await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
  }
  await waitUntilNetworkInterfaceAvailable({ client: ec2, maxWaitTime: 300 }, { NetworkInterfaceIds });
  await ec2.send(
    new AttachNetworkInterfaceCommand({
      NetworkInterfaceId: eni,
      InstanceId: instance,
      DeviceIndex: deviceIndex,
    }),
  );
};
