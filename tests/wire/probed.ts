import { A, B, ENI } from "./stage.ts";

/**
 * The group of the wire tests with real addresses, `127.0.<net>.…`. A hung guest does not let go, and for EC2 nothing is wrong
 * yet: so it is detached by force.
 */
export const probedOn = (net: number, probe: object) => ({
  probes: { subnets: ["subnet-0a1b2c3d4e5f60718"], securityGroups: ["sg-0123456789abcdef0"] },
  groups: {
    "nat-a": {
      interfaces: [{ eni: ENI, deviceIndex: 1 }],
      members: [
        { instance: A, address: `127.0.${net}.1` },
        { instance: B, address: `127.0.${net}.2` },
      ],
      probe: { address: `127.0.${net}.10`, ...probe },
      policy: { detach: "force" },
    },
  },
});
