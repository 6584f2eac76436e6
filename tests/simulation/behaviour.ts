/** How EC2 behaves in a run, where what AWS publishes leaves it open. */
import type { Ec2Options } from "../../local/ec2/ec2.ts";
import type { Random } from "../../local/random.ts";
import { pick, streamOf } from "./swarm.ts";

/** What public sources leave open about EC2, turned by the seed. */
export function drawBehaviour(random: Random, staleReadsMs: number): Ec2Options["behaviour"] {
  const lag =
    staleReadsMs === 0
      ? { usual: 0, slow: 0, slowShare: 0 }
      : { usual: 300, slow: staleReadsMs, slowShare: 0.1 };
  return {
    lag,
    burnedIndex: random() < 0.5 ? "stuck-attaching" : "refused",
    burnProbability: random() < 0.5 ? 1 : 0.5,
    secondDetach: random() < 0.5 ? "refused" : "accepted",
    detachInTransition: random() < 0.5 ? "refused" : "accepted",
    inUseCode: random() < 0.5 ? "InvalidNetworkInterface.InUse" : "InvalidParameterValue",
    wrongStateCode: random() < 0.5 ? "IncorrectState" : "IncorrectInstanceState",
    settle: pick(streamOf({ settle: staleReadsMs }), [0, 0, 1, 4]) * staleReadsMs,
  };
}
