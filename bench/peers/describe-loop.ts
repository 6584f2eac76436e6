/**
 * Detach, describe every 5 s until it is off, attach: as MHA::AWS does for MySQL (version 0.05: CHECK_INTERVAL 5,
 * API_APPLIED_TIMEOUT 120).
 */
import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
} from "@aws-sdk/client-ec2";
import { type Peer, sleep } from "./peer.ts";

const CHECK_INTERVAL_MS = 5_000;
const APPLIED_TIMEOUT_MS = 120_000;

export const describeLoop: Peer = async ({ ec2, eni, instance, deviceIndex }) => {
  const describe = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] });
  const found = await ec2.send(describe);
  const AttachmentId = found.NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
  await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
  for (let waited = 0; ; waited += CHECK_INTERVAL_MS) {
    const { NetworkInterfaces } = await ec2.send(describe);
    if (NetworkInterfaces?.[0]?.Status === "available") break;
    if (waited >= APPLIED_TIMEOUT_MS) throw new Error("the detach was not applied in time");
    await sleep(CHECK_INTERVAL_MS);
  }
  const place = { InstanceId: instance, DeviceIndex: deviceIndex };
  await ec2.send(new AttachNetworkInterfaceCommand({ NetworkInterfaceId: eni, ...place }));
};
