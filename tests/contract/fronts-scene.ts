/** The scene of the fronts' contract: members, a stranger in another zone, and floating interfaces in all states. */
import type { Scene } from "../../local/ec2/ec2.ts";

export const ONE = "i-0123456789abcdef0";
export const TWO = "i-0fedcba9876543210";
export const ELSEWHERE = "i-0eeeeeeeeeeeeeeee";
export const FLOATING = "eni-0a1b2c3d4e5f60718";
export const SECOND = "eni-0b2c3d4e5f6071829";
export const LOOSE = "eni-0c3d4e5f607182930";
export const GONE = "eni-0ffffffffffffffff";
export const SECURED = "sg-0a1b2c3d4e5f60718";
const ZONE = "eu-west-1a";

export const SCENE: Scene = {
  securityGroups: [{ groupId: SECURED, groupName: "quarantine & <isolation>" }],
  instances: [
    { instanceId: ONE, zone: ZONE, tags: { Name: "one" } },
    { instanceId: TWO, zone: ZONE, applicationCheck: true },
    { instanceId: ELSEWHERE, zone: "eu-west-1b" },
  ],
  interfaces: [
    {
      networkInterfaceId: FLOATING,
      zone: ZONE,
      attachedTo: ONE,
      tags: { role: "floating & <first>" },
      description: "",
    },
    { networkInterfaceId: SECOND, zone: ZONE, attachedTo: ONE, deviceIndex: 2, groups: [SECURED] },
    { networkInterfaceId: LOOSE, zone: ZONE },
  ],
};
