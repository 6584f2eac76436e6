/** The way of one call: drawn for each from `durations.ts`. */
import { draw } from "../local/ec2/timings.ts";
import type { Random } from "../local/random.ts";
import type { Latency } from "../tests/simulation/invocation.ts";
import { ROUND_TRIPS } from "./durations.ts";

/** EC2's operations that change something: they take effect at the end of their round trip. */
const CHANGE = /^(Attach|Detach|Modify|Stop)/;

/**
 * A read shows what is true in the middle of its round trip. A change is accepted at the end of it: so EC2's own time begins
 * when the caller goes on, and no part of the floor is hidden in the way.
 */
export function latencies(random: Random, fixed: Readonly<Record<string, number>> = {}): Latency {
  return (service, operation, way) => {
    if (service === "ec2" && CHANGE.test(operation)) {
      return way === "back" ? 0 : (fixed[operation] ?? draw(random, ROUND_TRIPS.ec2Change));
    }
    return draw(random, service === "ec2" ? ROUND_TRIPS.ec2Read : ROUND_TRIPS[service]) / 2;
  };
}
