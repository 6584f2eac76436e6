/**
 * The same in Python, as boto3's waiter waits: `ec2.get_waiter("network_interface_available")`.
 *
 * It looks, then sleeps a fixed 20 s, ten times at most (botocore's waiters of EC2: delay 20, maxAttempts 10; those of
 * instances have 15 s and 40).
 */
import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
} from "@aws-sdk/client-ec2";
import { type Peer, sleep } from "./peer.ts";

const DELAY_MS = 20_000;
const ATTEMPTS = 10;

export const boto3Waiter: Peer = async ({ ec2, eni, instance, deviceIndex }) => {
  const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] });
  const found = await ec2.send(describe);
  const AttachmentId = found.NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
  await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
  for (let attempt = 1; ; attempt += 1) {
    const { NetworkInterfaces } = await ec2.send(describe);
    if (NetworkInterfaces?.[0]?.Status === "available") break;
    if (attempt === ATTEMPTS)
      throw new Error("Waiter network_interface_available failed: max attempts exceeded");
    await sleep(DELAY_MS);
  }
  const place = { InstanceId: instance, DeviceIndex: deviceIndex };
  await ec2.send(new AttachNetworkInterfaceCommand({ NetworkInterfaceId: eni, ...place }));
};
