/** What EC2 does not do as it is told: detaches that stick, attaches that are refused, or take their time. */
import type { Breakage } from "../../local/ec2/ec2.ts";
import { between, type Random } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { pick } from "./swarm.ts";

export function drawHindrance(random: Random, group: Group): Breakage {
  const { instance } = pick(random, group.members);
  const { eni } = pick(random, group.interfaces);
  const code = pick(random, [
    "AttachmentLimitExceeded",
    "IncorrectState",
    "UnauthorizedOperation",
    "Surprise",
  ]);
  const stuckMs = between(random, 20, 400) * 1_000;
  return pick<Breakage>(random, [
    { kind: "stick-detach", interface: eni, milliseconds: stuckMs, times: 1 },
    { kind: "stick-detach", interface: eni, milliseconds: stuckMs, times: 2, evenForced: true },
    { kind: "stick-detach", interface: eni, times: 2 },
    { kind: "refuse-attach", instance, code, times: between(random, 1, 6) },
    { kind: "slow-attach", instance, milliseconds: between(random, 20, 200) * 1_000, times: 1 },
  ]);
}
