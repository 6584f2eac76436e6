/** EC2's status checks as metrics of AWS/EC2: the datapoints that EC2 publishes to CloudWatch every minute. */
import type { Datapoint } from "./cloudwatch/metrics.ts";
import type { Ec2 } from "./ec2/ec2.ts";

/** One datapoint for each status metric of each instance that emits any, with the status check it follows from. */
export function statusMetrics(ec2: Ec2, now: number): Datapoint[] {
  return ec2.instances(now).flatMap((instance) => {
    const metrics = ec2.statusMetrics(instance, now);
    const cause = metrics?.journal === undefined ? {} : { cause: metrics.journal };
    return Object.entries(metrics?.values ?? {}).map(([name, value]) => {
      return { namespace: "AWS/EC2", name, dimensions: { InstanceId: instance }, value, ...cause };
    });
  });
}
