/** What every peer is given: the interface of a failed instance, and where it has to go. */
import type { EC2Client } from "@aws-sdk/client-ec2";

export interface Task {
  readonly ec2: EC2Client;
  readonly eni: string;
  /** The standby. */
  readonly instance: string;
  readonly deviceIndex: number;
}

/** Moves the interface; resolves when it thinks that it is done. */
export type Peer = (task: Task) => Promise<void>;

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
