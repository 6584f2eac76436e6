/** What EC2 does not do as it is told: detaches that stick, attaches that are refused, take their time, or never end. */
import type { Breakage } from "../../local/ec2/ec2.ts";
import { between, type Random } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { pick, streamOf } from "./swarm.ts";

const MINUTE = 60_000;

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

/** For one group in twelve, an attach that never ends: most often to its second member, where the first move goes. */
export function drawEndlessAttach(group: Group, safetyMs: number): { after: number; breakage: Breakage }[] {
  const random = streamOf({ endless: group, safetyMs });
  if (random() < 11 / 12) return [];
  const [, second = pick(random, group.members)] = group.members;
  const { instance } = random() < 0.7 ? second : pick(random, group.members);
  const breakage = { kind: "slow-attach", instance, milliseconds: 60 * MINUTE, times: 1 } as const;
  return [{ after: Math.round(random() * 0.3 * safetyMs), breakage }];
}
