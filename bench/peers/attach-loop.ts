/**
 * Ask to attach every 5 s until EC2 accepts it: as fck-nat's start script does (service/fck-nat.sh: `while ! aws ec2
 * attach-network-interface …; do sleep 5; done`).
 *
 * There the interface comes off because the Auto Scaling group terminates the old instance; here it is detached first, so that
 * the same is measured.
 */
import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
} from "@aws-sdk/client-ec2";
import { type Peer, sleep } from "./peer.ts";

const SLEEP_MS = 5_000;

export const attachLoop: Peer = async ({ ec2, eni, instance, deviceIndex }) => {
  const found = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] }));
  const AttachmentId = found.NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
  await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
  const place = { InstanceId: instance, DeviceIndex: deviceIndex };
  const attach = new AttachNetworkInterfaceCommand({ NetworkInterfaceId: eni, ...place });
  for (;;) {
    try {
      await ec2.send(attach);
      return;
    } catch {
      await sleep(SLEEP_MS);
    }
  }
};
