/** A probe at its default setting. */
import type { Probe } from "../../shared/core/model.ts";

export const PROBE: Probe = {
  check: { kind: "tcp", port: 22 },
  address: "10.0.0.10",
  everySeconds: 5,
  failAfter: 3,
  of: 3,
  subnets: ["subnet-1"],
  securityGroups: ["sg-1"],
};
