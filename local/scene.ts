/** The scene that a configuration asks for: every member running, every interface on the first member. */
import type { Config } from "../shared/config.ts";
import { allowedIndexes } from "../shared/core/indexes.ts";
import type { Cloud } from "./cloud.ts";

/** Sets instances, interfaces and security groups with the ids of the configuration, all in one zone. */
export function setConfiguredScene(cloud: Cloud, config: Config): void {
  const zone = `${cloud.region}a`;
  const now = cloud.now();
  const made = new Set<string>();
  for (const group of Object.values(config.groups)) {
    const { fence } = group.policy;
    if (fence.kind === "isolate" && !made.has(fence.securityGroup)) {
      cloud.ec2.createScene({ securityGroups: [{ groupId: fence.securityGroup }] }, now);
      made.add(fence.securityGroup);
    }
    for (const { instance } of group.members) {
      if (!made.has(instance)) cloud.ec2.addInstance({ instanceId: instance, zone }, now);
      made.add(instance);
    }
    const [first] = group.members;
    for (const { eni } of group.interfaces) {
      const attached =
        first === undefined
          ? {}
          : { attachedTo: first.instance, deviceIndex: allowedIndexes(group, first, eni)[0] ?? 1 };
      cloud.ec2.addInterface({ networkInterfaceId: eni, zone, ...attached }, now);
    }
  }
}
