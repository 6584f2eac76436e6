/** A small embedded EC2 for tests: two members and a floating interface, consistent reads, fixed durations. */
import type {
  AttachNetworkInterfaceResult,
  DescribeInstanceStatusResult,
  DescribeInstancesResult,
  DescribeNetworkInterfacesResult,
  Instance,
  InstanceStatus,
  NetworkInterface,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../local/aws-error.ts";
import { Ec2, type Ec2Options } from "../../local/ec2/ec2.ts";
import { Journal } from "../../local/journal.ts";
import { seeded } from "../../local/random.ts";

export const one = "i-0123456789abcdef0";
export const two = "i-0fedcba9876543210";
export const elsewhere = "i-0eeeeeeeeeeeeeeee";
export const floating = "eni-0a1b2c3d4e5f60718";
export const other = "eni-0b2c3d4e5f6071829";

export const start = Date.UTC(2026, 10, 1);
export const second = 1_000;
export const minute = 60_000;

/** Every wait takes exactly its median: what happens when can be said in a test. */
const exact = (median: number) => ({ median, p99: median });

const fixedTimings = {
  detach: exact(3_000),
  detachForced: exact(1_000),
  detachStopped: exact(500),
  attach: exact(2_000),
  launch: exact(10_000),
  stop: exact(20_000),
  stopForced: exact(5_000),
  stopHung: exact(300_000),
  terminate: exact(30_000),
  release: exact(4_000),
};

export interface Cloud {
  readonly ec2: Ec2;
  readonly journal: Journal;
}

export function cloud(options: Partial<Ec2Options> = {}): Cloud {
  const journal = new Journal();
  const ec2 = new Ec2({
    account: "123456789012",
    region: "eu-west-1",
    random: seeded(7),
    journal,
    timings: fixedTimings,
    ...options,
    behaviour: { lag: { usual: 0, slow: 0, slowShare: 0 }, ...options.behaviour },
  });
  ec2.createScene(
    {
      instances: [
        { instanceId: one, zone: "eu-west-1a", tags: { Name: "one", role: "nat" } },
        { instanceId: two, zone: "eu-west-1a", tags: { Name: "two" } },
        { instanceId: elsewhere, zone: "eu-west-1b" },
      ],
      interfaces: [
        {
          networkInterfaceId: floating,
          zone: "eu-west-1a",
          attachedTo: one,
          deviceIndex: 1,
          tags: { role: "floating" },
        },
        { networkInterfaceId: other, zone: "eu-west-1a" },
      ],
    },
    start,
  );
  return { ec2, journal };
}

export function interfaceSeen(ec2: Ec2, id: string, now: number): NetworkInterface | undefined {
  const input = { Filters: [{ Name: "network-interface-id", Values: [id] }], MaxResults: 5 };
  const answer = ec2.call("DescribeNetworkInterfaces", input, now) as DescribeNetworkInterfacesResult;
  return answer.NetworkInterfaces?.[0];
}

export function instanceSeen(ec2: Ec2, id: string, now: number): Instance | undefined {
  const answer = ec2.call("DescribeInstances", { InstanceIds: [id] }, now) as DescribeInstancesResult;
  return answer.Reservations?.[0]?.Instances?.[0];
}

export function statusSeen(ec2: Ec2, id: string, now: number): InstanceStatus | undefined {
  const input = { InstanceIds: [id], IncludeAllInstances: true };
  const answer = ec2.call("DescribeInstanceStatus", input, now) as DescribeInstanceStatusResult;
  return answer.InstanceStatuses?.[0];
}

export function attach(ec2: Ec2, eni: string, instance: string, deviceIndex: number, now: number): string {
  const input = {
    NetworkInterfaceId: eni,
    InstanceId: instance,
    DeviceIndex: deviceIndex,
    NetworkCardIndex: 0,
  };
  const answer = ec2.call("AttachNetworkInterface", input, now) as AttachNetworkInterfaceResult;
  return answer.AttachmentId ?? "";
}

/** Detaches whatever attachment the interface has. */
export function detach(ec2: Ec2, eni: string, now: number, Force = false): void {
  const AttachmentId = ec2.attachmentTruth(eni, now)?.id;
  ec2.call("DetachNetworkInterface", { AttachmentId, Force }, now);
}

/** `available`, or the status of its attachment. */
export function stateOf(ec2: Ec2, eni: string, now: number): string | undefined {
  const seen = interfaceSeen(ec2, eni, now);
  return seen?.Attachment?.Status ?? seen?.Status;
}

/** `code status: message` of the error, or `ok`. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code} ${error.status}: ${error.message}`;
    throw error;
  }
  return "ok";
}
